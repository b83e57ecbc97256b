"""A workflow as a graph: its states, where it begins, and one edge for all transitions between two of them."""

from __future__ import annotations

from dataclasses import dataclass

from engine.metamodel.workflow import Transition, Workflow

START = ""
"""The node that everything begins at; no state is called so."""


@dataclass(frozen=True)
class Node:
    """A state, or the beginning. `loops` are the labels of transitions that leave it where it is."""

    name: str
    label: str
    tone: str = ""
    final: bool = False
    loops: tuple[str, ...] = ()


@dataclass(frozen=True)
class Edge:
    """A way from one node to another: the labels of the transitions that take it; `by_itself` if nobody has to."""

    source: str
    target: str
    labels: tuple[str, ...]
    by_itself: bool = False


@dataclass(frozen=True)
class Graph:
    """Nodes in their usual order, the beginning first."""

    title: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


def graph_of(workflow: Workflow) -> Graph:
    """The graph of a workflow."""
    loops: dict[str, list[str]] = {}
    ways: dict[tuple[str, str], list[Transition]] = {(START, workflow.initial): []}
    for transition in workflow.transitions.values():
        sources = (START,) if transition.start else transition.sources
        for source in sources:
            for target in transition.targets or (source,):
                if source == target:
                    loops.setdefault(source, []).append(transition.label)
                else:
                    ways.setdefault((source, target), []).append(transition)
    nodes = [Node(START, "Start")]
    for state in workflow.states.values():
        own = tuple(loops.get(state.name, ()))
        nodes.append(Node(state.name, state.label, state.choice.color, state.final, own))
    edges = tuple(_edge(source, target, found) for (source, target), found in ways.items())
    return Graph(workflow.label, tuple(nodes), edges)


def _edge(source: str, target: str, found: list[Transition]) -> Edge:
    by_itself = bool(found) and all(each.hidden or each.by_itself_only for each in found)
    return Edge(source, target, tuple(each.label for each in found), by_itself)
