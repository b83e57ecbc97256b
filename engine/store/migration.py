"""The database brought to the metadata: created whole when fresh, extended where the difference only adds.

What each table is meant to be is remembered in the database. As long as the metadata says the same, opening
costs one query; otherwise the tables that differ are compared, what only adds is made in one transaction,
and anything else is refused, named in words. Nothing is ever left half-made.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from secrets import token_hex

import sqlalchemy as sa

from engine.build.table import Tables
from engine.errors import SchemaDiffers
from engine.store import change, making
from engine.store.database import Database
from engine.store.definition import Definition, define, from_text
from engine.store.difference import Change, Difference, Known, compare
from engine.store.system import SYSTEM, meta

__all__ = ["Change", "Difference", "apply", "difference", "ensure", "pending", "require", "secret"]

LOCK = 0x656E67696E65  # PostgreSQL's advisory lock: of two processes that start at once, one applies
PREFIX = "table:"
SECRET = "secret"


def ensure(database: Database, tables: Tables, *, apply: bool) -> tuple[str, ...]:
    """Make sure the database is what the metadata says; answers what was done, in words.

    A fresh one is created whole; additions are made with `apply`. Raises SchemaDiffers otherwise.
    """
    with database.read() as connection:
        wanted = define(tables, connection.dialect)
        if not _fresh(connection) and _texts(connection) == _as_texts(wanted):
            return ()
    with alone(database):
        making.clear_up(database)
        return _bring(database, tables, wanted, apply)


def apply(database: Database, tables: Tables) -> tuple[str, ...]:
    """Create what is missing; answers what was done, in words. Raises SchemaDiffers if that is not all."""
    return ensure(database, tables, apply=True)


def require(database: Database, tables: Tables, names: Collection[str] | None = None) -> tuple[str, ...]:
    """Make sure of what a command needs: these tables (None: all), and those of the engine.

    A fresh database is created whole. Raises SchemaDiffers where the tables are not what the metadata says,
    but for indexes that only make things quick: they are answered, in words.
    """
    with database.read() as connection:
        fresh = _fresh(connection)
        found = Difference() if fresh else difference(connection, tables, names)
    if fresh:
        ensure(database, tables, apply=True)
    missing = [each.words for each in found.additions if not each.only_quicker]
    if found.refused or missing:
        raise SchemaDiffers(missing, found.refused)
    return tuple(each.words for each in found.additions)


def pending(database: Database, tables: Tables) -> Difference:
    """What `apply` would do and what it would refuse, without doing it."""
    with database.read() as connection:
        return difference(connection, tables)


def difference(connection: sa.Connection, tables: Tables, names: Collection[str] | None = None) -> Difference:
    """What the metadata says beyond the database; with `names`, of these tables and the engine's own."""
    wanted = define(tables, connection.dialect)
    known = _known(connection, wanted)
    if names is not None:
        asked = {*names, *SYSTEM.tables}
        wanted = {name: definition for name, definition in wanted.items() if name in asked}
        known = {name: definition for name, definition in known.items() if name in asked}
    return compare(connection, tables, known, wanted)


def secret(database: Database) -> bytes:
    """The installation's secret, made with its database."""
    with database.read() as connection:
        found = connection.execute(sa.select(meta.c.value).where(meta.c.key == SECRET)).scalar_one()
    return bytes.fromhex(found)


@contextmanager
def alone(database: Database) -> Iterator[None]:
    """On PostgreSQL one process changes tables at a time; on SQLite a write transaction is that already."""
    if database.dialect == "sqlite":
        yield
        return
    with database.read() as connection:  # held to the end of the block, or of the process
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))
        yield


def _bring(
    database: Database, tables: Tables, wanted: Mapping[str, Definition], apply: bool
) -> tuple[str, ...]:
    """Compare, and make the additions: in one transaction, unless they are too many for one."""
    with database.write() as connection:
        fresh = _fresh(connection)
        found = compare(connection, tables, _known(connection, wanted), wanted)
        if found.refused or (found.additions and not apply and not fresh):
            raise SchemaDiffers([each.words for each in found.additions], found.refused)
        if not making.too_many(connection, found.tables):
            change.create_tables(connection, found.tables)
            return _finish(connection, found, wanted, fresh)
        making.begin(connection, found.tables)
    making.make(database, found.tables)
    with database.write() as connection:
        making.end(connection)
        return _finish(connection, found, wanted, fresh)


def _finish(
    connection: sa.Connection, found: Difference, wanted: Mapping[str, Definition], fresh: bool
) -> tuple[str, ...]:
    for addition in found.additions:
        addition.make(connection)
    _remember(connection, wanted)
    if fresh:
        connection.execute(sa.insert(meta).values(key=SECRET, value=token_hex(32)))
    return tuple(addition.words for addition in found.additions)


# ---- remembering


def _fresh(connection: sa.Connection) -> bool:
    """Whether the engine has not made anything in this database yet."""
    return not sa.inspect(connection).has_table(meta.name)


def _texts(connection: sa.Connection) -> dict[str, str]:
    rows = connection.execute(sa.select(meta.c.key, meta.c.value).where(meta.c.key.startswith(PREFIX)))
    return {key.removeprefix(PREFIX): value for key, value in rows}


def _as_texts(wanted: Mapping[str, Definition]) -> dict[str, str]:
    return {name: definition.as_text() for name, definition in wanted.items()}


def _known(connection: sa.Connection, wanted: Mapping[str, Definition]) -> Known:
    """What is remembered of each table; only what differs from what is wanted is read at all."""
    if _fresh(connection):
        return {}
    texts = _as_texts(wanted)
    return {
        name: wanted[name] if text == texts.get(name) else from_text(text)
        for name, text in _texts(connection).items()
    }


def _remember(connection: sa.Connection, wanted: Mapping[str, Definition]) -> None:
    remembered, texts = _texts(connection), _as_texts(wanted)
    changed = [name for name in texts if remembered.get(name) != texts[name]]
    gone = [PREFIX + name for name in (*changed, *(remembered.keys() - texts.keys()))]
    for first in range(0, len(gone), 500):
        connection.execute(sa.delete(meta).where(meta.c.key.in_(gone[first : first + 500])))
    if changed:
        connection.execute(
            sa.insert(meta), [{"key": PREFIX + name, "value": texts[name]} for name in changed]
        )
