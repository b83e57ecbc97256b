"""Paths over relations, checked: `account.owner.name` leads somewhere, and says where it does not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.metamodel.complaints import meant
from engine.metamodel.entity import Entity
from engine.metamodel.property import Property
from engine.metamodel.relation import Relation

LONGEST = 6
"""Hops of a path."""


@dataclass(frozen=True)
class Fault:
    """What is wrong with a path: a code, a message, a hint, and the offset of the word at fault."""

    code: str
    message: str
    hint: str
    offset: int


def resolve(path: str, entity: Entity, entities: Mapping[str, Entity]) -> Property | Relation | Fault:
    """The member a path ends at, or what is wrong with it."""
    steps = path.split(".")
    if len(steps) > LONGEST:
        return Fault("path-too-long", f"{path!r} has {len(steps)} steps", f"a path has at most {LONGEST}", 0)
    offset = 0
    current = entity
    for position, step in enumerate(steps):
        member = current.properties.get(step) or current.relations.get(step)
        if member is None:
            known = [*current.properties, *current.relations]
            return Fault(
                "unknown-property", f"no property {step!r} on {current.name}", meant(step, known), offset
            )
        if position == len(steps) - 1:
            return member
        if isinstance(member, Property):
            hint = f"end the path at {'.'.join(steps[: position + 1])!r}"
            return Fault("bad-path", f"{step!r} is a property: a path can't go on behind it", hint, offset)
        if not member.holds_key:
            hint = "show it as a related list instead"
            return Fault(
                "to-many-path", f"{step!r} leads to many records: a path can't go through it", hint, offset
            )
        if member.polymorphic:
            hint = f"it may be {', '.join(member.targets)}"
            return Fault(
                "bad-path", f"{step!r} leads to several entities: a path can't go through it", hint, offset
            )
        current = entities[member.target]
        offset += len(step) + 1
    raise AssertionError("a path has at least one step")
