"""Conditions tried on every record there can be: guards that never or always hold, and states they shut.

Only conditions that read few values are tried (choices, yes or no, the state); of all others nothing is said.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from engine.errors import Place
from engine.metamodel.expression import Expression
from engine.metamodel.workflow import State, Transition
from engine.proving.findings import Findings, listed
from engine.proving.tried import Condition, Tried, Values
from engine.proving.ways import Ways


def prove_conditions(found: Findings, ways: Ways) -> None:
    """Complain of guards that decide nothing, and of states in which no transition is open."""
    tried = Trying(found, ways)
    for transition in ways.workflow.transitions.values():
        for expression, place in _asked(transition):
            tried.judge(transition, expression, place)
        tried.chosen(transition)
    for name in ways.reached:
        tried.shut(ways.workflow.states[name])


def _asked(transition: Transition) -> Iterator[tuple[Expression, Place]]:
    yield from ((guard.check, guard.place) for guard in transition.guards)
    if transition.when is not None:
        yield transition.when, transition.when.place


class Trying(Tried):
    """Tries the conditions of one workflow."""

    def __init__(self, found: Findings, ways: Ways) -> None:
        super().__init__(found, found.application.entities[ways.workflow.entity])
        self.ways, self.workflow = ways, ways.workflow

    # ---- one condition

    def judge(self, transition: Transition, expression: Expression, place: Place) -> None:
        """Whether a condition holds in some records and not in others, in the states it is asked in."""
        states = [each for each in transition.sources if each in self.workflow.states]
        condition = self.condition(expression)
        if transition.start or condition is None or not states:
            return
        answers = {state: self.answers(condition, state) for state in states}
        if any(not each for each in answers.values()):
            return  # too many to try
        never = [state for state, found in answers.items() if found == {False}]
        text = expression.text.strip()
        if len(never) == len(states):
            message = f"{text} never holds from {listed(states, 'or')}: {transition.name!r} is never open"
            self.found.error(place, "guard-never-holds", message, "correct the condition, or `from`")
        elif never:
            message = f"{text} never holds from {listed(never, 'or')}: {transition.name!r} is not open there"
            self.found.warn(place, "guard-never-holds", message, f"take {listed(never)} out of `from`")
        elif all(found == {True} for found in answers.values()):
            message = f"{text} always holds from {listed(states, 'or')}: it decides nothing"
            self.found.warn(place, "guard-always-holds", message, "take it out, or correct it")

    def domain(self, name: str) -> Sequence[Any]:
        return tuple(self.workflow.states) if name == self.workflow.member else super().domain(name)

    def records(self, members: Sequence[str], state: str) -> list[Values]:
        """Every record in a state, as far as these members go; none where they are too many."""
        return self.every(members, {self.workflow.member: state})

    def answers(self, condition: Condition, state: str) -> set[bool]:
        return {condition.holds(each) for each in self.records(condition.members, state)}

    # ---- where it leads

    def chosen(self, transition: Transition) -> None:
        """Whether the expression that chooses the target may give none."""
        if transition.choose is None:
            return
        node = self.found.rule_of[transition.choose].checked.node
        if node.null.name != "NEVER":
            message = f"{transition.name!r} may lead nowhere: what chooses its target may give nothing"
            hint = "say what holds where a value is missing, for example coalesce(…, 'new')"
            self.found.warn(transition.choose.place, "target-may-be-missing", message, hint)

    # ---- all ways out of a state

    def shut(self, state: State) -> None:
        """Whether values that nobody changes in a state shut every way out of it."""
        exits = [
            each
            for each in self.workflow.leaving(state.name)
            if set(self.ways.targets(each, state.name)) - {state.name}
        ]
        conditions = [[self.condition(guard.check) for guard in each.guards] for each in exits]
        if state.final or not exits or not all(conditions):
            return
        known = [[each for each in several if each is not None] for several in conditions]
        if [len(each) for each in known] != [len(each) for each in conditions]:
            return
        members = tuple(dict.fromkeys(name for several in known for each in several for name in each.members))
        if set(members) <= {self.workflow.member} or not all(
            self._fixed(state, name, exits) for name in members
        ):
            return
        for record in self.records(members, state.name):
            if not any(all(each.holds(record) for each in several) for several in known):
                values = ", ".join(
                    f"{name}: {_told(value)}"
                    for name, value in record.items()
                    if name != self.workflow.member
                )
                message = f"no transition leaves {state.name!r} for a record with {values}"
                hint = "add one, widen a guard, or do not freeze what guards ask for"
                self.found.warn(state.place, "guard-gap", message, hint)
                return

    def _fixed(self, state: State, name: str, exits: Sequence[Transition]) -> bool:
        """Whether a member stays as it is in a state."""
        asked = any(name == each.name for transition in exits for each in transition.form)
        frozen = state.frozen or name in state.freeze or "update" in state.forbid
        return name == self.workflow.member or (frozen and not asked)


def _told(value: Any) -> str:
    return "nothing" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
