"""A workflow as Mermaid text: a state diagram that documentation systems draw."""

from __future__ import annotations

from engine.drawing.graph import START, graph_of
from engine.metamodel.workflow import Workflow


def workflow_mermaid(workflow: Workflow) -> str:
    """The state diagram of a workflow."""
    graph = graph_of(workflow)
    lines = ["---", f"title: {_quoted(graph.title)}", "---", "stateDiagram-v2"]
    lines += [f"    state {_quoted(node.label)} as {node.name}" for node in graph.nodes if node.name != START]
    for edge in graph.edges:
        source = "[*]" if edge.source == START else edge.source
        said = f": {_plain(', '.join(edge.labels))}" if edge.labels else ""
        lines.append(f"    {source} --> {edge.target}{said}")
    for node in graph.nodes:
        if node.loops:
            lines.append(f"    {node.name} --> {node.name}: {_plain(', '.join(node.loops))}")
        if node.final:
            lines.append(f"    {node.name} --> [*]")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return '"' + text.replace('"', "'").replace("\n", " ") + '"'


def _plain(text: str) -> str:
    """A label without what Mermaid takes for the end of it."""
    return text.replace("\n", " ").replace(":", "&#58;").replace(";", "&#59;")
