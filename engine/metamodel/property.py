"""A property of an entity: its type with the options, and the options common to all types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from engine.errors import Place
from engine.metamodel.access import AS_THE_RECORD, MemberAccess
from engine.metamodel.expression import Expression
from engine.types.base import PropertyType

Readonly = Literal["no", "after_create", "always"]
Weight = Literal["high", "medium", "low"]


@dataclass(frozen=True, kw_only=True)
class Property:
    """One named, typed value of every record of an entity.

    `default` is a value of the type (or None); `conditions` holds the expression keys as written
    (`computed`, `required_if`, `visible_if`, `readonly_if`, `default`). `system` marks those every
    entity has. `access` narrows who may read and write it.
    """

    name: str
    type: PropertyType
    label: str
    place: Place
    help: str = ""
    placeholder: str = ""
    required: bool = False
    unique: bool = False
    default: Any = None
    readonly: Readonly = "no"
    index: bool = False
    search: Weight | None = None
    sensitive: bool = False
    translatable: bool = False
    stored: bool = False
    copy: bool = True
    importable: bool = True
    exportable: bool = True
    group: str = ""
    was: str | None = None
    access: MemberAccess = AS_THE_RECORD
    conditions: Mapping[str, Expression] = field(default_factory=dict)
    system: bool = False

    @property
    def computed(self) -> str:
        """The expression its value is computed by; "" for a value that is written."""
        found = self.conditions.get("computed")
        return found.text if found is not None else ""

    @property
    def virtual(self) -> bool:
        """Whether it has no column: it is computed whenever it is read."""
        return bool(self.computed) and not self.stored
