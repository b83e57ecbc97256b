"""What concerns several entities: targets, system members, inverses, compositions, titles, cycles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from engine.errors import Place
from engine.metamodel.complaints import Complaints
from engine.metamodel.entity import Entity
from engine.metamodel.property import Property
from engine.metamodel.relation import Inverse, Relation
from engine.text.labels import words
from engine.text.template import Template, parse_template
from engine.text.yaml_tree import Map
from engine.types.datetime import DateTimeType
from engine.types.integer import IntegerType

TITLE_NAMES = ("name", "title", "subject", "label", "full_name", "number", "code")
OWNED_BY = {
    "user": ("owner", "user"),
    "unit": ("unit", "unit"),
    "organization": ("organization", "organization"),
}


def link(entities: dict[str, Entity], failed: set[str], complaints: Complaints) -> dict[str, Entity]:
    """Entities as they run; what can't be linked is complained of and left out."""
    known = set(entities) | failed
    for entity in list(entities.values()):
        entities[entity.name] = _checked_targets(entity, entities, known, complaints)
    _compositions(entities, complaints)
    for entity in list(entities.values()):
        entities[entity.name] = _with_system_members(entity, complaints)
    for entity in list(entities.values()):
        _through(entity, entities, complaints)
    inverses = _inverses(entities, complaints)
    for entity in list(entities.values()):
        linked = replace(entity, inverses=inverses[entity.name])
        entities[entity.name] = replace(linked, title=_title(linked))
    _required_cycles(entities, complaints)
    return entities


def _declared(entity: Entity, kind: str, name: str) -> Map | None:
    """Where a member is written, None for one the engine adds."""
    holder = entity.document.get(kind)
    return holder if isinstance(holder, Map) and name in holder else None


# ---- targets


def _checked_targets(
    entity: Entity, entities: dict[str, Entity], known: set[str], complaints: Complaints
) -> Entity:
    """The relations whose targets exist and whose kind makes sense."""
    kept = {}
    for relation in entity.relations.values():
        if _sound(entity, relation, entities, known, complaints):
            kept[relation.name] = relation
    return replace(entity, relations=kept)


def _sound(
    entity: Entity, relation: Relation, entities: dict[str, Entity], known: set[str], complaints: Complaints
) -> bool:
    holder = entity.document["relations"][relation.name]
    missing = [target for target in relation.targets if target not in entities]
    for target in missing:
        if target not in known:
            if isinstance(holder["to"], str):
                complaints.unknown_name(holder, "to", "entity", target, entities)
            else:
                complaints.unknown_name(
                    holder["to"], relation.targets.index(target), "entity", target, entities
                )
    if missing:
        return False
    wrong = _wrong_kind(entity, relation)
    if wrong is not None:
        key, message, hint = wrong
        complaints.at_key(holder, key if key in holder else "to", "bad-relation", message, hint)
        return False
    return True


def _wrong_kind(entity: Entity, relation: Relation) -> tuple[str, str, str] | None:
    if len(set(relation.targets)) < len(relation.targets):
        return "to", "an entity is named twice", "name each once"
    if relation.kind == "tree" and relation.targets != (entity.name,):
        return (
            "to",
            f"a tree leads to its own entity, {entity.name}",
            f"write to: {entity.name}, or another kind",
        )
    if relation.kind == "tree" and relation.required:
        return "required", "a tree's parent can't be required: the topmost has none", "take `required` out"
    if relation.polymorphic and relation.kind not in ("many_to_one", "one_to_one"):
        return "kind", f"a {relation.kind} leads to one entity", "name one entity, or leave `kind` out"
    if relation.kind in ("many_to_many", "composition") and relation.required:
        return "required", f"a {relation.kind} can't be required", "take `required` out"
    if relation.required and relation.on_delete == "clear":
        return "on_delete", "what is required can't be cleared", "use restrict or cascade"
    if relation.through and relation.kind != "many_to_many":
        return "through", "`through` belongs to a many_to_many", "write kind: many_to_many"
    return None


def _through(entity: Entity, entities: dict[str, Entity], complaints: Complaints) -> None:
    """The entity in between has one relation to each side."""
    for relation in list(entity.relations.values()):
        if not relation.through:
            continue
        holder = entity.document["relations"][relation.name]
        between = entities.get(relation.through)
        problem = ""
        if between is None:
            complaints.unknown_name(holder, "through", "entity", relation.through, entities)
            problem = "gone"
        else:
            for side in {entity.name, relation.target}:
                keys = [
                    key
                    for key in between.relations.values()
                    if key.holds_key and not key.system and key.targets == (side,)
                ]
                wanted = 2 if entity.name == relation.target else 1
                if len(keys) < wanted:
                    problem = f"{between.name} has no relation to {side}"
                    complaints.at_value(
                        holder, "through", "bad-through", problem, f"add one: {{to: {side}, required: true}}"
                    )
        if problem:
            kept = {name: each for name, each in entity.relations.items() if name != relation.name}
            entities[entity.name] = replace(entities[entity.name], relations=kept)


# ---- compositions


def _compositions(entities: dict[str, Entity], complaints: Complaints) -> None:
    """Give each child entity the key to its parent."""
    parents: dict[str, list[tuple[Entity, Relation]]] = {}
    for entity in entities.values():
        for relation in entity.relations.values():
            if relation.kind == "composition":
                parents.setdefault(relation.target, []).append((entity, relation))
    for child_name, declaring in parents.items():
        child = entities[child_name]
        added: dict[str, Relation] = {}
        for parent, relation in declaring:
            key = relation.inverse or parent.name
            holder = parent.document["relations"][relation.name]
            if key in child.properties or key in child.relations or key in added:
                message = f"{child_name} has {key!r} already"
                complaints.at_value(
                    holder,
                    "inverse" if "inverse" in holder else "to",
                    "name-clash",
                    message,
                    "name another `inverse`",
                )
                continue
            added[key] = Relation(
                name=key,
                label=parent.label if key == parent.name else words(key),
                targets=(parent.name,),
                place=relation.place,
                required=len(declaring) == 1,
                on_delete="cascade",
                inverse=relation.name,
                owner_of_row=True,
            )
        names = tuple(dict.fromkeys(parent.name for parent, _ in declaring))
        trash = all(parent.features.trash for parent, _ in declaring)
        entities[child_name] = replace(
            child,
            relations={**added, **child.relations},
            child_of=names,
            features=replace(child.features, trash=trash),
        )
    _composition_cycles(entities, complaints)


def _composition_cycles(entities: dict[str, Entity], complaints: Complaints) -> None:
    for entity in entities.values():
        seen, waiting = set(), [entity.name]
        while waiting:
            for relation in entities[waiting.pop()].relations.values():
                if relation.kind == "composition" and relation.target not in seen:
                    seen.add(relation.target)
                    waiting.append(relation.target)
        if entity.name in seen:
            message = f"{entity.name} is composed of itself"
            holder = next(
                entity.document["relations"][each.name]
                for each in entity.relations.values()
                if each.kind == "composition"
            )
            complaints.at_key(holder, "to", "composition-cycle", message, "use a tree, or another kind")


# ---- system members


def _with_system_members(entity: Entity, complaints: Complaints) -> Entity:
    relations = dict(entity.relations)
    for relation in _system_relations(entity):
        declared = _declared(entity, "relations", relation.name) or _declared(
            entity, "properties", relation.name
        )
        if relation.name in relations or relation.name in entity.properties:
            if declared is not None:
                hint = (
                    "leave it out, or set `ownership: none`"
                    if relation.name != "tags"
                    else "leave it out, or set `tags: false`"
                )
                complaints.at_key(
                    declared, relation.name, "reserved-name", f"{relation.name!r} comes by itself here", hint
                )
            continue
        relations[relation.name] = relation
    return replace(
        entity,
        properties={**entity.properties, **dict(_system_properties(entity.place))},
        relations=relations,
    )


def _system_properties(place: Place) -> Iterator[tuple[str, Property]]:
    for name, label, kind in (
        ("id", "ID", IntegerType()),
        ("created_at", "Created", DateTimeType()),
        ("updated_at", "Updated", DateTimeType()),
        ("version", "Version", IntegerType()),
    ):
        yield (
            name,
            Property(name=name, type=kind, label=label, place=place, required=True, system=True, copy=False),
        )


def _system_relations(entity: Entity) -> Iterator[Relation]:
    place = entity.place
    if entity.ownership in OWNED_BY:
        name, target = OWNED_BY[entity.ownership]
        yield Relation(
            name=name, label=words(name), targets=(target,), place=place, on_delete="clear", system=True
        )
    if entity.features.tags:
        yield Relation(
            name="tags",
            label="Tags",
            targets=("tag",),
            place=place,
            kind="many_to_many",
            on_delete="clear",
            system=True,
        )
    for name in ("created_by", "updated_by"):
        yield Relation(
            name=name,
            label=words(name),
            targets=("user",),
            place=place,
            on_delete="clear",
            system=True,
            index=False,
            copy=False,
        )


# ---- inverses and titles


def _inverses(entities: dict[str, Entity], complaints: Complaints) -> dict[str, dict[str, Inverse]]:
    found: dict[str, dict[str, Inverse]] = {name: {} for name in entities}
    for entity in entities.values():
        for relation in entity.relations.values():
            if not relation.inverse or relation.owner_of_row or relation.kind == "composition":
                continue
            for target in relation.targets:
                if _taken(entities[target], found[target], relation.inverse):
                    holder = entity.document["relations"][relation.name]
                    message = f"{target} has {relation.inverse!r} already"
                    complaints.at_value(holder, "inverse", "name-clash", message, "name another `inverse`")
                    continue
                found[target][relation.inverse] = Inverse(
                    name=relation.inverse,
                    label=relation.inverse_label or words(relation.inverse),
                    source=entity.name,
                    relation=relation.name,
                    many=relation.kind != "one_to_one",
                )
    return found


def _taken(target: Entity, inverses: dict[str, Inverse], name: str) -> bool:
    return name in target.properties or name in target.relations or name in inverses


def _title(entity: Entity) -> Template:
    """The declared title; else what usually names a thing; else its first short text."""
    if entity.title.parts:
        return entity.title
    for name in TITLE_NAMES:
        prop = entity.properties.get(name)
        if prop is not None and not prop.system and not prop.type.secret:
            return parse_template(f"{{{name}}}")
    texts = (
        p.name for p in entity.properties.values() if p.type.searchable and p.type.sortable and not p.system
    )
    first = next(texts, None)
    return parse_template(f"{{{first}}}") if first else parse_template("")


# ---- cycles of required relations


def _required_cycles(entities: dict[str, Entity], complaints: Complaints) -> None:
    """Records that need each other before they exist can never be created."""
    needs = {
        entity.name: [
            (relation.name, relation.target)
            for relation in entity.relations.values()
            if relation.holds_key
            and relation.required
            and not relation.polymorphic
            and not relation.owner_of_row
        ]
        for entity in entities.values()
    }
    reported: set[str] = set()
    for name in entities:
        path = _way_back(name, needs)
        if path and not reported & set(path):
            reported |= set(path)
            relation = next(
                each for each, target in needs[name] if target == path[1 % len(path)] or len(path) == 1
            )
            holder = entities[name].document["relations"][relation]
            message = f"no record can ever be the first: {' needs '.join([*path, name])}"
            complaints.at_key(
                holder, "required", "required-cycle", message, "make one of these relations optional"
            )


def _way_back(start: str, needs: dict[str, list[tuple[str, str]]]) -> list[str]:
    """The entities on the shortest way from an entity back to itself, by required relations."""
    waiting: list[list[str]] = [[start]]
    seen: set[str] = set()
    while waiting:
        path = waiting.pop(0)
        for _, target in needs[path[-1]]:
            if target == start:
                return path
            if target not in seen:
                seen.add(target)
                waiting.append([*path, target])
    return []
