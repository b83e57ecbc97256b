"""Who may do what, as declared: levels, grants, groups of people, and sharing beyond what one owns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from engine.errors import Place
from engine.metamodel.expression import Expression

Level = Literal["none", "own", "group", "unit", "unit_tree", "organization", "all"]
LEVELS: tuple[Level, ...] = ("none", "own", "group", "unit", "unit_tree", "organization", "all")
"""From nothing to everything; each reaches what those before it reach."""

ACTIONS = ("create", "read", "update", "delete", "transition", "assign", "share", "export", "import", "audit")
"""What can be done with the records of every entity; an entity's own `actions` come to it."""

PartyKind = Literal["role", "roles_below", "group"]
SharedLevel = Literal["private", "read", "edit", "full"]
SHARED_ACTIONS: Mapping[SharedLevel, tuple[str, ...]] = {
    "private": (),
    "read": ("read", "audit", "export"),
    "edit": ("read", "audit", "export", "update", "transition"),
    "full": ("read", "audit", "export", "update", "transition", "delete", "assign", "share"),
}
"""The actions that sharing widens. It reaches further records, and never does more than a role may do."""

FIELD_ACCESS = ("hidden", "read", "create", "update", "write")
"""What a profile says of a property: not seen; seen; also given to new records; also changed later; both."""


@dataclass(frozen=True, kw_only=True)
class Reach:
    """The records an action is granted for: a level, of these those that meet a condition, of these some types."""

    level: Level
    place: Place
    where: Expression | None = None
    record_types: frozenset[str] | None = None

    @property
    def conditional(self) -> bool:
        return self.where is not None or self.record_types is not None


@dataclass(frozen=True, kw_only=True)
class Grant:
    """What one role (or profile) may do with an entity's records: an action's name to how far it reaches."""

    role: str
    actions: Mapping[str, Reach]
    place: Place


@dataclass(frozen=True, kw_only=True)
class Profile:
    """A named bundle of grants, of field access (a member or a group of members), and of capabilities."""

    name: str
    label: str
    place: Place
    description: str = ""
    grants: Mapping[str, Grant] = field(default_factory=dict)  # by entity
    fields: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    capabilities: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Role:
    """A role a user can have. `administrator` is built in and may do everything.

    Roles are a tree: who has the parent sees what those below it own.
    """

    name: str
    label: str
    place: Place
    description: str = ""
    parent: str | None = None
    profiles: tuple[str, ...] = ()
    capabilities: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Members:
    """Who belongs to a group: users by sign-in name, roles, roles with those below them, other groups."""

    users: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    roles_below: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()


NO_MEMBERS = Members()


@dataclass(frozen=True, kw_only=True)
class Group:
    """A declared group: its record is made by the engine, and people may be added to that while it runs."""

    name: str
    label: str
    place: Place
    description: str = ""
    members: Members = NO_MEMBERS


@dataclass(frozen=True, kw_only=True)
class Party:
    """Some people, as a sharing rule names them."""

    kind: PartyKind
    name: str


@dataclass(frozen=True, kw_only=True)
class SharingRule:
    """Records owned by some people (`source`; None: by anybody) are shared with others, at a level."""

    target: Party
    level: SharedLevel
    place: Place
    source: Party | None = None
    where: Expression | None = None


@dataclass(frozen=True, kw_only=True)
class Sharing:
    """How far the records of an entity are shared beyond what the levels of grants reach."""

    default: SharedLevel = "private"
    rules: tuple[SharingRule, ...] = ()
    place: Place | None = None


NOT_SHARED = Sharing()


@dataclass(frozen=True, kw_only=True)
class MemberAccess:
    """The only roles that may read a property or relation, set it on a new record, or change it later.

    None stands for every role that may do so with the record.
    """

    read: frozenset[str] | None = None
    create: frozenset[str] | None = None
    update: frozenset[str] | None = None
    place: Place | None = None


AS_THE_RECORD = MemberAccess()
"""The access of a member that says nothing of itself."""
