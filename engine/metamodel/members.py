"""Reading properties and relations: from a checked mapping to the dataclass, with every complaint."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.metamodel import shape
from engine.metamodel.complaints import Complaints, meant
from engine.metamodel.expression import Expression
from engine.metamodel.property import Property, Readonly
from engine.metamodel.relation import Relation
from engine.text.labels import words
from engine.text.yaml_tree import Map
from engine.types.base import PropertyType, Refused, Scope
from engine.types.registry import Registry

CONDITIONS = ("computed", "required_if", "visible_if", "readonly_if", "options_where")
READONLY: Mapping[Any, Readonly] = {True: "always", False: "no", "after_create": "after_create"}


def read_property(
    name: str, declared: Map, registry: Registry, scope: Scope, complaints: Complaints
) -> Property | None:
    """A property, or None where it can't be one (then it has been complained of)."""
    cls = _type(declared, registry, complaints)
    if cls is None or not shape.check_property(cls, declared, complaints):
        return None
    made = _made(cls, declared, scope, complaints)
    if made is None:
        return None
    _unindexable(made, declared, complaints)
    default, conditions = _default(made, declared, scope, complaints)
    readers, writers = roles_of(declared)
    return Property(
        name=name,
        type=made,
        label=declared.get("label", words(name)),
        place=declared.place,
        help=declared.get("help", ""),
        placeholder=declared.get("placeholder", ""),
        required=bool(declared.get("required", False)),
        unique=bool(declared.get("unique", False)) or cls.name == "autonumber",
        default=default,
        readonly=READONLY[declared.get("readonly", False)],
        index=bool(declared.get("index", False)),
        search=declared.get("search"),
        sensitive=bool(declared.get("sensitive", False)),
        translatable=bool(declared.get("translatable", False)),
        stored=bool(declared.get("stored", False)),
        copy=bool(declared.get("copy", True)),
        importable=bool(declared.get("import", True)),
        exportable=bool(declared.get("export", True)),
        group=declared.get("group", ""),
        was=declared.get("was"),
        read_roles=readers,
        write_roles=writers,
        conditions={**conditions, **_conditions(declared, complaints)},
    )


def _type(declared: Map, registry: Registry, complaints: Complaints) -> type[PropertyType] | None:
    if "type" not in declared:
        if "to" in declared:
            complaints.at_key(
                declared,
                "to",
                "relation-among-properties",
                "this is a relation",
                "move it below `relations:`",
            )
        else:
            complaints.at_map(declared, "missing-key", "a property needs 'type'", "for example type: text")
        return None
    name = declared["type"]
    cls = registry.get(name) if isinstance(name, str) else None
    if cls is None:
        complaints.at_value(
            declared, "type", "unknown-type", f"no property type {name!r}", meant(str(name), registry.names())
        )
    return cls


def _made(
    cls: type[PropertyType], declared: Map, scope: Scope, complaints: Complaints
) -> PropertyType | None:
    """The type with its options; every complaint stands at the option."""
    names = cls.option_schemas()
    options = {name: _plain(declared[name]) for name in names if name in declared}
    made, problems = cls.read(options, scope)
    for problem in problems:
        if problem.option in declared:
            complaints.at_value(declared, problem.option, problem.code, problem.message, problem.hint)
        else:
            complaints.at_map(declared, problem.code, problem.message, problem.hint)
    return None if problems else made


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _unindexable(made: PropertyType, declared: Map, complaints: Complaints) -> None:
    for key in ("unique", "index"):
        if declared.get(key) and not made.indexable:
            complaints.at_key(declared, key, "not-indexable", f"a {made.name} can't be {key}", "take it out")
    if declared.get("search") and not made.searchable:
        complaints.at_key(
            declared,
            "search",
            "not-searchable",
            f"a {made.name} is no text that can be searched",
            "take it out",
        )


def _default(
    made: PropertyType, declared: Map, scope: Scope, complaints: Complaints
) -> tuple[Any, dict[str, Expression]]:
    """The default as a value of the type, or as the expression it is computed by."""
    if "default" not in declared:
        initial = getattr(made, "initial", None)
        return (initial(scope) if initial is not None else None), {}
    written = declared["default"]
    if isinstance(written, Map) and list(written) == ["cel"]:
        _without_effect(declared, "default", complaints)
        return None, {"default": expression(written, "cel")}
    if written is None:
        return None, {}
    if not made.writable:
        complaints.at_key(
            declared, "default", "bad-default", f"a {made.name} is set by the engine", "take the default out"
        )
        return None, {}
    try:
        return made.parse(written), {}
    except Refused as refused:
        complaints.at_value(declared, "default", "bad-default", f"this default is no {made.name}: {refused}")
        return None, {}


def expression(holder: Map, key: str) -> Expression:
    """The expression written under a key, with the place of its first character."""
    return Expression(holder.raw(key) or "", holder.text_place(key))


def _conditions(declared: Map, complaints: Complaints) -> dict[str, Expression]:
    found = {}
    for key in CONDITIONS:
        if declared.get(key) is not None:
            _without_effect(declared, key, complaints)
            found[key] = expression(declared, key)
    return found


def _without_effect(holder: Map, key: str, complaints: Complaints) -> None:
    """What is accepted but not obeyed by this version is said, so that nobody believes it holds."""
    message = f"{key!r} is an expression, and this version does not evaluate expressions: it has no effect"
    complaints.at_key(
        holder, key, "not-enforced-yet", message, "keep it for later, or take it out", "warning"
    )


def roles_of(declared: Map) -> tuple[frozenset[str] | None, frozenset[str] | None]:
    """The only roles that may read, and write, a member; None where all may that may the record."""
    access = declared.get("access") or {}
    read, write = access.get("read"), access.get("write")
    readers = frozenset(read) if read is not None else None
    writers = frozenset(write) if write is not None else None
    return readers, writers


def read_relation(name: str, declared: Map, complaints: Complaints) -> Relation | None:
    """A relation as declared; its targets are checked when everything is read."""
    if "to" not in declared and "type" in declared:
        complaints.at_key(
            declared, "type", "property-among-relations", "this is a property", "move it below `properties:`"
        )
        return None
    if not shape.check_relation(declared, complaints):
        return None
    to = declared["to"]
    kind = declared.get("kind", "many_to_one")
    readers, writers = roles_of(declared)
    required = bool(declared.get("required", False))
    return Relation(
        name=name,
        label=declared.get("label", words(name)),
        targets=tuple(to) if isinstance(to, list) else (to,),
        place=declared.place,
        kind=kind,
        required=required,
        on_delete=declared.get("on_delete", "restrict" if required or kind == "tree" else "clear"),
        inverse=declared.get("inverse", ""),
        inverse_label=declared.get("inverse_label", ""),
        through=declared.get("through", ""),
        help=declared.get("help", ""),
        copy=bool(declared.get("copy", True)),
        readonly=READONLY[declared.get("readonly", False)],
        group=declared.get("group", ""),
        was=declared.get("was"),
        read_roles=readers,
        write_roles=writers,
        conditions=_conditions(declared, complaints),
    )
