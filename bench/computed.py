"""Computed properties at size: a list filtered and sorted by values that have no column, and sums that are kept.

By hand stands the statement that a careful developer would write for the same answer, run on the same connection;
both sides read the same rows, which is checked before anything is measured.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import sqlalchemy as sa

from bench.fill import settle
from bench.ratio import HEADER, Ratio, in_turns
from bench.servers import databases
from engine.app import Engine, open_app
from engine.reading.query import Filter, Query
from engine.service import records
from engine.types.money import Money
from engine.work.context import SYSTEM, Context
from tests.support import postgres

ROWS = 1_000_000
PORTION = 20_000
CHILDREN = (100, 10_000)

PENDING = Query(fields=("name",), filters=(Filter("pending", "eq", "true"),), sort=("due",))
RICHEST = Query(fields=("name", "net"), sort=("-net",))
Found = list[tuple[Any, ...]]
Way = Callable[[], Found]

APP = """
app: computed
---
entity: job
properties:
  name:    {type: text, required: true}
  status:  {type: choice, options: [open, done], required: true, default: open}
  price:   {type: money, currency: EUR}
  share:   {type: percent}
  due:     {type: date, index: true}
  net:     {type: money, currency: EUR, computed: record.price * record.share / 100}
  pending: {type: boolean, computed: "record.status == 'open' && record.due < date('2020-01-10')"}
---
entity: basket
properties:
  name:  {type: text}
  total: {type: money, currency: EUR, computed: "record.rows.map(r, r.amount).sum()", stored: true}
---
entity: basket_row
properties:
  amount: {type: money, currency: EUR}
relations:
  basket: {to: basket, inverse: rows}
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    rows = parser.parse_args().rows
    with databases(rows) as urls:
        table(urls, rows)


def table(urls: list[str], rows: int) -> None:
    """Measure on each kind of database, in a file or schema that is made and thrown away."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "metadata").mkdir()
        (folder / "metadata" / "app.yaml").write_text(APP, encoding="utf-8")
        for url in urls:
            with _apart(url, folder) as own:
                engine = open_app(folder, database=own, apply=True)
                _lists(engine, rows)
                _sums(engine)
                engine.close()


@contextmanager
def _apart(url: str, folder: Path) -> Iterator[str]:
    """A database of the same kind with nothing in it."""
    if url.startswith("sqlite"):
        yield f"sqlite:///{folder / 'computed.db'}"
        return
    with postgres.Server(sa.make_url(url)).schema(f"computed_{os.getpid()}") as own:
        yield own


# ---- lists


def _lists(engine: Engine, rows: int) -> None:
    job = engine.gateway.runtime.table("job").table
    fill(engine, job, rows)
    dialect = engine.gateway.database.dialect
    few, by_hand = few_of(job), richest_of(job, dialect)
    print(f"\n{HEADER}")
    with engine.gateway.read(SYSTEM) as context:
        picked = f"50 of {rows:,} that a computed condition picks, {dialect}"
        print(_compared(context, picked, PENDING, few))
        print(_compared(context, f"50 of {rows:,} by a computed amount, {dialect}", RICHEST, by_hand, each=1))
        print(_statements(context, f"the first of these statements alone, {dialect}", PENDING, few))
        print(_statements(context, f"the second alone, {dialect}", RICHEST, by_hand, each=1))


def _compared(context: Context, name: str, query: Query, statement: sa.Select[Any], each: int = 20) -> Ratio:
    ours, theirs = ways(context, query, statement)
    assert ours() == theirs(), name
    return in_turns(name, ours, theirs, rounds=5, each=each)


def _amount(value: Any) -> Any:
    return Money(Decimal(value).scaleb(-2), "EUR") if isinstance(value, int | Decimal) else value


def ways(context: Context, query: Query, statement: sa.Select[Any]) -> tuple[Way, Way]:
    """What a list finds, and what the statement by hand finds: ids, names, and amounts where they are asked for."""

    def ours() -> Found:
        return [(row.id, *row.cells) for row in records.find(context, "job", query).rows]

    def theirs() -> Found:
        return [(row[0], *map(_amount, row[2:])) for row in context.connection.execute(statement).all()[:50]]

    return ours, theirs


def _statements(
    context: Context, name: str, query: Query, statement: sa.Select[Any], each: int = 20
) -> Ratio:
    """What the database takes for the statement of a list, and for the one by hand: nothing is built or made of it."""
    ours = _sent(context, lambda: records.find(context, "job", query))
    theirs = _sent(context, lambda: context.connection.execute(statement).all())
    run = context.connection.exec_driver_sql
    return in_turns(name, lambda: run(*ours).all(), lambda: run(*theirs).all(), rounds=5, each=each)


def _sent(context: Context, act: Callable[[], object]) -> tuple[str, Any]:
    """The statement that something sends, with its parameters."""
    sent: list[tuple[str, Any]] = []

    def note(connection: Any, cursor: Any, text: str, operands: Any, *rest: Any) -> None:
        sent.append((text, operands))

    sa.event.listen(context.connection, "before_cursor_execute", note)
    act()
    sa.event.remove(context.connection, "before_cursor_execute", note)
    (only,) = sent
    return only


def few_of(job: sa.Table) -> sa.Select[Any]:
    """The condition as it would be written, so that the index of `due` serves."""
    c = job.c
    wanted = sa.and_(c.status == "open", c.due < date(2020, 1, 10), c["_deleted_at"].is_(None))
    return sa.select(c.id, c.version, c.name).where(wanted).order_by(c.due, c.id).limit(51)


def richest_of(job: sa.Table, dialect: str) -> sa.Select[Any]:
    """Exact on both: cents times a share of two decimals, rounded half up, since no amount is negative."""
    c = job.c
    price = sa.type_coerce(c.price, sa.BigInteger)
    if dialect == "sqlite":
        net: sa.ColumnElement[Any] = (price * sa.type_coerce(c.share, sa.BigInteger) + 5000) // 10_000
    else:
        net = sa.func.round(price * sa.type_coerce(c.share, sa.Numeric) / 100)
    columns = sa.select(c.id, c.version, c.name, net.label("net")).where(c["_deleted_at"].is_(None))
    return columns.order_by(net.desc().nulls_last(), c.id.desc()).limit(51)


def fill(engine: Engine, job: sa.Table, rows: int) -> None:
    """So many jobs, a tenth of them without a share."""
    now, random, first = datetime(2026, 1, 1, tzinfo=UTC), Random(1), date(2020, 1, 1)
    with engine.gateway.database.write() as connection:
        for start in range(0, rows, PORTION):
            connection.execute(
                sa.insert(job),
                [
                    {
                        "name": f"Job {number}",
                        "status": random.choice(("open", "done")),
                        "price": random.randrange(10_000_000),
                        "share": None if number % 10 == 0 else Decimal(random.randrange(10_000)).scaleb(-2),
                        "due": first + timedelta(days=random.randrange(3_000)),
                        "version": 1,
                        "created_at": now,
                        "updated_at": now,
                    }
                    for number in range(start, min(start + PORTION, rows))
                ],
            )
    settle(engine.gateway.database)


# ---- sums


def _sums(engine: Engine) -> None:
    """One row of many is changed, and the sum that is kept of them follows."""
    dialect = engine.gateway.database.dialect
    print(f"\n{HEADER}")
    for children in CHILDREN:
        basket, row = basket_of(engine, children)
        name = f"changing one of {children:,} rows whose sum is kept, {dialect}"
        print(in_turns(name, change_of(engine, row), change_by_hand(engine, basket, row), rounds=5, each=20))


def basket_of(engine: Engine, children: int) -> tuple[int, int]:
    """A basket with so many rows; its id and that of one row."""
    table = engine.gateway.runtime.table("basket_row").table
    with engine.gateway.write(SYSTEM, "cli") as context:
        basket = records.create(context, "basket", {"name": "B"}).id
        stamps = {"version": 1, "created_at": context.now, "updated_at": context.now}
        rows = [{"amount": 100, "basket": basket, **stamps} for _ in range(children - 1)]
        context.connection.execute(sa.insert(table), rows)
        row = records.create(context, "basket_row", {"amount": 1, "basket": basket}).id
    with engine.gateway.read(SYSTEM, "cli") as context:
        total = records.get(context, "basket", basket).values["total"].amount
    assert total == children, total
    return basket, row


def change_of(engine: Engine, row: int) -> Callable[[], object]:
    amounts = count(2)

    def change() -> None:
        with engine.gateway.write(SYSTEM, "cli") as context:
            records.update(context, "basket_row", row, {"amount": next(amounts)})

    return change


def change_by_hand(engine: Engine, basket: int, row: int) -> Callable[[], object]:
    """The two statements without which the sum would be wrong; no version, no history, no access."""
    amounts = count(1_000_000)
    rows, baskets = (engine.gateway.runtime.table(name).table for name in ("basket_row", "basket"))
    total = sa.select(sa.func.coalesce(sa.func.sum(rows.c.amount), 0)).where(
        rows.c.basket == basket, rows.c["_deleted_at"].is_(None)
    )
    one = sa.update(rows).where(rows.c.id == row)
    whole = sa.update(baskets).where(baskets.c.id == basket).values(total=total.scalar_subquery())

    def change() -> None:
        with engine.gateway.database.write() as connection:
            connection.execute(one.values(amount=next(amounts)))
            connection.execute(whole)

    return change


if __name__ == "__main__":
    main()
