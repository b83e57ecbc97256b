"""The door of the record service: the database and the current runtime, and units of work over both."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from typing import Any, ParamSpec, Protocol, TypeVar

import sqlalchemy as sa

from engine.build.runtime import Runtime
from engine.errors import Problem
from engine.store.database import Database, is_transient
from engine.store.files import FileStore
from engine.work.context import Actor, Context, Source, nobody_to_wake

P = ParamSpec("P")
T = TypeVar("T")

WORKERS = 4
"""Threads that serve synchronous work; more only wait for each other (measured: docs/dependencies.md)."""

ATTEMPTS = 8
"""How often a unit of work is tried when the database ends it for the sake of another."""

AGAIN = 0x656E6761696E
"""PostgreSQL's advisory lock under which what was ended is tried again: one at a time, or they end each other."""

log = logging.getLogger("engine")


class Units(Protocol):
    """Where units of work come from: the gateway, or one that is open already, where everything is taken back."""

    @property
    def runtime(self) -> Runtime: ...

    def read(self, actor: Actor, source: Source = "page", /) -> AbstractContextManager[Context]: ...

    def writing(self, actor: Actor, source: Source, work: Callable[[Context], T], /) -> T: ...


class Gateway:
    """Holds what a process needs to answer: database, files, runtime. One per process.

    `runtime` is replaced whole by `swap`; a unit of work keeps the one it began with. `problems`
    are those of the last attempt to read the metadata, empty when what runs is what is written.
    """

    def __init__(
        self,
        database: Database,
        runtime: Runtime,
        files: FileStore,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.database = database
        self.runtime = runtime
        self.files = files
        self.clock = clock
        self.problems: tuple[Problem, ...] = ()
        self.mail_server: Any = None  # of engine.mailing, where ENGINE_SMTP_URL names one
        self.mail_sources: Mapping[
            str, Any
        ] = {}  # of engine.inbox, by mailbox, as the environment names them
        self.wake_worker: Callable[[], None] = nobody_to_wake  # set by a worker in this process
        self._executor = ThreadPoolExecutor(WORKERS, thread_name_prefix="records")

    def swap(self, runtime: Runtime) -> None:
        """Let every unit of work from now on use another runtime."""
        self.runtime = runtime

    @contextmanager
    def read(
        self, actor: Actor, source: Source = "page", runtime: Runtime | None = None
    ) -> Iterator[Context]:
        """A unit of work that only reads; it sees one state of the database throughout.

        `runtime` is the one a request began with, where it has several units of work.
        """
        with self.database.read() as connection:
            yield self.reading(connection, actor, source, runtime)

    def reading(
        self, connection: sa.Connection, actor: Actor, source: Source = "page", runtime: Runtime | None = None
    ) -> Context:
        """The same over a connection of `database.read` that is open, to the end of its block."""
        return Context(runtime or self.runtime, connection, actor, self.clock(), source)

    @contextmanager
    def write(
        self, actor: Actor, source: Source = "page", runtime: Runtime | None = None
    ) -> Iterator[Context]:
        """A unit of work that writes: committed whole when the block ends, or not at all."""
        runtime = runtime or self.runtime
        with self.database.write() as connection:
            context = Context(
                runtime, connection, actor, self.clock(), source, writing=True, wake_worker=self.wake_worker
            )
            yield context
        for action in context.after_commit:
            try:
                action()
            except Exception:  # the record is saved: a failing follow-up must not look like a failed save
                log.exception("a hook after commit failed")

    def writing(
        self, actor: Actor, source: Source, work: Callable[[Context], T], runtime: Runtime | None = None
    ) -> T:
        """Do `work` in a unit that writes, again from its start when the database ended it for another's sake."""
        for attempt in range(ATTEMPTS):
            try:
                with self.write(actor, source, runtime) as context:
                    if attempt and context.runtime.dialect == "postgresql":
                        context.connection.execute(sa.select(sa.func.pg_advisory_xact_lock(AGAIN)))
                    return work(context)
            except Exception as error:
                if attempt == ATTEMPTS - 1 or not is_transient(error):
                    raise
                time.sleep(random.uniform(0.005, 0.05))
        raise AssertionError("unreachable")

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run synchronous work in the bounded pool of threads, from an asynchronous face."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._executor, lambda: function(*args, **kwargs))

    def close(self) -> None:
        self._executor.shutdown(wait=True)
        self.database.close()
