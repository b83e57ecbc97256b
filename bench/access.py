"""Access at size: a list that levels, groups and sharing rules restrict, by hand and by the engine; and a large staff.

By hand stands the statement that a careful developer would write with the same conditions. Both sides read the same
rows on the same connection, which is checked before anything is measured.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import sqlalchemy as sa

from bench.fill import settle
from bench.ratio import HEADER, in_turns
from bench.servers import databases
from engine.app import Engine, open_app
from engine.identity.identity import actor_named
from engine.reading.query import Query
from engine.service import records
from engine.service.why import explain
from engine.work.context import SYSTEM, Context
from tests.support import postgres

ROWS, PORTION = 1_000_000, 20_000
LARGE = {"users": 5_000, "units": 300, "groups": 500}
SMALL = {"users": 20, "units": 4, "groups": 5}
RULES = {"large": 200, "small": 4}

OPEN = Query(fields=("subject", "status"), where=("record.status == 'open'",), sort=("-updated_at",))
Way = Callable[[], list[int]]

APP = """
app: access
---
role: manager
---
role: agent
parent: manager
---
role: other
---
entity: case
ownership: group
sharing:
  rules:
{rules}
properties:
  subject: {{type: text}}
  status:  {{type: choice, options: [open, closed], required: true, default: open}}
  urgent:  {{type: boolean}}
indexes:
  - [status, updated_at]
access:
  agent:   {{read: unit_tree, update: own}}
  manager: {{read: all, update: all}}
  other:   {{read: own}}
"""
RULE = '    - {{from: {{role: other}}, to: {{role: {to}}}, level: read, where: "record.urgent && record.id != {n}"}}'


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    rows = parser.parse_args().rows
    with databases(rows) as urls:
        for url in urls:
            table(url, rows)


def table(url: str, rows: int) -> None:
    """Measure on one kind of database."""
    with tempfile.TemporaryDirectory() as name, opened(url, Path(name) / "large", "large") as engine:
        staff(engine, **LARGE)
        fill(engine, rows, LARGE["users"])
        print(f"\n{HEADER}")
        _list(engine, rows)
        with opened(url, Path(name) / "small", "small") as little:
            staff(little, **SMALL)
            fill(little, 2_000, SMALL["users"])
            _sizes(engine, little)


@contextmanager
def opened(url: str, folder: Path, size: str) -> Iterator[Engine]:
    """The application in a database of its own."""
    (folder / "metadata").mkdir(parents=True)
    number = RULES[size]
    rules = [RULE.format(to="agent" if each % 50 == 0 else "manager", n=each) for each in range(number)]
    (folder / "metadata" / "app.yaml").write_text(APP.format(rules="\n".join(rules)), encoding="utf-8")
    if url.startswith("sqlite"):
        engine = open_app(folder, database=f"sqlite:///{folder / 'x.db'}", apply=True, environment={})
        yield engine
        engine.close()
        return
    with postgres.Server(sa.make_url(url)).schema(f"access_{size}_{os.getpid()}") as own:
        engine = open_app(folder, database=own, apply=True, environment={})
        yield engine
        engine.close()


def staff(engine: Engine, users: int, units: int, groups: int) -> None:
    """Units in a tree, users spread over them, groups of some of them."""
    tables, random = engine.gateway.runtime.tables, Random(1)
    stamps = {
        "version": 1,
        "created_at": datetime(2026, 1, 1, tzinfo=UTC),
        "updated_at": datetime(2026, 1, 1, tzinfo=UTC),
    }
    unit, user, group = (tables.entities[name].table for name in ("unit", "user", "group"))
    members = tables.links["group", "members"]
    with engine.gateway.database.write() as connection:
        for number in range(1, units + 1):
            parent = None if number == 1 else max(1, number // 3)
            connection.execute(sa.insert(unit).values(name=f"Unit {number}", parent=parent, **stamps))
        people = [
            {
                "login": f"u{number}",
                "name": f"User {number}",
                "roles": ["agent" if number % 10 else "other"],
                "active": True,
                "unit": random.randrange(units) + 1,
                **stamps,
            }
            for number in range(1, users + 1)
        ]
        people[0]["unit"] = max(2, units // 60)
        connection.execute(sa.insert(user), people)
        connection.execute(sa.insert(group), [{"name": f"Group {n}", **stamps} for n in range(groups)])
        pairs = {(random.randrange(groups) + 1, random.randrange(users) + 1) for _ in range(groups * 8)}
        pairs |= {(1, 1), (2, 1), (3, 1)}
        connection.execute(sa.insert(members), [{"source": a, "target": b} for a, b in sorted(pairs)])


def fill(engine: Engine, rows: int, users: int) -> None:
    case, random = engine.gateway.runtime.table("case").table, Random(2)
    first = datetime(2026, 1, 1, tzinfo=UTC)
    with engine.gateway.database.write() as connection:
        for start in range(0, rows, PORTION):
            connection.execute(
                sa.insert(case),
                [
                    {
                        "subject": f"Case {number}",
                        "status": random.choice(("open", "closed")),
                        "urgent": random.random() < 0.01,
                        "owner": random.randrange(users) + 1,
                        "owner_group": random.randrange(3) + 1 if random.random() < 0.01 else None,
                        "version": 1,
                        "created_at": first,
                        "updated_at": first + timedelta(seconds=number),
                    }
                    for number in range(start, min(start + PORTION, rows))
                ],
            )
    settle(engine.gateway.database)


# ---- the list


def _list(engine: Engine, rows: int) -> None:
    dialect = engine.gateway.database.dialect
    actor = actor_named(engine.gateway, "u1")
    with engine.gateway.read(actor, "api") as context:
        ours, theirs = ways(engine, context)
        assert ours() == theirs()
        name = f"50 of {rows:,} under unit_tree, groups and {RULES['large']} sharing rules, {dialect}"
        print(in_turns(name, ours, theirs, rounds=5, each=5))


def ways(engine: Engine, context: Context) -> tuple[Way, Way]:
    """The ids that somebody's list has, and those of the statement by hand."""
    statement, values = _by_hand(engine, context.actor)

    def ours() -> list[int]:
        return [row.id for row in records.find(context, "case", OPEN).rows]

    def theirs() -> list[int]:
        return [row[0] for row in context.connection.execute(statement, values).all()][:50]

    return ours, theirs


def _by_hand(engine: Engine, actor: Any) -> tuple[sa.Select[Any], dict[str, Any]]:
    """The same conditions as they would be written, with the actor's own values."""
    tables = engine.gateway.runtime.tables.entities
    case, user, unit = (tables[name].table for name in ("case", "user", "unit"))
    c = case.c
    below = sa.select(unit.c.id).where(unit.c.id == sa.bindparam("unit")).cte(recursive=True)
    below = below.union(sa.select(unit.c.id).join(below, unit.c.parent == below.c.id))
    mine = sa.select(user.c.id).where(
        sa.or_(user.c.id == sa.bindparam("me"), user.c.unit.in_(sa.select(below.c.id)))
    )
    holds = "EXISTS (SELECT 1 FROM json_each(roles) WHERE value = 'other')"
    if engine.gateway.database.dialect == "postgresql":
        holds = "roles @> '[\"other\"]'::jsonb"
    others = sa.select(user.c.id).where(sa.text(holds))
    skipped = [number for number in range(RULES["large"]) if number % 50 == 0]
    shared = [sa.and_(c.owner.in_(others), c.urgent.is_(True), c.id != number) for number in skipped]
    reached = sa.or_(c.owner.in_(mine), c.owner_group.in_(sa.bindparam("groups", expanding=True)), *shared)
    statement = (
        sa.select(c.id, c.version, c.subject, c.status)
        .where(c["_deleted_at"].is_(None), c.status == "open", reached)
        .order_by(c.updated_at.desc(), c.id.desc())
        .limit(51)
    )
    return statement, {"unit": actor.unit, "me": actor.id, "groups": sorted(actor.groups)}


# ---- the size of the staff


def _sizes(large: Engine, small: Engine) -> None:
    """What one user's request costs in a large staff, beside a small one."""
    dialect = large.gateway.database.dialect
    for name, make in (("who somebody is", _actor), ("one page of 50", _page), ("one explanation", _why)):
        told = f"{name}: {LARGE['users']:,} users beside {SMALL['users']}, {dialect}"
        print(in_turns(told, make(large), make(small), rounds=5, each=10))


def _actor(engine: Engine) -> Callable[[], object]:
    return lambda: actor_named(engine.gateway, "u1")


def _page(engine: Engine) -> Callable[[], object]:
    actor = actor_named(engine.gateway, "u1")
    query = Query(fields=("subject", "status"), sort=("-updated_at",))

    def page() -> object:
        with engine.gateway.read(actor, "api") as context:
            return records.find(context, "case", query)

    return page


def _why(engine: Engine) -> Callable[[], object]:
    actor = actor_named(engine.gateway, "u1")

    def why() -> object:
        with engine.gateway.read(SYSTEM, "cli") as context:
            return explain(replace(context, kept={}), actor, "update", "case", 7)

    return why


if __name__ == "__main__":
    main()
