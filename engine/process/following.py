"""What follows by itself on what happens to records: automations, and transitions that an event fires.

It is done at the end of the operation that led to it, in its transaction, one event after the other in the order
they happened; what it leads to follows behind. A circle of processes ends in a refusal, not in a full database.
"""

from __future__ import annotations

from dataclasses import replace

from engine.metamodel.automation import Automation
from engine.metamodel.workflow import Transition, Workflow
from engine.process.acting import perform
from engine.process.endless import MOST_EVENTS, MOST_LEVELS, refuse_endless
from engine.process.firing import fire_for, known, move
from engine.process.obstacles import attempt, failing
from engine.process.view import View
from engine.service.events import Event
from engine.work.context import Context
from engine.work.runlog import RunLog
from engine.work.stored import Stored, load


def react(context: Context) -> None:
    """Do what follows on everything that has happened, until nothing more does."""
    number = 0
    while context.events:
        event = context.events.pop(0)
        number += 1
        if event.depth >= MOST_LEVELS or number > MOST_EVENTS:
            context.events.clear()
            refuse_endless(event.chain)
        _react(context, event)


def _react(context: Context, event: Event) -> None:
    followers = context.runtime.processes.followers.get((event.entity, event.happening))
    if followers is None:
        return
    at = replace(context, depth=event.depth, chain=event.chain)
    for automation in followers.automations:
        if _meant(automation, event):
            _automate(at, automation, event)
    for workflow, transition in followers.transitions:
        if _concerns(transition, event):
            _fire(at, workflow, transition, event)


def _meant(automation: Automation, event: Event) -> bool:
    changed = not automation.changed or bool(automation.changed & event.changed)
    return changed and (not automation.transitions or event.transition in automation.transitions)


def _automate(context: Context, automation: Automation, event: Event) -> None:
    entity = context.runtime.entities[event.entity]
    view = View(context, entity, event.id, old=event.old)
    if view.holds(automation.when):
        acting = context.in_name_of(automation.name)
        run(replace(view, context=acting), automation)


def run(view: View, automation: Automation) -> None:
    """Do what an automation declares, and keep what it did."""
    log = RunLog(view.entity.name, view.number, automation=True)
    perform(view, automation.do, fire_for, log)


def _concerns(transition: Transition, event: Event) -> bool:
    trigger = transition.trigger
    assert trigger is not None
    return not trigger.changed or bool(trigger.changed & event.changed)


def _follows(workflow: Workflow, stored: Stored) -> bool:
    return workflow.moves(stored.values.get("record_type"))


def _fire(context: Context, workflow: Workflow, transition: Transition, event: Event) -> None:
    """Make a transition that an event fires, where the record is in a state it leaves and its guards hold."""
    stored = load(context, event.entity, [event.id], lock=True).get(event.id)
    if stored is None or stored.deleted_at is not None:
        return
    if not (_follows(workflow, stored) and stored.values.get(workflow.member) in transition.sources):
        return
    acting = context.in_name_of(f"{event.entity}.{transition.name}")
    view = View(acting, acting.runtime.entities[event.entity], event.id, old=event.old)
    if not view.holds(transition.when):
        return
    process, _ = known(acting, event.entity, transition.name)
    if not any(failing(attempt(acting, process, transition, stored))):
        move(acting, process, transition, stored, {})
