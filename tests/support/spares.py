"""Databases that have an application's tables and no records: made once per process, and used by many tests.

Making tables is most of what a test of one record costs. A SQLite file is kept as it was when it was new; a
schema of PostgreSQL is emptied when its test has ended, and renamed to what the next test's is called, unless
the test has changed more than records.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from engine.build.table import Tables
from engine.store import migration
from engine.store.database import Database
from engine.store.system import meta

_SHAPE = sa.text("""
SELECT (
    SELECT count(*) || ' ' || md5(string_agg(relname || ' ' || relchecks, ',' ORDER BY relname))
           || ' ' || bool_or(relkind = 'r' AND reltuples > 0)
      FROM pg_class WHERE relnamespace = CAST(:name AS regnamespace)
) || ' ' || (
    SELECT md5(string_agg(concat_ws(' ', relname, attname, atttypid, attnotnull), ',' ORDER BY relname, attnum))
      FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
     WHERE relnamespace = CAST(:name AS regnamespace) AND attnum > 0 AND NOT attisdropped
) || ' ' || (
    SELECT count(*) FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
     WHERE relnamespace = CAST(:name AS regnamespace) AND NOT tgisinternal
) || ' ' || (
    SELECT count(*) FROM pg_proc WHERE pronamespace = CAST(:name AS regnamespace)
)""")
"""What is in a schema: tables, indexes, columns, triggers and functions, and whether a table has statistics."""

_RESTART = sa.text(
    "SELECT setval(oid::regclass, 1, false) FROM pg_class"
    " WHERE relkind = 'S' AND relnamespace = CAST(:name AS regnamespace)"
)


@dataclass(frozen=True)
class Made:
    """The tables of some metadata as they were made in a schema, and what the engine remembers of them."""

    key: str
    shape: str
    tables: Sequence[str]
    remembered: Sequence[dict[str, Any]]


@dataclass
class Spares:
    """What this process keeps: files by metadata, schemas in use by their names, spare schemas by metadata."""

    files: dict[str, bytes] = field(default_factory=dict)
    connected: Callable[[], AbstractContextManager[sa.Connection]] | None = None  # to the server of the run
    used: dict[str, Made] = field(default_factory=dict)
    free: dict[str, list[tuple[str, Made]]] = field(default_factory=dict)

    def prepare(self, url: str, key: str, tables: Callable[[], Tables]) -> None:
        """Make the tables of the metadata that `key` stands for in the empty database of a URL."""
        parsed = sa.make_url(url)
        if parsed.get_backend_name() == "sqlite":
            self._prepare_file(Path(str(parsed.database)), url, key, tables)
        else:
            self._prepare_schema(str(parsed.query["application_name"]), url, key, tables)

    def _prepare_file(self, path: Path, url: str, key: str, tables: Callable[[], Tables]) -> None:
        if key in self.files:
            path.write_bytes(self.files[key])
            return
        database = Database.open(url)
        migration.ensure(database, tables(), apply=True)
        database.close()
        self.files[key] = path.read_bytes()

    def _prepare_schema(self, name: str, url: str, key: str, tables: Callable[[], Tables]) -> None:
        if self.connected is not None and (spare := self.free.get(key)):
            former, made = spare.pop()
            with self.connected() as connection:
                connection.exec_driver_sql(f'DROP SCHEMA "{name}"')
                connection.exec_driver_sql(f'ALTER SCHEMA "{former}" RENAME TO "{name}"')
        else:
            database = Database.open(url)
            made = self._made(database, name, key, tables())
            database.close()
        self.used[name] = made

    def _made(self, database: Database, name: str, key: str, tables: Tables) -> Made:
        migration.ensure(database, tables, apply=True)
        with database.read() as connection:
            shape = connection.execute(_SHAPE, {"name": name}).scalar_one()
            remembered = [dict(row) for row in connection.execute(sa.select(meta)).mappings()]
        return Made(key, shape, list(tables.metadata.tables), remembered)

    def take_back(self, connection: sa.Connection, name: str) -> bool:
        """Empty a schema whose test has ended and keep it; False where it can't be used again."""
        made = self.used.pop(name, None)
        if made is None or connection.execute(_SHAPE, {"name": name}).scalar_one() != made.shape:
            return False
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")  # no keys are looked at
        emptied = "; ".join(f'DELETE FROM "{name}"."{table}"' for table in made.tables)  # noqa: S608 (our names)
        connection.exec_driver_sql(emptied, execution_options={"no_parameters": True})
        connection.execute(_RESTART, {"name": name})
        connection.execute(sa.insert(meta.to_metadata(sa.MetaData(), schema=name)), made.remembered)
        spare = f"spare_{name}"
        connection.exec_driver_sql(f'ALTER SCHEMA "{name}" RENAME TO "{spare}"')
        self.free.setdefault(made.key, []).append((spare, made))
        return True


SPARES = Spares()
