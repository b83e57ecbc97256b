"""Checks over the whole application: names in lists, roles, profiles, workflows, and what nobody uses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from engine.metamodel.application import Profile, Role, Workflow
from engine.metamodel.complaints import Complaints, meant, walk
from engine.metamodel.documents import Documents
from engine.metamodel.entity import Entity
from engine.metamodel.paths import Fault, resolve
from engine.text.yaml_tree import Map

ACTIONS = frozenset(
    ["create", "read", "update", "delete", "transition", "assign", "share", "export", "import", "audit"]
)


def check_entities(
    entities: Mapping[str, Entity],
    roles: Mapping[str, Role],
    workflows: Mapping[str, Workflow],
    complaints: Complaints,
) -> None:
    """Each entity's names that can be judged only now."""
    for entity in entities.values():
        root = entity.document
        if not isinstance(root, Map):
            continue
        members = [*entity.properties, *entity.relations]
        _title(entity, root, entities, complaints)
        for key in ("unique", "indexes"):
            _name_lists(entity, root, key, members, complaints)
        _record_types(entity, root, members, complaints)
        _grants(root.get("access"), roles, complaints)
        _member_access(root, roles, complaints)
        _states(entity, root, workflows, complaints)


def _title(entity: Entity, root: Map, entities: Mapping[str, Entity], complaints: Complaints) -> None:
    if root.get("title") is None:
        return
    for path in entity.title.paths:
        found = resolve(path, entity, entities)
        if isinstance(found, Fault):
            complaints.at_value(root, "title", found.code, found.message, found.hint)


def _name_lists(entity: Entity, root: Map, key: str, members: list[str], complaints: Complaints) -> None:
    for each in root.get(key) or ():
        names: Any = each.get("of") if isinstance(each, Map) else each
        for position, name in enumerate(names or ()):
            if name not in members:
                complaints.unknown_name(names, position, "property", str(name), members)
            elif name in entity.properties and not entity.properties[name].type.indexable:
                kind = entity.properties[name].type.name
                complaints.at_value(names, position, "not-indexable", f"a {kind} can't be part of {key}")
            elif name in entity.relations and not entity.relations[name].holds_key:
                complaints.at_value(
                    names,
                    position,
                    "not-indexable",
                    f"{name!r} has many values",
                    "name a property or a relation to one",
                )


def _record_types(entity: Entity, root: Map, members: list[str], complaints: Complaints) -> None:
    for declared in (root.get("record_types") or {}).values():
        for key in ("required", "hidden"):
            for position, name in enumerate(declared.get(key) or ()):
                if name not in members:
                    complaints.unknown_name(declared[key], position, "property", str(name), members)
                elif key == "hidden" and (
                    (name in entity.properties and entity.properties[name].required)
                    or (name in entity.relations and entity.relations[name].required)
                ):
                    message = f"{name!r} is required: it can't be hidden"
                    complaints.at_value(
                        declared[key],
                        position,
                        "bad-record-type",
                        message,
                        "require it by record type instead",
                    )


def _grants(access: Any, roles: Mapping[str, Role], complaints: Complaints) -> None:
    if not isinstance(access, Map):
        return
    for role, grant in access.items():
        if role not in roles:
            complaints.at_key(access, role, "unknown-role", f"no role {role!r}", meant(role, list(roles)))
        if isinstance(grant, Map):
            for action in grant:
                if action not in ACTIONS:
                    complaints.at_key(
                        grant,
                        action,
                        "unknown-action",
                        f"no action {action!r}",
                        meant(action, sorted(ACTIONS)),
                    )


def _member_access(root: Map, roles: Mapping[str, Role], complaints: Complaints) -> None:
    for kind in ("properties", "relations"):
        for declared in (root.get(kind) or {}).values():
            access = declared.get("access") if isinstance(declared, Map) else None
            for names in (access or {}).values() if isinstance(access, Map) else ():
                for position, role in enumerate(names if isinstance(names, list) else ()):
                    if role not in roles:
                        complaints.unknown_name(names, position, "role", str(role), roles)


def _states(entity: Entity, root: Map, workflows: Mapping[str, Workflow], complaints: Complaints) -> None:
    for name, declared in (root.get("properties") or {}).items():
        workflow = workflows.get(declared.get("workflow", "")) if isinstance(declared, Map) else None
        if workflow is not None and (workflow.entity, workflow.property) != (entity.name, name):
            moved = f"{workflow.entity}.{workflow.property}"
            message = f"workflow {workflow.name!r} moves {moved}, not {entity.name}.{name}"
            complaints.at_value(
                declared,
                "workflow",
                "wrong-workflow",
                message,
                "name another, or change its entity and property",
            )


def check_roles(
    found: Documents,
    roles: Mapping[str, Role],
    profiles: Mapping[str, Profile],
    entities: Mapping[str, Entity],
    complaints: Complaints,
) -> None:
    """Roles and profiles: parents, bundles, and the entities and members they speak of."""
    for name, root in found.by_kind["role"].items():
        if name == "administrator":
            complaints.at_value(
                root, "role", "reserved-name", "administrator is built in", "choose another name"
            )
        parent = root.get("parent")
        if parent is not None and parent not in roles:
            complaints.unknown_name(root, "parent", "role", parent, roles)
        elif parent is not None and name in _above(name, roles):
            complaints.at_value(
                root, "parent", "role-cycle", f"role {name!r} stands above itself", "choose another parent"
            )
        for position, profile in enumerate(root.get("profiles") or ()):
            if profile not in profiles:
                complaints.unknown_name(root["profiles"], position, "profile", profile, profiles)
    for root in found.by_kind["profile"].values():
        for key in ("grants", "fields"):
            for entity, declared in (root.get(key) or {}).items():
                if entity not in entities:
                    complaints.at_key(
                        root[key],
                        entity,
                        "unknown-entity",
                        f"no entity {entity!r}",
                        meant(entity, list(entities)),
                    )
                elif isinstance(declared, Map):
                    allowed = (
                        sorted(ACTIONS)
                        if key == "grants"
                        else [*entities[entity].properties, *entities[entity].relations]
                    )
                    code = "unknown-action" if key == "grants" else "unknown-property"
                    for name in declared:
                        if name not in allowed:
                            what = "action" if key == "grants" else "property"
                            complaints.at_key(
                                declared, name, code, f"no {what} {name!r}", meant(name, list(allowed))
                            )


def _above(name: str, roles: Mapping[str, Role]) -> set[str]:
    seen: set[str] = set()
    parent = roles[name].parent
    while parent is not None and parent in roles and parent not in seen:
        seen.add(parent)
        parent = roles[parent].parent
    return seen


def check_unused(
    found: Documents, entities: Mapping[str, Entity], roles: Mapping[str, Role], complaints: Complaints
) -> None:
    """Picklists, profiles, workflows and roles that nothing refers to are warned of."""
    picked = {value for root in found.by_kind["entity"].values() for value in _option_names(root)}
    used_profiles = {name for role in roles.values() for name in role.profiles}
    moved = {value for root in found.by_kind["entity"].values() for value in _values(root, "workflow")}
    granted = {role for entity in entities.values() for role in entity.grants}
    granted |= {role.parent for role in roles.values() if role.parent} | {
        r.name for r in roles.values() if r.profiles
    }
    for kind, used in (
        ("picklist", picked),
        ("profile", used_profiles),
        ("workflow", moved),
        ("role", granted),
    ):
        for name, root in found.by_kind[kind].items():
            if name not in used:
                hint = "use it, or take it out"
                complaints.at_value(
                    root, kind, f"unused-{kind}", f"nothing uses {kind} {name!r}", hint, "warning"
                )


def _option_names(root: Map) -> Iterable[str]:
    return _values(root, "options")


def _values(root: Map, key: str) -> Iterable[str]:
    """The texts under a key, anywhere in a document."""
    for value in walk(root):
        if isinstance(value, Map) and isinstance(value.get(key), str):
            yield value[key]
