"""Recordings that run: one for each administrator, kept in the database, so that any process goes on with it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.access.access import refuse
from engine.errors import NotFound
from engine.recording.document import given_now, recorded_since
from engine.store.system import recording
from engine.work.context import SYSTEM, Context

OF_USER = sa.select(recording).where(recording.c.user_id == sa.bindparam("of_user"))


@dataclass(frozen=True)
class Running:
    """A recording of a record; `document` is the test once it is stopped, "" where nothing was done."""

    entity: str
    number: int
    started_at: datetime
    start: Any
    document: str | None


def may_record(context: Context) -> bool:
    """Administrators record, also while they act as somebody else."""
    return context.actor.administrator or context.actor.behind is not None


def require(context: Context) -> int:
    """Who records; raises Forbidden."""
    who = context.actor.behind or context.actor.id
    if who is None or not may_record(context):
        refuse(context, "user", "administer", "only administrators record tests")
        raise AssertionError
    return who


def running(context: Context) -> Running | None:
    """What the actor records, or recorded last."""
    if not may_record(context):
        return None
    row = context.connection.execute(OF_USER, {"of_user": require(context)}).one_or_none()
    return Running(row.entity, row.record_id, row.started_at, row.start, row.document) if row else None


def start(context: Context, entity: str, number: int) -> None:
    """Record what is done with a record from now on; what was recorded before is given up."""
    who = require(context)
    begin = given_now(_whole(context), entity, number)
    context.connection.execute(sa.delete(recording).where(recording.c.user_id == who))
    row = {"user_id": who, "entity": entity, "record_id": number, "started_at": context.now, "start": begin}
    context.connection.execute(sa.insert(recording), {**row, "document": None})


def stop(context: Context) -> None:
    """Make the test of what was recorded."""
    who, found = require(context), running(context)
    if found is None:
        raise NotFound("recording")
    try:
        document = recorded_since(_whole(context), found.entity, found.number, found.start)
    except NotFound:
        document = ""
    mine = sa.update(recording).where(recording.c.user_id == who)
    context.connection.execute(mine.values(document=document))


def discard(context: Context) -> None:
    """Give up what was recorded."""
    context.connection.execute(sa.delete(recording).where(recording.c.user_id == require(context)))


def _whole(context: Context) -> Context:
    """The same unit of work with nothing hidden: a test is told whole, as on the command line."""
    return replace(context, actor=SYSTEM, kept={})
