"""What processes do at set times: for each record that is described, in a unit of work of its own."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

from engine.errors import EngineError
from engine.metamodel.automation import Automation
from engine.metamodel.workflow import Transition, Workflow
from engine.outbox.schedules import Schedule, Turn
from engine.process.following import run
from engine.process.timers import by_itself
from engine.process.view import View
from engine.reading.find import find
from engine.reading.query import Filter, Page, Query
from engine.service import auditing
from engine.service.events import settle_events, undoable
from engine.work.context import SYSTEM, Context
from engine.work.gateway import Units
from engine.work.stored import load

log = logging.getLogger("engine.process")

AT_ONCE = 500
"""Records looked for by one statement."""


def schedules(units: Units) -> list[Schedule]:
    """Everything that automations and transitions do at set times, on the application's clock."""
    application = units.runtime.application
    zone = application.settings.timezone
    found = [
        Schedule(f"automation.{each.name}", each.schedule, zone, partial(_automate, name=each.name))
        for each in application.automations.values()
        if each.schedule
    ]
    for workflow in application.workflows.values():
        for transition in workflow.transitions.values():
            if transition.trigger is not None and transition.trigger.schedule:
                run = partial(_transit, workflow=workflow.name, name=transition.name)
                name = f"transition.{workflow.name}.{transition.name}"
                found.append(Schedule(name, transition.trigger.schedule, zone, run))
    return found


def _automate(units: Units, turn: Turn, name: str) -> None:
    automation = units.runtime.application.automations.get(name)
    if automation is None:
        return
    rule = units.runtime.rule_of[automation.each] if automation.each is not None else None
    wanted = Query(rules=(rule,) if rule is not None else (), limit=AT_ONCE)
    each = _Each(units, turn, automation.entity, name)
    each.do(wanted, partial(_do, automation=automation))


def _do(context: Context, number: int, automation: Automation) -> None:
    """Do an automation for one record, where it is still described."""
    view = View(context.in_name_of(automation.name), context.runtime.entities[automation.entity], number)
    described = automation.each is None or view.holds(automation.each)
    if described and view.holds(automation.when):
        run(view, automation)


def _transit(units: Units, turn: Turn, workflow: str, name: str) -> None:
    declared = units.runtime.application.workflows.get(workflow)
    transition = declared.transitions.get(name) if declared is not None else None
    if declared is None or transition is None:
        return
    states = Filter(declared.member, "in", list(transition.sources))
    each = _Each(units, turn, declared.entity, name)
    each.do(Query(filters=(states,), limit=AT_ONCE), partial(_move, workflow=declared, transition=transition))


def _move(context: Context, number: int, workflow: Workflow, transition: Transition) -> None:
    stored = load(context, workflow.entity, [number], lock=True).get(number)
    if stored is None or stored.values.get(workflow.member) not in transition.sources:
        return
    if not workflow.moves(stored.values.get("record_type")):
        return
    found = context.runtime.processes.transition(workflow.entity, transition.name)
    assert found is not None
    by_itself(context, found[0], transition, stored)


@dataclass(frozen=True)
class _Each:
    """Something done for many records of an entity, each in a unit of work of its own, and each once.

    How far it has come is kept in the same transaction, so that who goes on after a process has died begins there.
    """

    units: Units
    turn: Turn
    entity: str
    name: str

    def do(self, wanted: Query, work: partial[None]) -> None:
        """Do it in the order of the records' numbers, up to the last there is at the beginning."""
        reached, last = self.turn.way or (0, self._newest(wanted))
        for number in self._records(wanted, reached, last) if last > reached else ():
            self.units.writing(SYSTEM, "job", partial(self._one, number=number, last=last, work=work))

    def _newest(self, wanted: Query) -> int:
        rows = self._page(replace(wanted, sort=("-id",), limit=1)).rows
        return rows[0].id if rows else 0

    def _records(self, wanted: Query, after: int, last: int) -> Iterator[int]:
        """The ids of records from one to another, page by page."""
        while True:
            between = (Filter("id", "gt", after), Filter("id", "le", last))
            page = self._page(replace(wanted, filters=(*wanted.filters, *between), sort=("id",)))
            yield from (row.id for row in page.rows)
            if page.next is None:
                return
            after = page.rows[-1].id

    def _page(self, wanted: Query) -> Page:
        with self.units.read(SYSTEM, "job") as context:
            return find(context, self.entity, wanted)

    def _one(self, context: Context, number: int, last: int, work: partial[None]) -> None:
        """Do it for one record; what it is refused for stands in the record's history, and the others go on."""
        self.turn.pass_(context, number, last)
        try:
            with undoable(context):
                work(context, number)
                settle_events(context)
        except EngineError as error:
            log.warning("%s of %s %d is refused: %s", self.name, self.entity, number, error)
            note = {auditing.NOTE: "This could not be done", auditing.WHY: str(error)}
            auditing.record(replace(context, cause=self.name), self.entity, [number], "comment", note)
