"""Which transitions of a record are open now, and what stands in the way of each of the others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from engine.access import access
from engine.build.processes import Process
from engine.drafts.draft import Draft
from engine.errors import NotFound
from engine.metamodel.workflow import Transition
from engine.process.obstacles import (
    Attempt,
    Obstacle,
    attempt,
    conditions_of,
    failing,
    might_fire,
    obstacles,
    prior,
    view_of,
)
from engine.process.view import View
from engine.reading.reading import get_identity
from engine.work.context import Context
from engine.work.stored import Stored, load


@dataclass(frozen=True)
class Offer:
    """A transition or a button of a record, with what stands in its way; nothing does where it is open."""

    transition: Transition
    obstacles: tuple[Obstacle, ...]

    @property
    def open(self) -> bool:
        return not self.obstacles

    @property
    def offered(self) -> bool:
        """Whether a page shows it: open, or closed only by a condition that the person might fulfil."""
        return all(each.kind == "guard" for each in self.obstacles)


@dataclass(frozen=True)
class Opening(Offer):
    """A transition of a record, of the workflow it belongs to."""

    process: Process
    leaves: bool = True  # whether it leads on from the state the record is in


def openings(context: Context, entity: str, number: int, *, seen: bool = False) -> list[Opening]:
    """Every transition of a record in order of declaration; raises NotFound for one that may not be read.

    `seen=True` where this unit of work has read the record already.
    """
    if not seen:
        get_identity(context, entity, number, "read")
    processes = context.runtime.processes.of(entity)
    stored = load(context, entity, [number]).get(number) if processes else None
    return openings_of(context, stored) if stored is not None else []


def openings_of(context: Context, stored: Stored, *, leading: bool = False) -> list[Opening]:
    """The same of a record that the actor may read, as it is stored.

    `leading=True`: those only that leave the state it is in.
    """
    if stored.deleted_at is not None:
        return []
    moving = context.runtime.processes.moving(stored.entity, stored.values)
    return [each for process in moving for each in _of(context, process, stored, leading)]


def _of(context: Context, process: Process, stored: Stored, leading: bool) -> Iterator[Opening]:
    told = process.workflow.member in access.readable(context, stored.entity)
    view = view_of(context, process, stored)
    ways = [each for each in process.workflow.transitions.values() if not each.start]
    ways = [each for each in ways if not leading or process.leads_on(each, stored.values)]
    for found in _read_together(view, [Attempt(context, each, view, process) for each in ways]):
        leaves = told and found.leads_on
        yield Opening(found.transition, tuple(obstacles(found, formless=True)), process, leaves)


def _read_together(view: View, several: list[Attempt]) -> Iterator[Attempt]:
    """The attempts on one record in its view, where what the conditions of all of them read of it is read once.

    Those that wait for approval look at the record themselves: who is asked may depend on more of it.
    """
    judged = {each.transition.name: each for each in several if _is_judged(each)}
    conditions = [condition for each in judged.values() for condition in conditions_of(each)]
    known = view.looking(dict.fromkeys(conditions)) if conditions else view
    for each in several:
        with_it = each.transition.name in judged
        yield replace(each, view=known) if with_it else each


def _is_judged(found: Attempt) -> bool:
    """Whether it is its conditions that decide, as far as that is known without asking the database."""
    if not found.leads_on or found.transition.approval is not None:
        return False
    return not found.by_hand or might_fire(found.context, found.process.workflow, found.transition)


def starting(context: Context, entity: str) -> list[Opening]:
    """The transitions by which the actor may begin a record."""
    found = []
    for process in context.runtime.processes.of(entity):
        for transition in process.workflow.starts:
            view = View(context, context.runtime.entities[entity], 0, Draft(context.runtime.entities[entity]))
            asking = Attempt(context, transition, view, process)
            if not list(prior(asking)):
                found.append(Opening(transition, (), process))
    return found


def explained(context: Context, entity: str, number: int, name: str) -> Opening:
    """One transition of a record as the context's actor meets it, with all that stands in its way.

    Beside what refuses it first, the conditions behind that are told too. Raises NotFound.
    """
    declared = context.runtime.processes.transition(entity, name)
    stored = load(context, entity, [number]).get(number)
    if declared is None or stored is None:
        raise NotFound(entity, number if declared is not None else name)
    process, transition = declared
    asking = attempt(context, process, transition, stored)
    against = (*prior(asking), *failing(asking, formless=True))
    return Opening(transition, against, process, asking.leads_on)
