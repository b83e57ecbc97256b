"""A value that is written and never shown again: a key of another system."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any, ClassVar, Final

from engine.types.base import UNCHANGED, ColumnSpec, Control, PropertyType, Refused, Unchanged, option
from engine.types.clean import LINE_PATTERN, clean_text
from engine.types.columns import CodePointText
from engine.types.display import Display, Shown

MASK: Final = "••••••••"
"""Stands in place of every secret, whatever its length."""


@dataclass(frozen=True, kw_only=True)
class SecretType(PropertyType):
    """A text kept as it is given, for plugins to read; every face shows the mask where there is one.

    The mask is refused as a value, so that what was read and sent back never overwrites a secret; a form
    that sends it back leaves the secret as it is. Nobody can filter, sort, search or export by it.
    """

    name = "secret"
    expression_type = ""
    summary = "A value that is stored and never shown again: a key of another system."
    example: ClassVar[Mapping[str, Any]] = {"type": "secret"}
    operators = ("empty", "not_empty")
    sortable = False
    indexable = False
    secret = True

    max_length: int = option(
        4000,
        schema={"type": "integer", "minimum": 1, "maximum": 10_000},
        description="Characters at most.",
        example=200,
    )

    def columns(self) -> tuple[ColumnSpec, ...]:
        return (ColumnSpec("", CodePointText()),)

    def parse(self, raw: Any) -> str:
        text = clean_text(raw, lines=False, longest=self.max_length, trim=False)
        if text == MASK:
            message = "This is the mask shown in place of the secret: leave it out to keep what is stored."
            raise Refused("masked", message)
        return text

    def parse_form(self, parts: Mapping[str, Any], display: Display) -> str | Unchanged | None:
        text = str(parts.get("") or "")
        if text == MASK:
            return UNCHANGED
        return self.parse(text) if text else None

    def to_json(self, value: str) -> str:
        return MASK

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "maxLength": max(self.max_length, len(MASK)), "pattern": LINE_PATTERN}

    def to_text(self, value: str, display: Display) -> str:
        return MASK

    def show(self, value: str, display: Display) -> Shown:
        return Shown(MASK)

    def control(self) -> Control:
        return Control("password", {"autocomplete": "new-password", "maxlength": str(self.max_length)})

    def sample(self, random: Random, number: int) -> str:
        return f"{random.getrandbits(128):032x}"[: self.max_length]
