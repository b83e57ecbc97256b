"""Values in the words of problems: how they are written, what kind they are, what was wrong about them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, cast

from jsonschema.exceptions import ValidationError

from engine.documents.complaints import meant
from engine.documents.schemas.parts import LONGEST_NAME, is_name
from engine.documents.schemas.trials import LATER as LATER_PATTERN
from engine.documents.schemas.workflows import HAPPENING_PATTERN
from engine.metamodel.workflow import HAPPENINGS
from engine.text.suggest import did_you_mean
from engine.types.duration import PATTERN as DURATION_PATTERN

NAME_HINT = f"names are lower-case words joined by _, beginning with a letter, {LONGEST_NAME} letters at most"


def name_hint(text: str) -> str:
    """What would be a name where this is none: the same in lower case, or the one in front of a missing colon."""
    before, brace, _ = text.partition("{")
    if brace and is_name(before.strip()):
        return f"a colon is missing: write {before.strip()}: {{…}}"
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text)
    nearly = re.sub(r"[^a-z0-9]+", "_", apart.lower()).strip("_")
    return f"write {nearly}: {NAME_HINT}" if is_name(nearly) else NAME_HINT


OTHER_WORDS = {
    "calculated": "computed",
    "choices": "options",
    "description": "help",
    "entity": "to",
    "formula": "computed",
    "hint": "help",
    "length": "max_length",
    "mandatory": "required",
    "maximum": "max",
    "minimum": "min",
    "nullable": "required",
    "references": "to",
    "target": "to",
    "values": "options",
}
"""What other systems call keys of ours."""


def guessed_key(word: str, keys: Iterable[str]) -> str | None:
    """The key that was probably meant: spelt alike, or called so elsewhere, or with its value grown on to it."""
    known = list(keys)
    before = word.partition(":")[0]
    if before != word and before in known:
        return before
    other = OTHER_WORDS.get(word.lower(), "")
    return other if other in known else did_you_mean(word, known)


def meant_key(word: str, keys: list[str]) -> str:
    """What was probably meant by a key that is not there, or which there are."""
    guess = guessed_key(word, keys)
    if guess is None:
        return meant(word, keys)
    if word.startswith(f"{guess}:"):
        return f"put a space after the colon: {guess}: {word.removeprefix(guess)[1:].strip()}"
    return f"did you mean {guess!r}?"


KINDS = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
    "null": "nothing",
}
FORMS = {
    LATER_PATTERN: "length of time, with a plus in front",
    DURATION_PATTERN: "duration",
    HAPPENING_PATTERN: f"entity with what happens to it ({', '.join(HAPPENINGS)})",
}
"""What a text of a form is called, where the pattern would not tell anybody."""

NEARLY_TRUE = {"yes": "true", "on": "true", "y": "true", "no": "false", "off": "false", "n": "false"}


def wrong_value(label: str, error: ValidationError, schema: Mapping[str, Any]) -> tuple[str, str, str]:
    """The code, message and hint for a value that its schema refuses."""
    value, limit = error.instance, cast(Any, error.validator_value)
    match error.validator:
        case "type":
            kinds = limit if isinstance(limit, list) else [limit]
            wanted = " or ".join(KINDS[kind] for kind in kinds)
            return (
                "wrong-type",
                f"{label} takes {wanted}, not {written_kind(value)}",
                _type_hint(kinds, value, schema),
            )
        case "enum":
            allowed = [written(each) for each in limit]
            message = f"{label} takes one of {', '.join(allowed)}, not {written_kind(value)}"
            nearly = NEARLY_TRUE.get(str(value).lower()) if True in limit else None
            guess = (
                f"write {nearly}" if nearly else meant(str(value), allowed) if isinstance(value, str) else ""
            )
            return "unknown-value", message, guess if "did you" in guess or nearly else ""
        case "anyOf" | "oneOf":
            return "wrong-type", f"{label} can't be {written_kind(value)}", example(schema)
    return "bad-value", f"{label} {_limit(error)}", example(schema)


def _type_hint(kinds: list[str], value: Any, schema: Mapping[str, Any]) -> str:
    if "boolean" in kinds and str(value).lower() in NEARLY_TRUE:
        return f"write {NEARLY_TRUE[str(value).lower()]}"
    if kinds == ["string"] and isinstance(value, int | float | bool):
        return f'quote it: "{written(value)}"'
    return example(schema)


def _limit(error: ValidationError) -> str:
    limit = error.validator_value
    match error.validator:
        case "minimum":
            return f"is at least {limit}, not {error.instance}"
        case "maximum":
            return f"is at most {limit}, not {error.instance}"
        case "minItems" | "minProperties" | "minLength":
            return "is empty" if limit == 1 else f"has at least {limit} entries"
        case "maxItems" | "maxLength":
            return f"has at most {limit} entries"
        case "pattern":
            if limit in FORMS:
                return f"is no {FORMS[limit]}: {written(error.instance)}"
            return f"can't be {written_kind(error.instance)}"
        case "const":
            return f"is {written(limit)}, not {written_kind(error.instance)}"
    return str(error.message)[:200]


def written_kind(value: Any) -> str:
    """A value with what it is: "the text 'yes'", "a list"."""
    match value:
        case None:
            return "nothing"
        case bool():
            return written(value)
        case str():
            return f"the text {value[:40]!r}"
        case dict():
            return "a mapping"
        case list():
            return "a list"
    return f"the number {value}"


def written(value: Any) -> str:
    """A value as YAML would write it on one line."""
    match value:
        case dict():
            return "{" + ", ".join(f"{key}: {written(item)}" for key, item in value.items()) + "}"
        case list() | tuple():
            return "[" + ", ".join(written(item) for item in value) + "]"
        case True:
            return "true"
        case False:
            return "false"
        case None:
            return "null"
    return str(value)


def example(schema: Mapping[str, Any]) -> str:
    """The example of a schema, as a hint."""
    examples = schema.get("examples")
    return f"for example {written(examples[0])}" if examples else ""
