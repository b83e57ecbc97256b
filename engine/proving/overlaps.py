"""Transitions that stand in each other's way: what fires first, so that another never does; two that are the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any

from engine.errors import Place
from engine.metamodel.expression import Expression
from engine.metamodel.workflow import Transition, Trigger, Workflow
from engine.proving.findings import Findings, listed
from engine.proving.ways import Ways


def prove_overlaps(found: Findings, ways: Ways) -> None:
    """Warn of transitions that another one takes the place of."""
    for first, second, states in shadows(ways.workflow):
        message = (
            f"{second.name!r} does not fire by itself from {listed(states)}: {first.name!r} comes first "
            f"({ways.shown(states[0], first.target or '')})"
        )
        hint = "give one of them another condition or time, or another state"
        found.warn(second.place, "shadowed-transition", message, hint)
    for first, second, states in twins(ways.workflow):
        where = listed(states) if states else "the start"
        message = f"{second.name!r} does from {where} what {first.name!r} does"
        found.warn(second.place, "same-transition", message, "take one of them out, or say how they differ")


Pair = tuple[Transition, Transition, tuple[str, ...]]


# ---- by themselves


def shadows(workflow: Workflow) -> Iterator[Pair]:
    """Of transitions that fire by themselves for the same reason: the one that always comes first, and the other."""
    order = {name: number for number, name in enumerate(workflow.transitions)}
    alone = [each for each in workflow.transitions.values() if each.trigger is not None]
    for pair in combinations(alone, 2):
        first, second = sorted(pair, key=lambda each: (_time(each), order[each.name]))
        if not _same_reason(_trigger(first), _trigger(second)) or not _at_least_as_often(first, second):
            continue
        states = tuple(
            state for state in first.sources if state in second.sources and first.target not in (None, state)
        )
        if states:
            yield first, second, states


def _trigger(transition: Transition) -> Trigger:
    assert transition.trigger is not None
    return transition.trigger


def _time(transition: Transition) -> float:
    after = _trigger(transition).after
    return after.total_seconds() if after is not None else 0.0


def _same_reason(first: Trigger, second: Trigger) -> bool:
    """Whether whatever fires the second would have fired the first by then."""
    if first.after is not None and second.after is not None:
        return first.calendar == second.calendar
    if first.on is not None and second.on is not None:
        wider = not first.changed or (bool(second.changed) and second.changed <= first.changed)
        return first.on == second.on and wider
    return bool(first.schedule) and first.schedule == second.schedule


def _at_least_as_often(first: Transition, second: Transition) -> bool:
    """Whether the first asks nothing that the second does not ask as well."""
    return _conditions(first) <= _conditions(second)


def _conditions(transition: Transition) -> frozenset[str]:
    when = [transition.when] if transition.when is not None else []
    return frozenset(each.text.strip() for each in (*when, *(guard.check for guard in transition.guards)))


# ---- by hand


def twins(workflow: Workflow) -> Iterator[Pair]:
    """Transitions that nobody could tell from each other but by their names."""
    for first, second in combinations(workflow.transitions.values(), 2):
        if _what_it_does(first) != _what_it_does(second) or _who(first).isdisjoint(_who(second)):
            continue
        states = tuple(state for state in first.sources if state in second.sources)
        if states or (first.start and second.start):
            yield first, second, states


def _who(transition: Transition) -> frozenset[str]:
    return frozenset(transition.roles) if transition.roles is not None else frozenset({""})


def _what_it_does(transition: Transition) -> Any:
    """Everything it asks, checks and does, without names and places."""
    return bare(
        (
            *(
                transition.start,
                transition.target,
                transition.choose,
                transition.hidden,
                transition.hidden_if,
            ),
            *(transition.when, transition.guards, transition.form, transition.do, transition.approval),
            *(transition.trigger, transition.roles is None, transition.confirm),
        )
    )


def bare(found: object) -> Any:
    """A declaration as what it says, wherever it stands: for comparing."""
    if isinstance(found, Expression):
        return found.text.strip()
    if isinstance(found, Place):
        return None
    if isinstance(found, Mapping):
        return tuple((name, bare(each)) for name, each in found.items())
    if isinstance(found, list | tuple):
        return tuple(bare(each) for each in found)
    if hasattr(found, "__dataclass_fields__"):
        return (type(found).__name__, *(bare(getattr(found, name)) for name in found.__dataclass_fields__))
    return repr(found)
