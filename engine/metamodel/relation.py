"""A relation between entities, as declared on the side that holds the key, and its inverse."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from engine.errors import Place
from engine.metamodel.access import AS_THE_RECORD, MemberAccess
from engine.metamodel.expression import Expression

Kind = Literal["many_to_one", "one_to_one", "many_to_many", "composition", "tree"]
OnDelete = Literal["restrict", "cascade", "clear"]


@dataclass(frozen=True, kw_only=True)
class Relation:
    """A named link to records of other entities.

    `targets` has one name, or several where the relation is polymorphic. A key (many_to_one,
    one_to_one, tree) is held in this entity's table; a many_to_many in a link table, or in the
    entity `through`; a composition in the child's table, where it appears as an implicit key with
    `owner_of_row` set. `inverse` is the name the target knows this relation by ("" for none).
    """

    name: str
    label: str
    targets: tuple[str, ...]
    place: Place
    kind: Kind = "many_to_one"
    required: bool = False
    on_delete: OnDelete = "restrict"
    inverse: str = ""
    inverse_label: str = ""
    through: str = ""
    help: str = ""
    index: bool = True
    copy: bool = True
    readonly: Literal["no", "after_create", "always"] = "no"
    group: str = ""
    was: str | None = None
    access: MemberAccess = AS_THE_RECORD
    conditions: Mapping[str, Expression] = field(default_factory=dict)
    owner_of_row: bool = False
    system: bool = False

    @property
    def holds_key(self) -> bool:
        """Whether this entity's own table has the key's column (or columns)."""
        return self.kind in ("many_to_one", "one_to_one", "tree")

    @property
    def to_one(self) -> bool:
        """Whether it leads to at most one record: then paths walk it."""
        return self.holds_key

    @property
    def polymorphic(self) -> bool:
        return len(self.targets) > 1

    @property
    def target(self) -> str:
        """The one target of a relation that is not polymorphic."""
        assert len(self.targets) == 1, f"{self.name} is polymorphic"
        return self.targets[0]


@dataclass(frozen=True, kw_only=True)
class Inverse:
    """How a target sees a relation declared elsewhere: `source` has `relation` pointing here.

    `many` is false only for the inverse of a one_to_one. For a composition's parent this is not used:
    there the composition itself is the relation to the children.
    """

    name: str
    label: str
    source: str
    relation: str
    many: bool

    @property
    def to_one(self) -> bool:
        """Whether it leads to at most one record: then paths walk it like a relation."""
        return not self.many

    @property
    def polymorphic(self) -> bool:
        return False

    @property
    def target(self) -> str:
        """The entity it leads to."""
        return self.source

    @property
    def targets(self) -> tuple[str, ...]:
        return (self.source,)
