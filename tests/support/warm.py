"""Processes that tests start, started warm: forked from a server that has imported the engine already.

A fresh Python needs a second of the processor to import the engine; a forked one begins at once, and is otherwise
as a fresh one: a process of its own, that is killed alone, with the environment, folder and streams it is given.
What users start is proved cold, by the command as it is installed: in tests/cli/test_jobs.py and test_main.py, by a
page and every server of tests/docs/test_examples.py; and test_warm.py compares the two.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import IO, Self

from tests.support.house import ROOT
from tests.support.postgres import RUN_FOLDER
from tests.support.warm_door import answer, ask

PIPE = subprocess.PIPE
BARE = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}
"""The environment of a process, where it is not told another."""

ENGINE = ""
"""Stands for the command `engine` where a module is asked for."""

COMMANDS = Path(__file__).parent / "bin"
"""The folder in which a shell finds the command `engine`, started warm."""


class Server:
    """The server of this test process: it starts when it is first asked, and ends with the process at the latest."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._path = ""

    def path(self) -> str:
        """Where it listens."""
        if self._process is None:
            self._start()
        return self._path

    def told(self) -> dict[str, str]:
        """The variables that the command `engine` in `COMMANDS` needs."""
        return {"WARM_PYTHON": sys.executable, "WARM_SOCKET": self.path()}

    def _start(self) -> None:
        folder = Path(os.environ[RUN_FOLDER])
        folder.mkdir(mode=0o755, exist_ok=True)
        self._path = str(folder / f"warm-{os.getpid()}")
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(self._path)
            listener.listen()
            number = listener.fileno()
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.support.warm_server", str(number)],
                cwd=ROOT,
                env={"PATH": "/usr/bin:/bin"},
                stdin=PIPE,
                pass_fds=[number],
            )

    def end(self) -> None:
        """End it, and every process of it."""
        if self._process is not None:
            with suppress(subprocess.TimeoutExpired):
                self._process.communicate(timeout=30)
            self._process.kill()
            Path(self._path).unlink()
            self._process = None


SERVER = Server()


class Process:
    """A module of the tests, or the command `engine`, as a process: what `subprocess.Popen` is of a fresh Python.

    Its streams are those of this process, or text through a pipe.
    """

    def __init__(
        self,
        module: str,
        *words: object,
        folder: Path = ROOT,
        environment: Mapping[str, str] = BARE,
        stdin: int | None = None,
        stdout: int | None = None,
        stderr: int | None = None,
    ) -> None:
        self.args = [module or "engine", *map(str, words)]
        self.returncode: int | None = None
        variables = {os.fsencode(name): os.fsencode(value) for name, value in environment.items()}
        self._given: list[int] = []
        self.stdin = self._to(0, stdin)
        self.stdout = self._from(1, stdout)
        self.stderr = self._from(2, stderr)
        try:
            self._connection, self.pid = ask(
                SERVER.path(), module, self.args[1:], str(folder), variables, self._given
            )
        finally:
            for number in set(self._given) - {0, 1, 2}:
                os.close(number)

    def _to(self, number: int, wanted: int | None) -> IO[str] | None:
        if wanted != PIPE:
            self._given.append(number)
            return None
        reading, writing = os.pipe()
        self._given.append(reading)
        return os.fdopen(writing, "w", encoding="utf-8")

    def _from(self, number: int, wanted: int | None) -> IO[str] | None:
        if wanted != PIPE:
            self._given.append(number)
            return None
        reading, writing = os.pipe()
        self._given.append(writing)
        return os.fdopen(reading, encoding="utf-8")

    def poll(self) -> int | None:
        """The exit status, below zero that of a signal; None while it runs."""
        with suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end; raises `subprocess.TimeoutExpired` where that takes longer."""
        if self.returncode is None:
            self._connection.settimeout(timeout)
            try:
                self.returncode = answer(self._connection)
            except (TimeoutError, BlockingIOError):
                raise subprocess.TimeoutExpired(self.args, timeout or 0) from None
            self._connection.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def communicate(self) -> tuple[str, str]:
        """Close its input, and wait for its end; answers what it has said by then, and complained."""
        if self.stdin is not None:
            self.stdin.close()
        with ThreadPoolExecutor(2) as readers:
            said, complained = readers.map(_read, (self.stdout, self.stderr))
        self.wait()
        return said, complained

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for pipe in (self.stdin, self.stdout, self.stderr):
            if pipe is not None:
                pipe.close()
        self.wait()


def _read(pipe: IO[str] | None) -> str:
    if pipe is None:
        return ""
    with pipe:
        return pipe.read()
