"""What the language has to know about the application: which members an entity has, and which roots a key allows."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from engine.expressions.kinds import Kind, ListKind, RecordKind


@dataclass(frozen=True, slots=True)
class MemberShape:
    """A property or relation as expressions see it.

    `kind` is a RecordKind for a to-one relation and a ListKind of one for a to-many relation; `required`:
    it is never null. `computed` is the expression that a property which is not stored stands for. `elsewhere`:
    the record that it leads to has the key, so that no change of this one changes it.
    """

    name: str
    kind: Kind
    required: bool = False
    computed: str = ""
    elsewhere: bool = False

    @property
    def many(self) -> bool:
        """Whether it is a to-many relation; a multi-choice, whose items are no records, is a value."""
        return isinstance(self.kind, ListKind) and isinstance(self.kind.item, RecordKind)


class Schema(Protocol):
    """The entities of an application."""

    def member(self, entity: str, name: str) -> MemberShape | None:
        """The member of that name, or None."""
        ...

    def names(self, entity: str) -> Collection[str]:
        """The names of an entity's members, for suggestions."""
        ...

    def parent_of(self, entity: str) -> str | None:
        """The relation by which an entity's rows know the one record they belong to: what `parent` stands for."""
        ...

    def named_by(self, entity: str) -> str | None:
        """The text that names an entity's records (a tag's name), so that a text can be looked for among them."""
        ...


@dataclass(frozen=True, slots=True)
class Roots:
    """What an expression may start from.

    `records` maps a root (`record`, `user`, `option` …) to the entity (or entities) of its record; `optional`
    are those that may be null. `parent` is no root of its own: it is the record a row belongs to. `values` are
    named members of `form`, `mail`, `settings` and `parameters`, by root and name.
    """

    records: Mapping[str, tuple[str, ...]]
    optional: frozenset[str] = frozenset()
    values: Mapping[str, Mapping[str, MemberShape]] = field(default_factory=dict)
    features: frozenset[str] = frozenset()
    roles: frozenset[str] | None = None
    capabilities: frozenset[str] | None = None
    changes: bool = False  # whether `old`, `is_new()`, `changed()` make sense
    key: str = ""  # the YAML key, for messages
