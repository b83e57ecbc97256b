"""What the records that a history speaks of may be called by who reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.access import access
from engine.access.reaching import reaches_all
from engine.work.context import Context
from engine.work.stored import Key


@dataclass(frozen=True)
class Seen:
    """The titles of related records as far as the actor may read them: as they were, or as they are now."""

    context: Context
    now: Mapping[Key, str]

    def reaches(self, key: Key) -> bool:
        """Whether the actor may read a record."""
        return key in self.now or (
            key[0] in self.context.runtime.entities and reaches_all(self.context, key[0], "read")
        )

    def title(self, key: Key, then: str) -> str:
        """What a record may be called: as it was called `then`, where each part of that may be read."""
        if key == ("user", self.context.actor.id):
            return self.context.actor.name
        if key[0] not in self.context.runtime.entities or not self.reaches(key):
            return f"#{key[1]}"
        return then if then and _says_it_all(self.context, key[0]) else self.now.get(key, f"#{key[1]}")


def called_as_then(context: Context, entity: str) -> bool:
    """Whether the records of an entity are called as they were, so that what they are called now is not asked for."""
    known = entity in context.runtime.entities
    return known and reaches_all(context, entity, "read") and _says_it_all(context, entity)


def _says_it_all(context: Context, entity: str) -> bool:
    """Whether the actor may read every part of the titles of an entity, each a property of its own."""
    declared, readable = context.runtime.entities[entity], access.readable(context, entity)
    return all(path in declared.properties and path in readable for path in declared.title.paths)
