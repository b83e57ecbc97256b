"""Checks of roles, profiles and workflows, and warnings of what nobody uses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.declared.application import Role, Workflow
from engine.declared.cycles import cycles
from engine.documents.complaints import Complaints, meant
from engine.documents.documents import Documents, uncertain
from engine.loading.checks import ACTIONS, MEMBERS, check_actions
from engine.metamodel.entity import Entity
from engine.metamodel.property import Property
from engine.metamodel.relation import Relation
from engine.text.labels import with_article
from engine.text.yaml_tree import Map


def check_roles(found: Documents, roles: Mapping[str, Role], complaints: Complaints) -> None:
    """Parents and profiles of roles exist, and no role stands above itself."""
    documents = found.by_kind["role"]
    for name, root in documents.items():
        if name == "administrator":
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
    graph = {name: [role.parent] if role.parent else [] for name, role in roles.items()}
    for way in cycles(graph):
        message = f"role {way[0]!r} stands above itself: {' → '.join([*way, way[0]])}"
        complaints.at_value(documents[way[0]], "parent", "role-cycle", message, "choose another parent")


def check_profiles(found: Documents, entities: Mapping[str, Entity], complaints: Complaints) -> None:
    """Grants and field access of profiles speak of entities, actions and members there are."""
    for root in found.by_kind["profile"].values():
        for key in ("grants", "fields"):
            holder = root.map(key)
            for name, declared in holder.items():
                if name not in found.known("entity"):
                    hint = meant(name, list(entities))
                    complaints.at_key(holder, name, "unknown-entity", f"no entity {name!r}", hint)
                elif key == "grants":
                    check_actions(declared, ACTIONS, complaints)
                elif name in entities:
                    _fields(declared, entities[name], complaints)


def _fields(declared: Map, entity: Entity, complaints: Complaints) -> None:
    known = [*entity.properties, *entity.relations]
    for name in declared:
        if name not in known and not uncertain(entity.document, MEMBERS, name):
            message = f"no property {name!r} on {entity.name}"
            complaints.at_key(declared, name, "unknown-property", message, meant(name, known))


def check_workflows(
    found: Documents,
    workflows: Mapping[str, Workflow],
    entities: Mapping[str, Entity],
    complaints: Complaints,
) -> None:
    """Each workflow moves a state property of an entity, and begins in one of its states."""
    for name, workflow in workflows.items():
        root = found.by_kind["workflow"][name]
        if workflow.initial not in root["states"] and workflow.initial not in root["states"].broken:
            complaints.unknown_name(root, "initial", "state", workflow.initial, root["states"])
        entity = entities.get(workflow.entity)
        if entity is None:
            if workflow.entity not in found.lost["entity"]:
                complaints.unknown_name(root, "entity", "entity", workflow.entity, entities)
            continue
        prop = entity.properties.get(workflow.property)
        if prop is None:
            if not uncertain(entity.document, MEMBERS, workflow.property):
                message = f"no property {workflow.property!r} on {entity.name}"
                hint = f"declare it: {workflow.property}: {{type: state, workflow: {name}}}"
                complaints.at_value(root, "property", "unknown-property", message, hint)
        elif not hasattr(prop.type, "workflow"):
            message = (
                f"{entity.name}.{prop.name} is {with_article(prop.type.name)}, and a workflow moves a state"
            )
            hint = f"declare it: {prop.name}: {{type: state, workflow: {name}}}"
            complaints.at_value(root, "property", "wrong-workflow", message, hint)


UNUSED: Final = {
    "picklist": "unused-picklist",
    "workflow": "unused-workflow",
    "profile": "unused-profile",
    "role": "unused-role",
}


def warn_of_unused(
    found: Documents,
    entities: Mapping[str, Entity],
    roles: Mapping[str, Role],
    asked: Mapping[str, set[str]],
    complaints: Complaints,
) -> None:
    """Picklists, profiles, workflows and roles that nothing refers to; `asked`: what types asked for."""
    granted = {role for entity in entities.values() for role in entity.grants}
    for entity in entities.values():
        members: list[Property | Relation] = [*entity.properties.values(), *entity.relations.values()]
        for member in members:
            granted |= (member.read_roles or frozenset()) | (member.write_roles or frozenset())
    granted |= {
        each
        for role in roles.values()
        for each in (role.parent, role.name if role.profiles else None)
        if each
    }
    used = {
        "picklist": asked["picklist"],
        "workflow": asked["workflow"],
        "profile": {name for role in roles.values() for name in role.profiles},
        "role": granted,
    }
    if any(found.lost.values()):
        return  # what could not be read may use them
    for kind, names in used.items():
        for name, root in found.by_kind[kind].items():
            if name not in names:
                message = f"nothing uses {kind} {name!r}"
                complaints.at_value(root, kind, UNUSED[kind], message, "use it, or take it out", "warning")
