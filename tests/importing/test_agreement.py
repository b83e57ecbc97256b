"""A row that is imported is refused what a record is refused that is created: the same properties, the same codes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.errors import Invalid
from engine.identity.identity import actor_named
from engine.service import records
from engine.work.context import SYSTEM
from tests.importing.test_importing import imported
from tests.support.shop import opened

METADATA = """
app: agreement
settings: {currency: EUR}
---
role: clerk
---
entity: kept
properties: {name: {type: text, required: true}}
access: {clerk: {read: all, create: true}}
---
entity: deal
properties:
  name:   {type: text, required: true, max_length: 5}
  code:   {type: text, unique: true, pattern: "[A-Z]{2}"}
  amount: {type: decimal, min: 0, max: 100, scale: 2}
  share:  {type: percent, min: 0, max: 100}
  pieces: {type: integer, min: 1}
  due:    {type: date}
  kind:   {type: choice, options: [small, large]}
  marks:  {type: multi_choice, options: [red, blue]}
  mail:   {type: email}
  site:   {type: url}
  on:     {type: boolean}
  length: {type: duration, min: 0m}
relations:
  kept: {to: kept, on_delete: clear}
  many: {to: kept, kind: many_to_many}
validations:
  - {check: "record.kind != 'large' || record.amount > 10", message: Large deals are worth it., at: amount}
access:
  clerk: {create: true, read: all, update: all, delete: all, import: all}
"""
WRONG = st.sampled_from(
    ["", " ", "x", "-1", "1e3", "101", "2026-02-30", "red", 7, -3, 0.5, True, [], ["red", "green"]]
)
VALUES: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {},
    optional={
        "name": st.sampled_from(["Roof", "Too long", "", None, 5]),
        "code": st.sampled_from(["AB", "TK", "abc", "", None, 5]),
        "amount": st.sampled_from(["1.50", "0.001", "200", "-1", "11", None]) | WRONG,
        "share": st.sampled_from(["50", "150"]) | WRONG,
        "pieces": st.sampled_from([1, 0, 10**30, None]) | WRONG,
        "due": st.sampled_from(["2026-03-01", "2026-13-01", None]) | WRONG,
        "kind": st.sampled_from(["small", "large", "huge", None]) | WRONG,
        "marks": st.sampled_from([["red"], ["red", "blue"], ["red", "red"], None]) | WRONG,
        "mail": st.sampled_from(["a@example.org", "a@", None]) | WRONG,
        "site": st.sampled_from(["https://example.org", "javascript:x", None]) | WRONG,
        "on": st.sampled_from([True, False, None]) | WRONG,
        "length": st.sampled_from(["2h", "-2h", None]) | WRONG,
        "kept": st.sampled_from([1, 99, {"id": 1}, {"id": 99}, None]),
        "many": st.sampled_from([[1], [1, 99], [], None]),
    },
)


def test_an_import_refuses_what_create_refuses(tmp_path: Path, database_url: str) -> None:
    gateway = opened(tmp_path, database_url, METADATA)
    with gateway.write(SYSTEM, "cli") as context:
        records.create(context, "user", {"login": "clerk", "name": "clerk", "roles": ["clerk"]})
        records.create(context, "kept", {"name": "One"})
        records.create(context, "deal", {"name": "Taken", "code": "TK"})
    actor = actor_named(gateway, "clerk")

    def created(values: dict[str, Any]) -> list[tuple[str, str]]:
        try:
            with gateway.write(actor, "api") as context:
                made = records.create(context, "deal", values)
                records.delete(context, "deal", made.id)
                records.purge(context, "deal", made.id)
        except Invalid as invalid:
            return sorted((each.at, each.code) for each in invalid.errors)
        return []

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(VALUES.filter(bool))
    def agree(values: dict[str, Any]) -> None:
        text = json.dumps(values) + "\n"
        report = imported(gateway, text, form="jsonl", dry_run=True)
        told = sorted((each.column, each.code) for each in report.errors)
        assert told == created(values), values
        assert report.refused == (1 if told else 0)

    try:
        agree()
    finally:
        gateway.close()
