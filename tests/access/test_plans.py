"""What a list costs where many people work: no list looks through all users to know whose records are reached."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from engine.access import access
from engine.identity.identity import actor_named
from engine.service import records
from engine.work.context import SYSTEM
from engine.work.gateway import Gateway
from tests.support.shop import opened

METADATA = """
app: plans
---
role: agent
---
role: other
---
entity: case
ownership: group
sharing:
  rules:
    - {from: {role: other}, to: {role: agent}, level: read, where: record.urgent}
    - {from: {role: other}, to: {role: agent}, level: read, where: "record.subject == 'for all'"}
properties:
  subject: {type: text}
  urgent:  {type: boolean}
access:
  agent: {read: unit_tree}
  other: {read: own}
"""


def test_a_list_finds_whose_records_are_reached_by_indexes(tmp_path: Path, database_url: str) -> None:
    gateway = opened(tmp_path, database_url, METADATA)
    try:
        _people(gateway)
        plan = _plan(gateway)
    finally:
        gateway.close()
    assert "ix$user$unit" in plan
    assert "SCAN user" not in plan
    assert 'Seq Scan on "user"' not in plan


def test_rules_from_the_same_people_share_what_meets_any_of_their_conditions(
    tmp_path: Path, database_url: str
) -> None:
    gateway = opened(tmp_path, database_url, METADATA)
    try:
        _people(gateway)
        with gateway.read(actor_named(gateway, "ana"), "api") as context:
            found = records.find(context, "case", records.Query(fields=("subject",), sort=("subject",)))
    finally:
        gateway.close()
    assert [row.cells[0] for row in found.rows] == ["for all", "hers", "urgent"]


def _people(gateway: Gateway) -> None:
    with gateway.write(SYSTEM, "cli") as context:
        unit = records.create(context, "unit", {"name": "Field"}).id
        ana = records.create(
            context, "user", {"login": "ana", "name": "Ana", "roles": ["agent"], "unit": unit}
        ).id
        otto = records.create(context, "user", {"login": "otto", "name": "Otto", "roles": ["other"]}).id
        for subject, urgent, owner in (
            ("hers", False, ana),
            ("urgent", True, otto),
            ("for all", False, otto),
            ("his", False, otto),
            ("nobody's, urgent", True, None),
        ):
            records.create(context, "case", {"subject": subject, "urgent": urgent, "owner": owner})


def _plan(gateway: Gateway) -> str:
    """The database's plan of an agent's list; PostgreSQL must be told that tables of a few rows have indexes too."""
    with gateway.read(actor_named(gateway, "ana"), "api") as context:
        table = context.runtime.table("case").table
        seen = access.predicate(context, "case", "read", table)
        assert seen is not None
        statement = sa.select(table.c.id).where(seen).order_by(table.c.updated_at).limit(50)
        asked = statement.params(**access.operands(context))
        shown = asked.compile(context.connection, compile_kwargs={"literal_binds": True})
        word = "EXPLAIN QUERY PLAN"
        if context.runtime.dialect == "postgresql":
            word = "EXPLAIN"
            context.connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        rows = context.connection.exec_driver_sql(f"{word} {shown}").all()
    return "\n".join(str(row[-1]) for row in rows)
