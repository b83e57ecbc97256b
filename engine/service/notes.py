"""Texts with data of records in them, that each reader reads as far as they may: notes in a history, notifications.

A text is kept in parts; beside what was read stands where it was read, and a reader who may not read that sees a
mark in its place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from engine.access import access
from engine.access.reaching import may_do
from engine.work.context import Context
from engine.work.stored import Key

Source = tuple[str, int, str]
"""Where something was read: entity, id and member; "" as the member is the record's title."""

Note = str | list[str | dict[str, Any]]
"""A plain text; or parts, of which `{text, of}` was read from the sources `of`. JSON as it stands."""

HIDDEN = "…"
"""What stands for a part of a text that somebody may not read."""


def part(text: str, sources: list[Source]) -> dict[str, Any]:
    """A part of a text that was read from records."""
    return {"text": text, "of": [list(each) for each in sources]}


def shown(note: Note, reads: Callable[[str, int, str], bool]) -> str:
    """A text as somebody reads it, of whom `reads` says what they may."""
    if isinstance(note, str):
        return note
    parts = (
        each if isinstance(each, str) else each["text"] if all(reads(*of) for of in each["of"]) else HIDDEN
        for each in note
    )
    return "".join(parts).strip()


def records_of(note: Note) -> Iterator[Key]:
    """The records that a text speaks of."""
    for each in note if isinstance(note, list) else ():
        if not isinstance(each, str):
            yield from ((entity, number) for entity, number, _ in each["of"])


def reads_member(context: Context, entity: str, member: str) -> bool:
    """Whether the actor may read a member of an entity, or everything that a title is made of."""
    declared = context.runtime.entities.get(entity)
    if declared is None:
        return False
    wanted = {member} if member else set(declared.title.paths) & set(declared.properties)
    return wanted <= access.readable(context, entity)


def own_name(context: Context, entity: str, number: int, member: str) -> bool:
    """Whether something is the name of who reads."""
    return (entity, number) == ("user", context.actor.id) and not member


def reader(context: Context) -> Callable[[str, int, str], bool]:
    """What the actor may read now; each record is asked for once."""
    reached: dict[Key, bool] = {}

    def reads(entity: str, number: int, member: str) -> bool:
        key = (entity, number)
        if own_name(context, entity, number, member):
            return True
        if key not in reached:
            reached[key] = entity in context.runtime.entities and may_do(context, *key, "read")
        return reached[key] and reads_member(context, entity, member)

    return reads
