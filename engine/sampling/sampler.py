"""Made-up records for every entity of an application: believable, the same for the same seed, at any size.

Entities are filled in the order in which they need each other. Records are made in chunks, each written
through the bulk door in a transaction of its own; stopping leaves whole chunks only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime
from random import Random
from typing import Any

from babel.core import get_global

from engine.build.runtime import Runtime
from engine.declared.currencies import currency_sources
from engine.metamodel.entity import Entity
from engine.metamodel.relation import Relation
from engine.sampling.currencies import settle_samples
from engine.sampling.descent import Descent, Given, after
from engine.sampling.facts import Facts, category, kind_of, stories
from engine.sampling.moments import created_at, updated_at
from engine.sampling.order import Portion
from engine.sampling.relations import Links
from engine.sampling.rules import Obedience, obedience
from engine.sampling.standing import UNDECIDED, Standing, begins, follow_stand, take_stand
from engine.sampling.totals import add_up
from engine.sampling.uniques import Uniques
from engine.sampling.values import Maker
from engine.service import bulk, stays
from engine.service.bulk import NewRow
from engine.service.recomputing import StoredValues
from engine.to_python.roots import Surroundings
from engine.types.base import Choice, PropertyType
from engine.work.context import Context
from engine.work.pairs import owner_key
from engine.work.stored import Key

CHUNK = 4_000
"""Records of one transaction."""

Unit = Callable[[], AbstractContextManager[Context]]
Report = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Place:
    """Which of the records asked for one is: its id, its place among them, and what it must have."""

    entity: Entity
    number: int
    place: int
    given: Mapping[str, Any] = field(default_factory=dict)
    above: Choice | None = None


class Sampler:
    """Makes and writes records. `now` is the day they look back from; one sampler serves one run."""

    def __init__(self, runtime: Runtime, unit: Unit, seed: int, now: datetime, report: Report) -> None:
        self.runtime, self.unit, self.seed, self.report = runtime, unit, seed, report
        self.now = now.replace(minute=0, second=0, microsecond=0)
        self.links = Links(runtime)
        self._home = get_global("zone_territories").get(runtime.application.settings.timezone, "")
        self._makers: dict[str, list[tuple[Maker, bool]]] = {}
        self._obedience: dict[str, tuple[Obedience, Mapping[str, Maker]]] = {}
        self._around = Surroundings(now=self.now, today=self.now.date(), is_new=True)
        self._stored = StoredValues()
        self._kinds = {name: kind_of(entity) for name, entity in runtime.entities.items()}
        kinds = {*self._kinds.values(), ""}
        self._stories = {kind: stories(kind, Random(f"{seed}:{kind}"), now.year) for kind in sorted(kinds)}
        self._uniques = Uniques()
        self._sources = frozenset(currency_sources(runtime.entities))
        self._descent = Descent(runtime)
        self._inherited: dict[Key, Mapping[str, Sequence[Given]]] = {}

    def run(self, wanted: Sequence[Portion]) -> dict[str, int]:
        """Make the records; answers how many there are of each entity, rows of compositions apart."""
        made = {}
        for portion in wanted:
            made[portion.entity.name] = (
                0 if self._spared(portion) else self.fill(portion.entity, portion.count)
            )
        return made

    def _spared(self, portion: Portion) -> bool:
        """Whether the records there are already do."""
        with self.unit() as context:
            self.links.load(context)
        return portion.spare and bool(self.links.ids[portion.entity.name])

    def fill(self, entity: Entity, count: int, given: Sequence[Mapping[str, Any]] = ()) -> int:
        """Make records of one entity; `given` are values that the first of them must have."""
        written = 0
        with self.unit() as context:
            self.links.load(context)
            self.links.narrow(context, entity)
            if entity.singleton and self.links.ids[entity.name]:
                return 0
        try:
            for start in range(0, count, CHUNK):
                places = range(start, min(start + CHUNK, count))
                with self.unit() as context:
                    written += self._chunk(context, entity, places, count, given, written)
                self.report(entity.plural, places.stop, count)
        finally:
            self._stored.settle(self.unit)
        return written

    def _chunk(
        self,
        context: Context,
        entity: Entity,
        places: range,
        count: int,
        given: Sequence[Mapping[str, Any]],
        written: int,
    ) -> int:
        ids = bulk.reserve(context, entity.name, len(places))
        random = Random(f"{self.seed}:{entity.name}:{ids[0]}")
        rows = [
            self._record(
                context,
                Place(entity, number, place, given[place] if place < len(given) else {}),
                random,
                count,
            )
            for place, number in zip(places, ids, strict=True)
        ]
        kept = [row for row in rows if row is not None]
        self._write(context, entity, kept, random, max(0, bulk.AUDITED_AT_MOST - written))
        return len(kept)

    # ---- one record

    def _record(self, context: Context, at: Place, random: Random, count: int) -> NewRow | None:
        """The record at one of `count` places: the first ones are the oldest."""
        created = created_at(self.now, at.place / count, random)
        origin = self._descent.draw(at.entity, random)
        if origin is None:
            if self.links.ids[at.entity.name]:
                return None
            origin = Given()
        keys = self.links.keys(at.entity, random, at.number, origin.keys)
        if keys is None:
            return None
        if self._kinds[at.entity.name] == "category":
            self._below(at.entity, keys, at.place)
        values = {**origin.values, **at.given}
        if "created_at" in values:
            created = max(created, after(values.pop("created_at"), self.now, random))
        row = self._row(context, replace(at, given=values), random, created, keys)
        if row is not None:
            if origin.rows:
                self._inherited[(at.entity.name, row.id)] = origin.rows
            self._descent.remember(at.entity, row)
        return row

    def _below(self, entity: Entity, keys: dict[str, Key | None], place: int) -> None:
        """A category stands below its group in the catalogue."""
        above = category(place)[1]
        ids = self.links.ids[entity.name]
        for relation in entity.relations.values():
            if relation.kind == "tree":
                keys[relation.name] = (
                    (entity.name, ids[above]) if above is not None and above < len(ids) else None
                )

    def _row(
        self, context: Context, at: Place, random: Random, created: datetime, keys: dict[str, Key | None]
    ) -> NewRow | None:
        """A record with values that fit to the keys it has; None where a unique value can't be found."""
        entity, number = at.entity, at.number
        variant = random.choice([*entity.record_types.values()]) if entity.record_types else None
        hidden = variant.hidden if variant else frozenset()
        must = variant.required if variant else frozenset()
        kind = self._kinds[entity.name]
        related = self.links.related(entity, keys)
        facts = Facts(random, number, kind, self.now, created, related, self._stories)
        facts.catalogue, facts.above = at.place, at.above
        facts.same_person = self.links.same_person(entity, keys)
        facts.country = self._home if entity.name == "organization" else ""
        if kind == "product":
            self.links.categorise(entity, keys, facts.product.category)
        facts.business = "company_name" in entity.properties and "company_name" not in hidden
        values = facts.values
        if variant:
            values["record_type"] = variant.name
        values.update(at.given)
        makers = self._makers_of(entity)
        followed = self.runtime.processes.moving(entity.name, values)
        take_stand([maker for maker, _ in makers], facts, followed)
        standing = Standing.of(followed, values)
        must, hidden = must | standing.require, hidden | standing.hide
        for name in sorted(standing.named & entity.relations.keys()):
            if name in must:
                self.links.require(entity, name, random, keys)
            elif begins(facts) and not entity.relations[name].required and random.random() < UNDECIDED:
                keys[name] = None
        for maker, required in makers:
            name = maker.prop.name
            if name not in values and name not in hidden:
                values[name] = maker.value(facts, required=required or name in must)
        follow_stand([maker for maker, _ in makers], facts)
        values["created_at"] = created
        self._obey(entity, facts, keys, makers)
        if not self._uniques.settle(context, entity, facts, keys, [maker for maker, _ in makers]):
            return None
        values["updated_at"] = updated_at(self.now, created, random)
        self.links.remember(entity, number, keys, facts.face, values.get("roles") or ())
        return NewRow(number, values, keys, many=self.links.many(entity, random, number))

    def _stands(self, entity: Entity, values: Mapping[str, Any]) -> Choice | None:
        """Where a record stands in its first workflow."""
        for process in self.runtime.processes.moving(entity.name, values):
            state = process.state(values.get(process.workflow.member))
            return state.choice if state is not None else None
        return None

    def _makers_of(self, entity: Entity) -> list[tuple[Maker, bool]]:
        if entity.name not in self._makers:
            self._makers[entity.name] = [
                (
                    Maker(prop, self._kinds[entity.name], (entity.name, prop.name) in self._sources),
                    prop.required,
                )
                for prop in entity.properties.values()
                if not prop.system
                and not prop.computed
                and (prop.required or prop.type.secret or prop.readonly != "always")
                and (prop.type.writable or prop.default is not None)
            ]
        return self._makers[entity.name]

    def _types_of(self, entity: Entity) -> dict[str, PropertyType]:
        return {maker.prop.name: maker.type for maker, _ in self._makers_of(entity)}

    def _obey(
        self,
        entity: Entity,
        facts: Facts,
        keys: Mapping[str, Key | None],
        makers: Sequence[tuple[Maker, bool]],
    ) -> None:
        if entity.name not in self._obedience:
            rules = obedience(entity, self.runtime.rules[entity.name])
            self._obedience[entity.name] = rules, {maker.prop.name: maker for maker, _ in makers}
        rules, named = self._obedience[entity.name]
        if rules.asks:
            rules.obey(facts, keys, named, self._around)

    # ---- writing, with the rows of compositions

    def _write(
        self, context: Context, entity: Entity, rows: Sequence[NewRow], random: Random, audited: int
    ) -> None:
        families = [
            (child, self._rows_of(context, entity, relation, child, rows, random))
            for relation in entity.relations.values()
            if relation.kind == "composition"
            for child in [self.runtime.entities[relation.target]]
            if not _needs_file(child)
        ]
        settle_samples(context, entity, rows, self._sources)
        bulk.insert_many(context, entity.name, rows, audited=audited)
        stays.begin_many(context, entity.name, [(row.id, row.values) for row in rows[:audited]])
        for child, made in families:
            self._write(context, child, made, random, audited)
        self._stored.note(context, entity.name, [row.id for row in rows])

    def _rows_of(
        self,
        context: Context,
        parent: Entity,
        relation: Relation,
        child: Entity,
        rows: Sequence[NewRow],
        random: Random,
    ) -> list[NewRow]:
        """One to four rows for each record, and what the record says of them all."""
        inherited = [self._inherited.get((parent.name, row.id), {}).get(relation.name, ()) for row in rows]
        counts = [len(several) or 1 + int(random.random() * 4) for several in inherited]
        ids = iter(bulk.reserve(context, child.name, sum(counts)) if rows else ())
        owner = owner_key(child, parent.name, relation.name).name
        made: list[NewRow] = []
        for row, count, several in zip(rows, counts, inherited, strict=True):
            mine: list[NewRow] = []
            above = self._stands(parent, row.values)
            for position in range(count):
                number = next(ids)
                given = several[position] if several else Given()
                keys = self.links.keys(child, random, number, {**given.keys, owner: (parent.name, row.id)})
                if keys is None:
                    continue
                at = Place(child, number, position, given.values, above)
                new = self._row(context, at, random, row.values["created_at"], keys)
                if new is not None:
                    new.position = position
                    mine.append(new)
            add_up(self._types_of(parent), self._types_of(child), row, mine)
            self._descent.remember_rows(parent, row.id, relation.name, mine)
            made += mine
        return made


def _needs_file(row: Entity) -> bool:
    """Whether rows can't be without a file: nobody can make one up that could be opened."""
    return any(
        each.required and each.type.control().kind in ("file", "image") for each in row.properties.values()
    )
