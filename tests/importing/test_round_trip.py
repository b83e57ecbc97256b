"""What is exported is imported into an empty database as the same values, whatever type its properties have."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.importing.columns import Options
from engine.importing.running import Job, run
from engine.importing.table import Form, Table
from engine.reading.in_json import page_json
from engine.reading.query import Query
from engine.service import exporting, records
from engine.work.context import SYSTEM
from engine.work.gateway import Gateway
from tests.support.shop import opened
from tests.types.catalogue import ENTRIES

APART = {"secret", "state", "autonumber", "file", "image", "choice", "multi_choice"}
"""Never exported, set by the engine, of a file store, or with options: these have a test of their own."""

PLAIN = {each.kind.name: each for each in ENTRIES if each.label == each.kind.name and each.label not in APART}
METADATA = (
    "app: trip\nsettings: {currency: RON}\n---\nentity: held\nproperties:\n  n: {type: integer}\n"
    + "".join(f"  p_{name}: {{type: {name}}}\n" for name in PLAIN)
    + "---\nentity: again\nproperties:\n  n: {type: integer}\n"
    + "".join(f"  p_{name}: {{type: {name}}}\n" for name in PLAIN)
)
CHOSEN = "\n".join(
    f"""---
entity: {name}
properties:
  n:      {{type: integer}}
  number: {{type: autonumber, pattern: "{name}-{{seq:03}}"}}
  kind:   {{type: choice, options: {{small: {{label: Quite small}}, large: {{label: "Small, or large"}}, other: {{}}}}}}
  marks:  {{type: multi_choice, options: {{red: {{label: "Red; dark"}}, blue: {{}}, green: {{label: Red}}}}}}
relations:
  firm:   {{to: firm}}
  about:  {{to: [firm, person]}}
  people: {{to: person, kind: many_to_many}}
"""
    for name in ("held", "again")
)
RELATED = f"""
app: related
---
entity: firm
properties: {{name: {{type: text}}}}
---
entity: person
title: "{{name}}"
properties: {{name: {{type: text}}}}
{CHOSEN}"""
FIRMS = ("Acme", "Acme", "=Sum", "1", "Röhr; & Co")
PEOPLE = ("Ana Pop", "Ion", "2", "O'Neil")
RELATED_FIELDS = ("kind", "marks", "firm", "about", "people")
CHOICES = st.fixed_dictionaries(
    {
        "kind": st.sampled_from([None, "small", "large", "other"]),
        "marks": st.lists(st.sampled_from(["red", "blue", "green"]), unique=True),
        "firm": st.none() | st.integers(1, len(FIRMS)),
        "about": st.none()
        | st.builds(lambda number: {"entity": "firm", "id": number}, st.integers(1, len(FIRMS)))
        | st.builds(lambda number: {"entity": "person", "id": number}, st.integers(1, len(PEOPLE))),
        "people": st.lists(st.integers(1, len(PEOPLE)), unique=True),
    }
)
FIELDS = ("n", *(f"p_{name}" for name in PLAIN))
VALUES = st.fixed_dictionaries({f"p_{name}": st.none() | each.raw for name, each in PLAIN.items()})


def held(
    gateway: Gateway, entity: str, number: int, fields: tuple[str, ...] = FIELDS
) -> list[tuple[Any, ...]]:
    with gateway.read(SYSTEM, "cli") as context:
        page = records.find(context, entity, Query(fields=fields, where=(f"record.n == {number}",)))
    return [row.cells for row in page.rows]


def test_exported_values_come_back_exactly(tmp_path: Path, database_url: str) -> None:
    gateway = opened(tmp_path, database_url, METADATA)
    count = iter(range(1, 10_000))

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(VALUES)
    def trip(values: dict[str, Any]) -> None:
        number = next(count)
        with gateway.write(SYSTEM, "cli") as context:
            records.create(context, "held", {"n": number, **values})
        with gateway.read(SYSTEM, "cli") as context:
            begun = exporting.begin(context, "held", Query(fields=FIELDS, where=(f"record.n == {number}",)))
            text = exporting.csv_head(begun) + exporting.csv_rows(begun, exporting.rows(context, begun))
        report = run(gateway, Job(SYSTEM, "again", Table(io.BytesIO(text.encode()), "csv"), Options()))
        assert report.written, report.errors
        assert held(gateway, "again", number) == held(gateway, "held", number)

    try:
        trip()
    finally:
        gateway.close()


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_choices_and_relations_come_back_and_numbers_are_given_anew(
    tmp_path: Path, database_url: str, form: Form
) -> None:
    gateway = opened(tmp_path, database_url, RELATED)
    count = iter(range(1, 10_000))
    with gateway.write(SYSTEM, "cli") as context:
        for entity, names in (("firm", FIRMS), ("person", PEOPLE)):
            for name in names:
                records.create(context, entity, {"name": name})

    @settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
    @given(CHOICES)
    def trip(values: dict[str, Any]) -> None:
        number = next(count)
        with gateway.write(SYSTEM, "cli") as context:
            records.create(context, "held", {"n": number, **values})
        text = exported(gateway, number, form)
        report = run(gateway, Job(SYSTEM, "again", Table(io.BytesIO(text.encode()), form), Options()))
        assert report.written, (text, report.errors)
        assert set(report.ignored) - {"version"} == {"id", "number"}
        again = held(gateway, "again", number, RELATED_FIELDS)
        assert again == held(gateway, "held", number, RELATED_FIELDS), text
        assert held(gateway, "again", number, ("number",)) == [(f"again-{number:03}",)]

    try:
        trip()
    finally:
        gateway.close()


def exported(gateway: Gateway, number: int, form: Form) -> str:
    """A record as `engine export` writes it."""
    with gateway.read(SYSTEM, "cli") as context:
        asked = Query(fields=("n", "number", *RELATED_FIELDS), where=(f"record.n == {number}",))
        begun = exporting.begin(context, "held", asked)
        page = exporting.rows(context, begun)
        if form == "csv":
            return exporting.csv_head(begun) + exporting.csv_rows(begun, page)
        return "".join(json.dumps(each) + "\n" for each in page_json(context.runtime, page)["items"])
