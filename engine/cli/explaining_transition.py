"""`engine explain transition`: which transitions of a record are open to somebody, and why the others are not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from engine.app import open_for
from engine.cli.applying import DatabaseUrl
from engine.cli.explaining_access import parsed
from engine.cli.explaining_expression import known_entity
from engine.cli.metadata import AppFolder
from engine.errors import NotFound, Place, UsageError
from engine.identity.identity import actor_named
from engine.process.explaining import Account, Ground, accounts
from engine.work.context import SYSTEM


def transition(
    target: Annotated[str, typer.Argument(help="The record: ENTITY/ID.", metavar="ENTITY/ID")],
    name: Annotated[str, typer.Argument(help="The transition; all of the record where it is left out.")] = "",
    login: Annotated[str | None, typer.Option("--as", help="The user who would make it.")] = None,
    folder: AppFolder = Path(),
    database: DatabaseUrl = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Say which transitions of a record are open, and what stands in the way of the others; down to file and line."""
    entity, number, member = parsed(target)
    if number is None or member is not None:
        raise UsageError(f"{target!r} is no record: write ENTITY/ID, for example ticket/5")
    engine = open_for(folder, database=database)
    try:
        known_entity(engine.gateway.runtime.application, entity)
        actor = actor_named(engine.gateway, login) if login else SYSTEM
        with engine.gateway.read(SYSTEM, "cli") as context:
            try:
                found = accounts(replace(context, actor=actor, kept={}), entity, number, name)
            except NotFound as missing:
                raise UsageError(str(missing)) from missing
    finally:
        engine.close()
    if as_json:
        print(json.dumps([for_programs(each) for each in found], ensure_ascii=False))
    else:
        print("\n".join(in_words(found, f"{entity} {number}", actor.login)))
    if name and not found[0].open:
        raise typer.Exit(1)


def in_words(found: list[Account], record: str, login: str) -> Iterator[str]:
    """Every transition as lines."""
    if not found:
        yield f"no workflow moves {record}"
        return
    for number, each in enumerate(found):
        if number:
            yield ""
        answer = "open" if each.open else "not open"
        target = f" → {each.target}" if each.target else ""
        yield f"{each.transition.name}: {answer} for {login} ({record}: {each.state}{target})"
        for ground in each.grounds:
            yield from _ground(ground)


def _ground(ground: Ground) -> Iterator[str]:
    mark = {True: "✓", False: "✗", None: "·"}[ground.holds]
    later = " (its form decides)" if ground.kind == "guard" and ground.holds is None else ""
    yield f"  {mark} {ground.kind}: {ground.words}{later}{_at(ground.place)}"
    for step in ground.steps:
        yield f"      {'  ' * step.depth}{step.text} = {step.shown}"


def _at(place: Place | None) -> str:
    return f"  ({place.file}:{place.line})" if place is not None and place.line else ""


def for_programs(account: Account) -> dict[str, Any]:
    """A transition as JSON."""
    return {
        "name": account.transition.name,
        "label": account.transition.label,
        "workflow": account.process.workflow.name,
        "from": account.state,
        "to": account.target or None,
        "open": account.open,
        "reasons": [
            {
                "kind": ground.kind,
                "words": ground.words,
                "holds": ground.holds,
                "file": ground.place.file if ground.place else None,
                "line": ground.place.line if ground.place else None,
                "values": {step.text: step.shown for step in ground.steps},
            }
            for ground in account.grounds
        ],
    }
