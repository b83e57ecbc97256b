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
        entity = self.context.runtime.entities.get(key[0])
        if entity is None or not self.reaches(key):
            return f"#{key[1]}"
        plain = set(entity.title.paths) & set(entity.properties) & access.readable(self.context, key[0])
        return then if then and plain >= set(entity.title.paths) else self.now.get(key, f"#{key[1]}")
