"""An exact number with a fixed number of decimals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from functools import cached_property
from random import Random
from typing import Any, ClassVar

import sqlalchemy as sa

from engine.types.base import EQUALITY, ORDER, ColumnSpec, Control, OptionProblem, PropertyType, option
from engine.types.columns import ScaledDecimal
from engine.types.conditions import Columns, decimal_condition
from engine.types.display import Display
from engine.types.number import (
    NUMBER_OPTION,
    PLAIN,
    crossed,
    exact_limit,
    plain_pattern,
    read_number,
    read_plain,
    read_typed,
    scaled,
    show_number,
    step,
    within,
)

DIGITS = 18
"""Digits in all, so that the scaled number fits SQLite's 64 bits."""


@dataclass(frozen=True, kw_only=True)
class DecimalType(PropertyType):
    """An exact number; more decimals than it has are refused, never rounded."""

    name = "decimal"
    summary = "An exact number with decimals: a quantity, a rate. Never rounded behind one's back."
    example: ClassVar[Mapping[str, Any]] = {"type": "decimal", "scale": 3, "min": 0}
    expression_type = "decimal"
    operators = (*EQUALITY, *ORDER)
    numeric = True

    scale: int = option(
        2,
        schema={"type": "integer", "minimum": 0, "maximum": 12},
        description="Decimals after the point.",
        example=3,
    )
    precision: int = option(
        DIGITS,
        schema={"type": "integer", "minimum": 1, "maximum": DIGITS},
        description="Digits in all.",
        example=12,
    )
    min: Decimal | None = option(  # noqa: RUF009 (a field)
        None, schema=NUMBER_OPTION, description="The smallest value.", example=0
    )
    max: Decimal | None = option(  # noqa: RUF009 (a field)
        None, schema=NUMBER_OPTION, description="The largest value.", example=1000
    )

    def __post_init__(self) -> None:
        exact_limit(self, "min")
        exact_limit(self, "max")

    def problems(self) -> Iterator[OptionProblem]:
        yield from crossed(self.min, self.max)
        if self.scale >= self.precision:
            message = (
                f"scale {self.scale} leaves no digit before the point: there are {self.precision} in all"
            )
            yield OptionProblem("scale", "bad-option", message, "make precision larger")

    @cached_property
    def largest(self) -> Decimal:
        """The largest number there is room for."""
        return Decimal(10**self.precision - 1).scaleb(-self.scale)

    @property
    def expression_options(self) -> Mapping[str, Any]:
        return {"scale": self.scale}

    def columns(self) -> tuple[ColumnSpec, ...]:
        return (ColumnSpec("", ScaledDecimal(self.precision, self.scale)),)

    def empty(self, value: Any) -> bool:
        return False

    def parse(self, raw: Any) -> Decimal:
        return self._within(scaled(read_number(raw), self.scale, self.largest))

    def parse_text(self, text: str, display: Display) -> Decimal:
        return self._within(scaled(read_typed(text, display), self.scale, self.largest))

    def parse_form(self, parts: Any, display: Display) -> Decimal | None:
        """A number input sends plain digits whatever the language; anything else is read as typed text."""
        text = str(parts.get("") or "").strip()
        if not text:
            return None
        return self.from_export(text) if PLAIN.fullmatch(text) else self.parse_text(text, display)

    def parse_operand(self, raw: Any) -> Decimal:
        """A number to compare with; it may have more decimals than the property."""
        return read_plain(raw.strip()) if isinstance(raw, str) else read_number(raw)

    def from_export(self, text: str) -> Decimal:
        return self.parse(text.strip())

    def _within(self, number: Decimal) -> Decimal:
        within(number, self.min, self.max)
        return number

    def condition(self, operator: str, columns: Columns, operand: Any) -> sa.ColumnElement[bool]:
        return decimal_condition(operator, columns[0], operand, step(self.scale), self.largest)

    def to_json(self, value: Decimal) -> str:
        return f"{value:.{self.scale}f}"

    def json_schema(self) -> dict[str, Any]:
        pattern = plain_pattern(self.precision - self.scale, self.scale)
        number: dict[str, Any] = {
            "type": "number",
            "minimum": float(-self.largest),
            "maximum": float(self.largest),
        }
        return {"anyOf": [{"type": "string", "maxLength": 41, "pattern": pattern}, number]}

    def to_text(self, value: Decimal, display: Display) -> str:
        return show_number(value, display.language, min(self.scale, 2), self.scale)

    def to_form(self, value: Decimal, display: Display) -> dict[str, Any]:
        return {"": self.to_json(value)}

    def control(self) -> Control:
        limits = {"min": self.min, "max": self.max}
        shown = {key: f"{limit:f}" for key, limit in limits.items() if limit is not None}
        return Control("number", {"inputmode": "decimal", "step": f"{step(self.scale):f}", **shown})

    def sample(self, random: Random, number: int) -> Decimal:
        room = min(Decimal(1000), self.largest)
        low = self.min if self.min is not None else min(Decimal(0), self.max or Decimal(0))
        high = self.max if self.max is not None else min(low + room, self.largest)
        first = low.quantize(step(self.scale), ROUND_CEILING)
        last = high.quantize(step(self.scale), ROUND_FLOOR)
        return first + random.randint(0, max(int((last - first).scaleb(self.scale)), 0)) * step(self.scale)
