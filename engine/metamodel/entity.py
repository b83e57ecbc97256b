"""An entity: what a configurator declares, from which tables, validators, pages and API follow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from engine.errors import Place
from engine.metamodel.access import NOT_SHARED, Grant, Sharing
from engine.metamodel.expression import Expression
from engine.metamodel.property import Property
from engine.metamodel.relation import Inverse, Relation
from engine.text.template import Template

Ownership = Literal["none", "user", "group", "unit", "organization"]


@dataclass(frozen=True, kw_only=True)
class Features:
    """What is switched on for an entity."""

    audit: bool = True
    trash: bool = True
    tags: bool = False
    comments: bool = False
    attachments: bool = False
    follow: bool = False
    activities: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Validation:
    """A condition every saved record must meet, and what to say when it does not."""

    check: Expression
    message: str
    at: str
    place: Place


@dataclass(frozen=True, kw_only=True)
class UniqueKey:
    """Properties and relations whose values together occur once (among records not in the trash)."""

    names: tuple[str, ...]
    place: Place
    where: Expression | None = None
    message: str = ""


@dataclass(frozen=True, kw_only=True)
class RecordType:
    """A variant of an entity on the same table: what it requires and hides, and a workflow of its own."""

    name: str
    label: str
    required: frozenset[str] = frozenset()
    hidden: frozenset[str] = frozenset()
    workflow: str = ""
    place: Place


@dataclass(frozen=True, kw_only=True)
class Entity:
    """One kind of record.

    `properties` and `relations` hold everything the records have in order of declaration, the system's
    own (`id`, `created_at`, `created_by`, `updated_at`, `updated_by`, `version`, `owner` …) last.
    `document` is the merged document, whose every key knows the place it was written at.
    """

    name: str
    label: str
    plural: str
    title: Template
    place: Place
    icon: str = ""
    description: str = ""
    ownership: Ownership = "none"
    features: Features = field(default_factory=Features)
    properties: Mapping[str, Property] = field(default_factory=dict)
    relations: Mapping[str, Relation] = field(default_factory=dict)
    inverses: Mapping[str, Inverse] = field(default_factory=dict)
    validations: tuple[Validation, ...] = ()
    unique: tuple[UniqueKey, ...] = ()
    indexes: tuple[tuple[str, ...], ...] = ()
    grants: Mapping[str, Grant] = field(default_factory=dict)  # by role
    sharing: Sharing = NOT_SHARED
    access_through: str = ""  # the relation to the record that decides who may read and change this one
    record_types: Mapping[str, RecordType] = field(default_factory=dict)
    singleton: bool = False
    api: bool = True
    child_of: tuple[str, ...] = ()  # the entities this one is a composition of
    plugin: Mapping[str, Any] = field(default_factory=dict)
    was: str | None = None
    document: Mapping[str, Any] = field(default_factory=dict)

    @property
    def own_workflows(self) -> Mapping[str, frozenset[str]]:
        """The workflows that types of record have of their own, with those types."""
        found: dict[str, frozenset[str]] = {}
        for each in self.record_types.values():
            if each.workflow:
                found[each.workflow] = found.get(each.workflow, frozenset()) | {each.name}
        return found

    def to_one(self, name: str) -> Relation | Inverse | None:
        """What leads to at most one record by this name: a relation, or the other side of a one_to_one."""
        found = self.relations.get(name) or self.inverses.get(name)
        return found if found is not None and found.to_one else None

    @property
    def single_inverses(self) -> tuple[Inverse, ...]:
        """The inverses that lead to at most one record."""
        return tuple(inverse for inverse in self.inverses.values() if inverse.to_one)
