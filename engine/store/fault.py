"""What a database driver's error means: the operator's business, worth another attempt, or ours."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from engine.errors import OperatorError

AGAIN = frozenset({"40001", "40P01", "55P03"})
"""PostgreSQL ended the transaction for another's sake: serialization, deadlock, lock not available."""

SQLITE_FAULTS = (
    ("database or disk is full", "the disk is full: free some space, then try again"),
    (
        "attempt to write a readonly database",
        "it may not be written: check who owns the file and its folder, and how its disk is mounted",
    ),
    (
        "unable to open database file",
        "it can't be opened: check that its folder exists and may be read and written by this user",
    ),
    (
        "file is not a database",
        "it is not a SQLite database (or an encrypted one): name another file, or move this one away",
    ),
    (
        "database disk image is malformed",
        "the file is damaged: stop the engine and restore the last backup",
    ),
    ("disk i/o error", "the disk can't be read or written: check it and the space left on it"),
    (
        "database is locked",
        "another program has been writing to it for too long: end that program, or wait for it",
    ),
)

POSTGRESQL_FAULTS = {
    "28P01": "the password is wrong: check the one in the database URL",
    "28000": "this user may not connect: check the user in the URL and the server's pg_hba.conf",
    "3D000": "there is no such database: create it (`createdb NAME`), or name another in the URL",
    "53300": "the server has no connection left: raise its max_connections, or run fewer processes",
    "53100": "the server's disk is full: free some space there",
    "57P03": "the server is starting up or shutting down: try again in a moment",
    "57P01": "the server was shut down: start it again",
    "57P02": "the server crashed and is recovering: try again in a moment",
    "25006": "the server only allows reading: name the primary server in the URL, not a replica",
    "42501": "this user may not do that: grant it CREATE and USAGE on the schema",
    "3F000": "the schema of the search path does not exist: create it, or change the search path",
}
"""By SQLSTATE: https://www.postgresql.org/docs/current/errcodes-appendix.html"""

CONNECTION_FAULTS = (
    ("password authentication failed", POSTGRESQL_FAULTS["28P01"]),
    ("no password supplied", "the server asks for a password: write it into the database URL"),
    ("does not exist", "the database or the user does not exist: create it, or name another in the URL"),
    ("no pg_hba.conf entry", POSTGRESQL_FAULTS["28000"]),
    ("too many clients", POSTGRESQL_FAULTS["53300"]),
    ("remaining connection slots", POSTGRESQL_FAULTS["53300"]),
    ("starting up", POSTGRESQL_FAULTS["57P03"]),
    ("resolve host", "the server's name is not known: check the host in the URL"),
    ("name or service not known", "the server's name is not known: check the host in the URL"),
    ("refused", "nothing answers there: check host and port, and that the server is running"),
    ("no such file or directory", "there is no such socket: check the host, and that the server is running"),
    ("timeout", "it does not answer in time: check the network between here and the server"),
)


def is_transient(error: BaseException) -> bool:
    """Whether doing the whole unit of work again may succeed: it was ended only because of another."""
    for cause in _causes(error):
        if getattr(cause, "sqlstate", None) in AGAIN:
            return True
        if isinstance(cause, sqlite3.OperationalError) and _says(cause, "database is locked"):
            return True
    return False


def explain(error: Exception, url: sa.URL) -> OperatorError | None:
    """The operator's view of an error that comes from outside; None if it is the caller's own."""
    if isinstance(error, sa.exc.TimeoutError):
        return OperatorError(
            f"the database {show(url)} is too busy: no connection became free in time; "
            "look for requests that take long, or run more processes"
        )
    cause = error.orig if isinstance(error, DBAPIError) else error
    cure = _sqlite(cause) if isinstance(cause, sqlite3.Error) else _postgresql(error, cause)
    return OperatorError(f"the database {show(url)}: {cure}") if cure else None


def show(url: sa.URL) -> str:
    """A URL as messages name it: no password, and no driver."""
    return url.set(drivername=url.get_backend_name()).render_as_string(hide_password=True)


def _sqlite(cause: sqlite3.Error) -> str | None:
    return next((cure for words, cure in SQLITE_FAULTS if _says(cause, words)), None)


def _postgresql(error: Exception, cause: BaseException | None) -> str | None:
    state = getattr(cause, "sqlstate", None)
    if state is not None:
        return POSTGRESQL_FAULTS.get(state)
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    if not lost and not isinstance(error, sa.exc.OperationalError):
        return None
    for words, cure in CONNECTION_FAULTS:
        if _says(cause, words):
            return cure
    first = (str(cause).strip() or "no reason given").splitlines()[0]
    return f"the connection was lost ({first}): check that the server is running, then try again"


def _says(cause: object, words: str) -> bool:
    return words in str(cause).lower()


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        if isinstance(error, DBAPIError) and error.orig is not None:
            yield error.orig
        error = error.__cause__
