"""The database: one kind of transaction to read and one to write, on SQLite and PostgreSQL alike."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, DisconnectionError, NoSuchModuleError

from engine.errors import OperatorError, UsageError
from engine.store.fault import explain, is_transient, show
from engine.store.turn import Turn
from engine.to_sql import sqlite_calls
from engine.types.folding import FOLD, fold

__all__ = ["Database", "database_url_for", "is_transient"]

Dialect = Literal["sqlite", "postgresql"]

URL_VARIABLE = "ENGINE_DATABASE_URL"
OLDEST_SQLITE = (3, 35, 0)  # RETURNING, and columns that can be dropped and renamed
OLDEST_POSTGRESQL = (13, 0)
BUSY_SECONDS = 120.0  # how long a process waits for another one's write
STATEMENTS = 2000  # compiled statements kept: a few per entity and role set of a large application
CONNECTIONS = 10
MORE_CONNECTIONS = 20
WAIT_FOR_CONNECTION = 60.0
IDLE_SECONDS = 5.0  # a connection unused for longer is tested before it is handed out
PRAGMAS = (
    "synchronous=NORMAL",  # safe with write-ahead logging: a crash of the process loses nothing
    "foreign_keys=ON",
    "cache_size=-16384",  # KB for each connection; the rest of the file is mapped, and cached by the system
    "mmap_size=268435456",
    "temp_store=MEMORY",
)
RESERVED_WORDS = frozenset(
    (
        *("collation", "concurrently", "lateral", "nothing", "recursive"),
        *("returning", "system_user", "tablesample", "with"),
    )
)
"""Words that a database keeps for itself, some in newer versions only, and that SQLAlchemy does not quote there."""

EXAMPLES = "sqlite:////path/to/app.db or postgresql://user:password@host/database"


class Database:
    """A database that is open. `read()` and `write()` are the only ways to a connection.

    A read is a snapshot: it sees one state throughout, and can't write. Writes wait for each other as
    long as it takes: on SQLite there is one at a time (in turn within this process, by SQLite's own
    lock between processes), on PostgreSQL the server decides by rows.
    """

    def __init__(self, url: sa.URL, dialect: Dialect, reader: sa.Engine, writer: sa.Engine) -> None:
        self.url = url
        self.dialect: Dialect = dialect
        self._reader = reader
        self._writer = writer
        self._turn = Turn() if dialect == "sqlite" else None

    @classmethod
    def open(cls, url: str) -> Database:
        """Open the database of a URL; raises OperatorError or UsageError that say what to do."""
        parsed = _parse(url)
        kind = parsed.get_backend_name()
        database = _open_sqlite(parsed) if kind == "sqlite" else _open_postgresql(parsed)
        try:
            with database._explained():
                _probe(database)
        except BaseException:
            database.close()
            raise
        return database

    def read(self) -> AbstractContextManager[sa.Connection]:
        """A connection that sees one state of the database, to the end of the block."""
        return self._session(self._reader, nullcontext())

    def write(self) -> AbstractContextManager[sa.Connection]:
        """A connection whose changes are committed whole at the end of the block, or rolled back on error."""
        return self._session(self._writer, self._turn.taken() if self._turn else nullcontext())

    @contextmanager
    def _session(self, engine: sa.Engine, turn: AbstractContextManager[None]) -> Iterator[sa.Connection]:
        with self._explained(), turn, engine.begin() as connection:
            yield connection

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (sa.exc.SQLAlchemyError, sqlite3.Error) as error:
            fault = explain(error, self.url)
            if fault is None:
                raise
            raise fault from error

    def close(self) -> None:
        """Give every connection back; what is in a transaction is rolled back by the database."""
        self._reader.dispose()
        self._writer.dispose()


def database_url_for(folder: str | Path, setting: str, environment: Mapping[str, str]) -> str:
    """The URL an application uses: the environment's, else the setting's, else SQLite in its `var/`.

    A relative SQLite path is taken from the application's folder when it stands in the settings, and
    from the current one when it comes from the environment, as a shell would.
    """
    given = environment.get(URL_VARIABLE, "").strip()
    if given:
        return given
    root = Path(folder).absolute()
    if setting:
        return _relative_to(root, setting)
    var = root / "var"
    try:
        var.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OperatorError(
            f"the folder {var} for the database can't be made ({error.strerror}): make it writable, "
            f"or name another database in {URL_VARIABLE}"
        ) from error
    return f"sqlite:///{var / 'app.db'}"


def _relative_to(root: Path, url: str) -> str:
    parsed = _parse(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        return url
    return parsed.set(database=str(root / parsed.database)).render_as_string(hide_password=False)


# ---- opening


def _parse(url: str) -> sa.URL:
    try:
        parsed = sa.make_url(url.strip())
    except (ArgumentError, ValueError) as error:
        raise UsageError(f"the database URL can't be read: it is written like {EXAMPLES}") from error
    kind = parsed.get_backend_name()
    if kind in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg")
    if kind == "sqlite":
        return parsed.set(drivername="sqlite+pysqlite")
    raise UsageError(f"a database of the kind {kind!r} is not supported: use {EXAMPLES}")


def _open_sqlite(url: sa.URL) -> Database:
    _check_sqlite(url)
    options: dict[str, Any] = {
        "connect_args": {"timeout": BUSY_SECONDS, "check_same_thread": False},
        "query_cache_size": STATEMENTS,
        "pool_timeout": WAIT_FOR_CONNECTION,
        "poolclass": sa.pool.QueuePool,
    }
    reader = sa.create_engine(url, pool_size=CONNECTIONS, max_overflow=MORE_CONNECTIONS, **options)
    writer = sa.create_engine(url, pool_size=1, max_overflow=0, **options)
    _quote_reserved(reader, writer)
    _prepare(reader, begin="BEGIN", query_only=True)
    _prepare(writer, begin="BEGIN IMMEDIATE", query_only=False)
    return Database(url, "sqlite", reader, writer)


def _check_sqlite(url: sa.URL) -> None:
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        oldest = ".".join(map(str, OLDEST_SQLITE[:2]))
        raise OperatorError(
            f"SQLite {sqlite3.sqlite_version} is too old: the engine needs {oldest} or newer; "
            "use a newer Python or system, or PostgreSQL"
        )
    if not url.database or url.database == ":memory:":
        raise UsageError(
            "a SQLite database in memory is not supported: several connections have to see the same data; "
            "name a file, as in sqlite:////tmp/app.db"
        )
    file = Path(url.database)
    if file.is_dir():
        raise OperatorError(f"the database {show(url)} is a folder: name a file in it")
    if not file.parent.is_dir():
        raise OperatorError(
            f"the folder {file.parent} of the database does not exist: create it, or name another"
        )


def _prepare(engine: sa.Engine, *, begin: str, query_only: bool) -> None:
    """Let us, not the driver, begin transactions (it would only at the first write, and not for DDL)."""

    @sa.event.listens_for(engine, "connect")
    def connected(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None
        connection.create_function(FOLD, 1, fold, deterministic=True)
        sqlite_calls.register(connection)
        for pragma in (*PRAGMAS, f"query_only={int(query_only)}"):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def begun(connection: sa.Connection) -> None:
        connection.exec_driver_sql(begin)


def _open_postgresql(url: sa.URL) -> Database:
    usual = {"connect_timeout": 10, "application_name": "entity-engine"}
    connect = {key: value for key, value in usual.items() if key not in url.query}
    try:
        writer = sa.create_engine(
            url,
            connect_args=connect,
            query_cache_size=STATEMENTS,
            pool_size=CONNECTIONS,
            max_overflow=MORE_CONNECTIONS,
            pool_timeout=WAIT_FOR_CONNECTION,
            pool_use_lifo=True,
        )
    except (ImportError, NoSuchModuleError) as error:
        raise OperatorError(
            "PostgreSQL needs the driver psycopg: install it with `pip install 'entity-engine[postgres]'`"
        ) from error
    _quote_reserved(writer)
    _test_idle(writer)
    reader = writer.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return Database(url, "postgresql", reader, writer)


def _quote_reserved(*engines: sa.Engine) -> None:
    """Let every name that the metadata may have be one that the database takes."""
    for engine in engines:
        preparer = engine.dialect.identifier_preparer
        preparer.reserved_words = {*preparer.reserved_words, *RESERVED_WORDS}


def _test_idle(engine: sa.Engine) -> None:
    """Notice that the server went away, without a round trip for connections in constant use."""

    @sa.event.listens_for(engine, "checkin")
    def returned(_connection: object, record: Any) -> None:
        record.info["returned"] = time.monotonic()

    @sa.event.listens_for(engine, "checkout")
    def taken(connection: Any, record: Any, _proxy: object) -> None:
        returned = record.info.get("returned")
        if returned is None or time.monotonic() - returned < IDLE_SECONDS:
            return
        try:
            engine.dialect.do_ping(connection)
        except Exception as error:
            raise DisconnectionError from error  # the pool opens another one


def _probe(database: Database) -> None:
    """Ask the database once, so that what is wrong is said at the start and not to the first user."""
    if database.dialect == "sqlite":
        _use_wal(database._writer)
        return
    with database._reader.connect() as connection:
        version = connection.dialect.server_version_info or (0,)
        encoding = connection.exec_driver_sql("SHOW server_encoding").scalar()
    if version < OLDEST_POSTGRESQL:
        found = ".".join(map(str, version))
        raise OperatorError(
            f"PostgreSQL {found} is too old: the engine needs {OLDEST_POSTGRESQL[0]} or newer"
        )
    if encoding != "UTF8":
        raise OperatorError(
            f"the database {show(database.url)} is encoded in {encoding}: "
            "create it with `createdb -E UTF8 NAME`"
        )


def _use_wal(engine: sa.Engine) -> None:
    """Readers and the writer don't hinder each other; the mode stays with the file.

    While another process is changing the mode, SQLite answers "locked" at once, without its usual wait.
    """
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        for attempt in range(50):
            try:
                mode = cursor.execute("PRAGMA journal_mode=WAL").fetchone()
                cursor.execute("SELECT count(*) FROM sqlite_master").fetchone()
            except sqlite3.OperationalError as error:
                if attempt == 49 or "locked" not in str(error):
                    raise
                time.sleep(0.05)
            else:
                break
        if mode[0] != "wal":
            raise OperatorError(
                f"the database {show(engine.url)}: its file system does not allow write-ahead logging; "
                "put the file on a local disk"
            )
    finally:
        connection.close()
