"""One transition, or one button, of several records: each that is refused is reported, and the others are done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from engine.errors import NotFound
from engine.metamodel.workflow import Transition
from engine.process.firing import fire, known
from engine.process.obstacles import might_fire
from engine.process.pressing import known_button, might_press, press
from engine.reading.query import BulkReport
from engine.service import records
from engine.work.context import Context


def fire_many(
    context: Context, entity: str, ids: Iterable[int], name: str, values: Mapping[str, Any]
) -> BulkReport:
    """Make a transition of several records, with the same values of its form; raises NotFound for none of theirs."""
    _, transition = known(context, entity, name)
    if transition.start:
        raise NotFound(entity, name)
    return records.one_by_one(
        context, entity, ids, lambda number: fire(context, entity, number, name, values)
    )


def firable(context: Context, entity: str) -> list[Transition]:
    """The transitions that the actor's roles let them make of some record, in order of declaration."""
    return [
        transition
        for process in context.runtime.processes.of(entity)
        for transition in process.workflow.transitions.values()
        if not transition.start and might_fire(context, process.workflow, transition)
    ]


def press_many(
    context: Context, entity: str, ids: Iterable[int], name: str, values: Mapping[str, Any]
) -> BulkReport:
    """Use a button of several records, with the same values of its form; raises NotFound for none of theirs."""
    known_button(context, entity, name)
    return records.one_by_one(
        context, entity, ids, lambda number: press(context, entity, number, name, values)
    )


def pressable(context: Context, entity: str) -> list[Transition]:
    """The buttons that the actor's roles let them use of some record, in order of declaration."""
    buttons = context.runtime.processes.buttons_of(entity)
    return [button for button in buttons if might_press(context, entity, button)]
