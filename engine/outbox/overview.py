"""What an administrator sees of the outbox, and does about it: list, count, retry, discard."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from engine.outbox.queue import wake
from engine.store.system import job
from engine.work.context import Context

STATES: Mapping[str, str] = {
    "waiting": "Waiting",
    "failed": "To be tried again",
    "running": "Running",
    "dead": "Given up",
    "done": "Done",
    "discarded": "Discarded",
}
"""What may be asked for, in words; `failed` waits, and has failed at least once."""

LATE = timedelta(minutes=5)
"""When something that is due has not been taken for so long, somebody should ask whether any worker runs."""

ENDED_WELL = ("done", "discarded")


@dataclass(frozen=True)
class Listed:
    """A job as it stands; its payload, which may hold secrets, is nobody's to read."""

    id: int
    kind: str
    about: str
    state: str
    created_at: datetime
    due_at: datetime | None
    attempts: int
    error: str
    ended_at: datetime | None


_COLUMNS = tuple(job.c[name] for name in Listed.__dataclass_fields__ if name != "state")
_STATE = sa.case((sa.and_(job.c.state == "waiting", job.c.attempts > 0), "failed"), else_=job.c.state).label(
    "state"
)


def _is(state: str) -> sa.ColumnElement[bool]:
    """Jobs in one of STATES; with none named, those that are not over."""
    if not state:
        return job.c.state.not_in(ENDED_WELL)
    if state in ("waiting", "failed"):
        tried = job.c.attempts > 0 if state == "failed" else job.c.attempts == 0
        return sa.and_(job.c.state == "waiting", tried)
    return job.c.state == state


def listed(
    context: Context, limit: int, *, state: str = "", kind: str = "", before: int | None = None
) -> list[Listed]:
    """The newest jobs first; without a state those that are not over. `before` is the number to go on from."""
    statement = sa.select(*_COLUMNS, _STATE).where(_is(state)).order_by(job.c.id.desc()).limit(limit)
    if kind:
        statement = statement.where(job.c.kind == kind)
    if before is not None:
        statement = statement.where(job.c.id < before)
    return [Listed(**row._mapping) for row in context.connection.execute(statement)]


def numbers(context: Context) -> dict[str, int]:
    """How many jobs there are in each of STATES; those with none are left out."""
    statement = sa.select(job.c.state, sa.func.count()).group_by(job.c.state)  # the index knows it
    counted = {state: int(number) for state, number in context.connection.execute(statement)}
    counted["failed"] = _count(context, _is("failed"))
    counted["waiting"] = counted.get("waiting", 0) - counted["failed"]
    return {state: counted[state] for state in STATES if counted.get(state)}


def given_up(context: Context) -> int:
    """How many jobs were given up."""
    return _count(context, _is("dead"))


def _count(context: Context, which: sa.ColumnElement[bool]) -> int:
    return int(
        context.connection.execute(sa.select(sa.func.count()).select_from(job).where(which)).scalar_one()
    )


def kinds(context: Context) -> list[str]:
    """The kinds of jobs there are."""
    return list(context.connection.execute(sa.select(job.c.kind).distinct().order_by(job.c.kind)).scalars())


def overdue(context: Context) -> timedelta:
    """How long the job that has been due longest has waited to be taken; none is none."""
    waiting = sa.and_(job.c.state == "waiting", job.c.due_at <= context.now)
    since = context.connection.execute(sa.select(sa.func.min(job.c.due_at)).where(waiting)).scalar()
    return context.now - since if since is not None else timedelta()


def retry(context: Context, number: int) -> bool:
    """Try a job that failed or was given up again at once, from its first attempt; whether there was one."""
    failed = sa.and_(job.c.state == "waiting", job.c.attempts > 0)
    return bool(_again(context, sa.and_(job.c.id == number, sa.or_(job.c.state == "dead", failed))))


def retry_dead(context: Context, kind: str = "") -> int:
    """Try every job that was given up again, of a kind or of all; answers how many."""
    dead = job.c.state == "dead"
    return _again(context, sa.and_(dead, job.c.kind == kind) if kind else dead)


def _again(context: Context, which: sa.ColumnElement[bool]) -> int:
    values: dict[str, Any] = {"state": "waiting", "attempts": 0, "due_at": context.now, "ended_at": None}
    number = context.connection.execute(sa.update(job).where(which).values(values)).rowcount
    wake(context)
    return number


def discard(context: Context, number: int) -> bool:
    """Never do a job that is not running; whether there was one. What it held is forgotten."""
    open_ = sa.and_(job.c.id == number, job.c.state.in_(("waiting", "dead")))
    values: dict[str, Any] = {"state": "discarded", "due_at": None, "ended_at": context.now, "payload": {}}
    return bool(context.connection.execute(sa.update(job).where(open_).values(values)).rowcount)
