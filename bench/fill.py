"""A database with very many tickets, made in minutes: a sampled base, whose tickets are then multiplied by SQL.

The engine samples every entity and the first `BASE` tickets. The rest are copies of these, each with an id
and a number of its own and all its times some seconds earlier, written by INSERT … SELECT with the indexes
made afterwards; so the values are spread as sampled ones are, and titles are repeated. A few tickets get
tasks, calls, events, sub-tickets, watchers, tags and a history, for the page that shows one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from engine.app import Engine, open_app
from engine.identity import identity
from engine.process.firing import fire
from engine.process.opening import openings
from engine.sampling.order import Portion, portions
from engine.sampling.sampler import Sampler
from engine.service import records
from engine.store.database import Database
from engine.work.context import ADMINISTRATOR, SYSTEM, Actor, Context

ROOT = Path(__file__).parent.parent
ROWS = 1_000_000
"""Tickets, unless another number is asked for."""

BASE = 30_000
"""Tickets that are sampled one by one."""

OTHERS = 1_000
"""Records of each other entity that is not among the few."""

APART = 7
"""Seconds between a ticket and its copy."""

SHOWN = 24
"""Tickets that have something of everything, for the page that shows one."""

LOGIN, PASSWORD = "bench", "correct horse"
TIMES = ("created_at", "updated_at", "due_at", "resolved_at")


def filled(url: str, tickets: int) -> Engine:
    """The reference application over a database with so many tickets; made there unless it is there already."""
    engine = open_app(ROOT, database=url, apply=True)
    if not _has_user(engine):
        _sample(engine, min(tickets, BASE))
        _multiply(engine, tickets)
        _furnish(engine)
        with engine.gateway.write(SYSTEM, "cli") as context:  # last: its presence says that all is there
            identity.create_user(context, LOGIN, PASSWORD, ["administrator"])
        settle(engine.gateway.database)
    return engine


def _has_user(engine: Engine) -> bool:
    user = engine.gateway.runtime.table("user").table
    with engine.gateway.database.read() as connection:
        return connection.execute(sa.select(user.c.id).where(user.c.login == LOGIN)).first() is not None


def _sample(engine: Engine, tickets: int) -> None:
    gateway = engine.gateway
    sampler = Sampler(
        gateway.runtime, lambda: gateway.write(SYSTEM, "sample"), 1, gateway.clock(), lambda *progress: None
    )
    wanted = [
        Portion(each.entity, tickets) if each.entity.name == "ticket" else each
        for each in portions(gateway.runtime, min(OTHERS, tickets))
    ]
    sampler.run(wanted)


# ---- many from few


def _multiply(engine: Engine, tickets: int) -> None:
    """Copy the sampled tickets until there are as many as wanted."""
    table = engine.gateway.runtime.table("ticket").table
    with engine.gateway.database.write() as connection, _without_indexes(connection, table):
        highest, there = connection.execute(sa.select(sa.func.max(table.c.id), sa.func.count())).one()
        for turn in range(1, (tickets - 1) // there + 1):
            columns = list(table.c)
            copy = sa.select(*(_copied(column, turn, highest, connection.dialect.name) for column in columns))
            copy = copy.where(table.c.id <= highest).order_by(table.c.id).limit(tickets - turn * there)
            connection.execute(sa.insert(table).from_select(columns, copy, include_defaults=False))
        if connection.dialect.name == "postgresql":
            sequence = sa.func.pg_get_serial_sequence(f'"{table.name}"', "id")
            connection.execute(
                sa.select(sa.func.setval(sequence, sa.select(sa.func.max(table.c.id)).scalar_subquery()))
            )


def _copied(column: sa.Column[Any], turn: int, highest: int, dialect: str) -> sa.ColumnElement[Any]:
    """What a copy holds in a column."""
    if column.name in ("id", "parent"):
        return column + turn * highest
    if column.name == "number":
        return column + f"-{turn}"
    if column.name not in TIMES:
        return column
    if dialect == "sqlite":  # microseconds since 1970
        return sa.type_coerce(column, sa.BigInteger) - turn * APART * 1_000_000
    return sa.type_coerce(column, sa.DateTime) - sa.literal(timedelta(seconds=turn * APART), sa.Interval)


@contextmanager
def _without_indexes(connection: sa.Connection, table: sa.Table) -> Iterator[None]:
    """Drop a table's indexes and make them again at the end: sorting once is quicker than finding each place."""
    indexes = sorted(table.indexes, key=lambda index: str(index.name))
    for index in indexes:
        index.drop(connection)
    yield
    for index in indexes:
        index.create(connection)


def settle(database: Database) -> None:
    """What PostgreSQL does by itself after a while, and a cluster that was just filled has not yet done."""
    if database.dialect == "postgresql":
        engine = sa.create_engine(database.url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
        engine.dispose()


# ---- tickets with something of everything


def shown(engine: Engine) -> list[int]:
    """The ids of the tickets that have something of everything."""
    table = engine.gateway.runtime.table("ticket").table
    with engine.gateway.database.read() as connection:
        return list(connection.execute(sa.select(table.c.id).order_by(table.c.id).limit(SHOWN)).scalars())


def _furnish(engine: Engine) -> None:
    somebody = Actor(1, "bench", "Bench", frozenset({ADMINISTRATOR}))
    for number in shown(engine):
        with engine.gateway.write(somebody) as context:
            _furnish_one(context, number)


def _furnish_one(context: Context, number: int) -> None:
    ticket = records.get(context, "ticket", number)
    about, at = {"entity": "ticket", "id": number}, "2026-03-02T09:30:00Z"
    for place in range(3):
        records.create(context, "task", {"subject": f"Ask back {place}", "about": about, "owner": 1 + place})
    for place in range(2):
        records.create(
            context,
            "call",
            {"subject": f"Call {place}", "about": about, "direction": "incoming", "called_at": at},
        )
    times = {"starts_at": at, "ends_at": "2026-03-02T10:30:00Z"}
    records.create(context, "calendar_event", {"subject": "On site", "about": about, **times})
    account = ticket.values["account"].id
    for place in range(2):
        records.create(
            context, "ticket", {"subject": f"Also {place}", "account": account, "parent": number, "owner": 2}
        )
    _fire(context, number, "reopen")
    records.update(context, "ticket", number, {"watchers": [1, 2, 3], "tags": [1, 2], "owner": 3})
    records.update(context, "ticket", number, {"priority": "urgent"})
    _fire(context, number, "assign")


def _fire(context: Context, number: int, name: str) -> None:
    """Move a ticket on, where that is open."""
    if any(each.open and each.transition.name == name for each in openings(context, "ticket", number)):
        fire(context, "ticket", number, name, {"comment": "Looked at again."})
