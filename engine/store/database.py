"""Connections: SQLite with one writer at a time that waits, PostgreSQL through a pool; reads are snapshots."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError

from engine.errors import OperatorError
from engine.types.folding import FOLD, fold

BUSY_SECONDS = 60
"""How long a SQLite writer waits for one in another process; in this process they queue."""

TRANSIENT = frozenset({"40001", "40P01", "55P03"})
"""SQLSTATE of PostgreSQL's serialization failure, deadlock, and lock not available."""


class Database:
    """One database. `read` and `write` give a connection in a transaction of its own."""

    def __init__(self, url: sa.URL, engine: sa.Engine) -> None:
        self.url, self.engine = url, engine
        self.dialect: Literal["sqlite", "postgresql"] = (
            "sqlite" if url.get_backend_name() == "sqlite" else "postgresql"
        )
        self._writer = threading.Lock()

    @classmethod
    def open(cls, url: str) -> Database:
        """Connect, and check that it works; raises OperatorError with what to do."""
        try:
            parsed = sa.make_url(url)
        except ArgumentError as error:
            raise OperatorError(f"{url!r} is no database URL: write sqlite:///file or postgresql://user@host/name") from error
        backend = parsed.get_backend_name()
        if backend not in ("sqlite", "postgresql"):
            raise OperatorError(f"the engine runs on sqlite and postgresql, not on {backend}: change the database URL")
        database = cls(parsed, _sqlite(parsed) if backend == "sqlite" else _postgresql(parsed))
        database._try()
        return database

    def _try(self) -> None:
        try:
            with self.engine.connect() as connection:
                connection.exec_driver_sql("SELECT 1")
                if self.dialect == "sqlite":
                    connection.exec_driver_sql("SELECT count(*) FROM sqlite_master")
        except DBAPIError as error:
            shown = self.url.render_as_string(hide_password=True)
            raise OperatorError(f"the database {shown} can't be opened: {_cause(error)}") from error

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A transaction that only reads, and sees one state throughout."""
        with self.engine.connect() as connection:
            if self.dialect == "sqlite":
                connection.exec_driver_sql("BEGIN")
            yield connection
            connection.rollback()

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """A transaction that writes: committed when the block ends, rolled back when it raises."""
        if self.dialect == "postgresql":
            with self.engine.begin() as connection:
                yield connection
            return
        with self._writer, self.engine.connect() as connection:
            try:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            except OperationalError as error:
                raise OperatorError(f"the database can't be written to: {_cause(error)}") from error
            try:
                yield connection
                connection.commit()
            except BaseException:
                connection.rollback()
                raise

    def close(self) -> None:
        self.engine.dispose()


def _cause(error: DBAPIError) -> str:
    return str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else type(error.orig).__name__


def _sqlite(url: sa.URL) -> sa.Engine:
    if sqlite3.sqlite_version_info < (3, 35):
        raise OperatorError(f"SQLite {sqlite3.sqlite_version} is too old: the engine needs 3.35 or newer")
    if url.database and url.database != ":memory:":
        folder = Path(url.database).resolve().parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OperatorError(f"the folder {folder} can't be made: {error.strerror}") from error
    engine = sa.create_engine(
        url,
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False, "isolation_level": None},
        pool_size=16,
        max_overflow=240,
        query_cache_size=2000,
    )

    @sa.event.listens_for(engine, "connect")
    def prepare(connection: Any, record: Any) -> None:
        connection.create_function(FOLD, 1, fold, deterministic=True)
        for pragma in (
            "journal_mode=WAL",
            "synchronous=NORMAL",
            "foreign_keys=ON",
            "cache_size=-65536",
            "temp_store=MEMORY",
            "mmap_size=268435456",
        ):
            connection.execute(f"PRAGMA {pragma}")

    return engine


def _postgresql(url: sa.URL) -> sa.Engine:
    try:
        return sa.create_engine(
            url.set(drivername="postgresql+psycopg"),
            pool_size=10,
            max_overflow=20,
            pool_pre_ping=True,
            query_cache_size=2000,
        )
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        raise OperatorError("PostgreSQL needs the extra `postgres`: pip install 'entity-engine[postgres]'") from error


def is_transient(error: BaseException) -> bool:
    """Whether the database ended a transaction for the sake of another: it may be tried again."""
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in TRANSIENT


def database_url_for(folder: Path, setting: str, environment: Mapping[str, str]) -> str:
    """The database of an application: by environment, by its settings, or a file in its `var/`."""
    url = environment.get("ENGINE_DATABASE_URL") or setting
    if not url:
        return f"sqlite:///{(folder / 'var' / 'app.db').resolve()}"
    if url.startswith("sqlite:///") and not url.startswith("sqlite:////") and ":memory:" not in url:
        return f"sqlite:///{(folder / url.removeprefix('sqlite:///')).resolve()}"
    return url
