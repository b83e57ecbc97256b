"""Yes or no; null until somebody says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any, ClassVar

import sqlalchemy as sa

from engine.types.base import ColumnSpec, Control, PropertyType, Refused
from engine.types.clean import kind_of, quoted
from engine.types.display import Display, Shown

WORDS = {
    **dict.fromkeys(("true", "yes", "on", "1"), True),
    **dict.fromkeys(("false", "no", "off", "0"), False),
}
"""What people and files write for it."""


@dataclass(frozen=True, kw_only=True)
class BooleanType(PropertyType):
    """True or false.

    Without a default it is null until somebody says: a record made by a program may leave it open. A
    form shows a box to tick and so always says one of the two. Give it `default: false` where
    "not said" means no.
    """

    name = "boolean"
    summary = "Yes or no. Null until it is said, unless it has a default; a form always says."
    example: ClassVar[Mapping[str, Any]] = {"type": "boolean", "default": False}
    expression_type = "bool"
    operators = ("eq", "ne", "in", "empty", "not_empty")

    def columns(self) -> tuple[ColumnSpec, ...]:
        return (ColumnSpec("", sa.Boolean()),)

    def empty(self, value: Any) -> bool:
        return False

    def parse(self, raw: Any) -> bool:
        if not isinstance(raw, bool):
            raise Refused("not-a-boolean", f"This takes true or false, not {kind_of(raw)}.")
        return raw

    def parse_text(self, text: str, display: Display) -> bool:
        said = WORDS.get(text.strip().lower()) if len(text) < 20 else None
        if said is None:
            raise Refused("not-a-boolean", f"This takes yes or no, not {quoted(text)}.")
        return said

    def parse_operand(self, raw: Any) -> bool:
        return self.parse_text(raw, Display()) if isinstance(raw, str) else self.parse(raw)

    def from_export(self, text: str) -> bool:
        return self.parse_text(text, Display())

    def parse_form(self, parts: Mapping[str, Any], display: Display) -> bool:
        """A box that is not ticked sends nothing: that is false."""
        text = str(parts.get("") or "")
        return bool(text) and self.parse_text(text, display)

    def json_schema(self) -> dict[str, Any]:
        return {"type": "boolean"}

    def to_text(self, value: bool, display: Display) -> str:
        return "Yes" if value else "No"

    def to_form(self, value: bool, display: Display) -> dict[str, Any]:
        return {"": "true" if value else ""}

    def to_export(self, value: bool) -> str:
        return "true" if value else "false"

    def show(self, value: bool, display: Display) -> Shown:
        return Shown(self.to_text(value, display), "check", machine=self.to_export(value))

    def control(self) -> Control:
        return Control("checkbox")

    def sample(self, random: Random, number: int) -> bool:
        return random.random() < 0.5
