"""Carries out jobs as long as a process lives: inside `engine serve`, or in a process of its own.

Any number of workers, in any number of processes, share an outbox: it gives each job to one of them. A commit
of this process wakes its worker at once; what others write is noticed within a second.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from engine.outbox import queue, schedules
from engine.outbox.queue import LEASE
from engine.outbox.running import Handlers, Runner
from engine.outbox.schedules import Schedule, Schedules, Turn
from engine.work.context import SYSTEM
from engine.work.gateway import Gateway, Units

log = logging.getLogger("engine.jobs")

THREADS = 2
"""Jobs that a worker inside a server carries out at once: most of them wait for other machines."""

PATIENCE = 10.0
"""Seconds a worker that is stopped waits for what runs; the lease of anything slower ends by itself."""


@dataclass(frozen=True)
class Duties:
    """All that a worker has to do: jobs by kind, what happens at set times, and what is looked at every second.

    A tick is called by every worker, so it has to be safe with many; it should be short, and enqueue what is not.
    """

    handlers: Handlers
    schedules: Schedules = lambda gateway: ()
    ticks: Sequence[Callable[[Gateway], object]] = ()


@dataclass(frozen=True)
class Pace:
    """How many jobs run at once, how often is looked, and how long a job belongs to its worker."""

    threads: int = THREADS
    seconds: float = 1.0
    lease: timedelta = LEASE


def _clear(gateway: Units, turn: Turn) -> None:
    gateway.writing(SYSTEM, "job", queue.clear)


CLEARING = Schedule("engine.clear-jobs", "17 * * * *", "UTC", _clear)
"""The engine's own schedule: what ended long ago is forgotten, once an hour."""


@dataclass
class _Bell:
    """Wakes every thread that waits; one that was busy meanwhile does not wait the next time."""

    condition: threading.Condition = field(default_factory=threading.Condition)
    rung: int = 0

    def ring(self) -> None:
        with self.condition:
            self.rung += 1
            self.condition.notify_all()

    def wait(self, heard: int) -> None:
        """Wait until it rings again after it was heard so often."""
        with self.condition:
            self.condition.wait_for(lambda: self.rung != heard)


class Worker:
    """The threads that do the duties of an application in one process."""

    def __init__(self, gateway: Gateway, duties: Duties, pace: Pace | None = None) -> None:
        self.gateway, self.pace = gateway, pace or Pace()
        self.schedules: Schedules = lambda gateway: (CLEARING, *duties.schedules(gateway))
        handlers = {**duties.handlers, schedules.KIND: schedules.handler(self.schedules)}
        self.runner = Runner(gateway, handlers, self.pace.lease)
        self.ticks = duties.ticks
        self._bell, self._over = _Bell(), threading.Event()
        self._threads = [
            *(threading.Thread(target=self._run, name=f"job-{n}") for n in range(self.pace.threads)),
            threading.Thread(target=self._every_second, args=(self._pulse,), name="job-pulse"),
            threading.Thread(target=self._every_second, args=(self._tick,), name="job-tick"),
        ]
        for thread in self._threads:
            thread.daemon = True  # a job that never ends does not keep the process from ending

    def start(self) -> None:
        """Begin; from now on a job that is committed in this process is taken at once."""
        self.gateway.wake_worker = self._bell.ring
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Take nothing any more, and wait a while for what runs."""
        self._over.set()
        self._bell.ring()
        deadline = time.monotonic() + PATIENCE
        for thread in self._threads:
            thread.join(timeout=max(deadline - time.monotonic(), 0))

    def _run(self) -> None:
        """One after the other, as long as anything is due."""
        while True:
            heard = self._bell.rung
            if self._over.is_set():
                return
            if not _tried(self.runner.run_next):
                self._bell.wait(heard)

    def _every_second(self, what: Callable[[], object]) -> None:
        while not self._over.is_set():
            _tried(what)
            self._over.wait(self.pace.seconds)

    def _pulse(self) -> None:
        """Keep what runs here, and notice what became due, or was written by another process."""
        self.runner.renew()
        if self.runner.is_due():
            self._bell.ring()

    def _tick(self) -> None:
        _tried(lambda: schedules.fire(self.gateway, self.schedules(self.gateway)))
        for tick in self.ticks:
            _tried(partial(tick, self.gateway))


def _tried(what: Callable[[], object]) -> object:
    """What comes of it; None where it fails: the database is away, say, and is asked again later."""
    try:
        return what()
    except Exception:
        log.exception("the worker could not go on; it tries again")
        return None
