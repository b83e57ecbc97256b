"""Values that must differ from those of every other record, made or there already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from engine.drafts.validate import unique_keys
from engine.metamodel.entity import Entity
from engine.sampling.facts import Facts
from engine.sampling.values import Maker
from engine.work.context import Context
from engine.work.stored import Key, stored

ATTEMPTS = 40

Names = tuple[str, ...]


class Uniques:
    """The values taken of each unique key; those in the database are read once."""

    def __init__(self) -> None:
        self._taken: dict[tuple[str, Names], set[Any]] = {}
        self._keys: dict[str, list[Names]] = {}

    def settle(
        self,
        context: Context,
        entity: Entity,
        facts: Facts,
        keys: Mapping[str, Key | None],
        makers: Sequence[Maker],
    ) -> bool:
        """Change the values that are taken; False where a key of several members, or of relations, is."""
        found: list[tuple[Names, Any]] = []
        for names in self._keys_of(context, entity):
            taken = self._taken[(entity.name, names)]
            value = _value(entity, facts.values, keys, names)
            if value in taken and len(names) == 1 and names[0] in entity.properties:
                maker = next(each for each in makers if each.prop.name == names[0])
                for attempt in range(1, ATTEMPTS):
                    facts.values[names[0]] = maker.another(facts, attempt)
                    value = _value(entity, facts.values, keys, names)
                    if value not in taken:
                        break
            if value is not None and value in taken:
                return False
            found.append((names, value))
        for names, value in found:
            if value is not None:
                self._taken[(entity.name, names)].add(value)
        return True

    def _keys_of(self, context: Context, entity: Entity) -> list[Names]:
        if entity.name not in self._keys:
            self._keys[entity.name] = [key.names for key in unique_keys(entity)]
            for names in self._keys[entity.name]:
                self._taken[(entity.name, names)] = set()
            self._read(context, entity)
        return self._keys[entity.name]

    def _read(self, context: Context, entity: Entity) -> None:
        """Take note of what records have already."""
        if not self._keys[entity.name]:
            return
        made = context.runtime.table(entity.name)
        for row in context.connection.execute(sa.select(made.table)):
            record = stored(made, row._mapping)
            for names in self._keys[entity.name]:
                value = _value(entity, record.values, record.keys, names)
                if value is not None:
                    self._taken[(entity.name, names)].add(value)


def _value(
    entity: Entity, values: Mapping[str, Any], keys: Mapping[str, Key | None], names: Names
) -> tuple[Any, ...] | None:
    """What a unique key compares; None where a member is null, which equals nothing."""
    found = tuple(values.get(name) if name in entity.properties else keys.get(name) for name in names)
    return None if any(each is None for each in found) else found
