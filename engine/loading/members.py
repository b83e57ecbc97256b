"""Reading properties and relations: from a mapping to the dataclass, with every complaint."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from engine.documents.complaints import Complaints, meant
from engine.documents.names import KINDS_OF_RELATION, OTHER_KINDS, OTHER_TYPES, RELATION_WORDS
from engine.documents.shape import property_shape, relation_shape
from engine.documents.wording import guessed_key, meant_key
from engine.metamodel.access import MemberAccess
from engine.metamodel.expression import Expression
from engine.metamodel.property import Property, Readonly, Weight
from engine.metamodel.relation import Relation
from engine.text.labels import with_article, words
from engine.text.suggest import did_you_mean
from engine.text.yaml_tree import Map, Seq
from engine.types.base import PropertyType, Refused, Scope
from engine.types.registry import Registry

CONDITIONS = ("computed", "required_if", "visible_if", "readonly_if", "options_where")
READONLY: Mapping[Any, Readonly] = {True: "always", False: "no", "after_create": "after_create"}
INDEXED = {"unique": "unique", "index": "indexed"}
WEIGHTS: Mapping[Any, Weight | None] = {True: "medium", False: None}
RENAMES_LATER = "this version renames nothing in the database, and takes it for something new"
LATER_KEYS = {
    "take": "values are not taken from related records by this version",
    "take_if_empty": "values are not taken from related records by this version",
    "translatable": "this version keeps one value for all languages",
    "was": RENAMES_LATER,
}


class Reading(Scope, Protocol):
    """What reading a member needs to know about the application."""

    registry: Registry
    complaints: Complaints
    guessing: bool  # set where an answer stands for a document that could not be read


def read_property(name: str, declared: Map, reading: Reading) -> Property | None:
    """A property, or None where it can't be one (then it has been complained of)."""
    cls = _type(declared, reading)
    if cls is None:
        return None
    complaints = reading.complaints
    known = property_shape(cls)
    if not known.shape.check(declared, complaints, lambda key: _elsewhere(key, reading.registry)):
        return None
    made = _made(cls, known.options, declared, reading)
    if made is None:
        return None
    _impossible_options(made, declared, complaints)
    get = declared.get
    default, conditions = _default(made, declared, reading)
    computed = get("computed") is not None
    return Property(
        name=name,
        type=made,
        label=get("label") or words(name),
        place=declared.place,
        help=get("help", ""),
        placeholder=get("placeholder", ""),
        required=get("required", False) and not computed,
        unique=get("unique", False) or made.name == "autonumber",  # numbers are given once, whatever is said
        default=default,
        readonly="always" if computed else READONLY[get("readonly", False)],
        index=get("index", False),
        search=WEIGHTS.get(get("search"), get("search")),
        sensitive=get("sensitive", False),
        translatable=get("translatable", False),
        stored=get("stored", False),
        copy=get("copy", True),
        importable=get("import", True),
        exportable=get("export", True),
        group=get("group", ""),
        was=get("was"),
        access=member_access(declared),
        conditions=_conditions(declared, complaints, conditions),
    )


def read_relation(name: str, declared: Map, reading: Reading) -> Relation | None:
    """A relation as declared; its targets are checked when everything is read."""
    complaints = reading.complaints
    if "to" not in declared and "type" in declared:
        hint = "move it below `properties:`, or say where it leads: `to: ENTITY`"
        complaints.at_key(declared, "type", "property-among-relations", "this is a property", hint)
        return None
    kind = declared.get("kind")
    if isinstance(kind, str) and kind in OTHER_KINDS:
        message = f"no kind of relation {kind!r}"
        complaints.at_value(declared, "kind", "unknown-value", message, OTHER_KINDS[kind])
        return None
    if not relation_shape().check(declared, complaints):
        return None
    get = declared.get
    to, kind, required = declared["to"], get("kind", "many_to_one"), get("required", False)
    return Relation(
        name=name,
        label=get("label") or words(name),
        targets=tuple(to) if isinstance(to, list) else (to,),
        place=declared.place,
        kind=kind,
        required=required,
        on_delete=get("on_delete", "restrict" if required or kind == "tree" else "clear"),
        inverse=get("inverse", ""),
        inverse_label=get("inverse_label", ""),
        through=get("through", ""),
        help=get("help", ""),
        index=get("index", True),
        copy=get("copy", True),
        readonly=READONLY[get("readonly", False)],
        group=get("group", ""),
        was=get("was"),
        access=member_access(declared),
        conditions=_conditions(declared, complaints, _relation_default(declared, complaints)),
    )


# ---- types


def _type(declared: Map, reading: Reading) -> type[PropertyType] | None:
    complaints = reading.complaints
    if "type" not in declared:
        if "type" in declared.broken:
            return None
        if "to" in declared:
            hint = "move it below `relations:`"
            complaints.at_key(declared, "to", "relation-among-properties", "this is a relation", hint)
        elif misspelt := next((key for key in declared if guessed_key(key, ["type"])), None):
            message = f"a property has no key {misspelt!r}"
            complaints.at_key(declared, misspelt, "unknown-key", message, meant_key(misspelt, ["type"]))
        else:
            hint = "for example type: text"
            complaints.at_map(declared, "missing-key", "a property needs 'type'", hint)
        return None
    name = declared["type"]
    if name is None:
        complaints.at_key(
            declared, "type", "missing-key", "a property needs 'type'", "for example type: text"
        )
        return None
    known = isinstance(name, str)  # anything else can't be looked for
    cls = reading.registry.get(name) if known else None
    if cls is None and ("to" in declared or (known and name in RELATION_WORDS)):
        kind = f", kind: {name}" if known and name in KINDS_OF_RELATION else ""
        target = declared["to"] if isinstance(declared.get("to"), str) else "ENTITY"
        hint = f"move it below `relations:`, as {{to: {target}{kind}}}"
        complaints.at_value(declared, "type", "relation-among-properties", "this is a relation", hint)
    elif cls is None:
        names = reading.registry.names()
        guess = did_you_mean(str(name), [*names, *OTHER_TYPES])
        guess = OTHER_TYPES.get(guess or "", guess)
        hint = f"did you mean {guess!r}?" if guess in names else meant(str(name), names)
        complaints.at_value(declared, "type", "unknown-type", f"no property type {name!r}", hint)
    return cls


def _elsewhere(key: str, registry: Registry) -> str:
    """Which types have an option that this one has not."""
    having = [
        name for name in registry.names() if (cls := registry.get(name)) and key in cls.option_schemas()
    ]
    if key in ("to", "kind", "on_delete", "inverse", "through"):
        return "it belongs to a relation: declare it below `relations:`"
    return f"it belongs to {', '.join(having[:4])}{' …' if len(having) > 4 else ''}" if having else ""


def _made(
    cls: type[PropertyType], names: tuple[str, ...], declared: Map, reading: Reading
) -> PropertyType | None:
    """The type with its options; every complaint stands at the option."""
    options = {name: _frozen(declared[name]) for name in names if name in declared}
    reading.guessing = False
    made, problems = cls.read(options, reading)
    if reading.guessing or (declared.broken and not declared.broken.isdisjoint(names)):
        return None  # what it names, or says, was complained of where it stands
    for problem in problems:
        if problem.option in declared:
            reading.complaints.at_value(declared, problem.option, problem.code, problem.message, problem.hint)
        else:
            reading.complaints.at_map(declared, problem.code, problem.message, problem.hint)
    return None if problems else made


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _impossible_options(made: PropertyType, declared: Map, complaints: Complaints) -> None:
    for key in ("unique", "index"):
        if declared.get(key) and not made.indexable:
            complaints.at_key(
                declared,
                key,
                "not-indexable",
                f"{with_article(made.name)} can't be {INDEXED[key]}",
                "take it out",
            )
    if declared.get("search") and not made.searchable:
        message = f"{with_article(made.name)} is no text that can be searched"
        complaints.at_key(declared, "search", "not-searchable", message, "take it out")
    if declared.get("computed") is not None and declared.get("default") is not None:
        message = "a value is either computed or has a default"
        complaints.at_key(declared, "default", "bad-default", message, "take one of them out")


# ---- defaults and conditions


def _default(made: PropertyType, declared: Map, reading: Reading) -> tuple[Any, dict[str, Expression]]:
    """The default as a value of the type, or as the expression it is computed by."""
    written = declared.get("default")
    if written is None:
        return made.initial(reading), {}
    complaints = reading.complaints
    if isinstance(written, Map) and list(written) == ["cel"]:
        return None, {"default": expression(written, "cel")}
    if not made.writable:
        message = f"{with_article(made.name)} is set by the engine"
        complaints.at_key(declared, "default", "bad-default", message, "take the default out")
        return None, {}
    try:
        return made.parse(written), {}
    except Refused as refused:
        raw = declared.raw("default")
        if raw is not None and not isinstance(written, str):
            try:
                return made.parse(raw), {}
            except Refused:
                pass
        message = f"this default is no {made.name}: {_within_sentence(str(refused))}"
        complaints.at_value(declared, "default", "bad-default", message)
        return None, {}


def _within_sentence(sentence: str) -> str:
    """A sentence as the end of another one: "This takes a text" begins small, “-1” and ISO as they are."""
    first, _, rest = sentence.partition(" ")
    return f"{first.lower()} {rest}" if first in ("This", "A", "An", "The") else sentence


def _relation_default(declared: Map, complaints: Complaints) -> dict[str, Expression]:
    written = declared.get("default")
    if written is None:
        return {}
    if isinstance(written, Map) and list(written) == ["cel"]:
        return {"default": expression(written, "cel")}
    hint = "for example default: {cel: user}"
    complaints.at_value(declared, "default", "bad-default", "a relation's default is an expression", hint)
    return {}


def expression(holder: Map | Seq, key: Any) -> Expression:
    """The expression written under a key, or at a place of a list, with the place of its first character."""
    return Expression(holder.raw(key) or "", holder.text_place(key), holder.located(key))


def _conditions(declared: Map, complaints: Complaints, found: dict[str, Expression]) -> dict[str, Expression]:
    for key in CONDITIONS:
        if declared.get(key) is not None:
            found[key] = expression(declared, key)
    for key, reason in LATER_KEYS.items():
        if declared.get(key):
            complaints.without_effect(declared, key, reason)
    return found


def member_access(declared: Map) -> MemberAccess:
    """The only roles that may read, create, update a member; `write` says create and update at once."""
    access = declared.get("access")
    if not access:
        return MemberAccess()
    write = access.get("write")
    return MemberAccess(
        read=_names(access.get("read")),
        create=_names(access.get("create", write)),
        update=_names(access.get("update", write)),
        place=declared.key_place("access"),
    )


def _names(written: Iterable[str] | None) -> frozenset[str] | None:
    return None if written is None else frozenset(written)
