"""Commands for whoever reviews a change of metadata: access, diff, test."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from engine.checked import check
from engine.cli.metadata import HERE, Folder
from engine.declared.application import Application
from engine.errors import MetadataError
from engine.matrix import lock
from engine.matrix.matrix import matrix_of


def register(app: typer.Typer) -> None:
    app.command()(access)


def access(
    folder: Folder = HERE,
    write: Annotated[bool, typer.Option("--lock", help=f"Write it to {lock.FILE} instead.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Print who may do what, line by line, or lock it into a file that is reviewed."""
    matrix = matrix_of(application_of(folder))
    if write:
        lock.save_lock(folder, matrix)
    lines = lock.written_lines(matrix)
    if as_json:
        print(
            json.dumps({"lines": lines, "lock": lock.FILE if write else None}, ensure_ascii=False, indent=2)
        )
    elif write:
        print(f"{lock.FILE}: {len(lines)} lines. Review what changed, and keep it with the metadata.")
    else:
        print(lock.as_text(matrix), end="")


def application_of(folder: Folder) -> Application:
    """The application of a folder; raises MetadataError with every problem."""
    checked = check(folder)
    if checked.application is None:
        raise MetadataError(checked.problems)
    return checked.application
