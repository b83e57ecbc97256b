"""Which entities are filled, in which order, and with how many records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.build.runtime import Runtime
from engine.errors import UsageError
from engine.metamodel.entity import Entity
from engine.sampling.facts import CATEGORIES, kind_of

FEW = {"tag": 12, "unit": 6, "category": CATEGORIES, "theme": 12, "campaign": 30}
"""Of some kinds an application has few records, however many of the others there are."""

FEW_OF = {"user": 12, "organization": 1, "absence": 12}


@dataclass(frozen=True)
class Portion:
    """So many records of an entity are to be made; `spare`: only where there are none at all."""

    entity: Entity
    count: int
    spare: bool = False


def portions(runtime: Runtime, records: int) -> list[Portion]:
    """Every entity with the number of its records, those that others need first.

    Rows of compositions go with their parent.
    """
    return [Portion(entity, _count(entity, records)) for entity in _in_order(runtime) if not entity.child_of]


def portions_for(runtime: Runtime, name: str, records: int) -> list[Portion]:
    """One entity, after the few records of others that it can't do without."""
    if name not in runtime.entities:
        raise UsageError(f"there is no entity {name!r}: there are {', '.join(runtime.entities)}")
    if runtime.entities[name].child_of:
        raise UsageError(f"{name} are rows of {runtime.entities[name].child_of[0]}: sample that")
    needed = _needed(runtime, name)
    first = [
        Portion(portion.entity, portion.count, spare=True)
        for portion in portions(runtime, min(records, 50))
        if portion.entity.name in needed and portion.entity.name != name
    ]
    return [*first, Portion(runtime.entities[name], records)]


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
    order = _Order(runtime.entities)
    for name in ("organization", "unit", "user"):
        if name in runtime.entities:
            order.done[name] = runtime.entities[name]
    for entity in sorted(runtime.entities.values(), key=_weight):
        order.visit(entity)
    return list(order.done.values())


class _Order:
    """Entities one after the other, each after those it needs."""

    def __init__(self, entities: Mapping[str, Entity]) -> None:
        self.entities = entities
        self.done: dict[str, Entity] = {}
        self._open: set[str] = set()
        self._needs: dict[str, frozenset[str]] = {}

    def visit(self, entity: Entity) -> None:
        """Put an entity behind what it needs, and behind what it and its rows can be better with."""
        if entity.name in self.done or entity.name in self._open:
            return
        self._open.add(entity.name)
        for target in _required(entity):
            self.visit(self.entities[target])
        for target in self._wished(entity):
            if self._open.isdisjoint(self._needed(target)):  # else it would come before what it needs itself
                self.visit(self.entities[target])
        self._open.discard(entity.name)
        self.done[entity.name] = entity

    def _wished(self, entity: Entity) -> list[str]:
        """What its rows need, then whatever else it and they point to."""
        rows = [
            self.entities[each.target] for each in entity.relations.values() if each.kind == "composition"
        ]
        wished = [target for row in rows for target in _required(row)]
        for holder in (entity, *rows):
            for relation in holder.relations.values():
                if relation.kind not in ("composition", "tree") and not relation.required:
                    wished += relation.targets
        return wished

    def _needed(self, name: str) -> frozenset[str]:
        """An entity and all it can't do without, near and far."""
        if name not in self._needs:
            found, waiting = {name}, [name]
            while waiting:
                further = set(_required(self.entities[waiting.pop()])) - found
                found |= further
                waiting += further
            self._needs[name] = frozenset(found)
        return self._needs[name]


def _required(entity: Entity) -> list[str]:
    """What records of an entity can't be made without; rows are made with one of their parents."""
    keys = [relation for relation in entity.relations.values() if relation.holds_key and relation.required]
    return [*(target for relation in keys for target in relation.targets), *entity.child_of]


def _weight(entity: Entity) -> int:
    """Those that need nothing come first, so that circles are broken where least is lost."""
    return sum(relation.required for relation in entity.relations.values() if relation.holds_key)
