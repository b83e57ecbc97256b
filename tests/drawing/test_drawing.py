"""Diagrams: every state and transition is there, nothing lies over anything else, and the text says the same."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import pytest

from engine.cli import diagrams
from engine.drawing.graph import START, graph_of
from engine.drawing.layout import Layout, layout
from engine.drawing.mermaid import workflow_mermaid
from engine.drawing.svg import workflow_svg
from engine.errors import UsageError
from engine.loading.load import load
from engine.metamodel.workflow import Workflow
from tests.support.tickets import TICKETS

TANGLE = """
app: tangle
---
entity: thing
properties: {name: {type: text}, state: {type: state, workflow: tangle}}
---
workflow: tangle
label: Tangle & more
entity: thing
property: state
initial: a
states: {a: {}, b: {}, c: {}, d: {}, e: {}, f: {}, g: {final: true}}
transitions:
  ab: {from: a, to: b}
  skip_everything: {from: a, to: g}
  all_to_b: {from: all, to: b}
  bc: {from: b, to: c}
  cd: {from: c, to: d}
  ce: {from: c, to: e}
  df: {from: [d, e], to: f}
  fg: {from: f, to: g}
  back_to_the_very_beginning: {from: [f, g], to: a}
  gd: {from: g, to: d}
"""


@pytest.fixture(scope="module", params=["tickets", "tangle"])
def workflow(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Workflow:
    folder = tmp_path_factory.mktemp(request.param)
    (folder / "metadata").mkdir()
    text = TICKETS if request.param == "tickets" else TANGLE
    (folder / "metadata" / "app.yaml").write_text(text, encoding="utf-8")
    return next(iter(load(folder).workflows.values()))


def boxes(laid: Layout) -> list[tuple[str, float, float, float, float]]:
    """Nodes and labels with their edges: left, top, right, bottom."""
    found = [
        (
            each.name,
            each.x - each.width / 2,
            each.y - each.height / 2,
            each.x + each.width / 2,
            each.y + each.height / 2,
        )
        for each in laid.spots.values()
    ]
    for route in laid.routes:
        if route.edge.labels:
            wide, high = max(map(len, route.edge.labels)) * 3.15, 7.5 * len(route.edge.labels)
            x, y = route.label
            found.append((" ".join(route.edge.labels), x - wide, y - high, x + wide, y + high))
    return found


def test_nothing_lies_over_anything_else(workflow: Workflow) -> None:
    laid = layout(graph_of(workflow))
    for one, other in combinations(boxes(laid), 2):
        apart = one[3] <= other[1] or other[3] <= one[1] or one[4] <= other[2] or other[4] <= one[2]
        assert apart, (one, other)
    for _, left, top, right, bottom in boxes(laid):
        assert left >= 0
        assert top >= 0
        assert right <= laid.width
        assert bottom <= laid.height


def test_every_state_and_transition_is_drawn(workflow: Workflow) -> None:
    state = list(workflow.states)[1]
    drawn = workflow_svg(workflow, now=state, been={workflow.initial}, standalone=True)
    root = ElementTree.fromstring(drawn)
    texts = {"".join(each.itertext()) for each in root.iter("{http://www.w3.org/2000/svg}text")}
    for each in workflow.states.values():
        assert each.label in texts
    for transition in workflow.transitions.values():
        assert transition.label in {text.removeprefix("↻ ") for text in texts}
    title, described = root[0], root[1]
    assert title.text == workflow.label
    assert f"It is now in {workflow.states[state].label}." in str(described.text)
    assert [each.get("class") for each in root.iter() if "is-now" in each.get("class", "")] == [
        "d-node is-now"
    ]


def test_the_text_says_the_same(workflow: Workflow) -> None:
    text = workflow_mermaid(workflow)
    assert "stateDiagram-v2" in text
    assert f"    [*] --> {workflow.initial}\n" in text
    for edge in graph_of(workflow).edges:
        if edge.source != START:
            assert f"    {edge.source} --> {edge.target}: {', '.join(edge.labels)}\n" in text
    finals = [each.name for each in workflow.states.values() if each.final]
    assert all(f"    {name} --> [*]\n" in text for name in finals)


def test_the_command_writes_what_the_ending_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "metadata").mkdir()
    (tmp_path / "metadata" / "app.yaml").write_text(TICKETS, encoding="utf-8")
    diagrams.diagram("life", tmp_path, tmp_path / "life.svg")
    assert (tmp_path / "life.svg").read_text(encoding="utf-8").startswith("<svg xmlns=")
    diagrams.diagram("life", tmp_path, tmp_path / "life.mmd")
    diagrams.diagram("life", tmp_path, None)
    printed = capsys.readouterr().out
    assert (tmp_path / "life.mmd").read_text(encoding="utf-8") in printed
    for name, out in (("lif", None), ("life", tmp_path / "life.png")):
        with pytest.raises(UsageError, match=r"did you mean 'life'|has to end in"):
            diagrams.diagram(name, tmp_path, out)
