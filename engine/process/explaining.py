"""Every transition of a record with all that speaks for and against it: for `explain`, and for who asks why.

Nothing is decided here: what stands in the way is what firing refuses by (engine.process.obstacles), and what a state
would require is what a write is held against.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from engine.access.reaching import reaches
from engine.build.processes import Process
from engine.drafts.draft import Draft
from engine.drafts.rules import lacking
from engine.errors import NotFound, Place
from engine.metamodel.action import Set
from engine.metamodel.workflow import Transition
from engine.process.obstacles import Attempt, Kind, Obstacle, attempt, failing, prior, reads_form
from engine.text.suggest import did_you_mean
from engine.to_python.trace import Step
from engine.work.context import Context
from engine.work.stored import Stored, load

GroundKind = Kind | Literal["requirement", "read"]


@dataclass(frozen=True)
class Ground:
    """One thing a transition hangs on: in words, whether it holds (None: its form decides), and the values of it."""

    kind: GroundKind
    words: str
    holds: bool | None
    place: Place | None = None
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True)
class Account:
    """A transition of a record, with everything it hangs on; `target` is "" where nothing chooses one."""

    process: Process
    transition: Transition
    state: str
    target: str
    grounds: tuple[Ground, ...]

    @property
    def open(self) -> bool:
        """Whether it can be made now, as far as its form does not decide."""
        return all(each.holds is not False for each in self.grounds)


def accounts(context: Context, entity: str, number: int, name: str = "") -> list[Account]:
    """The transitions of a record (or the one of this name) as the context's actor meets them.

    Raises NotFound for a record there is not at all, and for a transition that its entity has not.
    """
    processes = context.runtime.processes.of(entity)
    found = [
        (process, transition)
        for process in processes
        for transition in process.workflow.transitions.values()
        if not transition.start and name in ("", transition.name)
    ]
    stored = load(context, entity, [number]).get(number)
    if stored is None or stored.deleted_at is not None:
        raise NotFound(entity, number)
    if name and not found:
        raise NotFound(f"transition of {entity}", _unknown(processes, name))
    return [_account(context, process, transition, stored) for process, transition in found]


def _unknown(processes: tuple[Process, ...], name: str) -> str:
    known = [each for process in processes for each in process.workflow.transitions]
    guess = did_you_mean(name, known)
    return f"{name!r}" + (f"; did you mean {guess!r}?" if guess else "")


def _account(context: Context, process: Process, transition: Transition, stored: Stored) -> Account:
    asking = attempt(context, process, transition, stored)
    target = _target(asking)
    against = (*prior(asking), *failing(asking, formless=True))
    grounds = (
        *_of_record(asking),
        *(Ground(each.kind, each.message, False, each.place, each.steps) for each in against),
        *_for(asking, against),
        *_requirements(asking, target),
    )
    return Account(process, transition, asking.state, target, grounds)


def _target(asking: Attempt) -> str:
    transition = asking.transition
    if transition.choose is not None and asking.leads_on:
        return str(asking.view.value(transition.choose) or "")
    return transition.target or (asking.state if transition.choose is None else "")


# ---- what it hangs on


def _of_record(asking: Attempt) -> Iterator[Ground]:
    entity = asking.view.entity
    if not reaches(asking.context, entity.name, asking.view.number, "read"):
        words = f"{asking.context.actor.login} may not read this {entity.label.lower()}."
        yield Ground("read", words, False)


def _for(asking: Attempt, against: tuple[Obstacle, ...]) -> Iterator[Ground]:
    """What holds, where nothing was said against it."""
    transition = asking.transition
    kinds = {each.kind for each in against}
    if "rights" not in kinds and "by-itself" not in kinds:
        yield Ground("rights", _who(asking), True, transition.place)
    if "state" not in kinds:
        state = asking.process.state(asking.state)
        label = state.label if state is not None else asking.state
        yield Ground("state", f"The {asking.view.entity.label.lower()} is {label}.", True, transition.place)
    if "exclusive" not in kinds and (words := _alone(asking)):
        yield Ground("exclusive", words, True, transition.place)
    failed = {each.place for each in against}
    for guard in transition.guards:
        if guard.place in failed:
            continue
        undecided = reads_form(asking, guard)
        steps = () if undecided else asking.view.traced(guard.check)
        yield Ground("guard", guard.check.text.strip(), None if undecided else True, guard.place, steps)


def _alone(asking: Attempt) -> str:
    """What is said where a transition sets out in one of several workflows that exclude each other."""
    workflow = asking.process.workflow
    if not workflow.exclusive or not workflow.sets_out(asking.transition, asking.state):
        return ""
    return f"Nothing else of {workflow.exclusive!r} is under way."


def _who(asking: Attempt) -> str:
    context, transition = asking.context, asking.transition
    actor = context.actor
    if actor.administrator:
        return f"{actor.login} is an administrator."
    roles = sorted(actor.roles & transition.roles.keys()) if transition.roles is not None else []
    said = f", as {' and '.join(roles)}" if roles else ""
    return f"{actor.login} may move this {asking.view.entity.label.lower()}{said}."


def _requirements(asking: Attempt, target: str) -> Iterator[Ground]:
    """What the state it leads to would require, and the record has not."""
    draft = asking.view.draft
    state = asking.process.state(target)
    if draft is None or state is None or asking.state not in asking.transition.sources:
        return
    moved: Draft = replace(draft, values={**draft.values, asking.process.workflow.member: target})
    asked = {each.name for each in asking.transition.form}
    given = {
        name
        for each in (*asking.transition.do, *state.enter)
        if isinstance(each, Set) and each.record is None
        for name in each.values
    }
    for name, by in lacking(asking.context, moved):
        member = draft.entity.properties.get(name) or draft.entity.relations[name]
        if name in asked:
            words = f"{member.label} is required in {by.label}: the form asks for it."
            yield Ground("requirement", words, None, by.place)
        elif name not in given:
            words = f"{member.label} is required in {by.label}, and is empty."
            yield Ground("requirement", words, False, by.place)
