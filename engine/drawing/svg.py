"""A workflow as SVG: for a page, whose style sheet colours it, or as a file that brings its own colours."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from markupsafe import Markup, escape

from engine.drawing.graph import START, Graph, graph_of
from engine.drawing.layout import LABEL_LINE, Layout, Point, Route, Spot, layout
from engine.metamodel.workflow import Workflow

STYLE = """
svg { color-scheme: light dark; background: Canvas; font-family: system-ui, sans-serif; }
.d-node rect { fill: light-dark(#fff, #1e2024); stroke: light-dark(#898c99, #6d717e); }
.d-node text { fill: light-dark(#1b1c21, #ecedf0); font-size: 13px; text-anchor: middle; }
.d-node .d-loop, .d-label { fill: light-dark(#555864, #a9acb8); font-size: 11.5px; text-anchor: middle; }
.d-edge { fill: none; stroke: light-dark(#898c99, #6d717e); stroke-width: 1.25; }
.d-itself { stroke-dasharray: 4 3; }
.d-arrow, .d-start { fill: light-dark(#757885, #9296a3); }
"""


def workflow_svg(
    workflow: Workflow, *, now: str = "", been: Collection[str] = (), standalone: bool = False
) -> Markup:
    """The diagram of a workflow; `now` is where a record stands, `been` where it has been before."""
    graph = graph_of(workflow)
    laid = layout(graph)
    described = _described(graph, workflow, now)
    own = f"<style>{STYLE}</style>" if standalone else ""
    names = ' xmlns="http://www.w3.org/2000/svg"' if standalone else ' class="diagram"'
    width, height = round(laid.width), round(laid.height)
    return Markup(
        f'<svg{names} viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" '
        f'aria-labelledby="d-title d-described"><title id="d-title">{escape(graph.title)}</title>'
        f'<desc id="d-described">{escape(described)}</desc>{own}'
        '<defs><marker id="d-arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
        'orient="auto"><path class="d-arrow" d="M0 0 8 4 0 8z"/></marker></defs>'
        + "".join(_edges(laid))
        + "".join(_nodes(laid, now, been))
        + "</svg>"
    )


def _described(graph: Graph, workflow: Workflow, now: str) -> str:
    states = ", ".join(node.label for node in graph.nodes if node.name != START)
    here = f" It is now in {workflow.states[now].label}." if now in workflow.states else ""
    return f"States: {states}.{here} The transitions are listed below the diagram."


def _edges(laid: Layout) -> Iterator[str]:
    for route in laid.routes:
        css = "d-edge d-itself" if route.edge.by_itself else "d-edge"
        yield f'<path class="{css}" d="{_path(route.points)}" marker-end="url(#d-arrow)"/>'
    for route in laid.routes:
        yield from _labels(route)


def _labels(route: Route) -> Iterator[str]:
    x, middle = route.label
    first = middle - LABEL_LINE * (len(route.edge.labels) - 1) / 2 + 4
    for number, text in enumerate(route.edge.labels):
        y = first + number * LABEL_LINE
        width = len(text) * 6.3 + 6
        yield (
            f'<rect class="d-behind" x="{x - width / 2:.1f}" y="{y - 11:.1f}" width="{width:.1f}" height="15" '
            f'fill="var(--bg, Canvas)"/><text class="d-label" x="{x:.1f}" y="{y:.1f}">{escape(text)}</text>'
        )


def _path(points: tuple[Point, ...]) -> str:
    """A smooth line through points, upright at each of them."""
    (x, y), rest = points[0], points[1:]
    written = [f"M{x:.1f} {y:.1f}"]
    for to_x, to_y in rest:
        half = (y + to_y) / 2
        written.append(f"C{x:.1f} {half:.1f} {to_x:.1f} {half:.1f} {to_x:.1f} {to_y:.1f}")
        x, y = to_x, to_y
    return "".join(written)


def _nodes(laid: Layout, now: str, been: Collection[str]) -> Iterator[str]:
    for spot in laid.spots.values():
        if spot.name == START:
            yield f'<circle class="d-start" cx="{spot.x:.1f}" cy="{spot.y:.1f}" r="6"/>'
        else:
            yield _node(spot, "is-now" if spot.name == now else "is-been" if spot.name in been else "")


def _node(spot: Spot, standing: str) -> str:
    node = spot.node
    assert node is not None
    left, top = spot.x - spot.width / 2, spot.y - spot.height / 2
    box = f'<rect x="{left:.1f}" y="{top:.1f}" width="{spot.width:.1f}" height="{spot.height:.1f}" rx="8"/>'
    if node.final:
        box += (
            f'<rect class="d-inner" x="{left + 3:.1f}" y="{top + 3:.1f}" width="{spot.width - 6:.1f}" '
            f'height="{spot.height - 6:.1f}" rx="5"/>'
        )
    text = f'<text x="{spot.x:.1f}" y="{top + 21.5:.1f}">{escape(node.label)}</text>'
    for number, loop in enumerate(node.loops):
        y = top + 37 + number * 15
        text += f'<text class="d-loop" x="{spot.x:.1f}" y="{y:.1f}">↻ {escape(loop)}</text>'
    return f'<g class="d-node {standing}">{box}{text}</g>'
