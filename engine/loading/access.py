"""Reading of who may do what: grants, sharing, roles, profiles, groups, and the access of single members."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.documents.documents import Documents
from engine.errors import Place
from engine.loading.members import expression
from engine.metamodel.access import (
    Grant,
    Group,
    Level,
    Members,
    Party,
    PartyKind,
    Profile,
    Reach,
    Role,
    Sharing,
    SharingRule,
)
from engine.text.labels import words
from engine.text.yaml_tree import Map

ADMINISTRATOR = Role(
    name="administrator", label="Administrator", description="May do everything.", place=Place("engine")
)

CAPABILITIES = {
    "see_access": "See why somebody may do something",
    "deliver_mail": "Deliver mails to mailboxes over HTTP",
    "set_parameters": "Set the parameters of workflows",
}
"""Functions that belong to no record and come with the engine; an application declares its own."""


def read_grants(declared: Map | None) -> dict[str, Grant]:
    """The grants of an entity, by role."""
    return {role: read_grant(role, grant) for role, grant in (declared or {}).items()}


def read_grant(role: str, declared: Map) -> Grant:
    """What a role may do with records: `true`, a level, or a level and a condition."""
    actions = {action: _reach(declared, action, how) for action, how in declared.items()}
    return Grant(role=role, actions=actions, place=declared.place)


def _reach(holder: Map, action: str, how: Any) -> Reach:
    if not isinstance(how, Map):
        return Reach(level=_level(how), place=holder.key_place(action))
    types = how.get("record_types")
    return Reach(
        level=how.get("level", "all"),
        where=expression(how, "where") if how.get("where") is not None else None,
        record_types=frozenset(types) if types is not None else None,
        place=holder.key_place(action),
    )


def _level(written: Any) -> Level:
    if isinstance(written, bool):
        return "all" if written else "none"
    level: Level = written
    return level


def read_sharing(root: Map) -> Sharing:
    """How far an entity's records are shared: one word, or a default with rules."""
    declared = root.get("sharing")
    if declared is None:
        return Sharing()
    place = root.key_place("sharing")
    if not isinstance(declared, Map):
        return Sharing(default=declared, place=place)
    rules = tuple(_sharing_rule(each) for each in declared.get("rules") or ())
    return Sharing(default=declared.get("default", "private"), rules=rules, place=place)


def _sharing_rule(declared: Map) -> SharingRule:
    source = declared.get("from")
    return SharingRule(
        source=_party(source) if source is not None else None,
        target=_party(declared["to"]),
        level=declared.get("level", "read"),
        where=expression(declared, "where") if declared.get("where") is not None else None,
        place=declared.place,
    )


def _party(declared: Map) -> Party:
    kind, name = next(iter(declared.items()))
    return Party(kind=PARTIES[kind], name=name)


PARTIES: Mapping[str, PartyKind] = {"role": "role", "roles_below": "roles_below", "group": "group"}


def read_roles(found: Documents) -> dict[str, Role]:
    """Every role, the built-in one first."""
    roles = {ADMINISTRATOR.name: ADMINISTRATOR}
    for name, root in found.by_kind["role"].items():
        roles[name] = Role(
            name=name,
            label=root.get("label", words(name)),
            description=root.get("description", ""),
            parent=root.get("parent"),
            profiles=tuple(root.get("profiles") or ()),
            capabilities=frozenset(root.get("capabilities") or ()),
            place=root.key_place("role"),
        )
    return roles


def read_profiles(found: Documents) -> dict[str, Profile]:
    """Every profile."""
    return {
        name: Profile(
            name=name,
            label=root.get("label", words(name)),
            description=root.get("description", ""),
            grants={entity: read_grant(name, grant) for entity, grant in (root.get("grants") or {}).items()},
            fields=root.get("fields") or {},
            capabilities=frozenset(root.get("capabilities") or ()),
            place=root.key_place("profile"),
        )
        for name, root in found.by_kind["profile"].items()
    }


def read_groups(found: Documents) -> dict[str, Group]:
    """Every declared group."""
    made = {}
    for name, root in found.by_kind["group"].items():
        members = root.map("members")
        made[name] = Group(
            name=name,
            label=root.get("label", words(name)),
            description=root.get("description", ""),
            members=Members(**{key: frozenset(members.get(key) or ()) for key in MEMBER_KEYS}),
            place=root.key_place("group"),
        )
    return made


MEMBER_KEYS = ("users", "roles", "roles_below", "groups")


def read_capabilities(found: Documents) -> dict[str, str]:
    """The label of every capability: the engine's and the application's own."""
    declared = found.app.map("capabilities") if found.app is not None else {}
    own = {name: (body or {}).get("label", words(name)) for name, body in declared.items()}
    return {**CAPABILITIES, **own}
