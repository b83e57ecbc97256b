"""Made-up records for every entity of an application: believable, the same for the same seed, at any size.

Entities are filled in the order in which they need each other. Records are made in chunks, each written
through the bulk door in a transaction of its own; stopping leaves whole chunks only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

import sqlalchemy as sa

from engine.build.runtime import Runtime
from engine.errors import UsageError
from engine.metamodel.entity import Entity
from engine.service import bulk
from engine.service.bulk import NewRow
from engine.service.context import Context
from engine.service.draft import owner_key
from engine.service.sampling_moments import created_at, updated_at
from engine.service.sampling_relations import Links
from engine.service.sampling_totals import add_up
from engine.service.sampling_values import CATEGORIES, Facts, Maker, category, kind_of, over, stories
from engine.service.stored import Key
from engine.service.validate import unique_keys
from engine.types.base import Choice, PropertyType

CHUNK = 4_000
"""Records of one transaction."""

FEW = {"tag": 12, "unit": 6, "category": CATEGORIES, "theme": 12, "campaign": 30}
"""Of some kinds an application has few records, however many of the others there are."""

FEW_OF = {"user": 12, "organization": 1}

Unit = Callable[[], AbstractContextManager[Context]]
Report = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Portion:
    """So many records of an entity are to be made."""

    entity: Entity
    count: int


def portions(runtime: Runtime, records: int) -> list[Portion]:
    """Every entity with the number of its records, those that others need first. Rows of compositions go with their parent."""
    return [
        Portion(entity, _count(entity, records)) for entity in _in_order(runtime) if not entity.child_of
    ]


def portions_for(runtime: Runtime, name: str, records: int) -> list[Portion]:
    """One entity, after the few records of others that it can't do without."""
    if name not in runtime.entities:
        raise UsageError(f"there is no entity {name!r}: there are {', '.join(runtime.entities)}")
    if runtime.entities[name].child_of:
        raise UsageError(f"{name} are rows of {runtime.entities[name].child_of[0]}: sample that")
    needed = _needed(runtime, name)
    found = [portion for portion in portions(runtime, min(records, 50)) if portion.entity.name in needed]
    return [portion for portion in found if portion.entity.name != name] + [Portion(runtime.entities[name], records)]


def _needed(runtime: Runtime, name: str) -> set[str]:
    """The entities that records of this one, and their rows, can't be made without."""
    needed, waiting = {name}, [name]
    while waiting:
        for relation in runtime.entities[waiting.pop()].relations.values():
            wanted = relation.kind == "composition" or (relation.holds_key and relation.required)
            for target in relation.targets if wanted else ():
                if target not in needed:
                    needed.add(target)
                    waiting.append(target)
    return needed


def _count(entity: Entity, records: int) -> int:
    if entity.singleton:
        return 1
    few = FEW_OF.get(entity.name) or FEW.get(kind_of(entity))
    return min(records, few) if few else records


def _in_order(runtime: Runtime) -> list[Entity]:
    """Targets before what points to them: required relations always, others as far as there is no circle."""
    done: dict[str, Entity] = {}
    open_now: set[str] = set()

    def visit(entity: Entity) -> None:
        if entity.name in done or entity.name in open_now:
            return
        open_now.add(entity.name)
        rows = [runtime.entities[each.target] for each in entity.relations.values() if each.kind == "composition"]
        for required in (True, False):
            for holder in (entity, *rows):
                for relation in holder.relations.values():
                    if relation.kind in ("composition", "tree") or relation.required is not required:
                        continue
                    for target in relation.targets:
                        visit(runtime.entities[target])
        open_now.discard(entity.name)
        done[entity.name] = entity

    for name in ("organization", "unit", "user"):
        if name in runtime.entities:
            done[name] = runtime.entities[name]
    for entity in sorted(runtime.entities.values(), key=lambda each: _weight(each)):
        visit(entity)
    return list(done.values())


def _weight(entity: Entity) -> int:
    """Those that need nothing come first, so that circles are broken where least is lost."""
    return sum(relation.required for relation in entity.relations.values() if relation.holds_key)


class Sampler:
    """Makes and writes records. `now` is the day they look back from; one sampler serves one run."""

    def __init__(self, runtime: Runtime, unit: Unit, seed: int, now: datetime, report: Report) -> None:
        self.runtime, self.unit, self.seed, self.report = runtime, unit, seed, report
        self.now = now.replace(minute=0, second=0, microsecond=0)
        self.links = Links(runtime)
        self._makers: dict[str, list[tuple[Maker, bool]]] = {}
        self._kinds = {name: kind_of(entity) for name, entity in runtime.entities.items()}
        kinds = {*self._kinds.values(), ""}
        self._stories = {kind: stories(kind, Random(f"{seed}:{kind}"), now.year) for kind in sorted(kinds)}
        self._taken: dict[tuple[str, tuple[str, ...]], set[Any]] = {}

    def run(self, wanted: Sequence[Portion]) -> dict[str, int]:
        """Make the records; answers how many there are of each entity, rows of compositions apart."""
        return {portion.entity.name: self.fill(portion.entity, portion.count) for portion in wanted}

    def fill(self, entity: Entity, count: int, given: Sequence[Mapping[str, Any]] = ()) -> int:
        """Make records of one entity; `given` are values that the first of them must have."""
        written = 0
        with self.unit() as context:
            self.links.load(context)
            if entity.singleton and self.links.ids[entity.name]:
                return 0
        for start in range(0, count, CHUNK):
            size = min(CHUNK, count - start)
            with self.unit() as context:
                ids = bulk.reserve(context, entity.name, size)
                random = Random(f"{self.seed}:{entity.name}:{ids[0]}")
                rows = [
                    self._record(context, entity, number, random, (start + place) / count, start + place, given)
                    for place, number in enumerate(ids)
                ]
                kept = [row for row in rows if row is not None]
                self._write(context, entity, kept, random, max(0, bulk.AUDITED_AT_MOST - written))
            written += len(kept)
            self.report(entity.plural, start + size, count)
        return written

    # ---- one record

    def _record(
        self,
        context: Context,
        entity: Entity,
        number: int,
        random: Random,
        share: float,
        place: int,
        given: Sequence[Mapping[str, Any]] = (),
    ) -> NewRow | None:
        created = created_at(self.now, share, random)
        keys = self.links.keys(entity, random, number)
        if keys is None:
            return None
        if self._kinds[entity.name] == "category":
            self._below(entity, keys, place)
        fixed = given[place] if place < len(given) else {}
        return self._row(context, entity, number, random, created, keys, place, fixed)

    def _below(self, entity: Entity, keys: dict[str, Key | None], place: int) -> None:
        """A category stands below its group in the catalogue."""
        above = category(place)[1]
        ids = self.links.ids[entity.name]
        for relation in entity.relations.values():
            if relation.kind == "tree":
                keys[relation.name] = (entity.name, ids[above]) if above is not None and above < len(ids) else None

    def _row(
        self,
        context: Context,
        entity: Entity,
        number: int,
        random: Random,
        created: datetime,
        keys: dict[str, Key | None],
        place: int,
        fixed: Mapping[str, Any],
    ) -> NewRow | None:
        """A record with values that fit to the keys it has; None where a unique value can't be found."""
        variant = random.choice([*entity.record_types.values()]) if entity.record_types else None
        hidden = variant.hidden if variant else frozenset()
        must = variant.required if variant else frozenset()
        kind = self._kinds[entity.name]
        related = tuple(face for key in keys.values() if key and (face := self.links.faces.get(key)) is not None)
        facts = Facts(random, number, kind, self.now, created, related, self._stories)
        facts.catalogue = place
        facts.business = "company_name" in entity.properties and "company_name" not in hidden
        values = facts.values
        if variant:
            values["record_type"] = variant.name
        makers = self._makers_of(entity)
        facts.status = self._status(makers, facts)
        if facts.status is not None:
            values[facts.status_name] = facts.status.name
        for maker, required in makers:
            name = maker.prop.name
            if name in fixed:
                values[name] = fixed[name]
            elif name not in values and name not in hidden:
                values[name] = maker.value(facts, required=required or name in must)
        self._follow_status(values, facts, makers)
        if not self._unique(context, entity, facts, keys, makers):
            return None
        values["created_at"] = created
        values["updated_at"] = updated_at(self.now, created, random)
        self.links.remember(entity, number, keys, facts.face)
        return NewRow(number, values, keys, many=self.links.many(entity, random, number))

    def _makers_of(self, entity: Entity) -> list[tuple[Maker, bool]]:
        if entity.name not in self._makers:
            self._makers[entity.name] = [
                (Maker(prop, self._kinds[entity.name]), prop.required)
                for prop in entity.properties.values()
                if not prop.system and (prop.type.writable or prop.default is not None) and not prop.type.secret
            ]
        return self._makers[entity.name]

    def _types_of(self, entity: Entity) -> dict[str, PropertyType]:
        return {maker.prop.name: maker.type for maker, _ in self._makers_of(entity)}

    def _status(self, makers: Sequence[tuple[Maker, bool]], facts: Facts) -> Choice | None:
        """Where the record stands: old ones mostly at an end, new ones at the beginning."""
        for maker, _ in makers:
            if maker.prop.name in ("status", "stage", "state") and maker.options and maker.type.writable:
                facts.status_name = maker.prop.name
                old = facts.now - facts.created > timedelta(days=45)
                options = [choice for choice in maker.options.values() if choice.active]
                wanted = over if facts.random.random() < (0.85 if old else 0.15) else _open
                found = [choice for choice in options if wanted(choice)] or options
                return found[int(facts.random.random() * len(found))]
        return None

    def _follow_status(self, values: dict[str, Any], facts: Facts, makers: Sequence[tuple[Maker, bool]]) -> None:
        """An option's attributes are what properties of these names usually are (a stage's probability)."""
        if facts.status is None or not facts.status.attributes:
            return
        for maker, _ in makers:
            if maker.prop.name in facts.status.attributes:
                values[maker.prop.name] = maker.type.parse(facts.status.attributes[maker.prop.name])

    # ---- unique keys

    def _unique(
        self,
        context: Context,
        entity: Entity,
        facts: Facts,
        keys: Mapping[str, Key | None],
        makers: Sequence[tuple[Maker, bool]],
    ) -> bool:
        """Make unique what must be; False where a key of several members is taken."""
        for names, _ in unique_keys(entity):
            maker = next((maker for maker, _ in makers if (maker.prop.name,) == names), None)
            taken = self._known(context, entity, names)
            found = self._cells(entity, facts.values, keys, names)
            attempt = 0
            while found is not None and found in taken and maker is not None and attempt < 40:
                attempt += 1
                facts.values[names[0]] = maker.another(facts, attempt)
                found = self._cells(entity, facts.values, keys, names)
            if found is not None and found in taken:
                return False
            if found is not None:
                taken.add(found)
        return True

    def _cells(
        self, entity: Entity, values: Mapping[str, Any], keys: Mapping[str, Key | None], names: tuple[str, ...]
    ) -> tuple[Any, ...] | None:
        """What a unique key compares; None where a member is null, which equals nothing."""
        found = tuple(values.get(name) if name in entity.properties else keys.get(name) for name in names)
        return None if any(each is None for each in found) else found

    def _known(self, context: Context, entity: Entity, names: tuple[str, ...]) -> set[Any]:
        """The values that records have already."""
        if (entity.name, names) not in self._taken:
            made = context.runtime.table(entity.name)
            columns = [column for name in names for column in made.cells[name]]
            found: set[Any] = set()
            for row in context.connection.execute(sa.select(*columns)):
                cells, parts, position = list(row), [], 0
                for name in names:
                    width = len(made.cells[name])
                    own = cells[position : position + width]
                    position += width
                    prop = entity.properties.get(name)
                    if prop is not None:
                        parts.append(None if own[0] is None else prop.type.load(own))
                    else:
                        pairs = zip(entity.relations[name].targets, own, strict=True)
                        parts.append(next(((target, cell) for target, cell in pairs if cell is not None), None))
                found.add(tuple(parts))
            self._taken[(entity.name, names)] = found
        return self._taken[(entity.name, names)]

    # ---- writing, with the rows of compositions

    def _write(self, context: Context, entity: Entity, rows: Sequence[NewRow], random: Random, audited: int) -> None:
        families = [
            (child, self._rows_of(context, entity, child, rows, random))
            for relation in entity.relations.values()
            if relation.kind == "composition"
            for child in [self.runtime.entities[relation.target]]
        ]
        bulk.insert_many(context, entity.name, rows, audited=audited)
        for child, made in families:
            self._write(context, child, made, random, audited)

    def _rows_of(
        self, context: Context, parent: Entity, child: Entity, rows: Sequence[NewRow], random: Random
    ) -> list[NewRow]:
        """One to four rows for each record, and what the record says of them all."""
        counts = [1 + int(random.random() * 4) for _ in rows]
        ids = iter(bulk.reserve(context, child.name, sum(counts)) if rows else ())
        owner = owner_key(child, parent.name).name
        made: list[NewRow] = []
        for row, count in zip(rows, counts, strict=True):
            mine: list[NewRow] = []
            for position in range(count):
                number = next(ids)
                keys = self.links.keys(child, random, number, {owner: (parent.name, row.id)})
                if keys is None:
                    continue
                new = self._row(context, child, number, random, row.values["created_at"], keys, position, {})
                if new is not None:
                    new.position = position
                    mine.append(new)
            add_up(self._types_of(parent), self._types_of(child), row, mine)
            made += mine
        return made


def _open(status: Choice) -> bool:
    return not over(status)
