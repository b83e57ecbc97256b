"""A number of stars."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any, ClassVar

import sqlalchemy as sa

from engine.types.base import EQUALITY, ORDER, ColumnSpec, Control, PropertyType, Refused, option
from engine.types.display import Display, Shown
from engine.types.integer import read_whole, whole
from engine.types.number import read_plain


@dataclass(frozen=True, kw_only=True)
class RatingType(PropertyType):
    """One star at least; no rating is null."""

    name = "rating"
    summary = "A rating from 1 to 5 stars (or another most)."
    example: ClassVar[Mapping[str, Any]] = {"type": "rating", "max": 5}
    expression_type = "int"
    operators = (*EQUALITY, *ORDER)

    max: int = option(
        5, schema={"type": "integer", "minimum": 2, "maximum": 10}, description="The most stars.", example=5
    )

    def columns(self) -> tuple[ColumnSpec, ...]:
        return (ColumnSpec("", sa.SmallInteger()),)

    def empty(self, value: Any) -> bool:
        return False

    def parse(self, raw: Any) -> int:
        return self._within(read_whole(raw))

    def parse_text(self, text: str, display: Display) -> int:
        return self._within(whole(read_plain(text.strip().removesuffix(f"/{self.max}"))))

    def parse_form(self, parts: Mapping[str, Any], display: Display) -> int | None:
        """No star chosen, or the choice "0" that takes a rating back, is none."""
        text = str(parts.get("") or "").strip()
        return None if text in ("", "0") else self.parse_text(text, display)

    def parse_operand(self, raw: Any) -> int:
        number = whole(read_plain(raw.strip())) if isinstance(raw, str) else read_whole(raw)
        return min(max(number, -1), 11)  # what is beyond any rating is beyond it alike, and fits the column

    def from_export(self, text: str) -> int:
        return self._within(whole(read_plain(text.strip())))

    def _within(self, stars: int) -> int:
        if not 1 <= stars <= self.max:
            code = "too-small" if stars < 1 else "too-large"
            raise Refused(code, f"A rating here is between 1 and {self.max}.")
        return stars

    def json_schema(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": 1, "maximum": self.max}

    def to_text(self, value: int, display: Display) -> str:
        return f"{value}/{self.max}"

    def to_form(self, value: int, display: Display) -> dict[str, Any]:
        return {"": str(value)}

    def to_export(self, value: int) -> str:
        return str(value)

    def show(self, value: int, display: Display) -> Shown:
        return Shown(f"{value} of {self.max}", "rating", machine=f"{value}/{self.max}")

    def control(self) -> Control:
        return Control("rating", {"min": "1", "max": str(self.max)})

    def sample(self, random: Random, number: int) -> int:
        return random.randint(1, self.max)
