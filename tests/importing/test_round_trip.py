"""What is exported is imported into an empty database as the same values, whatever type its properties have."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.importing.columns import Options
from engine.importing.running import Job, run
from engine.importing.table import Table
from engine.reading.query import Query
from engine.service import exporting, records
from engine.work.context import SYSTEM
from engine.work.gateway import Gateway
from tests.support.shop import opened
from tests.types.catalogue import ENTRIES

APART = {"secret", "state", "autonumber", "file", "image", "choice", "multi_choice"}
"""Never exported, set by the engine, of a file store, or with options that only the catalogue has."""

PLAIN = {each.kind.name: each for each in ENTRIES if each.label == each.kind.name and each.label not in APART}
METADATA = (
    "app: trip\nsettings: {currency: RON}\n---\nentity: held\nproperties:\n  n: {type: integer}\n"
    + "".join(f"  p_{name}: {{type: {name}}}\n" for name in PLAIN)
    + "---\nentity: again\nproperties:\n  n: {type: integer}\n"
    + "".join(f"  p_{name}: {{type: {name}}}\n" for name in PLAIN)
)
FIELDS = ("n", *(f"p_{name}" for name in PLAIN))
VALUES = st.fixed_dictionaries({f"p_{name}": st.none() | each.raw for name, each in PLAIN.items()})


def held(gateway: Gateway, entity: str, number: int) -> list[tuple[Any, ...]]:
    with gateway.read(SYSTEM, "cli") as context:
        page = records.find(context, entity, Query(fields=FIELDS, where=(f"record.n == {number}",)))
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
