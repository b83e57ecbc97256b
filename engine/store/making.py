"""Very many new tables on PostgreSQL, which can't make them in one transaction: it locks each table and index,
and its table of locks is small. They are made in several, under a mark; what a killed process left under the
mark is dropped at the next start, so that it is still all or nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import sqlalchemy as sa

from engine.store import change
from engine.store.database import Database

T = TypeVar("T")

MARKS = sa.Table("_engine_making", sa.MetaData(), sa.Column("names", sa.Text(), nullable=False))
"""There only while tables are made; holds their names."""

LOCKS_OF_TABLE = 5  # itself, its primary key, its sequence, its overflow table and that one's index
LOCKS_OF_REFERENCE = 4


def room(connection: sa.Connection) -> int | None:
    """How many locks a server holds for all transactions together; None where that is no question."""
    if connection.dialect.name != "postgresql":
        return None
    names = ("max_locks_per_transaction", "max_connections", "max_prepared_transactions")
    each, connections, prepared = (
        int(connection.execute(sa.select(sa.func.current_setting(name))).scalar_one()) for name in names
    )
    return each * (connections + prepared)


def locks_of(table: sa.Table) -> int:
    return LOCKS_OF_TABLE + len(table.indexes)


def too_many(connection: sa.Connection, tables: Sequence[sa.Table]) -> bool:
    """Whether tables can't be made in one transaction, with half of the room left to everybody else."""
    there_are = room(connection)
    return there_are is not None and sum(map(locks_of, tables)) > there_are // 2


def begin(connection: sa.Connection, tables: Sequence[sa.Table]) -> None:
    """Leave the mark: what these tables hold from now on is nobody's yet."""
    connection.execute(sa.schema.CreateTable(MARKS))
    connection.execute(sa.insert(MARKS).values(names=json.dumps([table.name for table in tables])))


def make(database: Database, tables: Sequence[sa.Table]) -> None:
    """Make the tables, then the references between them, each in as few transactions as there is room for."""
    with database.read() as connection:
        most = max((room(connection) or 0) // 4, 1)
    for some in _portions(tables, most, locks_of):
        with database.write() as connection:
            change.create_tables(connection, some, references=False)
    for keys in _portions(change.references_of(tables), most, lambda _: LOCKS_OF_REFERENCE):
        with database.write() as connection:
            change.add_references(connection, keys)


def end(connection: sa.Connection) -> None:
    """Take the mark away, in the transaction that remembers the tables."""
    connection.execute(sa.schema.DropTable(MARKS))


def clear_up(database: Database) -> None:
    """Drop what a process that was killed has left under its mark."""
    with database.read() as connection:
        if not sa.inspect(connection).has_table(MARKS.name):
            return
        names: list[str] = json.loads(connection.execute(sa.select(MARKS.c.names)).scalar_one())
        most = max((room(connection) or 0) // 4, 1)
    for some in _portions(names, most, lambda _: 4 * LOCKS_OF_TABLE):
        with database.write() as connection:
            change.drop_tables(connection, some)
    with database.write() as connection:
        end(connection)


def _portions(things: Sequence[T], most: int, weight: Callable[[T], int]) -> Iterator[list[T]]:
    """Things in portions that weigh no more than `most` together; one that weighs more stands alone."""
    portion: list[T] = []
    weighs = 0
    for thing in things:
        if portion and weighs + weight(thing) > most:
            yield portion
            portion, weighs = [], 0
        portion.append(thing)
        weighs += weight(thing)
    if portion:
        yield portion
