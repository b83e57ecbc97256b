"""What the bench measures against does the same as the engine: otherwise its ratios compare two different things."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bench import access, computed, expressions, pages, processes
from bench.fill import LOGIN, PASSWORD, filled
from engine.app import Engine, open_app
from engine.identity import identity
from engine.identity.identity import actor_named
from engine.process import firing
from engine.service import records
from engine.store.system import audit, stay
from engine.work.context import SYSTEM
from tests.support.loop import run


@contextmanager
def opened(folder: Path, text: str, url: str) -> Iterator[Engine]:
    (folder / "metadata").mkdir(parents=True)
    (folder / "metadata" / "app.yaml").write_text(text, encoding="utf-8")
    engine = open_app(folder, database=url, apply=True, environment={})
    try:
        yield engine
    finally:
        engine.close()


@pytest.mark.slow
def test_pages_say_the_same(database_url: str) -> None:
    engine = filled(database_url, 30)
    try:
        secret = identity.sign_in(engine.gateway, LOGIN, PASSWORD)
        run(pages.grids(engine, secret))
        run(pages.views(engine, secret))
    finally:
        engine.close()


def test_lists_by_computed_values_find_the_same(tmp_path: Path, database_url: str) -> None:
    with opened(tmp_path / "app", computed.APP, database_url) as engine:
        job = engine.gateway.runtime.table("job").table
        computed.fill(engine, job, 1_000)
        by_hand = computed.richest_of(job, engine.gateway.database.dialect)
        with engine.gateway.read(SYSTEM) as context:
            for query, statement in ((computed.PENDING, computed.few_of(job)), (computed.RICHEST, by_hand)):
                ours, theirs = computed.ways(context, query, statement)
                assert ours() == theirs() != []


def test_sums_that_are_kept_are_the_same(tmp_path: Path, database_url: str) -> None:
    with opened(tmp_path / "app", computed.APP, database_url) as engine:
        basket, row = computed.basket_of(engine, 5)
        totals = []
        for change in (computed.change_of(engine, row), computed.change_by_hand(engine, basket, row)):
            change()
            with engine.gateway.read(SYSTEM) as context:
                amount = records.get(context, "basket_row", row).values["amount"]
                totals.append(
                    (records.get(context, "basket", basket).values["total"].amount, 4 + amount.amount)
                )
        assert all(total == sum_ for total, sum_ in totals)
        assert totals[0] != totals[1]


def test_a_list_under_levels_groups_and_rules_is_the_same(tmp_path: Path, database_url: str) -> None:
    rules = [
        access.RULE.format(to="manager" if n % 50 else "agent", n=n) for n in range(access.RULES["large"])
    ]
    with opened(tmp_path / "app", access.APP.format(rules="\n".join(rules)), database_url) as engine:
        access.staff(engine, users=40, units=120, groups=10)
        access.fill(engine, 3_000, 40)
        with engine.gateway.read(actor_named(engine.gateway, "u1"), "api") as context:
            ours, theirs = access.ways(engine, context)
            assert ours() == theirs() != []


@pytest.mark.parametrize("case", expressions.CASES, ids=lambda case: case.text)
def test_guards_answer_the_same(case: expressions.Case) -> None:
    ours = expressions.read(case)
    answers = [ours(record, expressions.AROUND) for record in expressions.RECORDS]
    assert answers == [case.by_hand(record, expressions.AROUND) for record in expressions.RECORDS]


def left(engine: Engine, ticket: int) -> list[dict[str, Any]]:
    """All rows that a transition of a ticket left, without what tells one ticket from another."""
    tables = {name: made.table for name, made in engine.gateway.runtime.tables.entities.items()}
    with engine.gateway.database.read() as connection:

        def rows(table: sa.Table, *where: sa.ColumnElement[bool]) -> list[dict[str, Any]]:
            return [
                dict(row)
                for row in connection.execute(sa.select(table).where(*where).order_by(table.c.id)).mappings()
            ]

        def entries(entity: str, number: int) -> list[dict[str, Any]]:
            return rows(
                audit, audit.c.entity == entity, audit.c.record_id == number, audit.c.action != "create"
            )

        (job,) = rows(tables["job"], tables["job"].c.ticket == ticket)
        (own,) = rows(tables["ticket"], tables["ticket"].c.id == ticket)
        found = [own, job, *entries("ticket", ticket)]
        found += rows(audit, audit.c.entity == "job", audit.c.record_id == job["id"])
        found += rows(stay, stay.c.entity == "ticket", stay.c.record_id == ticket, stay.c.left_at.is_(None))
    said = {own["number"]: "NUMBER", own["subject"]: "SUBJECT", str(ticket): "TICKET", str(job["id"]): "JOB"}
    return [
        {name: _without(value, said) for name, value in row.items() if name not in ("id", "record_id")}
        for row in found
    ]


def _without(value: Any, said: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {name: _without(each, said) for name, each in value.items()}
    if isinstance(value, list):
        return [_without(each, said) for each in value]
    if isinstance(value, str):
        for known in (each for each in said if not each.isdigit()):
            value = value.replace(known, said[known])
        return value
    return value if isinstance(value, bool) else said.get(str(value), value)


def test_firing_leaves_the_same(tmp_path: Path, database_url: str) -> None:
    with opened(tmp_path / "app", processes.APP, database_url) as engine:
        tickets = processes.filled(engine, 40)[-2:]
        with engine.gateway.write(SYSTEM) as context:  # so that no id of a job is another number as well
            for place in range(60):
                records.make(context, "job", {"subject": f"Job {place}"})
        actor = actor_named(engine.gateway, "ana")
        with pages.standing(engine):
            with engine.gateway.write(actor, "api") as context:
                firing.fire(context, "ticket", tickets[0], "solve", processes.FORM)
            processes.ByHand(engine, actor).fire(tickets[1])
        ours, theirs = [left(engine, ticket) for ticket in tickets]
        assert len(ours) == len(theirs) > 4
        for mine, other in zip(ours, theirs, strict=True):
            assert mine == other
