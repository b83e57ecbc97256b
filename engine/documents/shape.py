"""The shape of documents, checked by their JSON Schemas; what jsonschema says, in words and at its place.

What has a wrong shape is taken out of the tree after it has been complained of, so that a reader
meets only what is as the schema says, and one mistake makes one problem.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from engine.documents import schemas
from engine.documents.complaints import Complaints
from engine.documents.schemas.parts import NAME_PATTERN, is_name
from engine.documents.wording import guessed_key, meant_key, name_hint, wrong_value
from engine.text.yaml_tree import Map, Seq
from engine.types.base import PropertyType

MOST_REMEMBERED = 50_000
"""Values known to be good; the same short mapping stands in an application many times over."""

Drop = tuple[Map | Seq, Any]


class Shape:
    """A mapping of known keys, each with a schema of its own.

    Values that can be judged at a glance are; the others go to jsonschema, once for all that are alike.
    """

    def __init__(self, schema: Mapping[str, Any], what: str) -> None:
        self.what = what
        self.keys: dict[str, Mapping[str, Any]] = schema["properties"]
        self.required: tuple[str, ...] = tuple(schema.get("required", ()))
        self.glances = {name: _glance(each) for name, each in self.keys.items()}
        self.validators = {name: Draft202012Validator(each) for name, each in self.keys.items()}
        self.good: set[tuple[str, str]] = set()

    def check(
        self, holder: Map, complaints: Complaints, elsewhere: Callable[[str], str] | None = None
    ) -> bool:
        """Complain of every misshapen key and take it out; whether the needed keys are left.

        `elsewhere` may say where a key that is unknown here belongs.
        """
        glances = self.glances
        for name in [*holder]:
            value = holder[name]
            glance = glances.get(name)
            if glance is None:
                if name not in self.keys:
                    self._unknown(holder, name, complaints, elsewhere)
                    continue
            elif glance(value):
                continue
            if value is None and self.keys[name].get("type") in ("object", "array"):
                del holder[name]  # a heading below which everything is commented out
                continue
            self._validate(holder, name, value, complaints)
        missing = [name for name in self.required if name not in holder and name not in holder.broken]
        if missing:
            message = f"{self.what} needs {' and '.join(map(repr, missing))}"
            complaints.at_map(holder, "missing-key", message, f"add `{missing[0]}: …`")
        return all(name in holder for name in self.required)

    def _unknown(
        self, holder: Map, name: str, complaints: Complaints, elsewhere: Callable[[str], str] | None
    ) -> None:
        guess = guessed_key(name, self.keys)
        hint = (elsewhere(name) if elsewhere is not None else "") or meant_key(name, list(self.keys))
        complaints.at_key(holder, name, "unknown-key", f"{self.what} has no key {name!r}", hint)
        holder.drop(name)
        if guess is not None and guess not in holder:
            holder.broken |= {guess}  # it was probably meant: what would follow from it is not missed

    def _validate(self, holder: Map, name: str, value: Any, complaints: Complaints) -> None:
        known = (name, repr(value))
        if known in self.good:
            return
        errors = list(self.validators[name].iter_errors(value))
        if errors:
            _complain(holder, name, self.keys[name], errors, complaints)
            self._take_rest_out(holder, name)
            return
        if len(self.good) >= MOST_REMEMBERED:
            self.good.clear()
        self.good.add(known)

    def _take_rest_out(self, holder: Map, name: str) -> None:
        """What lacks something it needs, now that this is taken out, goes too, and has been complained of."""
        while name in holder:
            errors = list(self.validators[name].iter_errors(holder[name]))
            if not errors:
                return
            _take_out(
                _spot(holder, name, list(each.absolute_path))
                for error in errors
                for each in _meant_alternative(error)
            )


def _glance(schema: Mapping[str, Any]) -> Callable[[Any], bool] | None:
    """A test that accepts what surely fits a simple schema; what it does not accept is looked at closely."""
    kind = schema.get("type")
    if kind == "string":
        if schema.get("pattern") == NAME_PATTERN:
            return is_name
        return _is_text if not {"pattern", "enum", "format"} & set(schema) else None
    if kind == "boolean":
        return _is_flag
    if "enum" in schema:
        allowed = {(type(each), each) for each in schema["enum"]}
        return lambda value: value.__hash__ is not None and (type(value), value) in allowed
    if kind == "object" and not {
        "properties",
        "propertyNames",
        "additionalProperties",
        "minProperties",
    } & set(schema):
        return _is_mapping
    if schema.get("anyOf") and _glance(schema["anyOf"][0]) is is_name:
        return is_name
    return None


def _is_text(value: Any) -> bool:
    return type(value) is str


def _is_mapping(value: Any) -> bool:
    return type(value) is Map


def _is_flag(value: Any) -> bool:
    return type(value) is bool


# ---- the shapes there are


@lru_cache(maxsize=64)
def document_shape(kind: str) -> Shape:
    what = "the navigation" if kind == "navigation" else f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"
    return Shape(schemas.document_schema(kind), what)


@dataclass(frozen=True)
class PropertyShape:
    """The shape of a property of one type, and the names of the type's own options."""

    shape: Shape
    options: tuple[str, ...]


def property_shape(cls: type[PropertyType]) -> PropertyShape:
    """The shape of properties of a type, made once."""
    return _property_shape(cast("Callable[[], Any]", cls))


@lru_cache(maxsize=512)
def _property_shape(cls: Any) -> PropertyShape:
    options = cls.option_schemas()
    shape = Shape(schemas.property_schema(options), f"a property of type {cls.name}")
    return PropertyShape(shape, tuple(options))


@lru_cache(maxsize=1)
def relation_shape() -> Shape:
    return Shape(schemas.relation_schema(), "a relation")


# ---- what jsonschema says, in words


def _complain(
    holder: Map,
    name: str,
    schema: Mapping[str, Any],
    errors: Iterable[ValidationError],
    complaints: Complaints,
) -> None:
    """Say every error of a key's value at its place, and take out what is wrong."""
    meant = [each for error in errors for each in _meant_alternative(error)]
    meant.sort(key=lambda each: each.validator != "additionalProperties")  # a misspelt key is not missing too
    _take_out([_one(holder, name, schema, each, complaints) for each in meant])


def _take_out(drops: Iterable[Drop]) -> None:
    """Take out what has been complained of, the last of a list first."""
    each_once = {(id(at), key): (at, key) for at, key in drops}.values()
    for at, key in sorted(
        each_once, key=lambda drop: drop[1] if isinstance(drop[1], int) else 0, reverse=True
    ):
        if isinstance(at, Map) or key < len(at):
            at.drop(key)


def _meant_alternative(error: ValidationError) -> list[ValidationError]:
    """Of several shapes, the errors of the one surely meant: the one of the value's own JSON type."""
    if error.validator not in ("anyOf", "oneOf") or not error.context:
        return [error]
    by_branch: dict[Any, list[ValidationError]] = defaultdict(list)
    for inner in error.context:
        by_branch[inner.schema_path[0]].append(inner)
    depth = len(error.absolute_path)
    fitting = [
        errors
        for errors in by_branch.values()
        if not any(e.validator in ("type", "enum", "const") and len(e.absolute_path) == depth for e in errors)
    ]
    words = [errors for errors in by_branch.values() if [e.validator for e in errors] == ["enum"]]
    if not fitting and len(words) == 1 and not isinstance(error.instance, Map | Seq):
        fitting = words  # neither a mapping nor a list: one of the words was meant
    if len(fitting) != 1:
        return [error]
    return [each for inner in fitting[0] for each in _meant_alternative(inner)]


def _one(
    holder: Map, name: str, whole: Mapping[str, Any], error: ValidationError, complaints: Complaints
) -> Drop:
    """One complaint; answers what has to be taken out."""
    at, key = _spot(holder, name, list(error.absolute_path))
    schema: Mapping[str, Any] = error.schema if isinstance(error.schema, Mapping) else {}
    label = repr(key) if isinstance(key, str) else f"an item of {name!r}"
    needed, found = cast(list[str], error.validator_value), cast(Any, error.instance)
    match error.validator:
        case "additionalProperties":
            return _extra_keys(error.instance, schema, label, complaints)
        case "required":
            lost = found.broken if isinstance(found, Map) else frozenset()
            missing = [each for each in needed if each not in found and each not in lost]
            message = f"{label} needs {' and '.join(map(repr, missing))}"
            if not missing:
                pass  # it is there, and has been complained of
            elif isinstance(found, Map) and found:
                complaints.at_map(found, "missing-key", message, f"add `{missing[0]}: …`")
            else:
                complaints.at_value(at, key, "missing-key", message)
        case "pattern" | "maxLength" if schema.get("pattern") == NAME_PATTERN:
            bad = str(found)
            inner = at[key]
            if isinstance(inner, Map) and bad in inner:  # the name of a thing, not the value of a key
                complaints.at_key(inner, bad, "bad-name", f"{bad!r} is no name", name_hint(bad))
                return inner, bad
            complaints.at_value(at, key, "bad-name", f"{bad!r} is no name", name_hint(bad))
        case _:
            usual = schema if error.absolute_path or "examples" in schema else whole
            code, message, hint = wrong_value(label, error, usual)
            complaints.at_value(at, key, code, message, hint)
    return at, key


def _extra_keys(instance: Any, schema: Mapping[str, Any], label: str, complaints: Complaints) -> Drop:
    """Keys that a mapping does not have; all but the first are taken out here."""
    allowed = list(schema.get("properties", {}))
    extras = [each for each in instance if each not in allowed]
    for extra in extras:
        complaints.at_key(
            instance, extra, "unknown-key", f"{label} has no key {extra!r}", meant_key(extra, allowed)
        )
    guesses = {guessed_key(extra, allowed) for extra in extras}
    instance.broken |= {each for each in guesses if each is not None and each not in instance}
    for extra in extras[1:]:
        instance.drop(extra)
    return instance, extras[0]


def _spot(holder: Map, name: str, path: list[str | int]) -> tuple[Map | Seq, Any]:
    """The mapping or list that holds the value at a path below a key, and its key there."""
    at: Any = holder
    steps = [name, *path]
    for step in steps[:-1]:
        at = at[step]
    return at, steps[-1]
