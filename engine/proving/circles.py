"""Circles that nobody stops: states that time leads through again and again, processes that lead to each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import pairwise

from engine.declared.cycles import cycles
from engine.metamodel.workflow import Transition
from engine.proving.effects import Follow, Node, follows_of, nodes_of
from engine.proving.findings import Findings, listed
from engine.proving.ways import ARROW, Step, Ways, way_between

# ---- time


def prove_timers(found: Findings, ways: Ways) -> None:
    """Warn of circles of transitions that time makes; one that leads back to its own state says so on purpose."""
    steps = [each for each in ways.steps if _by_time(each.transition) and each.source in ways.before]
    graph: dict[str, list[str]] = {name: [] for name in ways.workflow.states}
    for step in steps:
        if step.source != step.target:
            graph[step.source].append(step.target)
    for way in cycles(graph):
        around = list(zip(way, [*way[1:], way[0]], strict=True))
        used = [next(each for each in steps if (each.source, each.target) == pair) for pair in around]
        names = [each.transition.name for each in used if each.transition is not None]
        every = _every(used)
        said = "may go" if _conditional(used) else "go"
        message = (
            f"records {said} round by themselves{every}: {ARROW.join([*way, way[0]])}, by {listed(names)}"
        )
        hint = "let one of them lead to a state that time does not leave, or give it a condition that ends it"
        place = used[0].transition.place if used[0].transition is not None else ways.workflow.place
        found.warn(place, "timer-cycle", message, hint)


def _by_time(transition: Transition | None) -> bool:
    trigger = transition.trigger if transition is not None else None
    return trigger is not None and bool(trigger.after is not None or trigger.schedule)


def _every(steps: Iterable[Step]) -> str:
    """How long a round takes, where every step says how long it waits."""
    waits = [each.transition.trigger.after for each in steps if each.transition and each.transition.trigger]
    if any(each is None for each in waits):
        return ""
    hours = sum((each for each in waits if each is not None), timedelta()).total_seconds() / 3600
    return f" every {hours:g} hours"


def _conditional(steps: Iterable[Step]) -> bool:
    found = [each.transition for each in steps if each.transition is not None]
    return any(each.when is not None or each.guards or each.choose is not None for each in found)


# ---- what follows on what


def prove_following(found: Findings) -> None:
    """Complain of processes that lead to each other in a circle: surely, or where no condition ends it."""
    nodes = nodes_of(found)
    follows = follows_of(nodes)
    lasting = [each for each in follows if not each.settled]
    for way in cycles(_graph(nodes, lasting)):
        _tell(found, nodes[way[0]], _around(lasting, [*way, way[0]]))
    told = {name for way in cycles(_graph(nodes, lasting)) for name in way}
    for way in _through_new_records(nodes, follows):
        if told.isdisjoint(way):
            told |= {*way}
            _tell(found, nodes[way[0]], _around(follows, [*way, way[0]]))


def _graph(nodes: Iterable[str], follows: Iterable[Follow]) -> dict[str, list[str]]:
    graph: dict[str, list[str]] = {name: [] for name in nodes}
    for each in follows:
        graph[each.first].append(each.second)
    return graph


def _through_new_records(nodes: Iterable[str], follows: Iterable[Follow]) -> Iterator[list[str]]:
    """The ways around that make a record: what happens to a record once only happens to each new one."""
    graph = _graph(nodes, follows)
    for each in follows:
        if each.creates:
            way = way_between(graph, each.second, each.first)
            if way is not None:
                yield way


def _around(follows: Iterable[Follow], way: list[str]) -> list[Follow]:
    """What leads from each process of a way to the next."""
    several = tuple(follows)
    return [_surest(several, first, second) for first, second in pairwise(way)]


def _surest(follows: Iterable[Follow], first: str, second: str) -> Follow:
    between = [each for each in follows if (each.first, each.second) == (first, second)]
    return next((each for each in between if each.surely), between[0])


def _tell(found: Findings, node: Node, used: list[Follow]) -> None:
    way = ARROW.join([*(f"{each.first} {each.how}" for each in used), used[0].first])
    if all(each.surely for each in used):
        message = f"this would never end: {way}"
        hint = "take one of these out, or give it a `when` that is false the second time"
        found.error(node.place, "trigger-cycle", message, hint)
    else:
        message = f"this may never end: {way}"
        hint = "make sure that a condition on the way is false in the end"
        found.warn(node.place, "trigger-cycle", message, hint)
