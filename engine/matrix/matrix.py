"""The access matrix of an application: a line for everything anybody may do, told by the code that enforces."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from engine.build.access import ADMINISTRATOR, USES, Access, EntityAccess, build_access
from engine.declared.application import Application
from engine.errors import Place
from engine.expressions.written import written
from engine.matrix.facts import (
    BELOW,
    Above,
    Capable,
    Closed,
    Fact,
    Follows,
    Holds,
    May,
    Owned,
    SharedByDefault,
    SharedWith,
)
from engine.metamodel.access import ACTIONS
from engine.metamodel.entity import Entity
from engine.text.yaml_tree import Map

OWNERS = {
    "none": "nobody",
    "user": "a user",
    "group": "a group",
    "unit": "a unit",
    "organization": "an organization",
}
"""Whom records belong to, in words, by `ownership`."""

ACCESS_OF = {frozenset(uses): name for name, uses in USES.items()}
"""Field access by the uses it leaves."""


@dataclass(frozen=True)
class Matrix:
    """Every line, and what a comparison has to know beside: which members there are, and whose roles count.

    `members` are the (entity, member) there are, with their places; None where a text is all that is known.
    """

    facts: frozenset[Fact]
    members: dict[tuple[str, str], Place] | None = None

    def counts(self, entity: str, role: str) -> bool:
        """Whether a role may do anything to records of an entity, or to those that decide about them."""
        return role in self._roles.get(entity, ()) or any(
            role in self._roles.get(parent, ()) for parent in self._followed(entity, frozenset({entity}))
        )

    @cached_property
    def _roles(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for fact in self.facts:
            if isinstance(fact, May):
                found.setdefault(fact.entity, set()).add(fact.role)
        return found

    def _followed(self, entity: str, seen: frozenset[str]) -> Iterator[str]:
        for fact in self.facts:
            if isinstance(fact, Follows) and fact.entity == entity and fact.parent not in seen:
                yield fact.parent
                yield from self._followed(fact.parent, seen | {fact.parent})


def matrix_of(application: Application, access: Access | None = None) -> Matrix:
    """The matrix of what an application declares. The role `administrator` may do everything, and has no line."""
    access = access or build_access(application)
    facts = frozenset(
        (
            *_roles(application, access),
            *_groups(application),
            *(fact for each in access.entities.values() for fact in _of_entity(application, access, each)),
        )
    )
    members = {
        (entity.name, name): member.place
        for entity in application.entities.values()
        for part in (entity.properties, entity.relations)
        for name, member in part.items()
    }
    return Matrix(facts, members)


def _roles(application: Application, access: Access) -> Iterator[Fact]:
    for name, below in access.below.items():
        for role in below:
            yield Above(superior=name, role=role, place=application.roles[role].place)
    for name, capabilities in access.capabilities.items():
        for capability in capabilities:
            yield Capable(role=name, name=capability, place=application.roles[name].place)


def _groups(application: Application) -> Iterator[Fact]:
    for name, group in application.groups.items():
        said = group.members
        words = (
            *(f"user {each}" for each in said.users),
            *(f"role {each}" for each in said.roles),
            *(f"role {each}{BELOW}" for each in said.roles_below),
            *(f"group {each}" for each in said.groups),
        )
        yield from (Holds(group=name, member=member, place=group.place) for member in words)


def _of_entity(application: Application, access: Access, here: EntityAccess) -> Iterator[Fact]:
    entity = application.entities[here.entity]
    name = entity.name
    if here.roles:
        yield Owned(entity=name, owner=OWNERS[entity.ownership], place=entity.place)
    for parent, relation in here.parents:
        place = entity.relations[relation].place
        yield Follows(entity=name, parent=parent, relation=relation, place=place)
    if here.default != "private":
        yield SharedByDefault(entity=name, level=here.default, place=here.sharing_place)
    for shared in here.sharing:
        yield SharedWith(
            entity=name,
            target=shared.declared.target,
            level=shared.declared.level,
            source=shared.declared.source,
            where=written(shared.rule.checked.node) if shared.rule is not None else "",
            place=shared.declared.place,
        )
    yield from _grants(here)
    yield from _closed(application, access, here, entity)


def _grants(here: EntityAccess) -> Iterator[Fact]:
    """What each role may do, as `EntityAccess.grants` answers when it is asked."""
    actions = dict.fromkeys((*ACTIONS, *(action for _, action in here.granted)))
    for role in here.roles - {ADMINISTRATOR}:
        for action in actions:
            for granted in here.grants((role,), action):
                yield May(
                    entity=here.entity,
                    role=role,
                    action=action,
                    level=granted.level,
                    types=granted.record_types,
                    where=written(granted.rule.checked.node) if granted.rule is not None else "",
                    place=granted.place,
                )


def _closed(application: Application, access: Access, here: EntityAccess, entity: Entity) -> Iterator[Fact]:
    """The members that a role may use less than the record, as `EntityAccess.allowed` answers."""
    if not here.narrowed:
        return
    counting = here.roles.union(*(access.entities[each].roles for each in here.followed_to))
    for role in counting - {ADMINISTRATOR}:
        for member in here.members:
            uses = frozenset(use for use in USES["write"] if here.allowed(member, frozenset({role}), use))
            if len(uses) < len(USES["write"]):
                place = _place(application, here, entity, role, member)
                yield Closed(
                    entity=entity.name, member=member, role=role, access=ACCESS_OF[uses], place=place
                )


def _place(
    application: Application, here: EntityAccess, entity: Entity, role: str, member: str
) -> Place | None:
    """Where the metadata closes a member to a role: in a profile, else at the member itself."""
    declared = entity.properties.get(member) or entity.relations[member]
    if (role, member) in here.profiled:
        for name in application.roles[role].profiles:
            profile = application.profiles.get(name)
            said = profile.fields.get(entity.name) if profile is not None else None
            for key in (member, declared.group):
                if isinstance(said, Map) and key in said:
                    return said.key_place(key)
    own = here.own.get(member)
    return own.place if own is not None else declared.place
