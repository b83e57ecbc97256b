"""Qualifying a lead of the reference application is whole or nothing, at whatever statement the process dies.

Automations are added to it that follow on what qualifying makes, so that what they write is part of the whole.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from engine.app import Engine, open_app
from engine.identity.identity import actor_named
from engine.process import firing
from engine.service import records
from engine.work.context import SYSTEM
from tests.support.house import ROOT

FOLLOWING = """
automation: test_opportunity
on: opportunity.created
do: [{create: {entity: task, with: {subject: "Prepare {name}", about: {cel: record}}}}]
---
automation: test_qualified
on: lead.transitioned
transitions: [qualify]
do: [{tag: [qualified]}, {comment: "{first_name} is a customer"}]
"""


class Killed(BaseException):
    """The process dies here."""


@pytest.fixture
def crm(tmp_path: Path, database_url: str) -> Iterator[Engine]:
    for name in ("metadata", "entities", "workflows", "ui_schema"):
        shutil.copytree(ROOT / name, tmp_path / name)
    (tmp_path / "metadata" / "following.yaml").write_text(FOLLOWING, encoding="utf-8")
    made = open_app(tmp_path, database=database_url, apply=True, environment={})
    yield made
    made.close()


def test_whatever_statement_it_dies_at_nothing_is_half_made(
    crm: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead = _lead(crm)
    before = _everything(crm)
    died = 0
    while _dies(crm, lead, died + 1, monkeypatch):
        died += 1
        assert _everything(crm) == before, f"killed at write {died}"
    assert died > 15
    after = _everything(crm)
    grown = {name for name in after if after[name] != before[name]}
    assert {"account", "contact", "opportunity", "lead", "task", "call", "tag", "_engine_audit"} <= grown
    with crm.gateway.read(SYSTEM, "cli") as context:
        assert records.get(context, "lead", lead).values["status"] == "converted"
        tasks = records.find(context, "task", records.Query()).rows
        about = {records.get(context, "task", row.id).values["about"].entity for row in tasks}
    assert (len(tasks), about) == (2, {"opportunity"})


def _lead(crm: Engine) -> int:
    """A lead that somebody has spoken to, with a call and a task."""
    with crm.gateway.write(SYSTEM, "cli") as context:
        rep = records.make(context, "user", {"login": "rep", "name": "Rep", "roles": ["sales_rep"]})
        person = {"first_name": "Ada", "last_name": "Long", "email": "ada@long.example", "owner": rep}
        lead = records.make(context, "lead", {**person, "company_name": "Long & Sons", "budget": 5000})
        firing.fire(context, "lead", lead, "contact", {})
        about = {"entity": "lead", "id": lead}
        records.make(context, "task", {"subject": "Ask", "about": about})
        records.make(context, "call", {"subject": "Asked", "about": about})
    return lead


def _dies(crm: Engine, lead: int, write: int, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Qualify the lead, and die at a statement that writes; whether there was such a one."""
    execute, count = sa.Connection.execute, 0

    def failing(self: Any, statement: Any, *given: Any, **options: Any) -> Any:
        nonlocal count
        count += bool(getattr(statement, "is_dml", False))
        if count == write:
            raise Killed
        return execute(self, statement, *given, **options)

    actor = actor_named(crm.gateway, "rep")
    with monkeypatch.context() as patch:
        patch.setattr(sa.Connection, "execute", failing)
        try:
            with crm.gateway.write(actor, "page") as context:
                firing.fire(context, "lead", lead, "qualify", {})
        except Killed:
            return True
    return False


def _everything(crm: Engine) -> dict[str, tuple[Any, ...]]:
    """What there is of everything: rows, and how often they have been changed."""
    found: dict[str, tuple[Any, ...]] = {}
    with crm.gateway.database.read() as connection:
        for table in crm.gateway.runtime.tables.metadata.tables.values():
            columns: list[sa.ColumnElement[Any]] = [sa.func.count()]
            if "version" in table.c:
                columns.append(sa.func.sum(table.c.version))
            found[table.name] = tuple(connection.execute(sa.select(*columns).select_from(table)).one())
    return found
