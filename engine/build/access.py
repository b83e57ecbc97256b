"""Access compiled from grants: per entity, what each role may do, at which level, to which members.

Default deny; grants add up; a member's own `access` narrows. `administrator` may all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from engine.declared.application import Application
from engine.metamodel.entity import Entity, Grant, Level
from engine.metamodel.property import Property
from engine.metamodel.relation import Relation

LEVELS: tuple[Level, ...] = ("none", "own", "unit", "unit_tree", "organization", "all")
"""From nothing to everything; of several grants the widest holds."""

FIELD_ACCESS = ("hidden", "read", "write")
"""What a profile says of a member, from nothing to everything; of several profiles the widest holds."""

ADMINISTRATOR = "administrator"


@dataclass(frozen=True)
class EntityAccess:
    """What roles may do with an entity's records.

    `levels` maps a role and an action to a level; `hidden` and `frozen` map a role to the members
    that it may not read, or not write. A member restricted by its own `access` is hidden from every
    role not named there.
    """

    entity: str
    levels: Mapping[tuple[str, str], Level]
    readers: Mapping[str, frozenset[str]]  # member -> the only roles that may read it
    writers: Mapping[str, frozenset[str]]
    hidden: Mapping[tuple[str, str], bool]  # (role, member) a profile hides
    frozen: Mapping[tuple[str, str], bool]  # (role, member) a profile makes read-only
    members: frozenset[str]

    def level(self, roles: Iterable[str], action: str) -> Level:
        """The widest level any of the roles has for an action."""
        best = 0
        for role in roles:
            if role == ADMINISTRATOR:
                return "all"
            best = max(best, LEVELS.index(self.levels.get((role, action), "none")))
        return LEVELS[best]

    def readable(self, roles: frozenset[str]) -> frozenset[str]:
        """The members these roles may read at all."""
        if ADMINISTRATOR in roles:
            return self.members
        return frozenset(name for name in self.members if self._open(name, roles, self.readers, self.hidden))

    def writable(self, roles: frozenset[str]) -> frozenset[str]:
        """The members these roles may write, where they may write the record."""
        if ADMINISTRATOR in roles:
            return self.members
        return frozenset(
            name for name in self.readable(roles) if self._open(name, roles, self.writers, self.frozen)
        )

    @staticmethod
    def _open(
        name: str,
        roles: frozenset[str],
        named: Mapping[str, frozenset[str]],
        closed: Mapping[tuple[str, str], bool],
    ) -> bool:
        """Whether some role is let through: named (where any is), and not closed by all its profiles."""
        candidates = roles & named[name] if name in named else roles
        return any((role, name) not in closed for role in candidates)


def build_access(application: Application, entity: Entity) -> EntityAccess:
    """Compile an entity's own grants and those of every role's profiles."""
    levels: dict[tuple[str, str], Level] = {}
    closed: dict[tuple[str, str], str] = {}
    for role in application.roles.values():
        for grant in _grants(application, entity, role.name):
            for action, level in grant.actions.items():
                key = (role.name, action)
                levels[key] = max(levels.get(key, "none"), level, key=LEVELS.index)
        for name in role.profiles:
            profile = application.profiles.get(name)
            for member, access in (profile.fields.get(entity.name, {}) if profile else {}).items():
                known = closed.get((role.name, member), access)
                closed[(role.name, member)] = max(known, access, key=FIELD_ACCESS.index)
    members: dict[str, Property | Relation] = {**entity.properties, **entity.relations}
    return EntityAccess(
        entity=entity.name,
        levels=levels,
        readers={
            name: member.read_roles for name, member in members.items() if member.read_roles is not None
        },
        writers={
            name: member.write_roles for name, member in members.items() if member.write_roles is not None
        },
        hidden={key: True for key, access in closed.items() if access == "hidden"},
        frozen={key: True for key, access in closed.items() if access in ("hidden", "read")},
        members=frozenset(members),
    )


def _grants(application: Application, entity: Entity, role: str) -> Iterable[Grant]:
    own = entity.grants.get(role)
    if own is not None:
        yield own
    for name in application.roles[role].profiles:
        profile = application.profiles.get(name)
        if profile is not None and entity.name in profile.grants:
            yield profile.grants[entity.name]
