"""Any JSON value."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, ClassVar, Final

from engine.types.base import ColumnSpec, Control, PropertyType, Refused, option
from engine.types.clean import kind_of, require_text
from engine.types.columns import Json, dump_json
from engine.types.display import Display, Shown

DEPTH: Final = 50
LONGEST: Final = 1_000_000
LARGEST: Final = 2**63


@dataclass(frozen=True, kw_only=True)
class JsonType(PropertyType):
    """An object, list, text, number, true or false, for what other systems hand over.

    The order of keys is not kept. Whole numbers have 64 bits; a float that is whole (2.0) is one of them.
    """

    name = "json"
    summary = "Any JSON value, for what other systems hand over."
    example: ClassVar[Mapping[str, Any]] = {"type": "json", "max_length": 10000}
    expression_type = "json"
    operators = ("empty", "not_empty")
    sortable = False
    indexable = False

    max_length: int = option(
        100_000,
        schema={"type": "integer", "minimum": 2, "maximum": LONGEST},
        description="Characters at most, written as JSON without spaces.",
        example=10000,
    )

    def columns(self) -> tuple[ColumnSpec, ...]:
        return (ColumnSpec("", Json()),)

    def load(self, cells: Sequence[Any]) -> Any:
        return _floats_again(cells[0])

    def empty(self, value: Any) -> bool:
        return False

    def parse(self, raw: Any) -> Any:
        """The value itself: a text is a text (`parse_text` reads JSON)."""
        value = _clean(raw, 0, [self.max_length])
        length = len(dump_json(value))
        if length > self.max_length:
            message = f"This takes at most {self.max_length:,} characters of JSON; these are {length:,}."
            raise Refused("too-long", message)
        return value

    def parse_text(self, text: str, display: Display) -> Any:
        return self._read(text)

    def parse_operand(self, raw: Any) -> Any:
        return raw

    def from_export(self, text: str) -> Any:
        return self._read(text)

    def _read(self, text: str) -> Any:
        """A person's JSON may have spaces and line breaks in it: as many again."""
        try:
            found = json.loads(require_text(text, 2 * self.max_length), parse_constant=_no_constant)
        except json.JSONDecodeError as error:
            place = f"line {error.lineno}, column {error.colno}"
            raise Refused("not-json", f"This is not JSON: {error.msg.lower()} at {place}.") from error
        except Refused:
            raise
        except (RecursionError, ValueError) as error:
            raise Refused(
                "not-json", "This is not JSON that can be kept: it is too deep, or a number too long."
            ) from error
        if found is None:
            raise Refused("not-json", "null is no value: leave this empty instead.")
        return self.parse(found)

    def json_schema(self) -> dict[str, Any]:
        return {"type": ["object", "array", "string", "number", "boolean"]}

    def to_text(self, value: Any, display: Display) -> str:
        return json.dumps(value, ensure_ascii=False, sort_keys=True)

    def to_form(self, value: Any, display: Display) -> dict[str, Any]:
        return {"": json.dumps(value, ensure_ascii=False, indent=2)}

    def to_export(self, value: Any) -> str:
        return dump_json(value)

    def show(self, value: Any, display: Display) -> Shown:
        return Shown(self.to_text(value, display), "code")

    def control(self) -> Control:
        return Control("json", {"spellcheck": "false"}, wide=True)

    def sample(self, random: Random, number: int) -> Any:
        return {"source": random.choice(("shop", "mail")), "number": number}


def _no_constant(name: str) -> Any:
    raise Refused("not-json", f"{name} is no JSON number.")


def _clean(value: Any, depth: int, left: list[int]) -> Any:
    """The value as every database gives it back; raises Refused. `left` counts down what may still come."""
    left[0] -= 1
    if depth > DEPTH:
        raise Refused("not-json", f"This JSON is more than {DEPTH} levels deep.")
    if left[0] < 0:
        raise Refused("too-long", "This is more JSON than is taken here.")
    if isinstance(value, bool) or (value is None and depth):
        return value
    if isinstance(value, str):
        return _clean_string(value, left)
    if isinstance(value, int | float):
        return _clean_number(value)
    if isinstance(value, list | tuple):
        return [_clean(item, depth + 1, left) for item in value]
    if isinstance(value, Mapping):
        return {_clean_key(key, left): _clean(item, depth + 1, left) for key, item in value.items()}
    raise Refused("not-json", f"This takes a JSON value, not {kind_of(value)}.")


def _clean_key(key: Any, left: list[int]) -> str:
    if not isinstance(key, str):
        raise Refused("not-json", f"The keys of a JSON object are texts, not {kind_of(key)}.")
    return _clean_string(key, left)


def _clean_string(text: str, left: list[int]) -> str:
    left[0] -= len(text)
    if left[0] < 0:
        raise Refused("too-long", "This is more JSON than is taken here.")
    if "\x00" in text or (not text.isascii() and any("\ud800" <= sign <= "\udfff" for sign in text)):
        raise Refused("bad-character", "A text in this JSON holds U+0000 or half a character: take it out.")
    return text


def _floats_again(value: Any) -> Any:
    """The value with what is beyond 64 bits as floats: PostgreSQL writes 1e20 out in digits."""
    if isinstance(value, int) and not -LARGEST <= value < LARGEST:
        return float(value)
    if isinstance(value, list):
        return [_floats_again(item) for item in value]
    if isinstance(value, dict):
        return {key: _floats_again(item) for key, item in value.items()}
    return value


def _clean_number(number: float) -> float:
    if number != number or number in (float("inf"), float("-inf")):
        raise Refused("not-json", "NaN and Infinity are no JSON numbers.")
    if abs(number) < LARGEST and number == int(number):
        return int(number)
    if isinstance(number, int):
        raise Refused("too-large", "A whole number in this JSON needs more than 64 bits.")
    return number
