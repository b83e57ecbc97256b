"""Yes or no; null until somebody says."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any

import sqlalchemy as sa

from engine.types.base import ColumnSpec, Control, PropertyType, Refused
from engine.types.display import Display, Shown

WORDS = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}


@dataclass(frozen=True, kw_only=True)
class BooleanType(PropertyType):
    """True or false. A form shows a box to tick and so always says one of the two."""

    name = "boolean"
    summary = "Yes or no. Null until it is said, unless it has a default; a form always says."
    example = {"type": "boolean", "default": False}
    expression_type = "bool"
    operators = ("eq", "ne", "in", "empty", "not_empty")

    def columns(self) -> tuple[ColumnSpec, ...]:
        return (ColumnSpec("", sa.Boolean()),)

    def empty(self, value: Any) -> bool:
        return False

    def parse(self, raw: Any) -> bool:
        if isinstance(raw, bool):
            return raw
        if isinstance(raw, str) and raw.strip().lower() in WORDS:
            return WORDS[raw.strip().lower()]
        raise Refused("not-a-boolean", "This takes true or false.")

    def parse_form(self, parts: Any, display: Display) -> bool:
        return bool(parts.get("")) and self.parse(str(parts[""]))

    def json_schema(self) -> dict[str, Any]:
        return {"type": "boolean"}

    def to_text(self, value: bool, display: Display) -> str:
        return "Yes" if value else "No"

    def to_form(self, value: bool, display: Display) -> dict[str, Any]:
        return {"": "true" if value else ""}

    def to_export(self, value: bool) -> str:
        return "true" if value else "false"

    def show(self, value: bool, display: Display) -> Shown:
        return Shown(self.to_text(value, display), "check", machine="true" if value else "false")

    def control(self) -> Control:
        return Control("checkbox")

    def sample(self, random: Random, number: int) -> bool:
        return random.random() < 0.5
