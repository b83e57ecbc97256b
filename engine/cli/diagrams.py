"""The command that draws: a workflow as SVG or Mermaid text."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from engine.checked import check
from engine.cli.metadata import HERE, Folder
from engine.documents.complaints import meant
from engine.drawing.mermaid import workflow_mermaid
from engine.drawing.svg import workflow_svg
from engine.errors import MetadataError, UsageError
from engine.metamodel.workflow import Workflow

FORMATS = (".svg", ".mmd")


def register(app: typer.Typer) -> None:
    app.command()(diagram)


def diagram(
    name: Annotated[str, typer.Argument(metavar="WORKFLOW", help="The workflow.")],
    folder: Folder = HERE,
    out: Annotated[
        Path | None, typer.Option(help="The file to write: its ending says in which form, .svg or .mmd.")
    ] = None,
) -> None:
    """Draw a workflow: as a picture (SVG) or as text (Mermaid). Without --out the text is printed."""
    if out is not None and out.suffix not in FORMATS:
        raise UsageError(f"{out.name} has to end in {' or '.join(FORMATS)}")
    checked = check(folder)
    if checked.application is None:
        raise MetadataError(checked.problems)
    workflows = checked.application.workflows
    if name not in workflows:
        raise UsageError(f"no workflow {name!r}: {meant(name, list(workflows))}")
    if out is None:
        print(workflow_mermaid(workflows[name]), end="")
        return
    out.write_text(_drawn(workflows[name], out.suffix), encoding="utf-8")
    print(f"{out} shows {workflows[name].label}.")


def _drawn(workflow: Workflow, suffix: str) -> str:
    return workflow_mermaid(workflow) if suffix == ".mmd" else workflow_svg(workflow, standalone=True)
