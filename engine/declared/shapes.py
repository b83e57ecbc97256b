"""Entities as expressions see them: the kind of every member, and what leads to one record or to many."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

from engine.documents.documents import uncertain
from engine.expressions.kinds import (
    ANY,
    BOOL,
    DATE,
    DATETIME,
    DURATION,
    INT,
    JSON,
    STRING,
    TIME,
    UUID,
    DecimalKind,
    EnumKind,
    Kind,
    ListKind,
    MoneyKind,
    RecordKind,
    StructKind,
)
from engine.metamodel.entity import Entity
from engine.metamodel.property import Property
from engine.metamodel.relation import Relation
from engine.typecheck.schema import MemberShape
from engine.types.base import PropertyType

Options = Mapping[str, Any]

PARTS = ("properties", "relations")


def _struct(name: str) -> Callable[[Options], Kind]:
    return lambda options: StructKind(
        name, {part: KINDS[kind](options) for part, kind in options["parts"].items()}
    )


def _enum(options: Options) -> Kind:
    return EnumKind(tuple(options["names"]), attributes=options.get("attributes", {}))


KINDS: Final[Mapping[str, Callable[[Options], Kind]]] = {
    "string": lambda _: STRING,
    "bool": lambda _: BOOL,
    "int": lambda _: INT,
    "date": lambda _: DATE,
    "time": lambda _: TIME,
    "datetime": lambda _: DATETIME,
    "duration": lambda _: DURATION,
    "json": lambda _: JSON,
    "uuid": lambda _: UUID,
    "decimal": lambda options: DecimalKind(options["scale"]),
    "money": lambda options: MoneyKind(options["currency"]),
    "enum": lambda options: _enum(options),
    "list": lambda options: ListKind(_enum(options)),
    "address": _struct("address"),
    "geo_point": _struct("geo_point"),
    "file": _struct("file"),
}
"""The kind behind each `expression_type` of a property type."""


def kind_of(made: PropertyType) -> Kind | None:
    """The kind of a property type's values; None where expressions can't see them."""
    make = KINDS.get(made.expression_type)
    return None if make is None else make(made.expression_options)


class Shapes:
    """A Schema over linked entities.

    `stored`: the records are those of the database, where what is required is there; otherwise a record may be
    a draft that still lacks anything. `loading`: what could not be read is a
    member of any kind.
    """

    def __init__(self, entities: Mapping[str, Entity], *, stored: bool = True, loading: bool = False) -> None:
        self._entities = entities
        self._stored = stored
        self._loading = loading
        self._made: dict[str, dict[str, MemberShape]] = {}

    def member(self, entity: str, name: str) -> MemberShape | None:
        found = self._members(entity).get(name)
        return self._doubtful(entity, name) if found is None and self._loading else found

    def _doubtful(self, entity: str, name: str) -> MemberShape | None:
        """A member whose declaration is wrong, and has been complained of."""
        declared = self._entities.get(entity)
        lost = declared is not None and uncertain(declared.document, PARTS, name)
        return MemberShape(name, ANY) if lost else None

    def names(self, entity: str) -> Collection[str]:
        return self._members(entity)

    def parent_of(self, entity: str) -> str | None:
        """The relation by which the rows of one composition know their parent."""
        declared = self._entities.get(entity)
        owners = [each.name for each in declared.relations.values() if each.owner_of_row] if declared else []
        return owners[0] if len(owners) == 1 else None

    def named_by(self, entity: str) -> str | None:
        """The property that is the title of an entity's records, where the title is nothing else."""
        declared = self._entities.get(entity)
        if declared is None:
            return None
        parts = declared.title.parts
        path = parts[0].path if len(parts) == 1 and not isinstance(parts[0], str) else ""
        shape = self.member(entity, path)
        return path if shape is not None and shape.kind is STRING else None

    def _members(self, entity: str) -> dict[str, MemberShape]:
        found = self._made.get(entity)
        if found is None:
            found = self._made[entity] = self._of(self._entities[entity]) if entity in self._entities else {}
        return found

    def _of(self, entity: Entity) -> dict[str, MemberShape]:
        found: dict[str, MemberShape] = {}
        for prop in entity.properties.values():
            kind = kind_of(prop.type)
            if kind is not None:
                computed = prop.computed if prop.virtual else ""
                found[prop.name] = MemberShape(prop.name, kind, self._always(prop, kind), computed)
        for relation in entity.relations.values():
            found[relation.name] = self._relation(relation)
        for inverse in entity.inverses.values():
            one = RecordKind((inverse.source,))
            kind = one if inverse.to_one else ListKind(one)
            found[inverse.name] = MemberShape(inverse.name, kind, elsewhere=True)
        return found

    def _always(self, prop: Property, kind: Kind) -> bool:
        if isinstance(kind, ListKind):
            return True  # none of several is the empty list
        return self._stored and (prop.required or prop.system)

    def _relation(self, relation: Relation) -> MemberShape:
        kind = RecordKind(relation.targets)
        if not relation.holds_key:
            return MemberShape(relation.name, ListKind(kind))
        # what a required relation leads to may have gone to the trash
        return MemberShape(
            relation.name, kind, self._stored and relation.required and not relation.polymorphic
        )
