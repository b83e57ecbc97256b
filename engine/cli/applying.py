"""The command that brings the database to the metadata: apply."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from engine.app import Engine, open_app
from engine.cli.metadata import HERE, Folder
from engine.errors import MetadataError, SchemaDiffers
from engine.text import report

DatabaseUrl = Annotated[
    str | None, typer.Option("--database", help="The database's URL.", envvar="ENGINE_DATABASE_URL")
]
OWN = "_engine_"
"""How the engine's own tables begin: nobody who writes metadata wants to read of them."""

MOST_TOLD = 10
"""How many additions, and values computed anew, a server names one by one."""


def register(app: typer.Typer) -> None:
    app.command()(apply)


def apply(
    folder: Folder = HERE,
    database: DatabaseUrl = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Bring the database to the metadata, as far as that only adds, and say what was added."""
    if as_json:
        _for_programs(folder, database)
        return
    added, computed, entities = _apply(folder, database)
    for line in (*added, *computed):
        print(line)
    made = f"{len(added)} addition{'' if len(added) == 1 else 's'} made" if added else "nothing to add"
    print(f"{made}: the database holds the tables of {entities} entities")


def _apply(folder: Folder, database: str | None) -> tuple[list[str], list[str], int]:
    """Apply; answers what was added and what was computed, in words, and how many entities there are."""
    engine = open_app(folder, database=database, apply=True)
    engine.close()
    return told(engine.applied), list(engine.computed), len(engine.gateway.runtime.entities)


def told(words: Sequence[str]) -> list[str]:
    """Additions without those that only concern the engine's own tables."""
    return [line for line in words if not line.startswith(OWN)]


def _for_programs(folder: Folder, database: str | None) -> None:
    """The same as JSON: what was added, else what is in the way."""
    answer: dict[str, object]
    try:
        added, computed, entities = _apply(folder, database)
        answer, status = {"added": added, "computed": computed, "entities": entities}, 0
    except MetadataError as error:
        answer, status = {"added": [], **report.as_json(error.problems)}, 1
    except SchemaDiffers as error:
        answer, status = {"added": [], "refused": list(error.refused), "waiting": list(error.additions)}, 1
    print(json.dumps(answer, ensure_ascii=False, indent=2))
    raise typer.Exit(status)


def tell_added(engine: Engine) -> None:
    """Say what a server added to the database; of very much, how much."""
    added = told(engine.applied)
    for line in added if len(added) <= MOST_TOLD else ():
        print(f"added: {line}", flush=True)
    if len(added) > MOST_TOLD:
        print(f"added: {len(added)} tables, properties and indexes", flush=True)
    for line in engine.computed if len(engine.computed) <= MOST_TOLD else ():
        print(line, flush=True)
    if len(engine.computed) > MOST_TOLD:
        print(f"computed: {len(engine.computed)} stored values of all records", flush=True)


def note_unapplied(engine: Engine) -> None:
    """Say what a command does without."""
    if engine.unapplied:
        print("engine: not applied yet, and not needed for this:", file=sys.stderr)
        for line in engine.unapplied:
            print(f"  {line}", file=sys.stderr)
        print("`engine apply` makes it.", file=sys.stderr)
