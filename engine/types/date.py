"""A day in the calendar, without time or zone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
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
from engine.types.calendar import DATE_PATTERN, read_date, show_date
from engine.types.calendar_typed import typed_date
from engine.types.display import Display, Shown
from engine.types.number import crossed

DAY_SCHEMA = {"type": "string", "format": "date", "pattern": DATE_PATTERN}


@dataclass(frozen=True, kw_only=True)
class DateType(PropertyType):
    """A day between the years 1 and 9999 of the Gregorian calendar."""

    name = "date"
    summary = "A day in the calendar."
    example: ClassVar[Mapping[str, Any]] = {"type": "date", "min": "2000-01-01"}
    expression_type = "date"
    operators = (*EQUALITY, *ORDER)

    min: str | None = option(None, schema=DAY_SCHEMA, description="The first day.", example="2000-01-01")
    max: str | None = option(None, schema=DAY_SCHEMA, description="The last day.", example="2099-12-31")

    def problems(self) -> Iterator[OptionProblem]:
        for name in ("min", "max"):
            try:
                read_date(getattr(self, name) or "2000-01-01")
            except Refused as refused:
                yield OptionProblem(name, "bad-option", str(refused))
                return
        yield from crossed(self.first, self.last)

    @cached_property
    def first(self) -> date | None:
        return read_date(self.min) if self.min else None

    @cached_property
    def last(self) -> date | None:
        return read_date(self.max) if self.max else None

    def columns(self) -> tuple[ColumnSpec, ...]:
        return (ColumnSpec("", sa.Date()),)

    def parse(self, raw: Any) -> date:
        return self._within(read_date(raw))

    def parse_text(self, text: str, display: Display) -> date:
        return self._within(typed_date(text, display))

    def parse_operand(self, raw: Any) -> date:
        return read_date(raw)

    def _within(self, day: date) -> date:
        if self.first is not None and day < self.first:
            raise Refused("too-small", f"This is {self.min} or later.")
        if self.last is not None and day > self.last:
            raise Refused("too-large", f"This is {self.max} or earlier.")
        return day

    def empty(self, value: Any) -> bool:
        return False

    def to_json(self, value: date) -> str:
        return value.isoformat()

    def json_schema(self) -> dict[str, Any]:
        return dict(DAY_SCHEMA)

    def to_text(self, value: date, display: Display) -> str:
        return show_date(value, display.language)

    def to_form(self, value: date, display: Display) -> dict[str, Any]:
        return {"": value.isoformat()}

    def show(self, value: date, display: Display) -> Shown:
        return Shown(self.to_text(value, display), "due", machine=value.isoformat())

    def control(self) -> Control:
        return Control("date", {key: text for key, text in (("min", self.min), ("max", self.max)) if text})

    def sample(self, random: Random, number: int) -> date:
        low = self.first or min(date(2025, 1, 1), self.last or date.max)
        high = self.last or low + timedelta(days=min(800, (date.max - low).days))
        return low + timedelta(days=random.randint(0, max((high - low).days, 0)))
