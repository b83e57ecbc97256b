"""The parts JSON Schemas of documents are made of: names, texts, mappings, and keys that say what they are for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.text.labels import words

Schema = dict[str, Any]

DRAFT = "https://json-schema.org/draft/2020-12/schema"
NAME_PATTERN = "^[a-z][a-z0-9]*(_[a-z0-9]+)*$"
NAME: Schema = {"type": "string", "pattern": NAME_PATTERN, "maxLength": 55}
TEXT: Schema = {"type": "string"}
FLAG: Schema = {"type": "boolean"}
EXPRESSION: Schema = {"type": ["string", "boolean", "number"]}
NAMES: Schema = {"type": "array", "items": TEXT}
LIST_CHANGE: Schema = {
    "type": "object",
    "properties": {"add": {"type": "array"}, "remove": {"type": "array"}},
    "additionalProperties": False,
}
ANY: Schema = {}


def key(schema: Mapping[str, Any], description: str, example: Any) -> Schema:
    """A key's schema with what the reference and editors say about it."""
    return {**schema, "description": description, "examples": [example]}


def mapping(keys: Mapping[str, Schema], required: tuple[str, ...] = ()) -> Schema:
    """A mapping of known keys and no others; each key's title is its name in words."""
    titled = {name: {"title": words(name), **schema} for name, schema in keys.items()}
    made: Schema = {"type": "object", "properties": titled, "additionalProperties": False}
    return {**made, "required": list(required)} if required else made


def named(schema: Schema) -> Schema:
    """A mapping from names to things of one shape."""
    return {"type": "object", "propertyNames": NAME, "additionalProperties": schema}


def either(*schemas: Schema) -> Schema:
    return {"anyOf": list(schemas)}
