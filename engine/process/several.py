"""One transition, or one button, of several records: each that is refused is reported, and the others are done."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

from engine.errors import Invalid, NotFound
from engine.metamodel.workflow import Transition
from engine.process.acting import asking_for, required_of
from engine.process.firing import fire, known
from engine.process.obstacles import might_fire
from engine.process.pressing import known_button, might_press, press
from engine.reading.query import BulkReport
from engine.service import records
from engine.service.events import undoable
from engine.work.context import Context

Values = Mapping[str, Any]


def fire_many(
    context: Context, entity: str, ids: Iterable[int], name: str, values: Mapping[str, Any]
) -> BulkReport:
    """Make a transition of several records, with the same values of its form; raises NotFound for none of theirs.

    Of what is said of records that it makes, each takes what it lacks.
    """
    _, transition = known(context, entity, name)
    if transition.start:
        raise NotFound(entity, name)
    taking = Taking.of(context, transition, values)
    return records.one_by_one(
        context,
        entity,
        ids,
        lambda number: taking.do(lambda given: fire(context, entity, number, name, given)),
    )


@dataclass(frozen=True)
class Taking:
    """What a form says for several records: `spare` are values of records that are made, for those that lack them."""

    context: Context
    values: Values
    spare: Mapping[str, Values]

    @classmethod
    def of(cls, context: Context, transition: Transition, values: Values) -> Taking:
        """What each is given at once, and what it takes where it is missing."""
        given, spare, asked = dict(values), dict[str, Values](), {each.name for each in transition.form}
        for name, entity in asking_for(transition.do).items():
            said = given.get(name)
            if name in asked or not isinstance(said, Mapping):
                continue
            required = required_of(context.runtime.entities[entity])
            spare[name] = {member: value for member, value in said.items() if member in required}
            given[name] = {member: value for member, value in said.items() if member not in required}
        return cls(context, given, spare)

    def do(self, work: Callable[[Values], object]) -> None:
        """Do it of one record: with what it turns out to lack, once that is known."""
        given, waiting = dict(self.values), {name: dict(said) for name, said in self.spare.items()}
        while True:
            try:
                with undoable(self.context) if any(waiting.values()) else nullcontext():
                    work(given)
                return
            except Invalid as invalid:
                lacked = [each.at.partition(".") for each in invalid.errors if each.code == "required"]
                found = [(name, member) for name, _, member in lacked if member in waiting.get(name, {})]
                if not found:
                    raise
                for name, member in found:
                    given[name] = {**given[name], member: waiting[name].pop(member)}


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
    taking = Taking.of(context, known_button(context, entity, name), values)
    return records.one_by_one(
        context,
        entity,
        ids,
        lambda number: taking.do(lambda given: press(context, entity, number, name, given)),
    )


def pressable(context: Context, entity: str) -> list[Transition]:
    """The buttons that the actor's roles let them use of some record, in order of declaration."""
    buttons = context.runtime.processes.buttons_of(entity)
    return [button for button in buttons if might_press(context, entity, button)]
