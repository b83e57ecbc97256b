"""The ways through a workflow: its states as a graph, and the shortest way to each of them."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from engine.metamodel.workflow import START, Transition, Workflow

ARROW = " → "


@dataclass(frozen=True)
class Step:
    """One way from a state (START: there is no record yet) to another one; without a transition it is made so."""

    source: str
    target: str
    transition: Transition | None = None


@dataclass(frozen=True)
class Ways:
    """A workflow as a graph.

    Where an expression chooses the target, each state it may choose has a step of its own: what can't be reached
    by these can't be reached at all; what can be reached by them may be.
    """

    workflow: Workflow

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """Every step to a state there is, also those that leave a record in its state."""
        found = [Step(START, self.workflow.initial)]
        for transition in self.workflow.transitions.values():
            for source in (START,) if transition.start else transition.sources:
                found += [Step(source, each, transition) for each in self.targets(transition, source)]
        states = self.workflow.states
        return tuple(each for each in found if each.target in states)

    def targets(self, transition: Transition, source: str) -> tuple[str, ...]:
        """Where a transition may lead from a state."""
        here = (self.workflow.initial if transition.start else source,)
        rejected = transition.approval.reject_to if transition.approval is not None else ""
        return (*(transition.targets or here), *([rejected] if rejected else ()))

    @cached_property
    def following(self) -> Mapping[str, tuple[str, ...]]:
        """The states that each state leads to, other ones only; START leads to the first ones."""
        found: dict[str, dict[str, None]] = {name: {} for name in (START, *self.workflow.states)}
        for step in self.steps:
            if step.source in found and step.target != step.source:
                found[step.source][step.target] = None
        return {name: tuple(targets) for name, targets in found.items()}

    @cached_property
    def before(self) -> Mapping[str, str]:
        """For each state that can be reached the one before it on a shortest way."""
        return _found_from([START], self.following)

    @property
    def reached(self) -> tuple[str, ...]:
        """The states a record can ever be in, in order of declaration."""
        return tuple(name for name in self.workflow.states if name in self.before)

    def way_to(self, state: str) -> list[str]:
        """A shortest way from a first state to this one."""
        way = [state]
        while self.before.get(way[0], START) != START:
            way.insert(0, self.before[way[0]])
        return way

    def shown(self, state: str, *further: str) -> str:
        """The same as text, with what comes after it."""
        return ARROW.join([*self.way_to(state), *further])


def _found_from(starts: Iterable[str], following: Mapping[str, Collection[str]]) -> dict[str, str]:
    """Everything that some states lead to, with the state before it on a shortest way."""
    before: dict[str, str] = {}
    waiting = deque(starts)
    while waiting:
        name = waiting.popleft()
        for target in following.get(name, ()):
            if target not in before:
                before[target] = name
                waiting.append(target)
    return before


def way_between(following: Mapping[str, Collection[str]], start: str, end: str) -> list[str] | None:
    """A shortest way from one to another, both included; None where there is none."""
    if start == end:
        return [start]
    before = _found_from([start], following)
    if end not in before:
        return None
    way = [end]
    while way[0] != start:
        way.insert(0, before[way[0]])
    return way


def led_to(starts: Iterable[str], following: Mapping[str, Collection[str]]) -> frozenset[str]:
    """Everything that some states lead to, these included."""
    several = tuple(starts)
    return frozenset(_found_from(several, following)) | frozenset(several)


def turned(following: Mapping[str, Collection[str]]) -> dict[str, list[str]]:
    """The same graph with every step the other way around."""
    found: dict[str, list[str]] = {name: [] for name in following}
    for name, targets in following.items():
        for target in targets:
            found.setdefault(target, []).append(name)
    return found
