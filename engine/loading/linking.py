"""What concerns several entities: targets, compositions, system members, inverses, titles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from engine.documents.complaints import Complaints
from engine.documents.documents import document_of
from engine.loading.implied import usual_title, with_system_members
from engine.metamodel.entity import Entity
from engine.metamodel.relation import Inverse, Relation
from engine.text.labels import words
from engine.text.yaml_tree import Map


def link(entities: Mapping[str, Entity], known: set[str], complaints: Complaints) -> dict[str, Entity]:
    """Entities as they run; what can't be linked is complained of and left out.

    `known` are the names that are declared somewhere, even if they could not be read.
    """
    linked = {
        name: _with_sound_relations(entity, entities, known, complaints) for name, entity in entities.items()
    }
    _compositions(linked, complaints)
    _through(linked, complaints)
    for name, entity in linked.items():
        linked[name] = with_system_members(entity, complaints)
    inverses = _inverses(linked, complaints)
    for name, entity in linked.items():
        linked[name] = replace(
            entity, inverses=inverses[name], title=entity.title if entity.title.parts else usual_title(entity)
        )
    return linked


def declared_relation(entity: Entity, name: str) -> Map:
    """Where a relation is written."""
    declared = entity.document["relations"][name]
    assert isinstance(declared, Map), name
    return declared


# ---- targets


def _with_sound_relations(
    entity: Entity, entities: Mapping[str, Entity], known: set[str], complaints: Complaints
) -> Entity:
    """The relations whose targets exist and whose parts fit each other."""
    kept = {
        relation.name: relation
        for relation in entity.relations.values()
        if _targets_exist(entity, relation, entities, known, complaints)
        and _fits(entity, relation, complaints)
    }
    return replace(entity, relations=kept) if len(kept) < len(entity.relations) else entity


def _targets_exist(
    entity: Entity,
    relation: Relation,
    entities: Mapping[str, Entity],
    known: set[str],
    complaints: Complaints,
) -> bool:
    good = True
    for position, target in enumerate(relation.targets):
        if target in entities:
            continue
        good = False
        if target not in known:
            to = declared_relation(entity, relation.name)["to"]
            holder, key = (
                (declared_relation(entity, relation.name), "to") if isinstance(to, str) else (to, position)
            )
            complaints.unknown_name(holder, key, "entity", target, entities)
    return good


def _fits(entity: Entity, relation: Relation, complaints: Complaints) -> bool:
    wrong = _contradiction(entity, relation)
    if wrong is not None:
        key, message, hint = wrong
        declared = declared_relation(entity, relation.name)
        complaints.at_key(declared, key if key in declared else "to", "bad-relation", message, hint)
    return wrong is None


def _contradiction(entity: Entity, relation: Relation) -> tuple[str, str, str] | None:
    """What does not fit in a relation: the key at fault, why, and what would do."""
    kind, declared = relation.kind, declared_relation(entity, relation.name)
    if len(set(relation.targets)) < len(relation.targets):
        return "to", "an entity is named twice", "name each once"
    if kind == "tree" and relation.targets != (entity.name,):
        return (
            "to",
            f"a tree leads to its own entity, {entity.name!r}",
            f"write to: {entity.name}, or another kind",
        )
    if kind == "tree" and relation.required:
        return (
            "required",
            "a tree's parent can't be required: the topmost record has none",
            "take `required` out",
        )
    if relation.polymorphic and kind not in ("many_to_one", "one_to_one"):
        return "kind", f"a {kind} leads to one entity", "name one entity, or leave `kind` out"
    if not relation.holds_key and relation.required:
        return "required", f"a {kind} can't be required", "take `required` out"
    if not relation.holds_key and "on_delete" in declared:
        what = "rows go with their parent" if kind == "composition" else "links go with either record"
        return "on_delete", f"a {kind} has no `on_delete`: {what}", "take it out"
    if relation.required and relation.on_delete == "clear":
        return "on_delete", "what is required can't be cleared", "use restrict or cascade"
    if relation.through and kind != "many_to_many":
        return "through", "`through` belongs to a many_to_many", "write kind: many_to_many, or take it out"
    return None


def _through(entities: dict[str, Entity], complaints: Complaints) -> None:
    """The entity in between has one relation to each side."""
    for entity in list(entities.values()):
        kept = {
            name: relation
            for name, relation in entity.relations.items()
            if not relation.through or _between(entity, relation, entities, complaints)
        }
        if len(kept) < len(entity.relations):
            entities[entity.name] = replace(entities[entity.name], relations=kept)


def _between(
    entity: Entity, relation: Relation, entities: Mapping[str, Entity], complaints: Complaints
) -> bool:
    declared = declared_relation(entity, relation.name)
    between = entities.get(relation.through)
    if between is None:
        complaints.unknown_name(declared, "through", "entity", relation.through, entities)
        return False
    for side in dict.fromkeys((entity.name, relation.target)):
        keys = [each for each in between.relations.values() if each.holds_key and each.targets == (side,)]
        wanted = 2 if entity.name == relation.target else 1
        if len(keys) == wanted or document_of(between).broken:
            continue
        has = "no relation" if not keys else f"{len(keys)} relations"
        message = f"{between.name!r} has {has} to {side!r}, and needs {'two' if wanted == 2 else 'one'}"
        complaints.at_value(
            declared, "through", "bad-through", message, f"for example {{to: {side}, required: true}}"
        )
        return False
    return True


# ---- compositions


def _compositions(entities: dict[str, Entity], complaints: Complaints) -> None:
    """Give each child entity the key to its parent; of several parents a row has one."""
    parents: dict[str, list[tuple[Entity, Relation]]] = {}
    for entity in entities.values():
        for relation in entity.relations.values():
            if relation.kind == "composition":
                parents.setdefault(relation.target, []).append((entity, relation))
    for name, declaring in parents.items():
        child = entities[name]
        keys = dict(_parent_keys(child, declaring, complaints))
        trash = all(parent.features.trash for parent, _ in declaring)
        entities[name] = replace(
            child,
            relations={**keys, **child.relations},
            child_of=tuple(dict.fromkeys(parent.name for parent, _ in declaring)),
            features=replace(child.features, trash=trash),
        )


def _parent_keys(
    child: Entity, declaring: list[tuple[Entity, Relation]], complaints: Complaints
) -> Iterator[tuple[str, Relation]]:
    taken = {*child.properties, *child.relations}
    for parent, relation in declaring:
        name = relation.inverse or parent.name
        if name in taken:
            declared = declared_relation(parent, relation.name)
            message = (
                f"{child.name!r} has {name!r} already, and the composition gives it a relation of this name"
            )
            hint = f"take it out there, or name another `inverse` here: {child.name} sees its parent by it"
            complaints.at_value(
                declared, "inverse" if relation.inverse else "to", "name-clash", message, hint
            )
            continue
        taken.add(name)
        yield (
            name,
            Relation(
                name=name,
                label=parent.label if name == parent.name else words(name),
                targets=(parent.name,),
                place=relation.place,
                required=len(declaring) == 1,
                on_delete="cascade",
                inverse=relation.name,
                owner_of_row=True,
            ),
        )


# ---- inverses


def _inverses(entities: Mapping[str, Entity], complaints: Complaints) -> dict[str, dict[str, Inverse]]:
    found: dict[str, dict[str, Inverse]] = {name: {} for name in entities}
    for entity in entities.values():
        for relation in entity.relations.values():
            if not relation.inverse or relation.owner_of_row or relation.kind == "composition":
                continue
            for target in relation.targets:
                _add_inverse(entity, relation, entities[target], found[target], complaints)
    return found


def _add_inverse(
    entity: Entity, relation: Relation, target: Entity, inverses: dict[str, Inverse], complaints: Complaints
) -> None:
    name = relation.inverse
    other = inverses.get(name)
    if other is not None or name in target.properties or name in target.relations:
        whose = f" (the inverse of {other.source}.{other.relation})" if other is not None else ""
        message = f"{target.name!r} has {name!r} already{whose}"
        declared = declared_relation(entity, relation.name)
        complaints.at_value(declared, "inverse", "name-clash", message, "name another `inverse`")
        return
    inverses[name] = Inverse(
        name=name,
        label=relation.inverse_label or words(name),
        source=entity.name,
        relation=relation.name,
        many=relation.kind != "one_to_one",
    )
