"""Fixtures every test may use: a database on SQLite, one on PostgreSQL, or both in turn.

What a machine lacks is skipped with a loud line at the end of the run; where `CI` is `true` it fails.
"""

from __future__ import annotations

import gc
import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from anyio.from_thread import start_blocking_portal
from argon2 import PasswordHasher
from starlette.testclient import TestClient

from engine.store import identity
from tests.support import postgres
from tests.support.whole_answers import WholeAnswers

RUN_FOLDER = "ENGINE_TEST_RUN_FOLDER"
IN_MEMORY = Path("/dev/shm")
ROOM = 4 * 2**30
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
HASHER = identity.HASHER
"""The real one takes as long as it should, which is too long for a test."""


def temporary() -> Path:
    """Where this run's files lie: in memory where there is room, for a database's tables are many files.

    Its path is short enough for a socket, and open to the account PostgreSQL runs as.
    """
    if os.access(IN_MEMORY, os.W_OK) and shutil.disk_usage(IN_MEMORY).free > ROOM:
        return IN_MEMORY
    return Path("/tmp")


def pytest_configure(config: pytest.Config) -> None:
    """Name the folder of this run, its workers inherit the name; save what tests need not spend."""
    gc.set_threshold(100_000, 50, 100)  # what a process has imported and keeps is much, and not garbage
    identity.HASHER = CHEAP
    if hasattr(config, "workerinput"):
        return
    parent = temporary()
    postgres.sweep(parent)
    os.environ[RUN_FOLDER] = str(parent / f"{postgres.PREFIX}{os.getpid()}")
    os.environ.setdefault("TMPDIR", str(parent))


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        postgres.stop(Path(os.environ[RUN_FOLDER]))


@pytest.fixture(scope="session", autouse=True)
def portal() -> Iterator[None]:
    """One loop answers all requests of a process's tests, each by one call: a client starts one for each request."""
    with start_blocking_portal() as shared, pytest.MonkeyPatch.context() as patch:
        patch.setattr(TestClient, "portal", shared)
        patch.setattr("starlette.testclient._TestClientTransport", WholeAnswers)
        yield


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly what was not tested because the machine lacks something."""
    reasons = {
        reason.removeprefix("Skipped: ")
        for report in terminalreporter.getreports("skipped")
        if isinstance(report.longrepr, tuple)
        and (reason := report.longrepr[2]).startswith("Skipped: LACKING")
    }
    for reason in sorted(reasons):
        terminalreporter.write_line(f"!!! {reason}", red=True, bold=True)


def lacking(what: str) -> None:
    """Skip the test because the machine has not got `what`; on CI that is a failure."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"LACKING {what}", pytrace=False)
    pytest.skip(f"LACKING {what}")


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of a SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'test.db'}"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Server]:
    """The PostgreSQL of this run. Tests want `postgres_url`."""
    try:
        found = postgres.server(Path(os.environ[RUN_FOLDER]))
    except postgres.NoPostgres as reason:
        lacking(f"PostgreSQL: {reason}")
        raise
    yield found
    found.close()


@pytest.fixture
def postgres_url(postgres_server: postgres.Server) -> Iterator[str]:
    """A URL whose search path is an empty schema of this test's own."""
    with postgres_server.schema(f"t_{uuid.uuid4().hex[:12]}") as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    """An empty database, on SQLite and on PostgreSQL: the test runs twice."""
    fixture = {"sqlite": "sqlite_url", "postgresql": "postgres_url"}[request.param]
    url: str = request.getfixturevalue(fixture)
    return url
