"""Jobs carried out, one after the other, by whoever calls this: a worker's threads, a command, a test."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Literal

from engine.outbox import queue
from engine.outbox.queue import LEASE, MOST_ATTEMPTS, PAUSES, Job, LeaseLost
from engine.work.context import SYSTEM
from engine.work.gateway import Gateway

Handler = Callable[[Gateway, Job], None]
Handlers = Mapping[str, Handler]
"""What carries out the jobs of each kind. A handler runs outside a transaction and opens its own units of work."""

Outcome = Literal["done", "again", "dead", "lost"]

log = logging.getLogger("engine.jobs")


class Retry(Exception):
    """A job is to be tried again: after the usual pause, or after this one. Any other error means the same."""

    def __init__(self, reason: str, *, after: timedelta | None = None) -> None:
        self.after = after
        super().__init__(reason)


class GiveUp(Exception):
    """A job that trying again would not help: it is dead at once."""


class Runner:
    """Takes jobs that are due, and carries them out. Several threads may use one."""

    def __init__(self, gateway: Gateway, handlers: Handlers, lease: timedelta = LEASE) -> None:
        self.gateway, self.handlers, self.lease = gateway, handlers, lease
        self._running: dict[tuple[int, int], Job] = {}  # by number and attempt

    def is_due(self) -> bool:
        """Whether there is anything to do; a read, so that looking hinders nobody."""
        with self.gateway.read(SYSTEM, "job") as context:
            return queue.is_due(context, self.handlers)

    def run_next(self) -> Outcome | None:
        """Carry out the job that is due; answers what came of it, None where there is none."""
        if not self.is_due():
            return None
        taken = self.gateway.writing(
            SYSTEM, "job", lambda context: queue.take(context, self.handlers, self.lease)
        )
        if taken is None:
            return None
        self._running[taken.id, taken.attempts] = taken
        try:
            return self._carry_out(taken)
        finally:
            del self._running[taken.id, taken.attempts]

    def run_due(self) -> int:
        """Carry out everything that is due; answers how many jobs are done."""
        done = 0
        while (outcome := self.run_next()) is not None:
            done += outcome == "done"
        return done

    def renew(self) -> None:
        """Keep what runs here; to be called oftener than leases end."""
        running = list(self._running.values())
        if running:
            self.gateway.writing(SYSTEM, "job", lambda context: queue.renew(context, running, self.lease))

    def _carry_out(self, taken: Job) -> Outcome:
        if taken.attempts > MOST_ATTEMPTS:  # the last attempt did not even come to fail
            return self._failed(taken, "Whoever ran it died, each time.", again=False)
        try:
            self.handlers[taken.kind](self.gateway, taken)
        except LeaseLost as error:
            log.warning("%s", error)
            return "lost"
        except GiveUp as error:
            log.warning("job %d (%s) is given up: %s", taken.id, taken.kind, error)
            return self._failed(taken, str(error), again=False)
        except Retry as error:
            log.warning("job %d (%s) is to be tried again: %s", taken.id, taken.kind, error)
            return self._failed(taken, str(error), after=error.after)
        except (Exception, SystemExit) as error:  # who runs it goes on, whatever it calls
            log.exception("job %d (%s) failed", taken.id, taken.kind)
            return self._failed(taken, f"{type(error).__name__}: {error}")
        return self._finished(taken)

    def _finished(self, taken: Job) -> Outcome:
        with suppress(LeaseLost):  # its handler has finished it; or it is done elsewhere a second time
            self.gateway.writing(SYSTEM, "job", lambda context: queue.finish(context, taken))
        return "done"

    def _failed(
        self, taken: Job, error: str, *, again: bool = True, after: timedelta | None = None
    ) -> Outcome:
        again = again and taken.attempts < MOST_ATTEMPTS
        pause = after if after is not None else PAUSES[min(taken.attempts, len(PAUSES)) - 1]
        self.gateway.writing(
            SYSTEM,
            "job",
            lambda context: queue.fail(context, taken, error, context.now + pause if again else None),
        )
        return "again" if again else "dead"
