"""A time of day, without day or zone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from random import Random
from typing import Any, ClassVar

import sqlalchemy as sa

from engine.types.base import EQUALITY, ORDER, ColumnSpec, Control, PropertyType
from engine.types.calendar import TIME_PATTERN, read_time, show_time
from engine.types.calendar_typed import typed_time
from engine.types.display import Display, Shown


@dataclass(frozen=True, kw_only=True)
class TimeType(PropertyType):
    """A time on a 24-hour clock: an opening hour, a daily reminder."""

    name = "time"
    summary = "A time of day, such as an opening hour."
    example: ClassVar[Mapping[str, Any]] = {"type": "time"}
    expression_type = "time"
    operators = (*EQUALITY, *ORDER)

    def columns(self) -> tuple[ColumnSpec, ...]:
        return (ColumnSpec("", sa.Time()),)

    def parse(self, raw: Any) -> time:
        return read_time(raw)

    def parse_text(self, text: str, display: Display) -> time:
        return typed_time(text, display)

    def empty(self, value: Any) -> bool:
        return False

    def to_json(self, value: time) -> str:
        return value.isoformat()

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": f"^{TIME_PATTERN}$", "maxLength": 80}

    def to_text(self, value: time, display: Display) -> str:
        return show_time(value, display.language)

    def to_form(self, value: time, display: Display) -> dict[str, Any]:
        """A time input holds thousandths at most; what is finer is carried beside it."""
        text = value.isoformat(timespec="milliseconds" if value.microsecond else "seconds")
        return {"": text, "exact": value.isoformat()} if value.microsecond % 1000 else {"": text}

    def parse_form(self, parts: Any, display: Display) -> time | None:
        text, exact = str(parts.get("") or "").strip(), str(parts.get("exact") or "")
        if exact and self.to_form(read_time(exact), display)[""] == text:
            return read_time(exact)
        return self.parse_text(text, display) if text else None

    def show(self, value: time, display: Display) -> Shown:
        return Shown(self.to_text(value, display), machine=value.isoformat())

    def control(self) -> Control:
        return Control("time", {"step": "any"}, parts=(("exact", "", Control("hidden")),))

    def sample(self, random: Random, number: int) -> time:
        return time(random.randint(7, 18), random.choice((0, 15, 30, 45)))
