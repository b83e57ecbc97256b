"""Checks of workflows, and warnings of what nobody uses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.documents.complaints import Complaints
from engine.documents.documents import Documents, uncertain
from engine.loading.access_checks import MEMBERS
from engine.loading.declarations import States
from engine.metamodel.access import MemberAccess, Role
from engine.metamodel.entity import Entity
from engine.metamodel.property import Property
from engine.metamodel.relation import Relation
from engine.text.labels import with_article


def check_workflows(
    found: Documents,
    workflows: Mapping[str, States],
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


def check_exclusive(found: Documents, workflows: Mapping[str, States], complaints: Complaints) -> None:
    """Workflows that exclude each other move records of one entity, and are several."""
    groups: dict[str, list[str]] = {}
    for name in workflows:
        group = found.by_kind["workflow"][name].get("exclusive")
        if group:
            groups.setdefault(group, []).append(name)
    for group, names in groups.items():
        first = workflows[names[0]]
        strangers = [name for name in names if workflows[name].entity != first.entity]
        for name in strangers:
            message = f"{group!r} is a group of workflows of {first.entity}: {names[0]} is in it"
            hint = "call it otherwise: a record excludes only what happens to itself"
            root = found.by_kind["workflow"][name]
            complaints.at_value(root, "exclusive", "bad-exclusive-group", message, hint)
        members = {workflows[name].property for name in names}
        if len(members) == 1 and not strangers and not found.lost["workflow"]:
            message = f"nothing else is in the group {group!r}: it excludes nothing"
            if len(names) > 1:
                message = f"all of {group!r} move {first.property!r}, which is in one state anyway"
            hint = "name it at another workflow of the entity too, or take it out"
            root = found.by_kind["workflow"][names[0]]
            complaints.at_value(root, "exclusive", "lone-exclusive-group", message, hint, "warning")


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
            granted |= _named(member.access)
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


def _named(access: MemberAccess) -> frozenset[str]:
    """Every role that the access of a member speaks of."""
    none: frozenset[str] = frozenset()
    return none.union(*(names for names in (access.read, access.create, access.update) if names is not None))
