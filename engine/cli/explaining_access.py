"""`engine explain access`: why somebody may do something to a record, or may not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from engine.app import open_for
from engine.cli.applying import DatabaseUrl
from engine.cli.explaining_expression import known_entity
from engine.cli.metadata import AppFolder
from engine.errors import NotFound, Place, UsageError
from engine.identity.identity import actor_named
from engine.service.cures import Cure, cure
from engine.service.why import Reason, Why, explain, who_may
from engine.work.context import SYSTEM


def access(
    user: Annotated[str, typer.Argument(help="The user's sign-in name.")],
    action: Annotated[str, typer.Argument(help="What they want to do: read, update, delete …")],
    target: Annotated[str, typer.Argument(help="ENTITY, ENTITY/ID or ENTITY/ID.PROPERTY.", metavar="TARGET")],
    folder: AppFolder = Path(),
    database: DatabaseUrl = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Say why a user may do something to a record or a property of it, or why not; down to file and line."""
    entity, number, member = parsed(target)
    engine = open_for(folder, database=database)
    try:
        known_entity(engine.gateway.runtime.application, entity)
        actor = actor_named(engine.gateway, user)
        with engine.gateway.read(SYSTEM, "cli") as context:
            try:
                why = explain(context, actor, action, entity, number, member)
            except NotFound as missing:
                raise UsageError(str(missing)) from missing
            found = cure(context, why)
            roles = who_may(context, entity, member) if member else []
    finally:
        engine.close()
    if as_json:
        print(json.dumps(for_programs(why, found)))
    else:
        print("\n".join(in_words(why, found, roles)))
    if not why.answer:
        raise typer.Exit(1)


def parsed(target: str) -> tuple[str, int | None, str | None]:
    """`ticket`, `ticket/5`, `ticket/5.cost`, `ticket.cost`."""
    record, _, member = target.partition(".")
    entity, slash, number = record.partition("/")
    if slash and not (number.isascii() and number.isdigit()):
        raise UsageError(f"{target!r} is no record: write ENTITY/ID, for example ticket/5 or ticket/5.cost")
    return entity, int(number) if slash else None, member or None


def in_words(why: Why, found: Cure | None, roles: list[str]) -> Iterator[str]:
    """The explanation as lines."""
    yield f"{'yes' if why.answer else 'no'}: {headline(why)}"
    yield ""
    yield from (f"  {fact}" for fact in why.facts)
    for said in why.against:
        yield f"  ✗ {said}"
    yield ""
    for reason in (*why.reasons, *why.member_reasons):
        yield from _reason(reason)
    if roles:
        yield f"\n  roles that may read {why.member}: {', '.join(roles)}"
    if found is not None:
        turn = "to refuse it" if why.answer else "to allow it"
        yield f"\n  {turn}: {found.words}{_at(found.place)}"


def headline(why: Why) -> str:
    """`ana may not update case 5`, `ana may not read cost of case 5`."""
    record = f"{why.entity} {why.number}" if why.number is not None else why.entity
    member = f"{why.member} of " if why.member else ""
    return f"{why.actor.login} {'may' if why.answer else 'may not'} {why.action} {member}{record}"


def _reason(reason: Reason) -> Iterator[str]:
    mark = {True: "✓", False: "✗", None: "·"}[reason.holds]
    yield f"  {mark} {reason.words}{_at(reason.place)}"
    for step in reason.steps:
        yield f"      {'  ' * step.depth}{step.text} = {step.shown}"


def _at(place: Place | None) -> str:
    return f"  ({place.file}:{place.line})" if place is not None and place.line else ""


def for_programs(why: Why, found: Cure | None) -> dict[str, Any]:
    """The explanation as JSON."""
    return {
        "answer": why.answer,
        "user": why.actor.login,
        "action": why.action,
        "entity": why.entity,
        "id": why.number,
        "property": why.member,
        "against": list(why.against),
        "reasons": [
            {
                "words": reason.words,
                "holds": reason.holds,
                "file": reason.place.file if reason.place else None,
                "line": reason.place.line if reason.place else None,
                "values": {step.text: step.shown for step in reason.steps},
            }
            for reason in (*why.reasons, *why.member_reasons)
        ],
        "change": {"words": found.words, "file": found.place.file if found.place else None}
        if found
        else None,
    }
