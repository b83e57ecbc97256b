"""The parts that schemas are made of: names, texts, expressions, and keys that explain themselves."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from engine.text.labels import words

Schema = dict[str, Any]

DRAFT = "https://json-schema.org/draft/2020-12/schema"
NAME_PATTERN = "^[a-z][a-z0-9_]*$"
LONGEST_NAME = 55
NAME_FORM = re.compile(f"{NAME_PATTERN[:-1]}\\Z")

NAME: Schema = {"type": "string", "pattern": NAME_PATTERN, "maxLength": LONGEST_NAME}
TEXT: Schema = {"type": "string"}
FLAG: Schema = {"type": "boolean"}
EXPRESSION: Schema = {"type": "string"}
NAMES: Schema = {"type": "array", "items": TEXT}
ANYTHING: Schema = {}


def is_name(text: object) -> bool:
    """Whether something can be the name of a thing: lower-case words joined by underscores."""
    return isinstance(text, str) and len(text) <= LONGEST_NAME and NAME_FORM.match(text) is not None


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


def listed(schema: Schema, at_least: int = 0) -> Schema:
    """A list of things of one shape."""
    made: Schema = {"type": "array", "items": schema}
    return {**made, "minItems": at_least} if at_least else made


def either(*schemas: Schema) -> Schema:
    """One of several shapes, each of another JSON type, so that it is plain which one was meant."""
    return {"anyOf": list(schemas)}
