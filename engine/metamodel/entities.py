"""Reading an entity: its own keys, then its members; what concerns several entities is linked later."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from engine.metamodel.complaints import Complaints
from engine.metamodel.entity import Entity, Features, Grant, Level, RecordType, UniqueKey, Validation
from engine.metamodel.expression import Expression
from engine.metamodel.members import expression, read_property, read_relation
from engine.metamodel.property import Property
from engine.metamodel.relation import Relation
from engine.text.labels import plural, words
from engine.text.template import Template, TemplateError, parse_template
from engine.text.yaml_tree import Map, Seq
from engine.types.base import Choice, Scope
from engine.types.choice import ChoiceType
from engine.types.registry import Registry

RESERVED_ENTITIES = frozenset(
    (
        "api",
        "dashboard",
        "files",
        "healthz",
        "metrics",
        "preferences",
        "readyz",
        "report",
        "search",
        "settings",
        "setup",
        "static",
    )
)
"""Names that are addresses of pages."""

RESERVED_MEMBERS = frozenset(["id", "created_at", "created_by", "updated_at", "updated_by", "version"])
LATER_FEATURES = ("comments", "attachments", "follow", "activities")
LATER_KEYS = ("valid", "duplicates", "merge", "actions", "sharing")
NO_TITLE = parse_template("")


def read_entity(
    name: str, root: Map, usual: Mapping[str, Any], registry: Registry, scope: Scope, complaints: Complaints
) -> Entity:
    """An entity with its own members; system members, inverses and the title's default come with linking."""
    if name in RESERVED_ENTITIES or name.startswith("sqlite_"):
        complaints.at_value(
            root,
            "entity",
            "reserved-name",
            f"{name!r} is an address of the engine's own pages",
            "choose another name",
        )
    label = root.get("label") or words(name)
    types = _record_types(root)
    properties = dict(_record_type_property(types, root)) | _properties(root, registry, scope, complaints)
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
        properties=properties,
        relations=_relations(root, complaints),
        validations=_validations(root, complaints),
        unique=_unique(root, complaints),
        indexes=tuple(tuple(names) for names in root.get("indexes") or ()),
        grants=_grants(root.get("access"), complaints),
        record_types=types,
        singleton=bool(root.get("singleton", False)),
        api=bool(root.get("api", True)),
        plugin=root.get("plugin") or {},
        was=root.get("was"),
        document=root,
    )


def _title(root: Map, complaints: Complaints) -> Template:
    if root.get("title") is None:
        return NO_TITLE
    try:
        return parse_template(root["title"])
    except TemplateError as error:
        complaints.at_value(root, "title", "bad-template", f"this title can't be read: {error}")
        return NO_TITLE


def _features(root: Map, usual: Mapping[str, Any], complaints: Complaints) -> Features:
    declared = root.get("features") or {}
    for key in LATER_FEATURES:
        if isinstance(declared, Map) and declared.get(key):
            _later(declared, key, complaints)
    for key in LATER_KEYS:
        if root.get(key) is not None:
            _later(root, key, complaints)
    chosen = {**{key: value for key, value in usual.items() if value is not None}, **declared}
    return Features(**{**chosen, "activities": tuple(chosen.get("activities") or ())})


def _later(holder: Map, key: str, complaints: Complaints) -> None:
    message = f"{key!r} has no effect in this version"
    complaints.at_key(
        holder, key, "not-enforced-yet", message, "keep it for later, or take it out", "warning"
    )


def _properties(root: Map, registry: Registry, scope: Scope, complaints: Complaints) -> dict[str, Property]:
    found: dict[str, Property] = {}
    for name, declared in (root.get("properties") or {}).items():
        holder = root["properties"]
        if not _usable(holder, name, declared, complaints):
            continue
        made = read_property(name, declared, registry, scope, complaints)
        if made is not None:
            found[name] = made
    return found


def _relations(root: Map, complaints: Complaints) -> dict[str, Relation]:
    found: dict[str, Relation] = {}
    for name, declared in (root.get("relations") or {}).items():
        holder = root["relations"]
        if not _usable(holder, name, declared, complaints):
            continue
        if name in (root.get("properties") or {}):
            complaints.at_key(
                holder, name, "name-clash", f"{name!r} is a property already", "give one of them another name"
            )
            continue
        made = read_relation(name, declared, complaints)
        if made is not None:
            found[name] = made
    return found


def _usable(holder: Map, name: str, declared: Any, complaints: Complaints) -> bool:
    if name in RESERVED_MEMBERS:
        complaints.at_key(
            holder, name, "reserved-name", f"every entity has {name!r} by itself", "choose another name"
        )
        return False
    if not isinstance(declared, Map):
        example = "{type: text}" if holder.path[-1:] == ("properties",) else "{to: account}"
        complaints.at_key(
            holder, name, "wrong-type", f"{name!r} says nothing", f"for example {name}: {example}"
        )
        return False
    return True


def _record_types(root: Map) -> dict[str, RecordType]:
    return {
        name: RecordType(
            name=name,
            label=declared.get("label", words(name)),
            required=frozenset(declared.get("required") or ()),
            hidden=frozenset(declared.get("hidden") or ()),
            place=declared.place,
        )
        for name, declared in (root.get("record_types") or {}).items()
        if isinstance(declared, Map)
    }


def _record_type_property(types: Mapping[str, RecordType], root: Map) -> Iterator[tuple[str, Property]]:
    """Entities with variants have a property that says which one a record is."""
    if types:
        choices = tuple(Choice(each.name, each.label) for each in types.values())
        place = root.key_place("record_types")
        kind = ChoiceType(options=choices)
        yield "record_type", Property(name="record_type", type=kind, label="Kind", place=place, required=True)


def _validations(root: Map, complaints: Complaints) -> tuple[Validation, ...]:
    declared = root.get("validations") or ()
    if declared:
        _later(root, "validations", complaints)
    return tuple(
        Validation(
            check=expression(each, "check"), message=each["message"], at=each.get("at", ""), place=each.place
        )
        for each in declared
        if isinstance(each, Map) and "check" in each and "message" in each
    )


def _unique(root: Map, complaints: Complaints) -> tuple[UniqueKey, ...]:
    keys = []
    for each in root.get("unique") or ():
        if isinstance(each, Seq):
            keys.append(UniqueKey(names=tuple(each), place=each.place))
        elif isinstance(each, Map) and "of" in each:
            where: Expression | None = None
            if each.get("where") is not None:
                _later(each, "where", complaints)
                where = expression(each, "where")
            keys.append(
                UniqueKey(
                    names=tuple(each["of"]), place=each.place, where=where, message=each.get("message", "")
                )
            )
    return tuple(keys)


def _grants(declared: Any, complaints: Complaints) -> dict[str, Grant]:
    if not isinstance(declared, Map):
        return {}
    return {
        role: read_grant(role, grant, complaints)
        for role, grant in declared.items()
        if isinstance(grant, Map)
    }


LEVELS: Mapping[Any, Level] = {True: "all", False: "none"}


def read_grant(role: str, declared: Map, complaints: Complaints) -> Grant:
    """What a role may do; a grant with a condition grants nothing until expressions are evaluated."""
    actions: dict[str, Level] = {}
    conditions: dict[str, Expression] = {}
    for action, level in declared.items():
        if isinstance(level, Map):
            if level.get("where") is not None:
                message = (
                    "a grant with a condition grants nothing: this version does not evaluate expressions"
                )
                complaints.at_key(
                    declared, action, "not-enforced-yet", message, "grant a level, or wait", "warning"
                )
                conditions[action] = expression(level, "where")
                actions[action] = "none"
            else:
                actions[action] = level.get("level", "none")
        else:
            actions[action] = LEVELS[level] if isinstance(level, bool) else level
    return Grant(role=role, actions=actions, conditions=conditions, place=declared.place)
