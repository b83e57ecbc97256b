"""Values that a JSON Schema allows, for the keywords that property types use; patterns as ECMA-262 reads them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)
"""Any JSON value at all, and NaN and Infinity, which programs send all the same."""

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)
"""What may stand inside a JSON value."""


def allowed(schema: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    """A strategy of what the schema allows; a keyword it does not know fails the test."""
    if "anyOf" in schema:
        assert set(schema) == {"anyOf"}, schema
        return st.one_of(*(allowed(each) for each in schema["anyOf"]))
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    kind = schema.get("type", list(MAKERS))
    kinds = kind if isinstance(kind, list) else [kind]
    return st.one_of(*(MAKERS[each](schema) for each in kinds))


def _string(schema: Mapping[str, Any]) -> st.SearchStrategy[str]:
    assert set(schema) <= {"type", "minLength", "maxLength", "pattern", "format", "allOf"}, schema
    least, most = schema.get("minLength", 0), schema.get("maxLength", 200)
    patterns = [schema["pattern"]] if "pattern" in schema else []
    patterns += [each["pattern"] for each in schema.get("allOf", ())]
    if not patterns:
        return st.text(min_size=least, max_size=most)
    # The last is the narrowest: what it gives is tested against the others.
    found = st.from_regex(patterns[-1], fullmatch=patterns[-1].startswith("^"))
    others = patterns[:-1]
    return found.filter(lambda text: least <= len(text) <= most and all(_matches(p, text) for p in others))


def _matches(pattern: str, text: str) -> bool:
    found = re.search(pattern, text)
    return found is not None and not (
        pattern.endswith("$") and text.endswith("\n") and found.end() < len(text)
    )


def _number(schema: Mapping[str, Any]) -> st.SearchStrategy[float]:
    assert set(schema) <= {"type", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}, schema
    low = schema.get("minimum", schema.get("exclusiveMinimum"))
    high = schema.get("maximum", schema.get("exclusiveMaximum"))
    return st.floats(
        low,
        high,
        exclude_min="exclusiveMinimum" in schema,
        exclude_max="exclusiveMaximum" in schema,
        allow_nan=False,
        allow_infinity=False,
    )


def _object(schema: Mapping[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    if "properties" not in schema:
        return st.dictionaries(st.text(max_size=5), JSON, max_size=3)
    required = set(schema.get("required", ()))
    parts = {name: allowed(each) for name, each in schema["properties"].items()}
    return st.fixed_dictionaries(
        {name: part for name, part in parts.items() if name in required},
        optional={name: part for name, part in parts.items() if name not in required},
    )


def _array(schema: Mapping[str, Any]) -> st.SearchStrategy[list[Any]]:
    if "items" not in schema:
        return st.just([]) if schema.get("maxItems") == 0 else st.lists(JSON, max_size=3)
    return st.lists(
        allowed(schema["items"]),
        min_size=schema.get("minItems", 0),
        max_size=schema.get("maxItems"),
        unique_by=str if schema.get("uniqueItems") else None,
    )


MAKERS: dict[str, Any] = {
    "string": _string,
    "integer": lambda schema: st.integers(schema.get("minimum"), schema.get("maximum")),
    "number": _number,
    "boolean": lambda schema: st.booleans(),
    "null": lambda schema: st.none(),
    "object": _object,
    "array": _array,
}
