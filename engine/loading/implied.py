"""What entities have without anybody declaring it: the members of every record, and a title."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from engine.documents.complaints import Complaints
from engine.documents.names import RESERVED_MEMBERS
from engine.errors import Place
from engine.metamodel.entity import Entity
from engine.metamodel.property import Property
from engine.metamodel.relation import Relation
from engine.text.labels import words
from engine.text.template import Template, parse_template
from engine.types.datetime import DateTimeType
from engine.types.integer import IntegerType

OWNED_BY = {
    "user": ("owner", "user"),
    "group": ("owner", "user"),
    "unit": ("unit", "unit"),
    "organization": ("organization", "organization"),
}


def with_system_members(entity: Entity, complaints: Complaints) -> Entity:
    """The entity with what every entity has, last."""
    relations = dict(entity.relations)
    for relation in _system_relations(entity):
        declared = next(
            (
                part
                for part in ("properties", "relations")
                if relation.name in (entity.document.get(part) or ())
            ),
            None,
        )
        if relation.name in RESERVED_MEMBERS and declared is not None:
            relations[relation.name] = relation  # already complained of
        elif declared is not None:
            cause = "features: {tags: false}" if relation.name == "tags" else "ownership: none"
            message = f"{relation.name!r} comes by itself here"
            hint = f"leave it out, or set {cause}"
            complaints.at_key(entity.document[declared], relation.name, "reserved-name", message, hint)
        elif relation.name not in relations:
            relations[relation.name] = relation
    properties = {**entity.properties, **_system_properties(entity.place)}
    return replace(entity, properties=properties, relations=relations)


INTEGER = IntegerType()
DATE_TIME = DateTimeType()


def _system_properties(place: Place) -> dict[str, Property]:
    return {
        name: Property(name=name, type=kind, label=label, place=place, required=True, system=True, copy=False)
        for name, label, kind in (
            ("id", "ID", INTEGER),
            ("created_at", "Created", DATE_TIME),
            ("updated_at", "Updated", DATE_TIME),
            ("version", "Version", INTEGER),
        )
    }


def _system_relations(entity: Entity) -> Iterator[Relation]:
    place = entity.place
    if entity.ownership in OWNED_BY:
        name, target = OWNED_BY[entity.ownership]
        yield Relation(
            name=name, label=words(name), targets=(target,), place=place, on_delete="clear", system=True
        )
    if entity.ownership == "group":
        yield Relation(
            name="owner_group",
            label="Owner group",
            targets=("group",),
            place=place,
            on_delete="clear",
            system=True,
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


# ---- titles

TITLE_NAMES = ("name", "title", "subject", "label", "full_name", "number", "code")
PERSON = ("first_name", "last_name")


def usual_title(entity: Entity) -> Template:
    """What usually names a thing; else its first short text; else its label and id."""
    properties = {
        name: prop for name, prop in entity.properties.items() if not prop.system and not prop.type.secret
    }
    if all(name in properties for name in PERSON):
        return parse_template("{first_name} {last_name}")
    found = next((name for name in TITLE_NAMES if name in properties), None)
    if found is None:
        found = next((name for name, p in properties.items() if p.type.searchable and p.type.sortable), None)
    if found is not None:
        return parse_template(f"{{{found}}}")
    label = entity.label.replace("{", "{{").replace("}", "}}")
    return parse_template(f"{label} #{{id}}")
