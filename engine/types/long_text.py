"""Several lines of plain text; what Markdown and rich text have in common with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any, ClassVar

from engine.types.base import TEXT, ColumnSpec, Control, PropertyType, option
from engine.types.clean import LINES_PATTERN, clean_text, typed_lines
from engine.types.columns import CodePointText
from engine.types.display import Display, Shown

LONGEST = 1_000_000
SAMPLE = (
    "The customer asked for a call back.",
    "Delivery was agreed for next week.",
    "The contract is with their legal department.",
    "They compare our offer with two others.",
    "The invoice goes to the head office.",
    "A spare part was sent by courier.",
)


@dataclass(frozen=True, kw_only=True)
class LongTextType(PropertyType):
    """Several lines of plain text; line breaks are kept as one character each."""

    name = "long_text"
    summary = "Several lines of plain text: a description, a note."
    example: ClassVar[Mapping[str, Any]] = {"type": "long_text", "max_length": 2000}
    operators = ("empty", "not_empty", *TEXT)
    sortable = False
    indexable = False
    searchable = True

    max_length: int = option(
        100_000,
        schema={"type": "integer", "minimum": 1, "maximum": LONGEST},
        description="Characters at most.",
        example=2000,
    )

    def columns(self) -> tuple[ColumnSpec, ...]:
        return (ColumnSpec("", CodePointText()),)

    def parse(self, raw: Any) -> str:
        return clean_text(raw, lines=True, longest=self.max_length)

    def parse_text(self, text: str, display: Display) -> str:
        return self.parse(typed_lines(text))

    def parse_operand(self, raw: Any) -> str:
        return clean_text(raw, lines=True, longest=LONGEST, trim=False)

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "maxLength": self.max_length, "pattern": LINES_PATTERN}

    def show(self, value: str, display: Display) -> Shown:
        return Shown(value, "long")

    def control(self) -> Control:
        return Control("textarea", {"maxlength": str(self.max_length)}, wide=True)

    def sample(self, random: Random, number: int) -> str:
        return " ".join(random.sample(SAMPLE, random.randint(1, 3)))[: self.max_length].strip()
