"""Reading an entity: its own keys, then its members; what concerns several entities is linked later."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from engine.documents.complaints import Complaints
from engine.documents.names import RESERVED_COLUMNS, RESERVED_ENTITIES, RESERVED_MEMBERS
from engine.documents.schemas.parts import is_name
from engine.documents.wording import name_hint, written, written_kind
from engine.loading.access import read_grants, read_sharing
from engine.loading.members import (
    RENAMES_LATER,
    Reading,
    expression,
    read_property,
    read_relation,
)
from engine.metamodel.entity import Entity, Features, RecordType, UniqueKey, Validation
from engine.metamodel.expression import Expression
from engine.metamodel.property import Property
from engine.metamodel.relation import Relation
from engine.text.labels import plural, words
from engine.text.template import Template, TemplateError, parse_template
from engine.text.yaml_tree import Map, Seq
from engine.types.base import Choice
from engine.types.choice import ChoiceType

NO_TITLE = parse_template("")
LATER_FEATURES = {
    "comments": "this version keeps no comments",
    "attachments": "this version keeps no attachments",
    "follow": "this version has nothing to follow",
    "activities": "this version logs no activities",
}
LATER_KEYS = {
    "valid": "this version knows no effective dating",
    "duplicates": "this version does not look for duplicates",
    "merge": "this version does not merge records",
    "was": RENAMES_LATER,
}


def read_entity(name: str, root: Map, usual: Mapping[str, Any], reading: Reading) -> Entity:
    """An entity with its own members; system members, inverses and the title's default come with linking."""
    complaints = reading.complaints
    _check_name(name, root, complaints)
    label = root.get("label") or words(name)
    types = _record_types(root, complaints)
    for key, reason in LATER_KEYS.items():
        if root.get(key):
            complaints.without_effect(root, key, reason)
    return Entity(
        name=name,
        label=label,
        plural=root.get("plural") or plural(label),
        title=_title(root, complaints),
        place=root.key_place("entity"),
        icon=root.get("icon", ""),
        description=root.get("description", ""),
        ownership=root.get("ownership", "none"),
        features=_features(root, usual, complaints),
        properties=dict(_record_type_property(types, root)) | _properties(root, types, reading),
        relations=_relations(root, reading),
        validations=_validations(root),
        unique=_unique(root, complaints),
        indexes=tuple(tuple(names) for names in root.get("indexes") or ()),
        grants=read_grants(root.get("access")),
        sharing=read_sharing(root),
        access_through=root.get("access_through", ""),
        record_types=types,
        singleton=root.get("singleton", False),
        api=root.get("api", True),
        plugin=root.get("plugin") or {},
        was=root.get("was"),
        document=root,
    )


def _check_name(name: str, root: Map, complaints: Complaints) -> None:
    owners = {"sqlite_": "SQLite", "pg_": "PostgreSQL"}
    owner = next((owner for start, owner in owners.items() if name.startswith(start)), None)
    reason = RESERVED_ENTITIES.get(name) or (f"{owner} keeps it for itself" if owner else "")
    if reason:
        message = f"no entity can be called {name!r}: {reason}"
        complaints.at_value(
            root, "entity", "reserved-name", message, "choose another name; `label` says what is shown"
        )


def _title(root: Map, complaints: Complaints) -> Template:
    if root.get("title") is None:
        return NO_TITLE
    try:
        title = parse_template(root["title"])
        if not title.paths and not root.get("singleton"):
            _constant(root, complaints)
        return title
    except TemplateError as error:
        complaints.at_word(
            root, "title", error.offset, "{", "bad-template", f"this title can't be read: {error}"
        )
        return NO_TITLE


def _constant(root: Map, complaints: Complaints) -> None:
    """A title in which nothing of the record stands: mostly the name of a property without its braces."""
    text = root["title"]
    member = text if text in root.map("properties") or text in root.map("relations") else "PROPERTY"
    message = f"every {root['entity']} would have the same title"
    hint = f'write "{{{member}}}": what stands in braces is of the record'
    complaints.at_value(root, "title", "constant-title", message, hint, "warning")


def _features(root: Map, usual: Mapping[str, Any], complaints: Complaints) -> Features:
    declared = root.map("features")
    for key, reason in LATER_FEATURES.items():
        if declared.get(key):
            complaints.without_effect(declared, key, reason)
    chosen = {**usual, **declared}
    return Features(**{**chosen, "activities": tuple(chosen.get("activities") or ())})


# ---- members


def _properties(root: Map, types: Mapping[str, RecordType], reading: Reading) -> dict[str, Property]:
    found: dict[str, Property] = {}
    holder = root.map("properties")
    for name in [*holder]:
        declared = _usable(holder, name, reading.complaints)
        if declared is None:
            continue
        if name == "record_type" and types:
            hint = "it comes from `record_types`: leave it out"
            reading.complaints.at_key(
                holder, name, "reserved-name", "'record_type' comes by itself here", hint
            )
            continue
        made = read_property(name, declared, reading)
        if made is not None:
            found[name] = made
    return found


def _relations(root: Map, reading: Reading) -> dict[str, Relation]:
    found: dict[str, Relation] = {}
    holder, properties = root.map("relations"), root.map("properties")
    for name in [*holder]:
        declared = _usable(holder, name, reading.complaints)
        if declared is None:
            continue
        if name in properties:
            message = f"{name!r} is a property already"
            reading.complaints.at_key(holder, name, "name-clash", message, "give one of them another name")
            continue
        made = read_relation(name, declared, reading)
        if made is not None:
            found[name] = made
    return found


def _usable(holder: Map, name: str, complaints: Complaints) -> Map | None:
    """A member's mapping, if its name can be used and it says anything."""
    declared = holder[name]
    if name in RESERVED_MEMBERS:
        message, hint = f"every entity has {name!r} by itself", "leave it out, or choose another name"
        complaints.at_key(holder, name, "reserved-name", message, hint)
        return None
    if name in RESERVED_COLUMNS:
        message = f"{name!r} is a name that databases keep for themselves"
        complaints.at_key(holder, name, "reserved-name", message, "choose another name")
        return None
    if not is_name(name):
        complaints.at_key(holder, name, "bad-name", f"{name!r} is no name", name_hint(name))
        return None
    if isinstance(declared, Map):
        return declared
    relations = holder.path[-1:] == ("relations",)
    key, usual = ("to", "account") if relations else ("type", "text")
    value = declared if isinstance(declared, str) and declared.isidentifier() else usual
    what = "relation" if relations else "property"
    message = f"a {what} is a mapping, and {name!r} is {written_kind(declared)}"
    hint = f"write {name}: {written({key: value})}"
    complaints.at_key(holder, name, "wrong-type", message, hint)
    return None


# ---- variants, rules, access


def _record_types(root: Map, complaints: Complaints) -> dict[str, RecordType]:
    found = {}
    for name, declared in (root.get("record_types") or {}).items():
        if declared.get("layout"):
            complaints.without_effect(declared, "layout", "this version has one for all record types")
        found[name] = RecordType(
            name=name,
            label=declared.get("label", words(name)),
            required=frozenset(declared.get("required") or ()),
            hidden=frozenset(declared.get("hidden") or ()),
            workflow=declared.get("workflow", ""),
            place=declared.place,
        )
    return found


def _record_type_property(types: Mapping[str, RecordType], root: Map) -> Iterator[tuple[str, Property]]:
    """Entities with variants have a property that says which one a record is."""
    if types:
        choices = tuple(Choice(each.name, each.label) for each in types.values())
        place = root.key_place("record_types")
        kind = ChoiceType(options=choices)
        yield "record_type", Property(name="record_type", type=kind, label="Kind", place=place, required=True)


def _validations(root: Map) -> tuple[Validation, ...]:
    return tuple(
        Validation(
            check=expression(each, "check"), message=each["message"], at=each.get("at", ""), place=each.place
        )
        for each in root.get("validations") or ()
        if "check" in each and "message" in each
    )


def _unique(root: Map, complaints: Complaints) -> tuple[UniqueKey, ...]:
    keys = []
    for each in root.get("unique") or ():
        if isinstance(each, Seq):
            keys.append(UniqueKey(names=tuple(each), place=each.place))
            continue
        where: Expression | None = None
        if each.get("where") is not None:
            where = expression(each, "where")
        message = each.get("message", "")
        keys.append(UniqueKey(names=tuple(each["of"]), place=each.place, where=where, message=message))
    return tuple(keys)
