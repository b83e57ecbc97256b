"""A share of a hundred: 12.5 is 12.5 %."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from random import Random
from typing import Any, ClassVar

from babel.numbers import format_percent

from engine.types.clean import typed_line
from engine.types.decimal import DecimalType
from engine.types.display import Display
from engine.types.number import show_number


@dataclass(frozen=True, kw_only=True)
class PercentType(DecimalType):
    """A percentage, kept as people say it: 12.5 means 12.5 %, not 0.125."""

    name = "percent"
    summary = "A percentage; 12.5 means 12.5 %."
    example: ClassVar[Mapping[str, Any]] = {"type": "percent", "min": 0, "max": 100}

    def parse_text(self, text: str, display: Display) -> Decimal:
        return super().parse_text(typed_line(text).replace("%", ""), display)

    def to_text(self, value: Decimal, display: Display) -> str:
        before, after = _signs(display.language)
        return f"{before}{show_number(value, display.language, 0, self.scale)}{after}"

    def sample(self, random: Random, number: int) -> Decimal:
        low = self.min if self.min is not None else Decimal(0)
        high = self.max if self.max is not None else min(Decimal(100), self.largest)
        fives = [Decimal(each) for each in range(0, 101, 5) if low <= each <= high]
        return self.parse(random.choice(fives)) if fives else super().sample(random, number)


@lru_cache(maxsize=64)
def _signs(language: str) -> tuple[str, str]:
    """What a language writes before and after the number."""
    shown: Any = format_percent(Decimal("0.01"), locale=language.replace("-", "_"))
    before, _, after = shown.partition("1")
    return before, after
