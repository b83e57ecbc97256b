"""What tests exercise: the rules of access that decided, the transitions that were made, the guards that refused."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import sqlalchemy as sa

from engine.access import access
from engine.build.runtime import Runtime
from engine.declared.application import Application
from engine.errors import Invalid, Place
from engine.matrix.facts import Closed, May, SharedByDefault, SharedWith
from engine.matrix.matrix import matrix_of
from engine.metamodel.trial import Deed
from engine.metamodel.workflow import Transition
from engine.process.obstacles import guard_words
from engine.service.auditing import REFUSED, TRANSITION
from engine.store.system import audit
from engine.trials.world import World
from engine.work.context import Context
from engine.work.plans import kept

Spot = tuple[str, int, int]
"""A file, a line and a column: several grants may stand in one line."""

ACTIONS = {"list": "read", "wait": "read", "reject": "transition"}
"""The action of access that an act needs, where it is called otherwise."""


def exercised(world: World, context: Context, number: int | None) -> set[Spot]:
    """The rules that decide what a test does: those that lead to its records, all where none does."""
    trial = world.trial
    action = ACTIONS.get(trial.act, trial.act)
    if trial.act == "press":
        action = trial.deed.transition
    if trial.act == "transition" and trial.target is None:
        action = "create"
    numbers: list[int | None] = [] if number is None else [number]
    for key in ("listed", "not_listed"):
        numbers += [world.key(each.text)[1] for each in trial.outcomes.get(key, ())]
    found = {spot for each in numbers or [None] for spot in _deciding(context, trial.entity, action, each)}
    named = {each.text for key, wanted in trial.outcomes.items() if "listed" not in key for each in wanted}
    return found | set(_of_members(context, trial.entity, named | set(trial.values)))


def processes_met(context: Context) -> set[Spot]:
    """The transitions that were made and the buttons that were used, as the history of a unit of work tells."""
    met: set[Spot] = set()
    columns = (audit.c.entity, audit.c.action, audit.c.changes)
    for entity, action, changes in context.connection.execute(sa.select(*columns)):
        told = changes.get(TRANSITION)
        found = _told_of(context.runtime, entity, action, told) if told else None
        if found is not None:
            met.add(_spot(found.place))
    return met


def _told_of(runtime: Runtime, entity: str, action: str, told: Mapping[str, Any]) -> Transition | None:
    """The transition or button that an entry tells of; a vote is none yet, and a refusal none at all."""
    if action == "action":
        return runtime.processes.button(entity, told["name"])
    workflow = runtime.application.workflows.get(told.get("workflow", ""))
    return workflow.transitions.get(told["name"]) if workflow is not None and not told.get(REFUSED) else None


def guards_met(runtime: Runtime, deed: Deed, error: Exception) -> set[Spot]:
    """The guards that refused a transition or a button, by what they said."""
    known = runtime.processes.transition(deed.entity, deed.transition)
    transition = known[1] if known is not None else runtime.processes.button(deed.entity, deed.transition)
    if transition is None or not isinstance(error, Invalid):
        return set()
    said = {each.message for each in error.errors if each.code == "guard"}
    return {_spot(guard.place) for guard in transition.guards if guard_words(transition, guard) in said}


def to_walk(application: Application) -> dict[Spot, list[str]]:
    """Every transition, button and guard, by its place: a test makes or uses the ones, and is refused by the other."""
    found: dict[Spot, list[str]] = {}
    for entity, transition, word in _walkable(application):
        name = f"{entity}: {transition.name}"
        found.setdefault(_spot(transition.place), []).append(f"{name} is {word}")
        for guard in transition.guards:
            words = f"{name} is refused: {guard_words(transition, guard)}"
            found.setdefault(_spot(guard.place), []).append(words)
    return dict(sorted(found.items()))


def _walkable(application: Application) -> Iterator[tuple[str, Transition, str]]:
    """Every transition and button, with its entity, and what is done with it."""
    for workflow in application.workflows.values():
        yield from ((workflow.entity, each, "made") for each in workflow.transitions.values())
    for entity, buttons in application.buttons.items():
        yield from ((entity, each, "used") for each in buttons.values())


def _spot(place: Place) -> Spot:
    return place.file, place.line, place.column


def _deciding(context: Context, entity: str, action: str, number: int | None) -> Iterator[Spot]:
    ways = access.all_ways(context, entity, action)
    table = context.runtime.table(entity).table
    held = []
    for way in ways if number is not None else ():
        clause = way.clause(table, None)
        statement = sa.select(table.c.id).where(table.c.id == number, *([] if clause is None else [clause]))
        if context.connection.execute(statement, access.operands(context)).first() is not None:
            held.append(way)
    for way in held or ways:
        if way.place is not None:
            yield way.place.file, way.place.line, way.place.column
        if way.parent is not None:
            yield from _deciding(context, way.parent[0], access.as_parent(action), None)


def _of_members(context: Context, entity: str, names: Iterable[str]) -> Iterator[Spot]:
    """Where the access of the named members is said, for the roles of who acts."""
    wanted = set(names)
    own = context.runtime.access.entities[entity].own
    for name in wanted & own.keys():
        place = own[name].place
        if place is not None:
            yield place.file, place.line, place.column
    runtime = context.runtime
    matrix = kept(runtime, ("matrix",), lambda: matrix_of(runtime.application, runtime.access))
    for fact in matrix.facts:
        here = isinstance(fact, Closed) and fact.entity == entity and fact.member in wanted
        if here and isinstance(fact, Closed) and fact.role in context.actor.roles and fact.place is not None:
            yield fact.place.file, fact.place.line, fact.place.column


def to_cover(application: Application) -> dict[Spot, list[str]]:
    """Every rule of access that a test could exercise, by its place, in the words of the matrix."""
    found: dict[Spot, list[str]] = {}
    facts = [
        each
        for each in matrix_of(application).facts
        if isinstance(each, May | SharedWith | SharedByDefault | Closed)
        and not (isinstance(each, May) and each.action == "audit")
    ]
    for fact in sorted(facts, key=lambda each: each.text):
        place: Place | None = fact.place
        if place is not None:
            found.setdefault((place.file, place.line, place.column), []).append(fact.text)
    return dict(sorted(found.items()))
