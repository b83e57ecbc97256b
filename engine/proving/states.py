"""States that nothing leads to, that can't be left, and from which no way leads to an end."""

from __future__ import annotations

from collections.abc import Iterator

from engine.proving.findings import Findings, listed
from engine.proving.ways import ARROW, Ways, led_to, turned


def prove_states(found: Findings, ways: Ways) -> None:
    """Complain of states that make no sense; what only follows from another complaint is not told again."""
    workflow = ways.workflow
    if not workflow.transitions:
        message = f"{workflow.name!r} has no transitions: its records stay {workflow.initial!r} for ever"
        found.warn(workflow.place, "no-transitions", message, "declare the ways between its states")
        return
    for state, further in unreachable(ways):
        message = f"no record ever gets into {state!r}" + (
            f", nor into {listed(further, 'or')} behind it" if further else ""
        )
        hint = "let a transition lead to it, or take it out"
        found.error(workflow.states[state].place, "unreachable-state", message, hint)
    for state in dead_ends(ways):
        message = f"{state!r} can't be left, and it is not final: {ways.shown(state)}"
        hint = "add a transition that leaves it, or `final: true` where records may rest there"
        found.error(workflow.states[state].place, "dead-end-state", message, hint)
    for circle in traps(ways):
        message = f"from {circle[0]!r} no way leads to a final state: {ARROW.join([*circle, circle[0]])}"
        hint = f"add a transition that leaves {listed(circle, 'or')} for a state from which one does"
        found.warn(workflow.states[circle[0]].place, "no-way-to-final", message, hint)


def unreachable(ways: Ways) -> Iterator[tuple[str, tuple[str, ...]]]:
    """States that no way leads to, each with those that only it leads to."""
    left = [name for name in ways.workflow.states if name not in ways.before]
    backward = turned(ways.following)
    while left:
        # of those left, one that only states behind it lead to: nothing but a transition to it helps
        first = next(
            name for name in left if led_to([name], backward) & set(left) <= led_to([name], ways.following)
        )
        behind = led_to([first], ways.following) & set(left)
        yield first, tuple(name for name in left if name in behind and name != first)
        left = [name for name in left if name not in behind]


def dead_ends(ways: Ways) -> list[str]:
    """The states that records come to, must not rest in, and never leave."""
    states = ways.workflow.states
    return [name for name in ways.reached if not states[name].final and not ways.following[name]]


def traps(ways: Ways) -> Iterator[list[str]]:
    """Circles of states that are never left again; none where the workflow has no end to come to."""
    states = ways.workflow.states
    ends = [name for name in ways.reached if states[name].final]
    if not ends:
        return
    hopeful = led_to([*ends, *dead_ends(ways)], turned(ways.following))
    left = [name for name in ways.reached if name not in hopeful]
    while left:
        ahead = {name: led_to([name], ways.following) for name in left}
        # the last circle of a way: everything it leads to leads back
        last = next(name for name in left if all(name in ahead[each] for each in ahead[name]))
        circle = [name for name in left if name in ahead[last]]
        yield circle
        into = led_to(circle, turned(ways.following))
        left = [name for name in left if name not in into]
