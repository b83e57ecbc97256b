"""Cycles in a graph of names: which there are, and the shortest way around each."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Mapping

Graph = Mapping[str, Collection[str]]


def cycles(graph: Graph) -> list[list[str]]:
    """The shortest way around each knot of the graph, as the names on it, each knot once.

    Knots are the strongly connected components (Tarjan 1972), so the cost grows with the edges only.
    """
    return [_way_around(knot, graph) for knot in _knots(graph) if len(knot) > 1 or knot[0] in graph[knot[0]]]


def _knots(graph: Graph) -> list[list[str]]:
    index: dict[str, int] = {}
    lowest: dict[str, int] = {}
    stack: list[str] = []
    on_stack: set[str] = set()
    found: list[list[str]] = []
    for start in graph:
        if start in index:
            continue
        waiting = [(start, iter(graph[start]))]
        _enter(start, index, lowest, stack, on_stack)
        while waiting:
            name, further = waiting[-1]
            following = next((each for each in further if each in graph), None)
            if following is None:
                waiting.pop()
                if waiting:
                    above = waiting[-1][0]
                    lowest[above] = min(lowest[above], lowest[name])
                if lowest[name] == index[name]:
                    cut = stack.index(name)
                    found.append(stack[cut:])
                    on_stack.difference_update(stack[cut:])
                    del stack[cut:]
            elif following not in index:
                _enter(following, index, lowest, stack, on_stack)
                waiting.append((following, iter(graph[following])))
            elif following in on_stack:
                lowest[name] = min(lowest[name], index[following])
    return found


def _enter(
    name: str, index: dict[str, int], lowest: dict[str, int], stack: list[str], on_stack: set[str]
) -> None:
    index[name] = lowest[name] = len(index)
    stack.append(name)
    on_stack.add(name)


def _way_around(knot: Collection[str], graph: Graph) -> list[str]:
    """The shortest way from the knot's first name (in order of the graph) back to itself."""
    inside = set(knot)
    start = next(name for name in graph if name in inside)
    came: dict[str, str] = {}
    waiting = deque([start])
    while waiting:
        name = waiting.popleft()
        for following in graph[name]:
            if following == start:
                way = [name]
                while way[-1] != start:
                    way.append(came[way[-1]])
                return way[::-1]
            if following in inside and following not in came:
                came[following] = name
                waiting.append(following)
    raise AssertionError("a knot has a way around it")
