"""What happens at set times: each due moment becomes one job, however many processes look at the clock."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import sqlalchemy as sa

from engine.cron import next_after
from engine.outbox.queue import Job, advance, enqueue
from engine.outbox.running import GiveUp, Handler
from engine.store.inserting import dialect_insert
from engine.store.system import schedule
from engine.work.context import SYSTEM, Context
from engine.work.gateway import Gateway, Units

KIND = "schedule"

log = logging.getLogger("engine.jobs")


@dataclass(frozen=True)
class Turn:
    """One moment of a schedule, and the job it has become; no job where nobody would go on with it."""

    moment: datetime
    job: Job | None = None

    @property
    def way(self) -> tuple[int, int] | None:
        """How far an earlier attempt has come, and how far it was to go; None at the beginning."""
        found = self.job.payload.get("way") if self.job is not None else None
        return (int(found[0]), int(found[1])) if found else None

    def pass_(self, context: Context, number: int, last: int) -> None:
        """What belongs to a number is done in this transaction, and is not done again; raises LeaseLost."""
        if self.job is not None:
            advance(context, self.job, {"way": [number, last]})


@dataclass(frozen=True)
class Schedule:
    """Something to do at the moments of a cron expression, on the clock of a zone; `run` is told which moment.

    It begins with the first moment after it is first seen. Of several moments that were missed it is done once,
    for the first of them. It runs as a job: at least once, and again when it fails. What must not be done twice,
    it enqueues with the moment in the key, or passes as it does it.
    """

    name: str
    cron: str
    zone: str
    run: Callable[[Units, Turn], None]


Schedules = Callable[[Units], Sequence[Schedule]]
"""The schedules of an application as it is now."""


def fire(gateway: Gateway, schedules: Sequence[Schedule]) -> int:
    """Enqueue what is due; answers how many schedules that were."""
    with gateway.read(SYSTEM, "job") as context:
        rows = {row.name: row for row in context.connection.execute(sa.select(schedule))}
        late = [each for each in schedules if _to_touch(each, rows.get(each.name), context.now)]
    fired = 0
    for each in late:
        try:
            fired += gateway.writing(SYSTEM, "job", partial(_fire, wanted=each))
        except Exception:  # the others are due all the same
            log.exception("the schedule %s could not be looked at", each.name)
    return fired


def _to_touch(wanted: Schedule, row: Any, now: datetime) -> bool:
    return row is None or (row.cron, row.zone) != (wanted.cron, wanted.zone) or bool(row.next_at <= now)


def _fire(context: Context, wanted: Schedule) -> bool:
    """Enqueue a schedule's moment, unless another process has done so; whether it was done here."""
    row = context.connection.execute(sa.select(schedule).where(schedule.c.name == wanted.name)).one_or_none()
    values = {
        "cron": wanted.cron,
        "zone": wanted.zone,
        "next_at": next_after(wanted.cron, wanted.zone, context.now),
    }
    if row is None:
        added = (
            dialect_insert(context.connection, schedule)
            .values(name=wanted.name, **values)
            .on_conflict_do_nothing()
        )
        context.connection.execute(added)
        return False
    as_it_was = sa.and_(*(schedule.c[name] == value for name, value in row._mapping.items()))
    if not context.connection.execute(sa.update(schedule).where(as_it_was).values(values)).rowcount:
        return False
    if (row.cron, row.zone) != (wanted.cron, wanted.zone) or row.next_at > context.now:
        return False
    moment = row.next_at.isoformat()
    payload = {"name": wanted.name, "moment": moment}
    return enqueue(context, KIND, payload, key=f"{wanted.name} {moment}", about=wanted.name) is not None


def handler(schedules: Schedules) -> Handler:
    """What carries out the jobs that schedules become."""

    def handle(gateway: Gateway, taken: Job) -> None:
        name = taken.payload["name"]
        found = next((each for each in schedules(gateway) if each.name == name), None)
        if found is None:
            raise GiveUp(f"There is no schedule {name!r} any more.")
        found.run(gateway, Turn(datetime.fromisoformat(taken.payload["moment"]), taken))

    return handle
