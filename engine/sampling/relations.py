"""Which records a made-up record points to: ones that exist, and that fit to each other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from random import Random

import sqlalchemy as sa

from engine.build.runtime import Runtime
from engine.metamodel.entity import Entity
from engine.metamodel.relation import Relation
from engine.samples.people import Person
from engine.sampling.facts import Face, kind_of
from engine.sampling.offers import offered
from engine.sampling.staff import PERSON, Staff
from engine.work.conditions import alive
from engine.work.context import Context
from engine.work.stored import Key

REMEMBERED = 200_000
"""Records of an entity that others are given to point to; more are made, but not pointed to."""

FACES = 50_000

KNOWN = 0.1
"""How many records have to do with somebody who signs in from outside, where somebody does."""

DRAWS = 8
"""How often somebody is drawn anew who is in another role at the same record already."""


class Links:
    """The records there are, by entity, and how they belong together."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.ids: dict[str, list[int]] = {}
        self._faces: dict[Key, Face] = {}
        self._labels: dict[tuple[str, str], int] = {}
        self._gathers = {
            name for name, entity in runtime.entities.items() if kind_of(entity) in ("theme", "unit")
        }
        self._roots: dict[tuple[str, str], list[int]] = defaultdict(list)
        self._used: dict[tuple[str, str], set[int]] = {}
        self._next: dict[tuple[str, str], int] = defaultdict(int)
        self._of: dict[tuple[str, str], dict[Key, list[int]]] = defaultdict(dict)
        self._offered: dict[tuple[str, str], list[int]] = {}
        self._staff = Staff(runtime)
        self._known: dict[str, list[tuple[int, dict[str, Key | None]]]] = defaultdict(list)
        self._belonging = {"organization", "unit"} & set(runtime.entities)
        self._order = {name: self._relations(entity) for name, entity in runtime.entities.items()}

    def load(self, context: Context) -> None:
        """Read once which records exist already; of those made later this object is told."""
        if self.ids:
            return
        self._staff.load(context)
        for name in self.runtime.entities:
            table = self.runtime.table(name).table
            statement = sa.select(table.c.id).where(*alive(table)).order_by(table.c.id).limit(REMEMBERED)
            self.ids[name] = list(context.connection.execute(statement).scalars())
            for relation in self.runtime.entities[name].relations.values():
                if relation.kind == "one_to_one":
                    used = sa.select(table.c[relation.name]).where(table.c[relation.name].is_not(None))
                    self._used[(name, relation.name)] = set(context.connection.execute(used).scalars())

    def _relations(self, entity: Entity) -> list[tuple[Relation, list[tuple[str, str]]]]:
        """The keys to choose, required ones first; each with the relations by which its target may fit others.

        A ticket's contact fits to its account when the contact has a relation to that account.
        """
        held = [relation for relation in entity.relations.values() if relation.holds_key]
        held.sort(key=lambda each: (not each.required, each.system, each.polymorphic))
        order = []
        for place, relation in enumerate(held):
            before = {
                target for other in held[:place] if other.kind == "many_to_one" for target in other.targets
            }
            fits = [
                (relation.targets[0], inner.name)
                for inner in self.runtime.entities[relation.targets[0]].relations.values()
                if inner.kind == "many_to_one" and not inner.system and not relation.polymorphic
                and before & set(inner.targets)
            ]  # fmt: skip
            order.append((relation, fits))
        return order

    def narrow(self, context: Context, entity: Entity) -> None:
        """Find out which records the relations of an entity may point to by their `options_where`."""
        for name, ids in offered(context, entity, self.ids).items():
            self._offered[(entity.name, name)] = ids

    # ---- choosing

    def keys(
        self, entity: Entity, random: Random, number: int, given: Mapping[str, Key | None] | None = None
    ) -> dict[str, Key | None] | None:
        """The keys of a new record; None where a required one has nothing to point to."""
        keys: dict[str, Key | None] = dict(given or {})
        author: Key | None = None
        self._meet(entity, random, keys)
        for relation, fits in self._order[entity.name]:
            if relation.name in keys:
                continue
            if relation.owner_of_row:  # of several compositions that hold such rows, this one is of another
                keys[relation.name] = None
                continue
            if relation.name in ("created_by", "updated_by") and relation.system:
                author = author or keys.get("owner") or self._somebody(entity, relation, random, ())
                keys[relation.name] = author
                continue
            found = self._choose(entity, relation, fits, random, number, keys)
            if found is None and relation.required:
                return None
            keys[relation.name] = found
            if found is not None and found[0] == PERSON and relation.kind == "one_to_one":
                self._settle(entity, random, keys)
        return keys

    def _settle(self, entity: Entity, random: Random, keys: dict[str, Key | None]) -> None:
        """Somebody who signs in belongs to a company, and wherever else such a record can."""
        for relation, _ in self._order[entity.name]:
            if relation.kind == "many_to_one" and not relation.system:
                self.require(entity, relation.name, random, keys)

    def _meet(self, entity: Entity, random: Random, keys: dict[str, Key | None]) -> None:
        """Now and then a record has to do with somebody who signs in, and with what they belong to."""
        for relation, _ in self._order[entity.name]:
            known = self._known.get(relation.target) if not relation.polymorphic else None
            if relation.name in keys or relation.kind != "many_to_one" or not known:
                continue
            if random.random() >= KNOWN:
                return
            number, theirs = known[int(random.random() * len(known))]
            keys[relation.name] = (relation.target, number)
            for other, _ in self._order[entity.name]:
                for key in theirs.values():
                    if key is not None and not other.system and key[0] in other.targets and key[0] != PERSON:
                        keys.setdefault(other.name, key)
            return

    def require(self, entity: Entity, name: str, random: Random, keys: dict[str, Key | None]) -> None:
        """Choose a key that a record can't be without where it stands."""
        if keys.get(name) is None:
            for relation, fits in self._order[entity.name]:
                if relation.name == name:
                    keys[name] = self._choose(entity, relation, fits, random, 0, keys, wanted=True)

    def _choose(
        self,
        entity: Entity,
        relation: Relation,
        fits: list[tuple[str, str]],
        random: Random,
        number: int,
        keys: Mapping[str, Key | None],
        *,
        wanted: bool = False,
    ) -> Key | None:
        if relation.kind == "tree":
            roots = self._roots[(entity.name, relation.name)]
            if roots and random.random() < (0.9 if entity.name in self._gathers else 0.3):
                return (entity.name, roots[int(random.random() * len(roots))])
            return None
        if not (relation.required or relation.system or wanted) and random.random() > self._share(relation):
            return None
        if relation.kind == "one_to_one":
            return self._unused(entity, relation, fits, keys)
        offer = self._offered.get((entity.name, relation.name))
        if offer is not None:
            return (relation.target, offer[int(random.random() * len(offer))]) if offer else None
        if relation.targets == (PERSON,):
            taken = [keys.get(other.name) for other, _ in self._order[entity.name] if not other.system]
            return self._somebody(entity, relation, random, taken)
        for target, inner in fits:
            for key in keys.values():
                mine = self._of[(target, inner)].get(key) if key is not None else None
                if mine:
                    return (target, mine[int(random.random() * len(mine))])
        if fits and not relation.required:
            return None
        targets = [target for target in relation.targets if self.ids[target]]
        return self._any(targets[int(random.random() * len(targets))], random) if targets else None

    def _somebody(
        self, entity: Entity, relation: Relation, random: Random, taken: Sequence[Key | None]
    ) -> Key | None:
        """A user who works with such records, if possible another one than is named already."""
        people = self._staff.of(entity, relation) or self.ids.get(PERSON, [])
        found: Key | None = None
        for _ in range(DRAWS if people else 0):
            found = (PERSON, people[int(random.random() * len(people))])
            if found not in taken:
                break
        return found

    def _share(self, relation: Relation) -> float:
        """How often an optional relation is filled; where somebody belongs is nearly always known."""
        return 1.0 if set(relation.targets) <= self._belonging else 0.75

    def _any(self, entity: str, random: Random) -> Key | None:
        ids = self.ids.get(entity)
        return (entity, ids[int(random.random() * len(ids))]) if ids else None

    def _unused(
        self, entity: Entity, relation: Relation, fits: list[tuple[str, str]], keys: Mapping[str, Key | None]
    ) -> Key | None:
        """A record that no other points to by this relation, and that fits to the other keys."""
        target = relation.targets[0]
        used = self._used.setdefault((entity.name, relation.name), set())
        if fits:
            mine = [
                number
                for pair in fits
                for key in keys.values()
                if key is not None
                for number in self._of[pair].get(key, ())
            ]
        else:
            ids = self._offered.get((entity.name, relation.name), self.ids[target])
            start = self._next[(entity.name, relation.name)]
            mine = ids[start : start + 100]
        for number in mine:
            self._next[(entity.name, relation.name)] += not fits
            if number not in used:
                used.add(number)
                return (target, number)
        return None

    def many(self, entity: Entity, random: Random, number: int) -> dict[str, tuple[int, ...]]:
        """A few links of the many-to-many relations that have a table of their own."""
        found: dict[str, tuple[int, ...]] = {}
        for relation in entity.relations.values():
            if relation.kind == "many_to_many" and not relation.through:
                if random.random() > (0.9 if entity.name in self._gathers else 0.35):
                    continue
                ids = self.ids[relation.target]
                if ids:
                    count = 1 + int(random.random() * (60 if entity.name in self._gathers else 2))
                    chosen = {ids[int(random.random() * len(ids))] for _ in range(count)}
                    found[relation.name] = tuple(
                        sorted(chosen - {number if relation.target == entity.name else 0})
                    )
        return found

    def related(self, entity: Entity, keys: Mapping[str, Key | None]) -> tuple[Face, ...]:
        """What is known of the records a record points to; not of its owner, who is somebody of one's own."""
        return tuple(
            face
            for name, key in keys.items()
            if key is not None
            and not entity.relations[name].system
            and (face := self._faces.get(key)) is not None
        )

    def same_person(self, entity: Entity, keys: Mapping[str, Key | None]) -> Person | None:
        """Who somebody is that another record is about too: a contact who signs in is that user."""
        for relation, _ in self._order[entity.name]:
            key = keys.get(relation.name) if relation.kind == "one_to_one" else None
            face = self._faces.get(key) if key is not None else None
            if face is not None and face.person is not None:
                return face.person
        return None

    def categorise(self, entity: Entity, keys: dict[str, Key | None], label: str) -> None:
        """Point a relation to the category of this name, where it points to categories."""
        for name, key in keys.items():
            number = self._labels.get((key[0], label)) if key is not None else None
            if number is not None and key is not None:
                keys[name] = (key[0], number)

    # ---- remembering

    def remember(
        self,
        entity: Entity,
        number: int,
        keys: Mapping[str, Key | None],
        face: Face | None,
        roles: Iterable[str] = (),
    ) -> None:
        """A record was made: from now on others may point to it; `roles` are those of a user."""
        name = entity.name
        if name == PERSON:
            self._staff.note(number, roles)
        ids = self.ids[name]
        if len(ids) >= REMEMBERED:
            return
        ids.append(number)
        if face is not None and len(self._faces) < FACES:
            self._faces[(name, number)] = face
            if face.label:
                self._labels.setdefault((name, face.label), number)
        for relation, _ in self._order[name]:
            key = keys.get(relation.name)
            if relation.kind == "tree":
                if key is None:
                    self._roots[(name, relation.name)].append(number)
            elif key is not None and not relation.system:
                if relation.kind == "one_to_one" and key[0] == PERSON:
                    self._known[name].append((number, dict(keys)))
                self._of[(name, relation.name)].setdefault(key, []).append(number)
