"""A layered layout, after Sugiyama: layers by the longest way from the beginning, few crossings, room for labels.

Every edge is a chain through the layers between its ends, with an invisible point in each; states stand in every other
layer, and the point between two of them holds the edge's label, so that nothing is ever drawn over a label.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from engine.drawing.graph import START, Edge, Graph, Node

NODE_CHAR, LABEL_CHAR = 7.4, 6.3
"""How wide a letter is at most, in the two sizes of type."""

NODE_HEIGHT, LOOP_LINE, LABEL_LINE = 34.0, 15.0, 15.0
APART, BETWEEN, MARGIN = 22.0, 20.0, 14.0
SWEEPS = 8
DOT = 14.0

Point = tuple[float, float]


@dataclass
class Spot:
    """A place in a layer: of a node, or a point of an edge; `x` and `y` are its middle."""

    name: str
    layer: int
    width: float
    height: float
    node: Node | None = None
    x: float = 0.0
    y: float = 0.0
    above: list[Spot] = field(default_factory=list)
    below: list[Spot] = field(default_factory=list)


@dataclass(frozen=True)
class Route:
    """An edge as it is drawn: its points from source to target, and where its labels stand."""

    edge: Edge
    points: tuple[Point, ...]
    label: Point


@dataclass(frozen=True)
class Layout:
    """Everything with its place. `width` and `height` are those of the whole drawing."""

    spots: Mapping[str, Spot]
    routes: tuple[Route, ...]
    width: float
    height: float


def layout(graph: Graph) -> Layout:
    """Lay a graph out."""
    ranks = _ranks(graph)
    spots = {node.name: _spot(node, ranks[node.name] * 2) for node in graph.nodes}
    chains = [_chain(edge, spots) for edge in graph.edges]
    layers: list[list[Spot]] = [[] for _ in range(max(spot.layer for spot in spots.values()) + 1)]
    for spot in [*spots.values(), *(point for _, chain in chains for point in chain[1:-1])]:
        layers[spot.layer].append(spot)
    _order(layers)
    _place(layers)
    height = _stack(layers)
    routes = tuple(_route(edge, chain) for edge, chain in chains)
    width = max(spot.x + spot.width / 2 for layer in layers for spot in layer) + MARGIN
    return Layout(spots, routes, width, height)


def _spot(node: Node, layer: int) -> Spot:
    if node.name == START:
        return Spot(node.name, layer, DOT, DOT, node)
    loops = max((len(text) + 2 for text in node.loops), default=0) * LABEL_CHAR
    width = max(len(node.label) * NODE_CHAR, loops) + 28
    return Spot(node.name, layer, max(width, 84.0), NODE_HEIGHT + LOOP_LINE * len(node.loops), node)


# ---- layers


def _ranks(graph: Graph) -> dict[str, int]:
    """The layer of each node: one further than all that lead there, but for edges that lead back."""
    forward: dict[str, list[str]] = {node.name: [] for node in graph.nodes}
    for edge in graph.edges:
        forward[edge.source].append(edge.target)
    back = _leading_back(graph, forward)
    ranks = {node.name: 0 if node.name == START else 1 for node in graph.nodes}
    for _ in graph.nodes:
        for edge in graph.edges:
            if (edge.source, edge.target) not in back:
                ranks[edge.target] = max(ranks[edge.target], ranks[edge.source] + 1)
    return ranks


def _leading_back(graph: Graph, forward: Mapping[str, list[str]]) -> set[tuple[str, str]]:
    """The edges that close a circle, walking from the beginning in the order of declaration."""
    back: set[tuple[str, str]] = set()
    done: set[str] = set()

    def walk(name: str, path: tuple[str, ...]) -> None:
        for target in forward[name]:
            if target in (*path, name):
                back.add((name, target))
            elif target not in done:
                walk(target, (*path, name))
        done.add(name)

    for node in graph.nodes:
        if node.name not in done:
            walk(node.name, ())
    return back


def _chain(edge: Edge, spots: Mapping[str, Spot]) -> tuple[Edge, list[Spot]]:
    """The spots an edge goes through, its label at the point after its source; neighbours get to know each other."""
    source, target = spots[edge.source], spots[edge.target]
    step = 1 if target.layer >= source.layer else -1
    layers = range(source.layer + step, target.layer, step) if target.layer != source.layer else ()
    points = [Spot(f"{edge.source}→{edge.target}", layer, 10.0, 0.0) for layer in layers]
    if points:
        points[0].width = max((len(text) for text in edge.labels), default=0) * LABEL_CHAR + 10
        points[0].height = LABEL_LINE * len(edge.labels)
    chain = [source, *points, target]
    for one, other in pairwise(chain):
        upper, lower = (one, other) if one.layer < other.layer else (other, one)
        upper.below.append(lower)
        lower.above.append(upper)
    return edge, chain


def _order(layers: list[list[Spot]]) -> None:
    """Order each layer by where its neighbours stand, down and up again, until few edges cross."""
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        for layer in layers if down else reversed(layers):
            places = {id(spot): position for each in layers for position, spot in enumerate(each)}

            def middle(spot: Spot, down: bool = down, places: dict[int, int] = places) -> float:
                near = spot.above if down else spot.below
                own = float(places[id(spot)])
                return sum(places[id(each)] for each in near) / len(near) if near else own

            layer.sort(key=middle)


# ---- places


def _place(layers: list[list[Spot]]) -> None:
    """Give each spot its x: near the middle of its neighbours, and apart from those beside it."""
    for layer in layers:
        at = 0.0
        for spot in layer:
            spot.x = at + spot.width / 2
            at += spot.width + APART
    for sweep in range(SWEEPS * 2):
        for layer in layers if sweep % 2 == 0 else reversed(layers):
            for spot in layer:
                near = [*spot.above, *spot.below]
                if near:
                    spot.x = sum(each.x for each in near) / len(near)
            _spread(layer)
    least = min(spot.x - spot.width / 2 for layer in layers for spot in layer)
    for layer in layers:
        for spot in layer:
            spot.x += MARGIN - least


def _spread(layer: list[Spot]) -> None:
    """Push overlapping neighbours apart, half of the way to each side."""
    wanted = [spot.x for spot in layer]
    rightward, leftward = list(wanted), list(wanted)
    for number in range(1, len(layer)):
        room = (layer[number - 1].width + layer[number].width) / 2 + APART
        rightward[number] = max(rightward[number], rightward[number - 1] + room)
    for number in range(len(layer) - 2, -1, -1):
        room = (layer[number + 1].width + layer[number].width) / 2 + APART
        leftward[number] = min(leftward[number], leftward[number + 1] - room)
    for spot, one, other in zip(layer, rightward, leftward, strict=True):
        spot.x = (one + other) / 2


def _stack(layers: list[list[Spot]]) -> float:
    """Give each layer its y; answers the height of all."""
    at = MARGIN
    for layer in layers:
        height = max((spot.height for spot in layer), default=0.0)
        for spot in layer:
            spot.y = at + height / 2
        at += height + BETWEEN
    return at - BETWEEN + MARGIN


def _route(edge: Edge, chain: list[Spot]) -> Route:
    source, target = chain[0], chain[-1]
    if len(chain) == 2:  # beside each other in one layer
        middle = ((source.x + target.x) / 2, source.y)
        side = 1 if target.x > source.x else -1
        ends = (
            (source.x + side * source.width / 2, source.y),
            (target.x - side * target.width / 2, target.y),
        )
        return Route(edge, ends, middle)
    down = target.layer > source.layer
    start = (_port(source, chain[1], down), source.y + (source.height / 2 if down else -source.height / 2))
    end = (_port(target, chain[-2], not down), target.y + (-target.height / 2 if down else target.height / 2))
    inner = tuple((spot.x, spot.y) for spot in chain[1:-1])
    return Route(edge, (start, *inner, end), (chain[1].x, chain[1].y))


def _port(spot: Spot, neighbour: Spot, below: bool) -> float:
    """Where on a side of a node an edge begins or ends: beside the others, in the order of where they come from."""
    near = sorted(spot.below if below else spot.above, key=lambda each: each.x)
    place = next(number for number, each in enumerate(near) if each is neighbour)
    room = min(20.0, (spot.width - 24) / len(near)) if spot.width > DOT else 0.0
    return spot.x + (place - (len(near) - 1) / 2) * room
