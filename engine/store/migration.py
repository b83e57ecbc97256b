"""The database brought to the metadata: created whole when fresh, extended where the difference only adds.

What the tables are meant to be is remembered as a hash per table; only tables whose hash differs are
compared with the database, column by column, so that opening an unchanged application costs one query.
Whatever would lose or reinterpret data is refused with a message that names it, and nothing is done half.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from secrets import token_hex
from typing import Any

import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy.exc import IntegrityError, NoSuchTableError
from sqlalchemy.schema import CreateIndex, CreateTable

from engine.build.table import Tables
from engine.errors import OperatorError, SchemaDiffers
from engine.store.database import Database
from engine.store.system import meta

LOCK = 0x656E67  # one number for PostgreSQL's advisory lock: two processes that start at once take turns


@dataclass(frozen=True)
class Change:
    """A difference that only adds: what it is in words, and how it is made."""

    words: str
    make: Callable[[Operations], None]


@dataclass(frozen=True)
class Difference:
    """What the metadata says beyond the database: additions to make, and what is refused."""

    additions: tuple[Change, ...]
    refused: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.additions or self.refused)


def ensure(database: Database, tables: Tables, *, apply: bool) -> None:
    """Make sure the database is what the metadata says.

    A fresh one is created whole; additions are made with `apply`. Raises SchemaDiffers otherwise.
    """
    if up_to_date(database, tables):
        return
    with database.write() as connection:
        _take_turns(connection)
        if fresh(connection):
            tables.metadata.create_all(connection)
            connection.execute(sa.insert(meta), [{"key": "secret", "value": token_hex(32)}])
        else:
            found = difference(connection, tables)
            if found.refused or (found.additions and not apply):
                raise SchemaDiffers([change.words for change in found.additions], found.refused)
            _make(connection, found)
        _remember(connection, tables)


def up_to_date(database: Database, tables: Tables) -> bool:
    """Whether every table is remembered just as the metadata has it."""
    with database.read() as connection:
        return not fresh(connection) and _remembered(connection) == _hashes(connection, tables)


def fresh(connection: sa.Connection) -> bool:
    """Whether this database has not been made by us yet; one with other tables of ours' names is refused later."""
    return not sa.inspect(connection).has_table(meta.name)


def secret(database: Database) -> bytes:
    """The installation's secret, made with its database."""
    with database.read() as connection:
        found = connection.execute(sa.select(meta.c.value).where(meta.c.key == "secret")).scalar_one()
    return bytes.fromhex(found)


def difference(connection: sa.Connection, tables: Tables) -> Difference:
    """Compare the tables whose hash differs from what is remembered; and find those that are gone."""
    remembered, wanted = _remembered(connection), _hashes(connection, tables)
    inspector = sa.inspect(connection)
    additions: list[Change] = []
    refused = [
        f"{name}: in the database, but no longer in the metadata"
        for name in sorted(remembered.keys() - wanted.keys())
    ]
    for name, table in tables.metadata.tables.items():
        if remembered.get(name) == wanted[name]:
            continue
        if not inspector.has_table(name):
            additions.append(_new_table(table))
        else:
            _compare(connection, inspector, table, additions, refused)
    return Difference(tuple(additions), tuple(refused))


# ---- comparing


def _new_table(table: sa.Table) -> Change:
    def make(operations: Operations) -> None:
        table.create(operations.get_bind())

    return Change(f"{table.name}: a new table", make)


def _compare(
    connection: sa.Connection,
    inspector: sa.Inspector,
    table: sa.Table,
    additions: list[Change],
    refused: list[str],
) -> None:
    try:
        present = {column["name"]: column for column in inspector.get_columns(table.name)}
    except NoSuchTableError:
        return
    for column in table.columns:
        if column.name not in present:
            _missing_column(connection, table, column, additions, refused)
        else:
            refused.extend(_altered(connection, table, column, present[column.name]))
    refused.extend(
        f"{table.name}.{name}: in the database, but no longer in the metadata"
        for name in present
        if name not in table.columns
    )
    indexes = {str(index["name"]) for index in inspector.get_indexes(table.name)}
    for index in sorted(table.indexes, key=lambda each: str(each.name)):
        if str(index.name) not in indexes:
            additions.append(_new_index(table, index))


def _missing_column(
    connection: sa.Connection,
    table: sa.Table,
    column: sa.Column[Any],
    additions: list[Change],
    refused: list[str],
) -> None:
    has_rows = connection.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first() is not None
    if not column.nullable and column.server_default is None and has_rows:
        refused.append(
            f"{table.name}.{column.name}: new and required, but there are records that have no value for it "
            "(make it optional, or give it a default)"
        )
        return

    def make(operations: Operations) -> None:
        copy = column._copy()
        copy.nullable = column.nullable or column.server_default is None
        operations.add_column(table.name, copy)

    additions.append(Change(f"{table.name}.{column.name}: a new column", make))


def _altered(
    connection: sa.Connection, table: sa.Table, column: sa.Column[Any], present: Any
) -> Iterator[str]:
    """In what a column differs from the database's."""
    wanted = _type_name(column.type, connection)
    actual = _type_name(present["type"], connection)
    if wanted != actual:
        yield f"{table.name}.{column.name}: {wanted.lower()} in the metadata, {actual.lower()} in the database"
    if column.primary_key:
        return
    if not column.nullable and present["nullable"]:
        yield f"{table.name}.{column.name}: required in the metadata, optional in the database"
    if column.nullable and not present["nullable"]:
        yield f"{table.name}.{column.name}: optional in the metadata, required in the database"


def _type_name(kind: sa.types.TypeEngine[Any], connection: sa.Connection) -> str:
    compiled = kind.dialect_impl(connection.dialect).compile(connection.dialect)
    return compiled.replace('COLLATE "C"', "").strip().upper()


def _new_index(table: sa.Table, index: sa.Index) -> Change:
    what = "unique" if index.unique else "an index"

    def make(operations: Operations) -> None:
        try:
            index.create(operations.get_bind())
        except IntegrityError as error:
            names = ", ".join(column.name for column in index.columns if column.name != "id")
            message = (
                f"{table.name}: {names} can't be made unique, for there are records with the same values: {error.orig}. "
                "Change them first."
            )
            raise OperatorError(message) from error

    return Change(f"{table.name}: {what} of {', '.join(str(column.name) for column in index.columns)}", make)


# ---- making


def _make(connection: sa.Connection, found: Difference) -> None:
    operations = Operations(MigrationContext.configure(connection))
    new_tables = [change for change in found.additions if change.words.endswith("a new table")]
    for change in (*new_tables, *(change for change in found.additions if change not in new_tables)):
        change.make(operations)


def _take_turns(connection: sa.Connection) -> None:
    """On PostgreSQL only one process changes tables at a time; on SQLite the write transaction is that already."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))


# ---- remembering


def _hashes(connection: sa.Connection, tables: Tables) -> dict[str, str]:
    """What each table is meant to be, as a hash of its definition."""
    return {name: _hash(connection, table) for name, table in tables.metadata.tables.items()}


def _hash(connection: sa.Connection, table: sa.Table) -> str:
    lines = [str(CreateTable(table).compile(dialect=connection.dialect))]
    lines += sorted(str(CreateIndex(index).compile(dialect=connection.dialect)) for index in table.indexes)
    return sha256("\n".join(lines).encode()).hexdigest()[:32]


def _remembered(connection: sa.Connection) -> dict[str, str]:
    rows = connection.execute(sa.select(meta.c.key, meta.c.value).where(meta.c.key.like("table:%")))
    return {row.key.removeprefix("table:"): row.value for row in rows}


def _remember(connection: sa.Connection, tables: Tables) -> None:
    connection.execute(sa.delete(meta).where(meta.c.key.like("table:%")))
    rows = [{"key": f"table:{name}", "value": value} for name, value in _hashes(connection, tables).items()]
    connection.execute(sa.insert(meta), rows)
