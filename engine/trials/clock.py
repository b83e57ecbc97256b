"""Time that passes in a test: the clock is moved on, and what is due on the way happens when it is due.

Timers, and what automations and transitions do at set times, happen in the order of their moments; at the same
moment timers come first. A schedule comes at each of its moments, as with a worker that never sleeps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import sqlalchemy as sa

from engine.build.runtime import Runtime
from engine.cron import next_after
from engine.outbox.schedules import Schedule, Turn
from engine.process.schedules import schedules
from engine.process.timers import fire_due_in
from engine.store.system import timer
from engine.work.context import Actor, Context, Source

T = TypeVar("T")

MOST_MOMENTS = 5_000
"""How often the clock stops on the way: what would hold a test up for long is told instead."""

FAR = datetime.max.replace(tzinfo=UTC)
"""Later than anything that is due."""


class NoEnd(Exception):
    """Too much is due before the time has passed: timers set each other without an end, say."""


@dataclass(frozen=True)
class _Inside:
    """Units of work inside one that is open already: all of them are taken back with it."""

    context: Context

    @property
    def runtime(self) -> Runtime:
        return self.context.runtime

    @contextmanager
    def read(self, actor: Actor, source: Source = "page", /) -> Iterator[Context]:
        yield replace(self.context, actor=actor, source=source, kept={})

    def writing(self, actor: Actor, source: Source, work: Callable[[Context], T], /) -> T:
        return work(replace(self.context, actor=actor, source=source, kept={}))


def later(context: Context, wait: timedelta) -> Context:
    """The same unit of work so much later; what was due has happened, each at its own time. Raises NoEnd."""
    now, end = context.now, context.now + wait
    planned = schedules(_Inside(context))
    coming = {each: next_after(each.cron, each.zone, now) for each in planned}
    for _ in range(MOST_MOMENTS):
        timed, scheduled = _next_timer(context), min(coming.values(), default=FAR)
        if min(timed, scheduled) > end:
            return replace(context, now=end, kept={})
        now = max(min(timed, scheduled), now)
        at = replace(context, now=now, source="job", kept={})
        if timed <= scheduled:
            fire_due_in(at)
        else:
            _come(at, coming)
    raise NoEnd(f"more than {MOST_MOMENTS} things are due before {wait} have passed: let less time pass")


def _next_timer(context: Context) -> datetime:
    """When the next timer is due."""
    found = context.connection.execute(sa.select(sa.func.min(timer.c.due_at))).scalar()
    return FAR if found is None else found


def _come(context: Context, coming: dict[Schedule, datetime]) -> None:
    """Do what schedules have for now; `coming` is when each is next."""
    for schedule in [each for each, at in coming.items() if at <= context.now]:
        schedule.run(_Inside(context), Turn(coming[schedule]))
        coming[schedule] = next_after(schedule.cron, schedule.zone, coming[schedule])
