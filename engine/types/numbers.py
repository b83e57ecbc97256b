"""Numbers: whole, exact decimal, percent, rating. Nothing here is ever a float inside."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from random import Random
from typing import Any

import sqlalchemy as sa
from babel.numbers import format_decimal, get_decimal_symbol, get_group_symbol

from engine.types.base import EQUALITY, ORDER, ColumnSpec, Control, OptionProblem, PropertyType, Refused, option
from engine.types.clean import kind_of, machine_text
from engine.types.columns import ScaledDecimal
from engine.types.display import Display, Shown

SMALLEST, LARGEST = -(2**63) + 1, 2**63 - 1
PLAIN = re.compile(r"[+-]?\d{1,40}(\.\d{1,40})?([eE][+-]?\d{1,2})?")


def read_decimal(raw: Any) -> Decimal:
    """An exact number from JSON or text; a float is taken as it is written. Raises Refused."""
    if isinstance(raw, bool) or not isinstance(raw, int | float | Decimal | str):
        raise Refused("not-a-number", f"This takes a number, not {kind_of(raw)}.")
    if isinstance(raw, int) and abs(raw) >= 10**40:
        raise Refused("out-of-range", "This number is too large.")
    text = machine_text(raw, 100) if isinstance(raw, str) else str(raw)
    if not PLAIN.fullmatch(text):
        raise Refused("not-a-number", f"{text[:40]!r} is no number.")
    try:
        number = Decimal(text)
    except InvalidOperation as error:  # the pattern allows only what Decimal reads
        raise Refused("not-a-number", f"{text[:40]!r} is no number.") from error
    return number if number else Decimal(0)


def localised(text: str, display: Display) -> str:
    """A number as a person types it, with their separators, as a plain one."""
    stripped = machine_text(text, 100).replace("\u00a0", "").replace("\u202f", "").replace(" ", "").replace("−", "-")
    if PLAIN.fullmatch(stripped):
        return stripped
    group, point = get_group_symbol(display.locale), get_decimal_symbol(display.locale)
    return stripped.replace(group, "").replace(point, ".")


def within(number: Decimal | int, low: Decimal | int | None, high: Decimal | int | None) -> None:
    """Raise Refused for a number outside its limits."""
    if low is not None and number < low:
        raise Refused("too-small", f"This is at least {low}.")
    if high is not None and number > high:
        raise Refused("too-large", f"This is at most {high}.")


NUMBER = {"type": "number"}


def exact_limits(made: Any) -> None:
    """Make the `min` and `max` of a type, written as whole numbers or decimals in YAML, decimals."""
    for name in ("min", "max"):
        limit = getattr(made, name)
        if isinstance(limit, int):
            object.__setattr__(made, name, Decimal(limit))


@dataclass(frozen=True, kw_only=True)
class IntegerType(PropertyType):
    """A whole number of 64 bits."""

    name = "integer"
    summary = "A whole number."
    example = {"type": "integer", "min": 0}
    expression_type = "int"
    operators = (*EQUALITY, *ORDER)
    numeric = True

    min: int | None = option(None, schema={"type": "integer"}, description="The smallest value.", example=0)
    max: int | None = option(None, schema={"type": "integer"}, description="The largest value.", example=100)

    def problems(self) -> Iterator[OptionProblem]:
        if self.min is not None and self.max is not None and self.min > self.max:
            yield OptionProblem("min", "bad-option", f"min {self.min} is above max {self.max}", "make it smaller")

    def columns(self) -> tuple[ColumnSpec, ...]:
        return (ColumnSpec("", sa.BigInteger()),)

    def empty(self, value: Any) -> bool:
        return False

    def parse(self, raw: Any) -> int:
        number = read_decimal(raw)
        if number != number.to_integral_value():
            raise Refused("not-whole", "This takes a whole number.")
        if not SMALLEST <= number <= LARGEST:
            raise Refused("out-of-range", "This number is too large: it needs more than 64 bits.")
        within(int(number), self.min, self.max)
        return int(number)

    def parse_text(self, text: str, display: Display) -> int:
        return self.parse(localised(text, display))

    def parse_operand(self, raw: Any) -> int:
        return IntegerType().parse(raw)

    def json_schema(self) -> dict[str, Any]:
        low = SMALLEST if self.min is None else self.min
        high = LARGEST if self.max is None else self.max
        return {"type": "integer", "minimum": low, "maximum": high}

    def to_text(self, value: int, display: Display) -> str:
        return format_decimal(value, locale=display.locale)

    def to_form(self, value: int, display: Display) -> dict[str, Any]:
        return {"": str(value)}

    def control(self) -> Control:
        limits = {"min": self.min, "max": self.max}
        return Control(
            "number", {"inputmode": "numeric", **{key: str(limit) for key, limit in limits.items() if limit is not None}}
        )

    def sample(self, random: Random, number: int) -> int:
        low = self.min if self.min is not None else 0
        high = self.max if self.max is not None else low + 100
        return random.randint(low, high)


@dataclass(frozen=True, kw_only=True)
class DecimalType(PropertyType):
    """An exact number with a fixed number of decimals."""

    name = "decimal"
    summary = "An exact number with decimals: a quantity, a rate. Never rounded behind one's back."
    example = {"type": "decimal", "scale": 3, "min": 0}
    expression_type = "decimal"
    operators = (*EQUALITY, *ORDER)
    numeric = True
    unit = ""

    scale: int = option(
        2, schema={"type": "integer", "minimum": 0, "maximum": 12}, description="Decimals after the point.", example=3
    )
    precision: int = option(
        18, schema={"type": "integer", "minimum": 1, "maximum": 18}, description="Digits in all.", example=12
    )
    min: Decimal | None = option(None, schema=NUMBER, description="The smallest value.", example=0)
    max: Decimal | None = option(None, schema=NUMBER, description="The largest value.", example=1000)

    def __post_init__(self) -> None:
        exact_limits(self)

    def problems(self) -> Iterator[OptionProblem]:
        if self.min is not None and self.max is not None and self.min > self.max:
            yield OptionProblem("min", "bad-option", f"min {self.min} is above max {self.max}", "make it smaller")
        if self.scale >= self.precision:
            message = f"scale {self.scale} leaves no digit before the point of precision {self.precision}"
            yield OptionProblem("scale", "bad-option", message, "make precision larger")

    @property
    def largest(self) -> Decimal:
        return Decimal(10**self.precision - 1).scaleb(-self.scale)

    def columns(self) -> tuple[ColumnSpec, ...]:
        return (ColumnSpec("", ScaledDecimal(self.precision, self.scale)),)

    def empty(self, value: Any) -> bool:
        return False

    def parse(self, raw: Any) -> Decimal:
        number = self._scaled(read_decimal(raw))
        within(number, self.min, self.max)
        return number

    def _scaled(self, number: Decimal) -> Decimal:
        if abs(number) > self.largest:
            raise Refused("out-of-range", f"This is at most {self.largest}.")
        scaled = number.quantize(Decimal(1).scaleb(-self.scale))
        if scaled != number:
            decimals = "no decimals" if self.scale == 0 else f"at most {self.scale} decimals"
            raise Refused("too-precise", f"This has {decimals}.")
        return scaled

    def parse_text(self, text: str, display: Display) -> Decimal:
        return self.parse(localised(text.strip().removesuffix(self.unit or "\0"), display))

    def parse_operand(self, raw: Any) -> Decimal:
        number = read_decimal(raw)
        if abs(number) > self.largest:
            raise Refused("out-of-range", f"This is at most {self.largest}.")
        return number.quantize(Decimal(1).scaleb(-self.scale), ROUND_HALF_UP)

    def to_json(self, value: Decimal) -> str:
        return f"{value:f}"

    def json_schema(self) -> dict[str, Any]:
        whole = self.precision - self.scale
        decimals = rf"(\.[0-9]{{1,{self.scale}}})?" if self.scale else ""
        return {"type": "string", "pattern": rf"^-?[0-9]{{1,{whole}}}{decimals}$"}

    def to_text(self, value: Decimal, display: Display) -> str:
        pattern = "#,##0." + "0" * min(self.scale, 2) + "#" * max(self.scale - 2, 0)
        return format_decimal(value, pattern.rstrip("."), locale=display.locale)

    def to_form(self, value: Decimal, display: Display) -> dict[str, Any]:
        return {"": f"{value:f}"}

    def control(self) -> Control:
        return Control("number", {"inputmode": "decimal", "step": f"{Decimal(1).scaleb(-self.scale):f}"})

    def sample(self, random: Random, number: int) -> Decimal:
        low = self.min if self.min is not None else Decimal(0)
        high = self.max if self.max is not None else low + 1000
        steps = int((high - low).scaleb(self.scale))
        return self._scaled(low + Decimal(random.randint(0, max(steps, 0))).scaleb(-self.scale))


@dataclass(frozen=True, kw_only=True)
class PercentType(DecimalType):
    """A share of a hundred: 12.5 is 12.5 %."""

    name = "percent"
    summary = "A percentage; 12.5 means 12.5 %."
    example = {"type": "percent", "min": 0, "max": 100}
    unit = "%"

    def to_text(self, value: Decimal, display: Display) -> str:
        plain = f"{value:f}"
        short = plain.rstrip("0").rstrip(".") if "." in plain else plain
        return f"{format_decimal(Decimal(short), locale=display.locale, decimal_quantization=False)} %"

    def sample(self, random: Random, number: int) -> Decimal:
        low = int(self.min or 0)
        high = int(self.max if self.max is not None else 100)
        return self._scaled(Decimal(random.randrange(low, high + 1, 5)))


@dataclass(frozen=True, kw_only=True)
class RatingType(PropertyType):
    """A number of stars."""

    name = "rating"
    summary = "A rating from 1 to 5 stars (or another most)."
    example = {"type": "rating", "max": 5}
    expression_type = "int"
    operators = (*EQUALITY, *ORDER)

    max: int = option(
        5, schema={"type": "integer", "minimum": 2, "maximum": 10}, description="The most stars.", example=5
    )

    def columns(self) -> tuple[ColumnSpec, ...]:
        return (ColumnSpec("", sa.BigInteger()),)

    def empty(self, value: Any) -> bool:
        return False

    def parse(self, raw: Any) -> int:
        return IntegerType(min=1, max=self.max).parse(raw)

    def parse_operand(self, raw: Any) -> int:
        return IntegerType().parse(raw)

    def json_schema(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": 1, "maximum": self.max}

    def show(self, value: int, display: Display) -> Shown:
        return Shown(f"{value} of {self.max}", "rating", machine=f"{value}/{self.max}")

    def to_form(self, value: int, display: Display) -> dict[str, Any]:
        return {"": str(value)}

    def control(self) -> Control:
        return Control("rating", {"min": "1", "max": str(self.max)})

    def sample(self, random: Random, number: int) -> int:
        return random.randint(1, self.max)


