"""Access compiled from what is declared: per entity, what each role may do, how far, and with which members.

Default deny; grants add up; a member's own `access` narrows. `administrator` may all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from engine.declared.application import Application
from engine.declared.rules import Rule
from engine.errors import Place
from engine.metamodel.access import (
    FIELD_ACCESS,
    SHARED_ACTIONS,
    Grant,
    Level,
    MemberAccess,
    SharedLevel,
    SharingRule,
)
from engine.metamodel.entity import Entity
from engine.metamodel.expression import Expression
from engine.metamodel.property import Property
from engine.metamodel.relation import Relation

ADMINISTRATOR = "administrator"
OWNING = ("owner", "owner_group", "unit", "organization")
"""The system's relations that say who a record belongs to: who changes them assigns it."""


@dataclass(frozen=True)
class Granted:
    """One grant of one action to one role: by the entity itself, or by a profile the role holds."""

    role: str
    action: str
    level: Level
    place: Place
    profile: str = ""
    rule: Rule | None = None
    record_types: frozenset[str] | None = None

    @property
    def conditional(self) -> bool:
        return self.rule is not None or self.record_types is not None


@dataclass(frozen=True)
class Shared:
    """A sharing rule with its condition checked; `number` tells it from all others of the application."""

    number: int
    declared: SharingRule
    rule: Rule | None


@dataclass(frozen=True)
class EntityAccess:
    """What roles may do with an entity's records.

    `granted` is by role and action. `own` is what each member says of itself, `profiled` what profiles say of it
    for a role: the widest of them. `parents` are the entities whose records decide about this one's, with the
    relations to them.
    """

    entity: str
    members: frozenset[str]
    granted: Mapping[tuple[str, str], tuple[Granted, ...]] = field(default_factory=dict)
    own: Mapping[str, MemberAccess] = field(default_factory=dict)
    profiled: Mapping[tuple[str, str], str] = field(default_factory=dict)
    default: SharedLevel = "private"
    sharing: tuple[Shared, ...] = ()
    sharing_place: Place | None = None
    parents: tuple[tuple[str, str], ...] = ()
    followed_to: tuple[
        str, ...
    ] = ()  # the entities that parents lead to in the end: their roles count here too

    def grants(self, roles: Iterable[str], action: str) -> Iterator[Granted]:
        """The grants of an action that the roles have; history goes with reading where nothing is said of it."""
        for role in sorted(roles):
            key = (role, action)
            if action == "audit" and key not in self.granted:
                key = (role, "read")
            yield from (each for each in self.granted.get(key, ()) if each.level != "none")

    def may(self, roles: frozenset[str], action: str) -> bool:
        """Whether the roles may do this to any record by the entity's own grants."""
        return ADMINISTRATOR in roles or next(self.grants(roles, action), None) is not None

    @cached_property
    def roles(self) -> frozenset[str]:
        """The roles that may do anything at all here."""
        return frozenset(
            role for (role, _), grants in self.granted.items() if any(each.level != "none" for each in grants)
        )

    @cached_property
    def narrowed(self) -> bool:
        """Whether anything is said of single members."""
        return bool(self.own or self.profiled)

    def allowed(self, name: str, roles: frozenset[str], use: str) -> list[str]:
        """Which of some roles may use a member: `use` is read, create or update."""
        own = self.own.get(name, MemberAccess())
        named: frozenset[str] | None = getattr(own, use)
        if use != "read" and own.read is not None:
            named = own.read if named is None else named & own.read
        return [
            role
            for role in sorted(roles)
            if (named is None or role in named) and use in USES[self.profiled.get((role, name), "write")]
        ]


USES: Mapping[str, tuple[str, ...]] = {
    "hidden": (),
    "read": ("read",),
    "create": ("read", "create"),
    "update": ("read", "update"),
    "write": ("read", "create", "update"),
}
"""The uses of a member that each field access allows."""


@dataclass(frozen=True)
class Access:
    """Everything about access that an application declares, ready to be asked."""

    entities: Mapping[str, EntityAccess]
    below: Mapping[str, frozenset[str]]  # the roles below each role
    capabilities: Mapping[str, frozenset[str]]  # by role
    groups: frozenset[str]  # those that sharing rules name
    uses_groups: bool  # whether anything depends on who belongs to which group

    def below_all(self, roles: Iterable[str]) -> frozenset[str]:
        """Every role below any of some."""
        found: frozenset[str] = frozenset()
        return found.union(*(self.below.get(role, found) for role in roles))

    def may_use(self, roles: frozenset[str], capability: str) -> bool:
        """Whether the roles have a capability."""
        return ADMINISTRATOR in roles or any(capability in self.capabilities.get(role, ()) for role in roles)


def build_access(application: Application) -> Access:
    """Compile the grants of entities and of every role's profiles, sharing, field access and capabilities."""
    rule_of: dict[Expression | None, Rule] = {rule.expression: rule for rule in application.rules}
    numbers = iter(range(1_000_000))
    entities = {
        name: _entity_access(application, entity, rule_of, numbers)
        for name, entity in application.entities.items()
    }
    return Access(
        entities=entities,
        below=_below(application),
        capabilities=_capabilities(application),
        groups=frozenset(_groups(entities.values())),
        uses_groups=_uses_groups(application, entities.values()),
    )


def _entity_access(
    application: Application,
    entity: Entity,
    rule_of: Mapping[Expression | None, Rule],
    numbers: Iterator[int],
) -> EntityAccess:
    granted: dict[tuple[str, str], list[Granted]] = {}
    for role in application.roles:
        for profile, grant in _grants(application, entity, role):
            for action, reach in grant.actions.items():
                made = Granted(
                    role=role,
                    action=action,
                    level=reach.level,
                    place=reach.place,
                    profile=profile,
                    rule=rule_of.get(reach.where),
                    record_types=reach.record_types,
                )
                granted.setdefault((role, action), []).append(made)
    members: dict[str, Property | Relation] = {**entity.properties, **entity.relations}
    return EntityAccess(
        entity=entity.name,
        members=frozenset(members),
        granted={key: tuple(grants) for key, grants in granted.items()},
        own={name: member.access for name, member in members.items() if member.access.place is not None},
        profiled=_profiled(application, entity),
        default=entity.sharing.default,
        sharing=tuple(Shared(next(numbers), each, rule_of.get(each.where)) for each in entity.sharing.rules),
        sharing_place=entity.sharing.place,
        parents=tuple(_parents(entity)),
        followed_to=tuple(_followed_to(application, entity, frozenset())),
    )


def _grants(application: Application, entity: Entity, role: str) -> Iterator[tuple[str, Grant]]:
    own = entity.grants.get(role)
    if own is not None:
        yield "", own
    for name in application.roles[role].profiles:
        profile = application.profiles.get(name)
        if profile is not None and entity.name in profile.grants:
            yield name, profile.grants[entity.name]


def _profiled(application: Application, entity: Entity) -> dict[tuple[str, str], str]:
    """What profiles say of members, named by themselves or by their group; of several the widest holds."""
    members: dict[str, Property | Relation] = {**entity.properties, **entity.relations}
    found: dict[tuple[str, str], str] = {}
    for role in application.roles.values():
        for profile in (application.profiles[name] for name in role.profiles if name in application.profiles):
            said = profile.fields.get(entity.name, {})
            for name, member in members.items():
                access = said.get(name) or (said.get(member.group) if member.group else None)
                if access is not None:
                    key = (role.name, name)
                    found[key] = max(found.get(key, access), access, key=FIELD_ACCESS.index)
    return found


def _parents(entity: Entity) -> Iterator[tuple[str, str]]:
    """Whose records decide: of rows of compositions without grants of their own, and where it is declared."""
    if entity.access_through:
        relation = entity.relations[entity.access_through]
        yield relation.target, relation.name
    elif not entity.grants:
        for relation in entity.relations.values():
            if relation.owner_of_row:
                yield relation.target, relation.name


def _followed_to(application: Application, entity: Entity, seen: frozenset[str]) -> Iterator[str]:
    for parent, _ in _parents(entity):
        if parent not in seen:
            yield parent
            yield from _followed_to(application, application.entities[parent], seen | {parent})


def _below(application: Application) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {name: set() for name in application.roles}
    for name, role in application.roles.items():
        above, seen = role.parent, {name}
        while above is not None and above in application.roles and above not in seen:
            found[above].add(name)
            seen.add(above)
            above = application.roles[above].parent
    return {name: frozenset(below) for name, below in found.items()}


def _capabilities(application: Application) -> dict[str, frozenset[str]]:
    profiles = application.profiles
    return {
        name: role.capabilities.union(
            *(profiles[each].capabilities for each in role.profiles if each in profiles)
        )
        for name, role in application.roles.items()
    }


def _groups(entities: Iterable[EntityAccess]) -> Iterator[str]:
    for access in entities:
        for shared in access.sharing:
            for party in (shared.declared.target, shared.declared.source):
                if party is not None and party.kind == "group":
                    yield party.name


def _uses_groups(application: Application, entities: Iterable[EntityAccess]) -> bool:
    owned = any(entity.ownership == "group" for entity in application.entities.values())
    shared = any(
        action == "share" and each.level != "none"
        for access in entities
        for (_, action), grants in access.granted.items()
        for each in grants
    )
    return owned or shared or bool(application.groups)


def shared_actions(level: SharedLevel) -> tuple[str, ...]:
    """The actions that sharing at a level widens."""
    return SHARED_ACTIONS[level]
