"""How long records stay in their states: when they came, when they left; and when time moves them on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.build.processes import Process
from engine.drafts.draft import Draft
from engine.metamodel.workflow import Transition
from engine.store.system import stay, timer
from engine.work.context import Context


@dataclass(frozen=True)
class Stay:
    """A record's time in a state; `left_at` is None while it is there."""

    state: str
    entered_at: datetime
    left_at: datetime | None


LEFT = (
    sa.update(stay)
    .where(
        stay.c.entity == sa.bindparam("of_entity"),
        stay.c.record_id == sa.bindparam("of_record"),
        stay.c.workflow == sa.bindparam("of_workflow"),
        stay.c.left_at.is_(None),
    )
    .values(left_at=sa.bindparam("at"))
)
ENTERED = sa.insert(stay)
OF_RECORD = (
    sa.select(stay.c.state, stay.c.entered_at, stay.c.left_at)
    .where(
        stay.c.entity == sa.bindparam("of_entity"),
        stay.c.record_id == sa.bindparam("of_record"),
        stay.c.workflow == sa.bindparam("of_workflow"),
    )
    .order_by(stay.c.id)
)


def begin(context: Context, draft: Draft) -> None:
    """A new record and its rows are in their first states."""
    assert draft.number is not None
    for process in context.runtime.processes.moving(draft.entity.name, draft.values):
        state = draft.values.get(process.workflow.member)
        if state is not None:
            enter(context, process, draft.number, state)
    for rows in draft.children.values():
        for row in rows:
            if row.old is None:
                begin(context, row)


def begin_many(context: Context, entity: str, several: Sequence[tuple[int, Mapping[str, Any]]]) -> None:
    """Records that are made in bulk are in their states since they were changed last; time does nothing with them."""
    rows = [
        {
            "entity": entity,
            "record_id": number,
            "workflow": process.workflow.name,
            "state": values[process.workflow.member],
            "entered_at": values["updated_at"],
        }
        for process in context.runtime.processes.of(entity)
        for number, values in several
        if process.workflow.moves(values.get("record_type"))
        and values.get(process.workflow.member) is not None
    ]
    if rows:
        context.connection.execute(sa.insert(stay), rows)


def switch(context: Context, draft: Draft, but: str = "") -> None:
    """A record whose type has changed follows the workflows of the new one, from the states it is in.

    `but` is the state property that is seen to already.
    """
    processes, entity, old = context.runtime.processes, draft.entity.name, draft.old
    if old is None or "record_type" not in draft.values:
        return
    for member in processes.by_type.get(entity, ()):
        if member == but:
            continue
        before = processes.mover(entity, member, old.values.get("record_type"))
        now = processes.mover(entity, member, draft.values["record_type"])
        if now is before:
            continue
        if before is not None:
            leave(context, before, old.id)
        if now is not None and draft.value(member) is not None:
            enter(context, now, old.id, draft.value(member))


def enter(context: Context, process: Process, number: int, state: str) -> None:
    """A record is in a state from now on."""
    workflow = process.workflow
    row = {"entity": workflow.entity, "record_id": number, "workflow": workflow.name, "state": state}
    context.connection.execute(ENTERED, {**row, "entered_at": context.now})
    arm(context, process, number, state, context.now)


def enter_many(context: Context, process: Process, states: Mapping[int, str]) -> None:
    """The same of many records that are in their states already: time is counted from now on."""
    workflow = process.workflow
    rows, timers = [], []
    for number, state in states.items():
        base = {"entity": workflow.entity, "record_id": number, "workflow": workflow.name}
        rows.append({**base, "state": state, "entered_at": context.now})
        timers += [{**base, **each} for each in _timers(context, process, state, context.now)]
    if rows:
        context.connection.execute(ENTERED, rows)
    if timers:
        context.connection.execute(sa.insert(timer), timers)


def leave(context: Context, process: Process, number: int) -> None:
    """A record leaves the state it is in, and what time would have done there is off."""
    if process.timed:
        _disarm(context, process, number)
    workflow = process.workflow
    operands = {"of_entity": workflow.entity, "of_record": number, "of_workflow": workflow.name}
    context.connection.execute(LEFT, {**operands, "at": context.now})


def arm(context: Context, process: Process, number: int, state: str, since: datetime) -> None:
    """Set a timer for each transition that time makes from a state, and for reminders of those that need approval."""
    workflow = process.workflow
    base = {"entity": workflow.entity, "record_id": number, "workflow": workflow.name}
    rows = [{**base, **each} for each in _timers(context, process, state, since)]
    if rows:
        context.connection.execute(sa.insert(timer), rows)


def _timers(context: Context, process: Process, state: str, since: datetime) -> Iterator[dict[str, Any]]:
    for transition in process.workflow.leaving(state):
        for kind, due in _due(context, transition, since):
            yield {"transition": transition.name, "kind": kind, "due_at": due}


FIRE, REMIND = "fire", "remind"
"""What a timer is for."""


def _due(context: Context, transition: Transition, since: datetime) -> Iterator[tuple[str, datetime]]:
    """When time does something with a transition, counted from when its state was entered."""
    trigger, approval = transition.trigger, transition.approval
    if trigger is not None and trigger.after is not None:
        calendar = context.runtime.application.calendars.get(trigger.calendar)
        yield FIRE, since + trigger.after if calendar is None else calendar.after(since, trigger.after)
    if approval is not None and approval.remind_after is not None:
        yield REMIND, since + approval.remind_after


def _disarm(context: Context, process: Process, number: int) -> None:
    name, entity = process.workflow.name, process.workflow.entity
    mine = (timer.c.entity == entity, timer.c.record_id == number, timer.c.workflow == name)
    context.connection.execute(sa.delete(timer).where(*mine))


def of(context: Context, process: Process, number: int) -> list[Stay]:
    """The states a record has been in, in order."""
    workflow = process.workflow
    operands = {"of_entity": workflow.entity, "of_record": number, "of_workflow": workflow.name}
    return [Stay(*row) for row in context.connection.execute(OF_RECORD, operands)]


def current(context: Context, process: Process, number: int) -> int:
    """The number of a record's present stay; 0 where nothing is known of it."""
    mine = _of(process, number)
    statement = (
        sa.select(stay.c.id).where(*mine, stay.c.left_at.is_(None)).order_by(stay.c.id.desc()).limit(1)
    )
    found = context.connection.execute(statement).scalar()
    return int(found) if found is not None else 0


def resume(context: Context, entity: str, ids: Iterable[int]) -> None:
    """Records are out of the trash: what time does with them is on again, counted from when they came."""
    for process in context.runtime.processes.of(entity):
        for number in sorted(ids):
            here = [each for each in of(context, process, number) if each.left_at is None]
            _disarm(context, process, number)
            for each in here[-1:]:
                arm(context, process, number, each.state, each.entered_at)


def _of(process: Process, number: int) -> tuple[sa.ColumnElement[bool], ...]:
    name, entity = process.workflow.name, process.workflow.entity
    return (stay.c.entity == entity, stay.c.record_id == number, stay.c.workflow == name)


def forget(context: Context, entity: str, ids: Iterable[int]) -> None:
    """Records are gone for good: nothing is known of their states, and time does nothing with them."""
    wanted = sorted(ids)
    for table in (stay, timer):
        context.connection.execute(
            sa.delete(table).where(table.c.entity == entity, table.c.record_id.in_(wanted))
        )
