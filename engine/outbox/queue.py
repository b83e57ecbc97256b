"""Jobs as they wait in the database, are taken by one process, end, come back, or are given up.

A job is written in the transaction of what causes it: none is there for what did not happen, and none is lost
with a process. Whoever takes one has it for the length of a lease, which is renewed while it runs; with a
process that dies the lease ends, and somebody else takes it. So a job runs at least once. What a handler does
in the transaction in which it calls `finish` is done exactly once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from engine.store.inserting import dialect_insert
from engine.store.system import job
from engine.work.context import Context

LEASE = timedelta(minutes=1)
"""So long a job belongs to whoever took it or renewed its lease last."""

PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720, 1440))
"""How long a job that failed waits before it is tried again; after the last it is dead."""

MOST_ATTEMPTS = len(PAUSES) + 1

DONE_KEPT = timedelta(days=3)
"""How long it is remembered that a job was done or discarded; so long its key is taken, too."""

DEAD_KEPT = timedelta(days=90)
LONGEST_ERROR, LONGEST_ABOUT = 1000, 200


@dataclass(frozen=True)
class Job:
    """A job that this process has taken. `attempts` counts this one; `key` stays the same in each."""

    id: int
    kind: str
    key: str
    payload: Mapping[str, Any]
    attempts: int
    created_at: datetime


class LeaseLost(Exception):
    """A job that somebody else has taken meanwhile, or ended: what was to be done with it must not be."""


def enqueue(
    context: Context,
    kind: str,
    payload: Mapping[str, Any],
    *,
    key: str = "",
    due_at: datetime | None = None,
    about: str = "",
) -> int | None:
    """Write a job into the caller's transaction; answers its number, or None where there is one of this key.

    The payload is JSON, and forgotten once the job is done. `key` makes the job the only one of its kind and
    key; `due_at` is when it is to begin, at once without; `about` tells administrators what it is.
    """
    due_at = due_at or context.now
    row: dict[str, Any] = {
        "kind": kind,
        "key": key or None,
        "about": about_of(about),
        "payload": dict(payload),
        "state": "waiting",
        "created_at": context.now,
        "due_at": due_at,
        "attempts": 0,
        "error": "",
    }
    statement = (
        dialect_insert(context.connection, job).values(row).on_conflict_do_nothing().returning(job.c.id)
    )
    number = context.connection.execute(statement).scalar()
    if number is None:
        return None
    if context.run is not None:
        context.run.left_job(kind)
    if due_at <= context.now:
        wake(context)
    return int(number)


def about_of(text: str) -> str:
    """What a job is, as it is kept."""
    return " ".join(text.split())[:LONGEST_ABOUT]


def wake(context: Context) -> None:
    """Once this is committed, let the worker of this process look."""
    if context.wake_worker not in context.after_commit:
        context.after_commit.append(context.wake_worker)


# ---- taking


def _due(now: datetime, kinds: Collection[str]) -> sa.ColumnElement[bool]:
    """What waits and may begin, or whose lease is over; what has ended has no such moment."""
    return sa.and_(job.c.due_at <= now, job.c.kind.in_(sorted(kinds)))


def is_due(context: Context, kinds: Collection[str]) -> bool:
    """Whether there is anything to take, without taking it."""
    return bool(context.connection.execute(sa.select(sa.exists().where(_due(context.now, kinds)))).scalar())


def take(context: Context, kinds: Collection[str], lease: timedelta = LEASE) -> Job | None:
    """The job of these kinds that has been due longest; nobody else gets it until its lease is over."""
    first = sa.select(job.c.id).where(_due(context.now, kinds)).order_by(job.c.due_at, job.c.id).limit(1)
    taken = (
        sa.update(job)
        .where(job.c.id == first.with_for_update(skip_locked=True).scalar_subquery())
        .values(state="running", due_at=context.now + lease, attempts=job.c.attempts + 1)
        .returning(job.c.id, job.c.kind, job.c.key, job.c.payload, job.c.attempts, job.c.created_at)
    )
    row = context.connection.execute(taken).one_or_none()
    return Job(row.id, row.kind, row.key or "", *row[3:]) if row is not None else None


def _held(taken: Job) -> sa.ColumnElement[bool]:
    """The job as it was taken: by no other since, and not ended."""
    return sa.and_(job.c.id == taken.id, job.c.state == "running", job.c.attempts == taken.attempts)


def renew(context: Context, taken: Iterable[Job], lease: timedelta = LEASE) -> None:
    """Keep jobs that still run; one that is being ended in an open transaction is not waited for."""
    held = sa.select(job.c.id).where(sa.or_(sa.false(), *map(_held, taken)))
    free = job.c.id.in_(held.with_for_update(skip_locked=True))
    context.connection.execute(sa.update(job).where(free).values(due_at=context.now + lease))


# ---- ending


def finish(context: Context, taken: Job) -> None:
    """The job is done, in the transaction of whatever it did; raises LeaseLost, so that this is done once.

    A handler whose effects are all in this database calls it itself; for any other it is called afterwards.
    """
    values: dict[str, Any] = {"state": "done", "due_at": None, "ended_at": context.now}
    values |= {"payload": {}, "error": ""}
    if not context.connection.execute(sa.update(job).where(_held(taken)).values(values)).rowcount:
        raise LeaseLost(f"job {taken.id} is not this process's any more")


def advance(context: Context, taken: Job, progress: Mapping[str, Any]) -> None:
    """Keep how far a job has come, in the transaction of what it did on the way; raises LeaseLost, as `finish` does.

    Whoever takes the job after this process has died finds it in the payload, and goes on from there.
    """
    values = {"payload": {**taken.payload, **progress}}
    if not context.connection.execute(sa.update(job).where(_held(taken)).values(values)).rowcount:
        raise LeaseLost(f"job {taken.id} is not this process's any more")


def fail(context: Context, taken: Job, error: str, again_at: datetime | None) -> None:
    """The job did not succeed: it is tried again at that moment, or is dead."""
    values: dict[str, Any] = {"error": error[:LONGEST_ERROR], "due_at": again_at}
    values |= {"state": "waiting"} if again_at else {"state": "dead", "ended_at": context.now}
    context.connection.execute(sa.update(job).where(_held(taken)).values(values))


def clear(context: Context) -> int:
    """Forget what ended long ago; answers how many jobs that were."""
    done = sa.and_(job.c.state.in_(("done", "discarded")), job.c.ended_at < context.now - DONE_KEPT)
    dead = sa.and_(job.c.state == "dead", job.c.ended_at < context.now - DEAD_KEPT)
    return sum(context.connection.execute(sa.delete(job).where(each)).rowcount for each in (done, dead))
