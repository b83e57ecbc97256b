"""Transitions that time makes: each timer fires once, however many processes look at the clock.

A timer is taken, the transition made and the timer gone in one transaction: a process that is killed in the middle
leaves everything as it was, and the next one does it.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import timedelta

import sqlalchemy as sa

from engine.build.processes import Process
from engine.errors import EngineError
from engine.metamodel.workflow import Transition
from engine.process.approvers import round_of, waited_for
from engine.process.approving import call_upon
from engine.process.firing import move
from engine.process.view import View
from engine.service import auditing
from engine.service.events import settle_events, undoable
from engine.service.stays import REMIND
from engine.store.system import timer
from engine.work.context import SYSTEM, Context
from engine.work.gateway import Gateway
from engine.work.stored import Stored, load

log = logging.getLogger("engine.process")

PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240))
"""How long a timer whose transition failed waits before it is tried again; after the last it is given up."""

AT_ONCE = 100
"""Timers fired by one look at the clock, so that nothing else waits long."""


@dataclass(frozen=True)
class Due:
    """A timer whose time has come."""

    id: int
    entity: str
    record_id: int
    transition: str
    kind: str
    tries: int


def fire_due(gateway: Gateway) -> int:
    """Make the transitions whose time has come, each in a unit of work of its own; answers how many timers fired."""
    number = 0
    while number < AT_ONCE:
        taken: list[Due] = []

        def one(context: Context, taken: list[Due] = taken) -> bool:
            taken.clear()
            found = take(context)
            if found is not None:
                taken.append(found)
                fire(context, found)
            return found is not None

        try:
            if not gateway.writing(SYSTEM, "job", one):
                return number
        except Exception as error:
            if not taken:
                raise
            log.exception("the timer of %s.%s failed", taken[0].entity, taken[0].transition)
            _postpone(gateway, taken[0], error)
        number += 1
    return number


def take(context: Context) -> Due | None:
    """The timer that has been due longest; nobody else has it until the transaction ends."""
    columns = [timer.c[name] for name in Due.__dataclass_fields__]
    statement = sa.select(*columns).where(timer.c.due_at <= context.now).order_by(timer.c.due_at, timer.c.id)
    if context.runtime.dialect == "postgresql":
        statement = statement.with_for_update(skip_locked=True)
    row = context.connection.execute(statement.limit(1)).one_or_none()
    return Due(*row) if row is not None else None


def fire(context: Context, due: Due) -> None:
    """Make the transition of a timer, where its record is still in the state and the condition holds."""
    context.connection.execute(sa.delete(timer).where(timer.c.id == due.id))
    declared = context.runtime.processes.transition(due.entity, due.transition)
    found = load(context, due.entity, [due.record_id], lock=True) if declared is not None else {}
    stored = found.get(due.record_id)
    if declared is None or stored is None or stored.deleted_at is not None:
        return
    process, transition = declared
    if not transition.timed:
        return  # it was when the timer was set
    if stored.values.get(process.workflow.member) not in transition.sources:
        return
    if not process.workflow.moves(stored.values.get("record_type")):
        return
    if due.kind == REMIND:
        remind(context, process, transition, stored)
    else:
        by_itself(context, process, transition, stored)


def remind(context: Context, process: Process, transition: Transition, stored: Stored) -> None:
    """Tell those who have not answered that an approval waits for them; and again after the same while."""
    approval = transition.approval
    if approval is None or approval.remind_after is None:
        return
    view = View(context, context.runtime.entities[stored.entity], stored.id)
    waiting = waited_for(round_of(context, process, transition, view))
    call_upon(view, transition, waiting, mail=True)
    row = {"entity": stored.entity, "record_id": stored.id, "workflow": process.workflow.name}
    again = {"transition": transition.name, "kind": REMIND, "due_at": context.now + approval.remind_after}
    context.connection.execute(sa.insert(timer).values(**row, **again))


def by_itself(context: Context, process: Process, transition: Transition, stored: Stored) -> None:
    """Make a transition that fires by itself; what it is refused for stands in the record's history."""
    acting = replace(context, cause=f"{stored.entity}.{transition.name}")
    view = View(acting, context.runtime.entities[stored.entity], stored.id)
    if not view.holds(transition.when):
        return
    try:
        with undoable(context):
            move(acting, process, transition, stored, {})
            settle_events(context)
    except EngineError as error:
        log.warning("%s.%s of %d is refused: %s", stored.entity, transition.name, stored.id, error)
        note = {auditing.NOTE: f"{transition.label} was due, and could not be done", auditing.WHY: str(error)}
        auditing.record(acting, stored.entity, [stored.id], "comment", note)


def _postpone(gateway: Gateway, due: Due, error: Exception) -> None:
    """Try a timer again later; one that has failed too often is given up, and the history says so."""

    def work(context: Context) -> None:
        mine = timer.c.id == due.id
        if due.tries < len(PAUSES):
            values = {"due_at": context.now + PAUSES[due.tries], "tries": due.tries + 1}
            context.connection.execute(sa.update(timer).where(mine).values(**values))
            return
        context.connection.execute(sa.delete(timer).where(mine))
        note = {auditing.NOTE: f"{due.transition} was due, and failed", auditing.WHY: type(error).__name__}
        auditing.record(context, due.entity, [due.record_id], "comment", note)

    gateway.writing(SYSTEM, "job", work)


def fire_due_in(context: Context) -> int:
    """The same within one unit of work: for tests of the configuration, whose clock is moved on."""
    number = 0
    while number < AT_ONCE and (due := take(context)) is not None:
        fire(context, due)
        number += 1
    return number
