"""A whole number of 64 bits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any, ClassVar

import sqlalchemy as sa

from engine.types.base import (
    EQUALITY,
    ORDER,
    ColumnSpec,
    Control,
    OptionProblem,
    PropertyType,
    Refused,
    option,
)
from engine.types.display import Display
from engine.types.number import crossed, read_number, read_plain, read_typed, show_number, within

SMALLEST, LARGEST = -(2**63), 2**63 - 1


def read_whole(raw: Any) -> int:
    """A whole number of 64 bits from its JSON form (3.0 is one too); raises Refused. A text is none."""
    if type(raw) is int and SMALLEST <= raw <= LARGEST:
        return raw
    if isinstance(raw, str):
        raise Refused("not-a-number", "This takes a number, not a text.")
    return whole(read_number(raw))


def whole(number: Any) -> int:
    """The same number as an int; raises Refused where it has decimals or does not fit 64 bits."""
    if number != number.to_integral_value():
        raise Refused("not-whole", "This takes a whole number.")
    if not SMALLEST <= number <= LARGEST:
        raise Refused("too-large", f"This number is too large: it is between {SMALLEST:,} and {LARGEST:,}.")
    return int(number)


@dataclass(frozen=True, kw_only=True)
class IntegerType(PropertyType):
    """A whole number."""

    name = "integer"
    summary = "A whole number of up to 64 bits."
    example: ClassVar[Mapping[str, Any]] = {"type": "integer", "min": 0, "max": 100}
    expression_type = "int"
    operators = (*EQUALITY, *ORDER)
    numeric = True

    min: int | None = option(
        None,
        schema={"type": "integer", "minimum": SMALLEST, "maximum": LARGEST},
        description="The smallest value.",
        example=0,
    )
    max: int | None = option(
        None,
        schema={"type": "integer", "minimum": SMALLEST, "maximum": LARGEST},
        description="The largest value.",
        example=100,
    )

    def problems(self) -> Iterator[OptionProblem]:
        yield from crossed(self.min, self.max)

    def columns(self) -> tuple[ColumnSpec, ...]:
        return (ColumnSpec("", sa.BigInteger()),)

    def empty(self, value: Any) -> bool:
        return False

    def parse(self, raw: Any) -> int:
        return self._within(read_whole(raw))

    def parse_text(self, text: str, display: Display) -> int:
        return self._within(whole(read_typed(text, display)))

    def parse_operand(self, raw: Any) -> int:
        return whole(read_plain(raw.strip())) if isinstance(raw, str) else read_whole(raw)

    def from_export(self, text: str) -> int:
        return self._within(whole(read_plain(text.strip())))

    def _within(self, number: int) -> int:
        within(number, self.min, self.max)
        return number

    def json_schema(self) -> dict[str, Any]:
        low = SMALLEST if self.min is None else self.min
        high = LARGEST if self.max is None else self.max
        return {"type": "integer", "minimum": low, "maximum": high}

    def to_text(self, value: int, display: Display) -> str:
        return show_number(value, display.language)

    def to_form(self, value: int, display: Display) -> dict[str, Any]:
        return {"": str(value)}

    def parse_form(self, parts: Any, display: Display) -> int | None:
        text = str(parts.get("") or "").strip()
        return self._typed(text, display) if text else None

    def _typed(self, text: str, display: Display) -> int:
        """A number input sends plain digits in every language; anything else was typed without one."""
        return self.from_export(text) if text.lstrip("+-").isdigit() else self.parse_text(text, display)

    def control(self) -> Control:
        limits = {"min": self.min, "max": self.max}
        shown = {key: str(limit) for key, limit in limits.items() if limit is not None}
        return Control("number", {"inputmode": "numeric", "step": "1", **shown})

    def sample(self, random: Random, number: int) -> int:
        low = self.min if self.min is not None else min(0, self.max or 0)
        high = self.max if self.max is not None else min(low + 100, LARGEST)
        return random.randint(low, high)
