"""Paths over relations, checked: `account.owner.name` leads somewhere, and says where it does not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.documents.complaints import meant
from engine.documents.documents import uncertain
from engine.metamodel.entity import Entity
from engine.metamodel.property import Property
from engine.metamodel.relation import Inverse, Relation

LONGEST = 6
"""Steps of a path."""


@dataclass(frozen=True)
class Fault:
    """What is wrong with a path: a code, a message, a hint, and the word at fault with its offset.

    The code is "" where the path can't be judged, because what it goes through could not be read.
    """

    code: str
    message: str
    hint: str
    offset: int
    word: str


def resolve(
    path: str, entity: Entity, entities: Mapping[str, Entity]
) -> Property | Relation | Inverse | Fault:
    """The member a path ends at, or what is wrong with it. Inverses are among them where they lead to one record."""
    steps = path.split(".")
    if len(steps) > LONGEST:
        hint = f"a path has at most {LONGEST}"
        return Fault("path-too-long", f"{path!r} has {len(steps)} steps", hint, 0, path)
    offset = 0
    current = entity
    for position, step in enumerate(steps):
        member = current.properties.get(step) or current.relations.get(step) or current.to_one(step)
        if member is None:
            return _unknown(step, current, offset)
        if position == len(steps) - 1:
            return member
        if isinstance(member, Property):
            hint = f"end the path at {'.'.join(steps[: position + 1])!r}"
            message = f"{step!r} is a property of {current.name}: a path can't go on behind it"
            return Fault("bad-path", message, hint, offset, step)
        if not member.to_one:
            message = f"{step!r} leads to many records: a path can't go through it"
            return Fault("to-many-path", message, "show it as a related list instead", offset, step)
        if member.polymorphic:
            hint = f"it may be {', '.join(member.targets)}"
            message = f"{step!r} leads to several entities: a path can't go through it"
            return Fault("bad-path", message, hint, offset, step)
        current = entities[member.target]
        offset += len(step) + 1
    raise AssertionError("a path has at least one step")


def _unknown(step: str, entity: Entity, offset: int) -> Fault:
    message = f"no property {step!r} on {entity.name}"
    if uncertain(entity.document, ("properties", "relations"), step):
        return Fault("", message, "", offset, step)
    if step in entity.inverses:
        hint = f"{step!r} are many records of {entity.inverses[step].source}: show them as a related list"
        return Fault("to-many-path", f"{step!r} leads to many records", hint, offset, step)
    known = [*entity.properties, *entity.relations, *(each.name for each in entity.single_inverses)]
    return Fault("unknown-property", message, meant(step, known), offset, step)
