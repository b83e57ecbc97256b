"""What processes do at set times: for each record that is described, in a unit of work of its own."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from functools import partial

from engine.errors import EngineError
from engine.metamodel.automation import Automation
from engine.metamodel.workflow import Transition, Workflow
from engine.outbox.schedules import Schedule
from engine.process.acting import perform
from engine.process.firing import fire_for
from engine.process.timers import by_itself
from engine.process.view import View
from engine.reading.find import find
from engine.reading.query import Filter, Query
from engine.service import auditing
from engine.service.events import settle_events, undoable
from engine.work.context import SYSTEM, Context
from engine.work.gateway import Gateway
from engine.work.stored import load

log = logging.getLogger("engine.process")

AT_ONCE = 500
"""Records looked for by one statement."""


def schedules(gateway: Gateway) -> list[Schedule]:
    """Everything that automations and transitions do at set times, on the application's clock."""
    application = gateway.runtime.application
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


def _automate(gateway: Gateway, moment: datetime, name: str) -> None:
    automation = gateway.runtime.application.automations.get(name)
    if automation is None:
        return
    rule = gateway.runtime.rule_of[automation.each] if automation.each is not None else None
    wanted = Query(rules=(rule,) if rule is not None else (), limit=AT_ONCE)
    for number in _records(gateway, automation.entity, wanted):
        _in_its_own(gateway, automation.entity, number, name, partial(_do, automation=automation))


def _do(context: Context, number: int, automation: Automation) -> None:
    """Do an automation for one record, where it is still described."""
    view = View(context.in_name_of(automation.name), context.runtime.entities[automation.entity], number)
    described = automation.each is None or view.holds(automation.each)
    if described and view.holds(automation.when):
        perform(view, automation.do, fire_for)


def _transit(gateway: Gateway, moment: datetime, workflow: str, name: str) -> None:
    declared = gateway.runtime.application.workflows.get(workflow)
    transition = declared.transitions.get(name) if declared is not None else None
    if declared is None or transition is None:
        return
    states = Filter(declared.member, "in", list(transition.sources))
    for number in _records(gateway, declared.entity, Query(filters=(states,), limit=AT_ONCE)):
        work = partial(_move, workflow=declared, transition=transition)
        _in_its_own(gateway, declared.entity, number, name, work)


def _move(context: Context, number: int, workflow: Workflow, transition: Transition) -> None:
    stored = load(context, workflow.entity, [number], lock=True).get(number)
    if stored is None or stored.values.get(workflow.member) not in transition.sources:
        return
    found = context.runtime.processes.transition(workflow.entity, transition.name)
    assert found is not None
    by_itself(context, found[0], transition, stored)


def _records(gateway: Gateway, entity: str, wanted: Query) -> Iterator[int]:
    """The ids of records, page by page."""
    after: str | None = None
    while True:
        with gateway.read(SYSTEM, "job") as context:
            page = find(context, entity, replace(wanted, after=after))
        yield from (row.id for row in page.rows)
        after = page.next
        if after is None:
            return


def _in_its_own(gateway: Gateway, entity: str, number: int, name: str, work: partial[None]) -> None:
    """Do something for one record; what it is refused for stands in the record's history, and the others go on."""

    def unit(context: Context) -> None:
        try:
            with undoable(context):
                work(context, number)
                settle_events(context)
        except EngineError as error:
            log.warning("%s of %s %d is refused: %s", name, entity, number, error)
            note = {auditing.NOTE: "This could not be done", auditing.WHY: str(error)}
            auditing.record(replace(context, cause=name), entity, [number], "comment", note)

    gateway.writing(SYSTEM, "job", unit)
