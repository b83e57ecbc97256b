"""The databases that are measured: a SQLite file in `var/`, and a PostgreSQL as the tests start theirs.

`ENGINE_BENCH_POSTGRES_URL` names a PostgreSQL database to use instead, which is filled once and kept.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support import postgres

VAR = Path(__file__).parent.parent / "var"
URL_VARIABLE = "ENGINE_BENCH_POSTGRES_URL"
TEMPORARY = Path("/tmp")  # short enough for a socket, and open to the account PostgreSQL runs as


@contextmanager
def databases(tickets: int, url: str = "") -> Iterator[list[str]]:
    """The URLs of a SQLite and a PostgreSQL to fill with so many tickets, or the one named."""
    if url:
        yield [url]
        return
    VAR.mkdir(exist_ok=True)
    sqlite = f"sqlite:///{VAR / f'bench-{tickets}.db'}"
    if URL_VARIABLE in os.environ:
        yield [sqlite, os.environ[URL_VARIABLE]]
        return
    postgres.sweep(TEMPORARY)
    folder = TEMPORARY / f"{postgres.PREFIX}{os.getpid()}"
    try:
        server = postgres.server(folder)
    except postgres.NoPostgres as reason:
        print(f"PostgreSQL is not measured: {reason}", file=sys.stderr)
        yield [sqlite]
        return
    try:
        yield [sqlite, server.url.render_as_string(hide_password=False)]
    finally:
        postgres.stop(folder)
