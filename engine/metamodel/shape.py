"""The shape of a document, checked by its JSON Schema; what jsonschema says, said at the place and in words."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from engine.metamodel import schemas
from engine.metamodel.complaints import Complaints, meant
from engine.metamodel.schema_parts import NAME_PATTERN
from engine.text.yaml_tree import Map, Seq
from engine.types.base import PropertyType

WORDS = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
    "null": "nothing",
}


@lru_cache(maxsize=64)
def _document(kind: str) -> Draft202012Validator:
    return Draft202012Validator(
        schemas.extension_schema() if kind == "extend" else schemas.document_schema(kind)
    )


_PROPERTIES: dict[type[PropertyType], Draft202012Validator] = {}


def _property(cls: type[PropertyType]) -> Draft202012Validator:
    """The validator of a type's options, made once per class."""
    if cls not in _PROPERTIES:
        _PROPERTIES[cls] = Draft202012Validator(schemas.property_schema(cls.option_schemas()))
    return _PROPERTIES[cls]


@lru_cache(maxsize=1)
def _relation() -> Draft202012Validator:
    return Draft202012Validator(schemas.relation_schema())


def check_document(kind: str, root: Map, complaints: Complaints) -> bool:
    """Check a document against its kind's schema; whether it fits."""
    return _check(
        _document(kind), root, complaints, f"{'an entity' if kind in ('entity', 'extend') else 'a ' + kind}"
    )


def check_property(cls: type[PropertyType], declared: Map, complaints: Complaints) -> bool:
    """Check a property against the options of its type."""
    return _check(_property(cls), declared, complaints, f"a {cls.name} property")


def check_relation(declared: Map, complaints: Complaints) -> bool:
    return _check(_relation(), declared, complaints, "a relation")


def _check(validator: Draft202012Validator, root: Map, complaints: Complaints, what: str) -> bool:
    good = True
    for error in validator.iter_errors(root):
        good = False
        _translate(_deepest(error), root, complaints, what)
    return good


def _deepest(error: ValidationError) -> ValidationError:
    """Of the alternatives of an anyOf, the complaint of the one that came closest."""
    while error.context:
        close = [each for each in error.context if each.validator != "type"] or list(error.context)
        best = max(close, key=lambda each: len(each.absolute_path))
        if (
            best.validator == "type"
            and len({each.schema_path[0] for each in error.context}) > 1
            and not _further(best, error)
        ):
            return error
        error = best
    return error


def _further(inner: ValidationError, outer: ValidationError) -> bool:
    return len(inner.absolute_path) > len(outer.absolute_path)


def _translate(error: ValidationError, root: Map, complaints: Complaints, what: str) -> None:
    holder, key = _spot(root, list(error.absolute_path))
    place_what = what if not error.absolute_path else f"{str(error.absolute_path[-1])!r}"
    schema: Mapping[str, Any] = error.schema if isinstance(error.schema, Mapping) else {}
    value: Any = error.instance
    limit: Any = error.validator_value
    match error.validator:
        case "additionalProperties":
            allowed = list(schema.get("properties", {}))
            for extra in [name for name in value if name not in allowed]:
                complaints.unknown_key(value, extra, allowed, place_what)
        case "required":
            missing = [name for name in limit if name not in value]
            if missing:
                message = f"{place_what} needs {', '.join(map(repr, missing))}"
                _at(complaints, holder, key, value, "missing-key", message, f"add `{missing[0]}: …`")
        case "type":
            kinds = limit if isinstance(limit, list) else [limit]
            wanted = " or ".join(WORDS[kind] for kind in kinds)
            _at(
                complaints,
                holder,
                key,
                value,
                "wrong-type",
                f"{place_what} takes {wanted}, not {_found(value)}",
                _example(schema),
            )
        case "enum":
            allowed = [_written(each) for each in limit]
            message = f"{_written(value)!r} is not one of {', '.join(allowed)}"
            _at(complaints, holder, key, value, "unknown-value", message, _guess(value, allowed))
        case "pattern" | "maxLength" if schema.get("pattern") == NAME_PATTERN:
            message = f"{str(value)!r} is no name"
            hint = "names are lower_case words joined by _, at most 55 letters, beginning with a letter"
            _at(complaints, holder, key, value, "bad-name", message, hint)
        case "anyOf" | "oneOf":
            message = f"{place_what} can't be {_found(value)}"
            _at(complaints, holder, key, value, "wrong-type", message, _example(schema))
        case _:
            message = f"{place_what}: {_limit(error)}"
            _at(complaints, holder, key, value, "bad-value", message, _example(schema))


def _spot(root: Map, path: list[str | int]) -> tuple[Map | Seq, str | int | None]:
    """The mapping or list that holds the value at a path, and its key there."""
    if not path:
        return root, None
    holder: Any = root
    for step in path[:-1]:
        holder = holder[step]
    return holder, path[-1]


def _at(
    complaints: Complaints,
    holder: Map | Seq,
    key: str | int | None,
    value: Any,
    code: str,
    message: str,
    hint: str,
) -> None:
    """At the value; for the name of a thing (a key that is refused), at the key itself."""
    if key is None:
        bad = value if isinstance(value, str) and isinstance(holder, Map) and value in holder else None
        if bad is not None and isinstance(holder, Map):
            complaints.at_key(holder, bad, code, message, hint)
        elif isinstance(holder, Map):
            complaints.at_map(holder, code, message, hint)
        return
    inner = holder[key]  # type: ignore[index]
    if isinstance(inner, Map) and isinstance(value, str) and value in inner:
        complaints.at_key(inner, value, code, message, hint)
    else:
        complaints.at_value(holder, key, code, message, hint)


def _found(value: Any) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return "true" if value else "false"
        case str():
            return f"the text {value[:40]!r}"
        case dict():
            return "a mapping"
        case list():
            return "a list"
    return f"the number {value}"


def _written(value: Any) -> str:
    return (
        {True: "true", False: "false", None: "null"}.get(value, str(value))
        if not isinstance(value, list | dict)
        else "a list"
    )


def _guess(value: Any, allowed: list[str]) -> str:
    return meant(str(value), allowed) if isinstance(value, str) else ""


def _example(schema: Mapping[str, Any]) -> str:
    examples = schema.get("examples")
    if not examples:
        return ""
    example = examples[0]
    return f"for example {_flow(example)}"


def _flow(value: Any) -> str:
    """A value as YAML would write it on one line."""
    match value:
        case dict():
            return "{" + ", ".join(f"{key}: {_flow(item)}" for key, item in value.items()) + "}"
        case list():
            return "[" + ", ".join(_flow(item) for item in value) + "]"
        case bool() | None:
            return _written(value)
    return str(value)


def _limit(error: ValidationError) -> str:
    limit: Any = error.validator_value
    match error.validator:
        case "minimum":
            return f"at least {limit}, not {error.instance}"
        case "maximum":
            return f"at most {limit}, not {error.instance}"
        case "minItems" | "minProperties":
            return f"at least {limit} {'is' if limit == 1 else 'are'} needed"
        case "maxItems" | "maxLength":
            return f"at most {limit}"
        case "pattern":
            return f"{str(error.instance)!r} has not the form {limit}"
    return str(error.message)[:200]
