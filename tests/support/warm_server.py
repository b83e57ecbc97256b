"""The server of warm processes: it has imported the engine, and forks a child for whoever asks.

Run as `python -m tests.support.warm_server NUMBER`, where NUMBER is the file descriptor of a listening socket. It has
opened no database and started no thread or loop, so a child begins as a fresh process does, but for the imports and
for the order of its sets, which all have from the server. It ends, and its children are killed, when its input ends:
with the process that started it, however that ends.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import marshal
import os
import pkgutil
import random
import runpy
import select
import signal
import socket
import sys
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import engine
from engine.expressions.parse import parse
from tests.support.warm_door import LENGTH, number_of

BESIDES = (
    "email_validator",
    "encodings.utf_8_sig",
    "fsspec.implementations.chained",
    "fsspec.implementations.local",
    "psycopg",
    "sqlalchemy.dialects.postgresql.psycopg",
    "sqlalchemy.dialects.sqlite.pysqlite",
    "typer._adapters",
    "uvicorn.lifespan.on",
    "uvicorn.loops.uvloop",
    "uvicorn.protocols.http.httptools_impl",
    "zxcvbn",
)
"""What the engine's modules import when it is needed."""

COMMAND = Path(sys.executable).with_name("engine")
"""The installed command, which is carried out as it stands there."""

SEARCHED = sys.path[1:]
"""Where a fresh Python looks for modules, behind the folder of its program and what the environment names."""


@dataclass(frozen=True)
class Wanted:
    """What a child is to do: a module or (where that is empty) the command, its words, and what is its own."""

    module: str
    words: list[str]
    folder: str
    environment: dict[bytes, bytes]
    streams: list[int]


def received(connection: socket.socket) -> Wanted | None:
    """What is asked for on a new connection; None where whoever asked is gone already."""
    said, streams, *_ = socket.recv_fds(connection, LENGTH, 3)
    rest = int.from_bytes(said, "big")
    wanted = connection.recv(rest, socket.MSG_WAITALL)
    if len(streams) < 3 or len(wanted) < rest:
        return None
    return Wanted(*marshal.loads(wanted), streams)


class Server:
    """Waits for those who ask, for their end, and for the end of its children."""

    def __init__(self, listener: socket.socket) -> None:
        self.listener = listener
        self.input = os.dup(0)
        self.ended, self.ending = os.pipe()
        os.set_blocking(self.ending, False)
        self.children: dict[int, socket.socket] = {}
        self.on_interrupt = signal.getsignal(signal.SIGINT)  # whoever started us may have had it ignored

    def serve(self) -> Wanted | None:
        """Fork for whoever asks: answers in each child what it is to do, and in the server None at its end."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to everybody
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self.ending, warn_on_full_buffer=False)
        while True:
            askers = {connection.fileno(): child for child, connection in self.children.items()}
            ready, _, _ = select.select([self.input, self.ended, self.listener, *askers], [], [])
            if self.input in ready:
                return self._end()
            for gone in askers.keys() & ready:
                os.kill(askers[gone], signal.SIGKILL)
            if self.ended in ready:
                os.read(self.ended, 1000)
                self._tell()
            if self.listener in ready and (wanted := self._fork()) is not None:
                return wanted

    def _fork(self) -> Wanted | None:
        connection, _ = self.listener.accept()
        wanted = received(connection)
        if wanted is None:
            connection.close()
            return None
        child = os.fork()
        if child == 0:
            connection.close()
            self._leave()
            return wanted
        for stream in wanted.streams:
            os.close(stream)
        self.children[child] = connection
        with suppress(ConnectionError):
            connection.sendall(number_of(child))
        return None

    def _leave(self) -> None:
        """A child has nothing of the server: a connection that it held would keep others waiting for its end."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGINT, self.on_interrupt)
        for connection in (self.listener, *self.children.values()):
            connection.close()
        for number in (self.input, self.ended, self.ending):
            os.close(number)

    def _tell(self, how_long: int = os.WNOHANG) -> None:
        """Say of each child that has ended how it did."""
        for child in list(self.children):
            found, status = os.waitpid(child, how_long)
            if found:
                with self.children.pop(child) as connection, suppress(ConnectionError):
                    connection.sendall(number_of(os.waitstatus_to_exitcode(status)))

    def _end(self) -> None:
        for child in self.children:
            os.kill(child, signal.SIGKILL)
        self._tell(how_long=0)


def become(wanted: Wanted) -> None:
    """Let this process be as one that was started with what is wanted."""
    for number, stream in enumerate(wanted.streams):
        os.dup2(stream, number)
        os.close(stream)
    sys.stdin = sys.__stdin__ = os.fdopen(0, encoding="utf-8", closefd=False)
    sys.stdout = sys.__stdout__ = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = sys.__stderr__ = os.fdopen(
        2, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False
    )
    os.chdir(wanted.folder)
    os.environb.clear()
    os.environb.update(wanted.environment)
    first = wanted.folder if wanted.module else str(COMMAND.parent)
    named = [each for each in os.environ.get("PYTHONPATH", "").split(os.pathsep) if each]
    sys.path[:] = [first, *named, *(each for each in SEARCHED if each not in named)]
    sys.dont_write_bytecode = bool(os.environ.get("PYTHONDONTWRITEBYTECODE"))
    sys.argv[:] = [str(COMMAND), *wanted.words]  # a module puts its own file in front
    importlib.invalidate_caches()
    random.seed()
    time.tzset()
    tempfile.tempdir = None


def run(wanted: Wanted) -> int:
    """Carry out the module or the command as this process's program; answers its exit status."""
    try:
        if wanted.module:
            runpy.run_module(wanted.module, run_name="__main__", alter_sys=True)
        else:
            runpy.run_path(str(COMMAND), run_name="__main__")
    except SystemExit as ended:
        if ended.code is None or isinstance(ended.code, int):
            return ended.code or 0
        sys.stderr.write(f"{ended.code}\n")
        return 1
    except BaseException:
        sys.excepthook(*sys.exc_info())  # type: ignore[arg-type]
        return 1
    return 0


def leave(status: int) -> NoReturn:
    """End as Python does, but for taking apart what was imported: that costs more than most programs."""
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def import_all() -> None:
    """Import the engine, and what it needs later."""
    gc.disable()
    for module in pkgutil.walk_packages(engine.__path__, "engine."):
        importlib.import_module(module.name)
    for name in BESIDES:
        importlib.import_module(name)
    parse("true")  # the grammar is read once
    gc.freeze()
    gc.enable()


if __name__ == "__main__":
    import_all()
    found = Server(socket.socket(fileno=int(sys.argv[1]))).serve()
    if found is not None:
        become(found)
        leave(run(found))
