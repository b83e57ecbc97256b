"""Time that passes in a test: the clock is moved on, and what is due on the way happens when it is due."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import sqlalchemy as sa

from engine.process.timers import fire_due_in
from engine.store.system import timer
from engine.work.context import Context

MOST_LOOKS = 1_000
"""How often the clock stops on the way: timers that set each other without an end do not hold a test up."""


def later(context: Context, wait: timedelta) -> Context:
    """The same unit of work so much later; timers have fired in their order, each at its own time."""
    end = context.now + wait
    due = sa.select(sa.func.min(timer.c.due_at)).where(timer.c.due_at <= end)
    for _ in range(MOST_LOOKS):
        moment = context.connection.execute(due).scalar()
        if moment is None:
            break
        fire_due_in(replace(context, now=max(moment, context.now), source="job", kept={}))
    return replace(context, now=end, kept={})
