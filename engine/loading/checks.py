"""Checks over linked entities: titles, names in lists, grants, states, and circles that can't be closed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.declared.currencies import check_currencies
from engine.declared.cycles import cycles
from engine.declared.paths import Fault, resolve
from engine.documents.complaints import Complaints, meant
from engine.documents.documents import document_of, uncertain
from engine.loading.access_checks import check_access
from engine.loading.declarations import States
from engine.loading.linking import declared_relation
from engine.metamodel.entity import Entity
from engine.metamodel.property import Property
from engine.metamodel.relation import Inverse, Relation
from engine.text.labels import with_article
from engine.text.template import Field
from engine.text.yaml_tree import Map, Seq

MEMBERS = ("properties", "relations")


def check_entities(
    entities: Mapping[str, Entity], roles: set[str], workflows: Mapping[str, States], complaints: Complaints
) -> None:
    """Everything about entities that can be judged only when all of them are linked."""
    for entity in entities.values():
        root = document_of(entity)
        _name(entity, entities, complaints)
        _title(entity, entities, complaints)
        for key in ("unique", "indexes"):
            _name_lists(entity, root.get(key), key, complaints)
        _record_types(entity, complaints)
        _own_workflows(entity, workflows, complaints)
        _validations(entity, complaints)
        check_access(entity, entities, roles, complaints)
        _states(entity, workflows, complaints)
        _singleton(entity, complaints)
    check_currencies(entities, complaints)
    _composition_cycles(entities, complaints)
    _required_cycles(entities, complaints)
    _title_cycles(entities, complaints)


# ---- the name of its table


def _name(entity: Entity, entities: Mapping[str, Entity], complaints: Complaints) -> None:
    """PostgreSQL makes these by itself, among the names of tables."""
    for ending, what in (("_pkey", "the primary key"), ("_id_seq", "the numbering")):
        owner = entity.name.removesuffix(ending)
        if owner != entity.name and owner in entities:
            message = f"no entity can be called {entity.name!r}: PostgreSQL keeps it for {what} of {owner!r}"
            hint = "choose another name; `label` says what is shown"
            complaints.at_value(document_of(entity), "entity", "reserved-name", message, hint)


# ---- names in an entity's own lists


def _title(entity: Entity, entities: Mapping[str, Entity], complaints: Complaints) -> None:
    if not document_of(entity).get("title"):
        return
    for part in entity.title.parts:
        if not isinstance(part, Field):
            continue
        if part.format:
            message = f"{part.path!r} is shown as everywhere: a title gives it no form of its own"
            hint = f"write {{{part.path}}}"
            complaints.at_word(
                document_of(entity), "title", part.offset, part.path, "bad-template", message, hint
            )
        found = resolve(part.path, entity, entities)
        if isinstance(found, Fault):
            if found.code:
                at = part.offset + found.offset
                complaints.at_word(
                    document_of(entity), "title", at, found.word, found.code, found.message, found.hint
                )
        elif isinstance(found, Relation) and not found.to_one:
            message = f"{part.path!r} leads to many records: a title names one thing"
            complaints.at_word(document_of(entity), "title", part.offset, part.path, "to-many-path", message)
        elif isinstance(found, Property) and found.type.secret:
            message = f"{part.path!r} is secret: it can't be part of a title"
            complaints.at_word(
                document_of(entity), "title", part.offset, part.path, "secret-in-title", message
            )


def _name_lists(entity: Entity, declared: Any, key: str, complaints: Complaints) -> None:
    for each in declared or ():
        names: Seq = each["of"] if isinstance(each, Map) else each
        for position, name in enumerate(names):
            if not known_member(entity, names, position, complaints):
                continue
            if name in list(names[:position]):
                complaints.at_value(
                    names, position, "duplicate-name", f"{name!r} stands here twice", "name it once"
                )
            prop, relation = entity.properties.get(name), entity.relations.get(name)
            if prop is not None and not prop.type.indexable:
                message = f"{with_article(prop.type.name)} can't be part of `{key}`"
                complaints.at_value(names, position, "not-indexable", message, "take it out")
            elif relation is not None and not relation.holds_key:
                message = f"{name!r} leads to many records"
                hint = "name a property, or a relation to one record"
                complaints.at_value(names, position, "not-indexable", message, hint)


def known_member(entity: Entity, names: Seq, position: int, complaints: Complaints) -> bool:
    """Whether an item of a list names a property or relation of the entity; a complaint where it does not."""
    name = str(names[position])
    if name in entity.properties or name in entity.relations:
        return True
    if not uncertain(document_of(entity), MEMBERS, name):
        known = [*entity.properties, *entity.relations]
        message = f"no property {name!r} on {entity.name}"
        complaints.at_value(names, position, "unknown-property", message, meant(name, known))
    return False


def _record_types(entity: Entity, complaints: Complaints) -> None:
    for declared in (document_of(entity).get("record_types") or {}).values():
        for key in ("required", "hidden"):
            names = declared.seq(key)
            for position, name in enumerate(names):
                if not known_member(entity, names, position, complaints) or key == "required":
                    continue
                member = entity.properties.get(name) or entity.relations[name]
                if member.required:
                    message = f"{name!r} is required: it can't be hidden"
                    hint = "require it by the record types that have it instead"
                    complaints.at_value(names, position, "bad-record-type", message, hint)
                elif name in (declared.get("required") or ()):
                    message = f"{name!r} is both required and hidden"
                    complaints.at_value(names, position, "bad-record-type", message, "take one of them out")


def _own_workflows(entity: Entity, workflows: Mapping[str, States], complaints: Complaints) -> None:
    """The workflow of a type of record is one of its entity, and calls the states it shares as the other does."""
    for declared in (document_of(entity).get("record_types") or {}).values():
        name = declared.get("workflow")
        if not name:
            continue
        workflow = workflows.get(name)
        if workflow is None:
            message, hint = f"no workflow {name!r}", meant(name, list(workflows))
            complaints.at_value(declared, "workflow", "unknown-workflow", message, hint)
        elif workflow.entity != entity.name:
            message = f"workflow {name!r} moves {workflow.entity}, not {entity.name}"
            hint = "name a workflow of this entity"
            complaints.at_value(declared, "workflow", "wrong-workflow", message, hint)
        else:
            _same_states(entity, workflow, workflows, declared, complaints)


def _same_states(
    entity: Entity,
    workflow: States,
    workflows: Mapping[str, States],
    declared: Map,
    complaints: Complaints,
) -> None:
    prop = entity.properties.get(workflow.property)
    offered = {each.name: each for each in getattr(prop.type if prop is not None else None, "options", ())}
    for choice in workflow.choices:
        other = offered.get(choice.name, choice)
        if (other.label, other.color) != (choice.label, choice.color):
            message = f"state {choice.name!r} of {workflow.name!r} is shown otherwise than that of the others"
            hint = "give it the same label and color, or another name"
            complaints.at_value(declared, "workflow", "bad-record-type", message, hint)


def _validations(entity: Entity, complaints: Complaints) -> None:
    for declared in document_of(entity).get("validations") or ():
        name = declared.get("at")
        there = name in entity.properties or name in entity.relations
        if name and not there and not uncertain(document_of(entity), MEMBERS, name):
            message = f"no property {name!r} on {entity.name}"
            known = [*entity.properties, *entity.relations]
            complaints.at_value(declared, "at", "unknown-property", message, meant(name, known))


# ---- access and states


def _states(entity: Entity, workflows: Mapping[str, States], complaints: Complaints) -> None:
    """A state property and its workflow name each other."""
    for name, prop in entity.properties.items():
        workflow = workflows.get(getattr(prop.type, "workflow", ""))
        if workflow is None or (workflow.entity, workflow.property) == (entity.name, name):
            continue
        declared = document_of(entity)["properties"][name]
        moved = f"{workflow.entity}.{workflow.property}"
        message = f"workflow {workflow.name!r} moves {moved}, not {entity.name}.{name}"
        hint = "name another workflow, or change its `entity` and `property`"
        complaints.at_value(declared, "workflow", "wrong-workflow", message, hint)


def _singleton(entity: Entity, complaints: Complaints) -> None:
    if entity.singleton and entity.child_of:
        message = f"the rows of {' and '.join(entity.child_of)} can't be one record only"
        complaints.at_key(document_of(entity), "singleton", "bad-singleton", message, "take it out")


# ---- circles


def _composition_cycles(entities: Mapping[str, Entity], complaints: Complaints) -> None:
    graph = {
        name: [each.target for each in entity.relations.values() if each.kind == "composition"]
        for name, entity in entities.items()
    }
    for way in cycles(graph):
        first, following = way[0], way[1 % len(way)]
        relation = next(
            each
            for each in entities[first].relations.values()
            if each.kind == "composition" and each.target == following
        )
        message = f"a row would hold the record that holds it: {' holds '.join([*way, first])}"
        declared = declared_relation(entities[first], relation.name)
        complaints.at_value(declared, "kind", "composition-cycle", message, "use kind: tree, or another kind")


def _required_cycles(entities: Mapping[str, Entity], complaints: Complaints) -> None:
    """Records that need each other before they exist can never be created."""
    needed = {
        name: [each for each in entity.relations.values() if _needs(each)]
        for name, entity in entities.items()
    }
    graph = {name: [each.target for each in relations] for name, relations in needed.items()}
    for way in cycles(graph):
        steps = zip(way, [*way[1:], way[0]], strict=True)
        declarable = [
            (name, each)
            for name, target in steps
            for each in needed[name]
            if each.target == target and not each.owner_of_row
        ]
        if not declarable:
            continue  # compositions only: complained of as such
        name, relation = declarable[0]
        declared = declared_relation(entities[name], relation.name)
        chain = " needs ".join([*way, way[0]])
        message = f"no record can ever be the first: {chain}"
        hint = "make one of these relations optional"
        complaints.at_key(declared, "required", "required-cycle", message, hint)


def _needs(relation: Relation) -> bool:
    return relation.required and relation.holds_key and not relation.polymorphic


def _title_cycles(entities: Mapping[str, Entity], complaints: Complaints) -> None:
    """A title that is made of the titles of related records must end somewhere."""
    graph: dict[str, list[str]] = {}
    for name, entity in entities.items():
        found = [
            resolve(path, entity, entities) for path in entity.title.paths if path not in entity.properties
        ]
        graph[name] = [
            target
            for each in found
            if isinstance(each, Relation | Inverse) and each.to_one
            for target in each.targets
        ]
    for way in cycles(graph):
        message = f"the title of {way[0]} would never end: {' → '.join([*way, way[0]])}"
        hint = "name a property of the related record, for example {account.name}"
        complaints.at_value(document_of(entities[way[0]]), "title", "title-cycle", message, hint)
