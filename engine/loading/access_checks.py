"""Checks of who may do what: every role, profile, group, action, member and relation named is one there is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from engine.declared.cycles import cycles
from engine.documents.complaints import Complaints, meant
from engine.documents.documents import Documents, document_of, uncertain
from engine.metamodel.access import ACTIONS, Group, Role
from engine.metamodel.entity import Entity
from engine.metamodel.property import Property
from engine.metamodel.relation import Relation
from engine.text.yaml_tree import Map, Seq

OWN_LEVELS = {
    "own": ("user", "group"),
    "group": ("group",),
    "unit": ("user", "group", "unit"),
    "unit_tree": ("user", "group", "unit"),
}
"""Which ownership an access level needs to mean anything."""

MEMBERS = ("properties", "relations")


# ---- entities


def check_access(
    entity: Entity, entities: Mapping[str, Entity], roles: set[str], complaints: Complaints
) -> None:
    """An entity's grants, the access of its members, and the record that decides for it."""
    root = document_of(entity)
    if "access" in root:
        for role in root["access"]:
            if role not in roles:
                hint = meant(role, sorted(roles))
                complaints.at_key(root["access"], role, "unknown-role", f"no role {role!r}", hint)
            _grant(root["access"][role], entity, complaints)
    _member_access(root, roles, complaints)
    _through(entity, entities, complaints)


def _grant(grant: Map, entity: Entity, complaints: Complaints) -> None:
    """Every action is one there is, and every level and record type means something for the entity."""
    root = document_of(entity)
    _actions(grant, (*ACTIONS, *(root.get("actions") or ())), complaints)
    for action, how in grant.items():
        level, holder, key = (
            (how.get("level"), how, "level") if isinstance(how, Map) else (how, grant, action)
        )
        needed = OWN_LEVELS.get(level if isinstance(level, str) else "", ())
        unclear = "ownership" in root.broken or entity.child_of or entity.access_through
        if needed and entity.ownership not in needed and not unclear:
            message = f"records of {entity.name!r} have no such owner: {level!r} reaches none of them"
            hint = f"set `ownership: {needed[0]}`, or grant another level"
            complaints.at_value(holder, key, "level-without-owner", message, hint, "warning")
        if isinstance(how, Map):
            types = how.get("record_types")
            if not isinstance(types, Seq):
                continue
            for position, name in enumerate(types):
                if name not in entity.record_types:
                    complaints.unknown_name(types, position, "record type", name, entity.record_types)


def _actions(grant: Map, actions: Iterable[str], complaints: Complaints) -> None:
    known = list(actions)
    for action in grant:
        if action not in known:
            complaints.at_key(grant, action, "unknown-action", f"no action {action!r}", meant(action, known))


def _member_access(root: Map, roles: set[str], complaints: Complaints) -> None:
    for part in MEMBERS:
        for declared in (root.get(part) or {}).values():
            access = declared.get("access") if isinstance(declared, Map) else None
            for names in access.values() if isinstance(access, Map) else ():
                for position, role in enumerate(names if isinstance(names, Seq) else ()):
                    if role not in roles:
                        complaints.unknown_name(names, position, "role", str(role), sorted(roles))


def _through(entity: Entity, entities: Mapping[str, Entity], complaints: Complaints) -> None:
    """What decides about a record is one record of another entity, and no circle leads back."""
    root, name = document_of(entity), entity.access_through
    relation = entity.relations.get(name)
    if not name or (relation is None and uncertain(root, ("relations",), name)):
        return
    if relation is None or relation.system:
        known = [each.name for each in entity.relations.values() if each.holds_key and not each.system]
        complaints.unknown_name(root, "access_through", "relation", name, known)
    elif not relation.holds_key or relation.polymorphic or relation.kind == "tree":
        message = f"{name!r} does not lead to one record of one other entity"
        hint = "name a relation to one record, whose access then holds"
        complaints.at_value(root, "access_through", "wrong-access-through", message, hint)
    else:
        graph = {
            each.name: [each.relations[each.access_through].targets[0]]
            if each.access_through in each.relations
            else []
            for each in entities.values()
        }
        way = next((way for way in cycles(graph) if way[0] == entity.name), None)
        if way is not None:
            message = f"access would be decided in a circle: {' → '.join([*way, way[0]])}"
            complaints.at_value(
                root, "access_through", "wrong-access-through", message, "let one decide by itself"
            )


# ---- sharing


def check_sharing(
    entities: Mapping[str, Entity], roles: set[str], groups: set[str], complaints: Complaints
) -> None:
    """Sharing rules name people there are, and owners only where records have them."""
    for entity in entities.values():
        declared = document_of(entity).get("sharing")
        rules = declared.get("rules") if isinstance(declared, Map) else None
        for rule in rules or ():
            for key in ("from", "to"):
                if isinstance(rule.get(key), Map):
                    _party(rule[key], roles, groups, complaints)
            if rule.get("from") is not None and entity.ownership not in ("user", "group"):
                message = f"records of {entity.name!r} have no owner to be shared from"
                hint = "set `ownership: user`, or leave `from` out"
                complaints.at_key(rule, "from", "level-without-owner", message, hint)


def _party(declared: Map, roles: set[str], groups: set[str], complaints: Complaints) -> None:
    for kind, name in declared.items():
        known = groups if kind == "group" else roles
        if name not in known:
            what = "group" if kind == "group" else "role"
            complaints.unknown_name(declared, kind, what, str(name), sorted(known))


# ---- roles, profiles, groups


def check_roles(
    found: Documents, roles: Mapping[str, Role], capabilities: Iterable[str], complaints: Complaints
) -> None:
    """Parents, profiles and capabilities of roles exist, and no role stands above itself."""
    documents = found.by_kind["role"]
    for root in documents.values():
        if root["role"] == "administrator":
            complaints.at_value(
                root, "role", "reserved-name", "'administrator' is built in", "choose another name"
            )
        parent = root.get("parent")
        if parent is not None and parent not in roles and parent not in found.lost["role"]:
            complaints.unknown_name(root, "parent", "role", parent, roles)
        for position, profile in enumerate(root.get("profiles") or ()):
            if profile not in found.known("profile"):
                complaints.unknown_name(
                    root["profiles"], position, "profile", profile, found.by_kind["profile"]
                )
        _capabilities(root, capabilities, complaints)
    graph = {name: [role.parent] if role.parent else [] for name, role in roles.items()}
    for way in cycles(graph):
        message = f"role {way[0]!r} stands above itself: {' → '.join([*way, way[0]])}"
        complaints.at_value(documents[way[0]], "parent", "role-cycle", message, "choose another parent")


def _capabilities(root: Map, known: Iterable[str], complaints: Complaints) -> None:
    for position, name in enumerate(root.get("capabilities") or ()):
        if name not in known:
            complaints.unknown_name(root["capabilities"], position, "capability", name, known)


def check_profiles(
    found: Documents, entities: Mapping[str, Entity], capabilities: Iterable[str], complaints: Complaints
) -> None:
    """Grants and field access of profiles speak of entities, actions and members there are."""
    for root in found.by_kind["profile"].values():
        _capabilities(root, capabilities, complaints)
        for key in ("grants", "fields"):
            holder = root.map(key)
            for name, declared in holder.items():
                if name not in found.known("entity"):
                    hint = meant(name, list(entities))
                    complaints.at_key(holder, name, "unknown-entity", f"no entity {name!r}", hint)
                elif name in entities and key == "grants":
                    _grant(declared, entities[name], complaints)
                elif name in entities:
                    _fields(declared, entities[name], complaints)


def _fields(declared: Map, entity: Entity, complaints: Complaints) -> None:
    members: dict[str, Property | Relation] = {**entity.properties, **entity.relations}
    known = [*members, *dict.fromkeys(each.group for each in members.values() if each.group)]
    for name in declared:
        if name not in known and not uncertain(entity.document, MEMBERS, name):
            message = f"no property, and no group of properties, {name!r} on {entity.name}"
            complaints.at_key(declared, name, "unknown-property", message, meant(name, known))


def check_groups(
    found: Documents, groups: Mapping[str, Group], roles: set[str], complaints: Complaints
) -> None:
    """Groups hold roles and groups there are, and no group holds itself."""
    documents = found.by_kind["group"]
    for root in documents.values():
        members = root.map("members")
        for key, what, known in (
            ("roles", "role", roles),
            ("roles_below", "role", roles),
            ("groups", "group", found.known("group")),
        ):
            for position, name in enumerate(members.get(key) or ()):
                if name not in known:
                    complaints.unknown_name(members[key], position, what, name, sorted(known))
    graph = {name: sorted(group.members.groups & groups.keys()) for name, group in groups.items()}
    for way in cycles(graph):
        message = f"group {way[0]!r} holds itself: {' → '.join([*way, way[0]])}"
        complaints.at_value(
            documents[way[0]], "group", "group-cycle", message, "take one of them out of the other"
        )
