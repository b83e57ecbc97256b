"""Rows of an application at random, often awkward, put into its tables as they are: the same on every database."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any

import sqlalchemy as sa

from engine.build.table import EntityTable, Tables
from engine.declared.shapes import kind_of
from engine.expressions.kinds import JSON, UUID, DecimalKind, StructKind
from engine.metamodel.entity import Entity
from engine.metamodel.property import Property
from engine.types.address import Address
from engine.types.geo_point import GeoPoint
from engine.types.rating import RatingType
from tests.expressions.world import sample

NOW = datetime(2026, 8, 3, 10, tzinfo=UTC)
JSON_VALUES: Sequence[Any] = ({"a": 1}, [1, None], "text", 0, False)
ROLES = ("chief", "seller", "clerk")


@dataclass
class Rows:
    """What stands in each table; `later` are keys of rows that may stand further down, set once all are there."""

    tables: Tables
    made: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    later: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    pairs: dict[tuple[str, str], list[dict[str, int]]] = field(default_factory=dict)

    def put(self, connection: sa.Connection) -> None:
        """Write all of it, in the order it was made in."""
        for entity, rows in self.made.items():
            connection.execute(sa.insert(self.tables.entities[entity].table), rows)
        for entity, keys in self.later.items():
            table = self.tables.entities[entity].table
            for key in keys:
                values = {name: value for name, value in key.items() if name != "id"}
                if values:
                    connection.execute(sa.update(table).where(table.c.id == key["id"]).values(values))
        for link, pairs in self.pairs.items():
            if pairs:
                connection.execute(sa.insert(self.tables.links[link]), pairs)


def rows_of(tables: Tables, entities: Sequence[str], seed: int, number: int = 12) -> Rows:
    """So many rows of the first entity, fewer of the others; what a row must lead to has been made before."""
    return _Making(tables, entities, seed, number).rows()


class _Making:
    def __init__(self, tables: Tables, entities: Sequence[str], seed: int, number: int) -> None:
        self.random = Random(seed)
        self.tables = tables
        self.counts = {name: number if name == entities[0] else 6 for name in entities} | {
            "user": 4,
            "tag": 3,
        }
        self.made = Rows(tables)

    def rows(self) -> Rows:
        for name in self._ordered():
            made = self.tables.entities[name]
            self.made.made[name] = [self._row(made, n) for n in range(1, self.counts[name] + 1)]
            self.made.later[name] = []
        for name in self.made.made:
            self._keys(self.tables.entities[name])
        for (source, relation), _ in self.tables.links.items():
            target = self.tables.entities[source].entity.relations[relation].target
            if source in self.counts and target in self.counts:
                self.made.pairs[source, relation] = [*self._pairs(source, target)]
        return self.made

    def _ordered(self) -> list[str]:
        """The entities, each after those that its rows must lead to."""
        found: list[str] = []
        waiting = dict.fromkeys(self.counts)
        while waiting:
            for name in [*waiting]:
                entity = self.tables.entities[name].entity
                if all(need in found for need in _needed(entity)):
                    found.append(name)
                    del waiting[name]
        return found

    def _row(self, made: EntityTable, number: int) -> dict[str, Any]:
        row: dict[str, Any] = {}
        for prop in made.entity.properties.values():
            if prop.virtual:
                continue
            cells = made.cells[prop.name]
            value = self._value(made.entity, prop, number)
            stored = (None,) * len(cells) if value is None else prop.type.store(value)
            row.update(zip([cell.name for cell in cells], stored, strict=True))
        row |= {"id": number, "version": number, "created_at": NOW, "updated_at": NOW}
        if "_deleted_at" in made.table.c:
            gone = made.entity.name not in ("user",) and self.random.random() < 0.2
            row["_deleted_at"] = NOW if gone else None
        if "_position" in made.table.c:
            row["_position"] = self.random.randrange(4)
        for relation in made.entity.relations.values():
            if relation.holds_key and relation.required and not relation.polymorphic:
                row[made.cells[relation.name][0].name] = self.random.randint(1, self.counts[relation.target])
        return row

    def _value(self, entity: Entity, prop: Property, number: int) -> Any:
        if prop.unique or (entity.name, prop.name) == ("user", "name"):
            return f"{prop.name} {number}"
        if (entity.name, prop.name) == ("user", "roles"):
            return tuple(self.random.sample(ROLES, self.random.randrange(3)))
        if prop.type.secret or kind_of(prop.type) is None:
            return None
        while True:
            value = self._sampled(prop)
            if value is not None and prop.type.empty(value):
                value = None
            if value is not None or not prop.required:
                return value

    def _sampled(self, prop: Property) -> Any:
        kind, random = kind_of(prop.type), self.random
        if isinstance(kind, StructKind) or kind in (JSON, UUID):
            return None if random.random() < 0.3 else self._special(kind)
        if isinstance(prop.type, RatingType):
            return random.choice((None, 1, 3, prop.type.max))
        assert kind is not None
        return sample(kind, random)

    def _special(self, kind: Any) -> Any:
        if kind is JSON:
            return self.random.choice(JSON_VALUES)
        if kind is UUID:
            return uuid.UUID(int=self.random.getrandbits(128), version=4)
        if kind.name == "geo_point":
            scale = next(part.scale for part in kind.parts.values() if isinstance(part, DecimalKind))
            return GeoPoint(*(sample(DecimalKind(scale), Random(n), True) % 90 for n in range(2)))
        choose = self.random.choice
        return Address(
            choose(("", "Main st")), "", choose(("", "Cluj", "Paris 100%")), "", choose(("", "0400")), ""
        )

    def _keys(self, made: EntityTable) -> None:
        """Keys that may be missing, among them those of whatever belongs to one record."""
        free = {name: self.random.sample(range(1, 7), 6) for name in made.entity.relations}
        for row in self.made.made[made.entity.name]:
            key: dict[str, Any] = {"id": row["id"]}
            for relation in made.entity.relations.values():
                if not relation.holds_key or (relation.required and not relation.polymorphic):
                    continue
                choices = [n for n, target in enumerate(relation.targets) if target in self.counts]
                if not choices or (self.random.random() < 0.25 and not relation.required):
                    continue
                place = self.random.choice(choices)
                number = self._led_to(relation.targets[place], free[relation.name], relation.kind)
                if number is None or (relation.kind == "tree" and number == row["id"]):
                    continue
                key[made.cells[relation.name][place].name] = number
            self.made.later[made.entity.name].append(key)

    def _led_to(self, target: str, free: list[int], kind: str) -> int | None:
        if kind == "one_to_one":
            return free.pop() if free else None
        return self.random.randint(1, self.counts[target])

    def _pairs(self, source: str, target: str) -> Iterator[dict[str, int]]:
        for one in range(1, self.counts[source] + 1):
            for two in range(1, self.counts[target] + 1):
                if self.random.random() < 0.3:
                    yield {"source": one, "target": two}


def _needed(entity: Entity) -> Iterator[str]:
    for relation in entity.relations.values():
        if relation.holds_key and relation.required and not relation.polymorphic:
            yield relation.target
