"""A short text on one line: names, subjects, codes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

import sqlalchemy as sa

from engine.types.base import (
    EQUALITY,
    ORDER,
    TEXT,
    ColumnSpec,
    Control,
    OptionProblem,
    PropertyType,
    Refused,
    option,
)
from engine.types.clean import clean_text
from engine.types.columns import CodePointText
from engine.types.conditions import plain_condition

LONGEST = 10_000


@dataclass(frozen=True, kw_only=True)
class TextType(PropertyType):
    """One line of text."""

    name = "text"
    summary = "One line of text: a name, a subject, a code."
    example = {"type": "text", "max_length": 200}
    operators = (*EQUALITY, *ORDER, *TEXT)
    searchable = True

    max_length: int = option(
        255, schema={"type": "integer", "minimum": 1, "maximum": LONGEST}, description="Characters at most.", example=200
    )
    min_length: int = option(
        0, schema={"type": "integer", "minimum": 0}, description="Characters at least.", example=2
    )
    pattern: str | None = option(
        None,
        schema={"type": "string"},
        description="A regular expression the whole text has to match.",
        example="[A-Z]{2}[0-9]{4}",
    )

    def problems(self) -> Iterator[OptionProblem]:
        if self.min_length > self.max_length:
            message = f"min_length {self.min_length} is above max_length {self.max_length}"
            yield OptionProblem("min_length", "bad-option", message, "make it smaller")
        if self.pattern is not None:
            try:
                re.compile(self.pattern)
            except re.error as error:
                yield OptionProblem("pattern", "bad-option", f"this is no regular expression: {error}")

    def columns(self) -> tuple[ColumnSpec, ...]:
        return (ColumnSpec("", CodePointText()),)

    def parse(self, raw: Any) -> str:
        text = clean_text(raw, lines=False, longest=self.max_length)
        if text and len(text) < self.min_length:
            raise Refused("too-short", f"This takes at least {self.min_length} characters; these are {len(text)}.")
        if text and self.pattern is not None and not re.fullmatch(self.pattern, text):
            raise Refused("pattern", f"This has to have the form {self.pattern}.")
        return text

    def condition(self, operator: str, columns: Sequence[sa.ColumnElement[Any]], operand: Any) -> sa.ColumnElement[bool]:
        return plain_condition(operator, columns[0], operand)

    def parse_operand(self, raw: Any) -> str:
        return clean_text(raw, lines=False, longest=LONGEST)

    def json_schema(self) -> dict[str, Any]:
        schema: dict[str, Any] = {"type": "string", "maxLength": self.max_length}
        if self.pattern is not None:
            schema["pattern"] = f"^(?:{self.pattern})$"
        return schema

    def control(self) -> Control:
        return Control("text", {"maxlength": str(self.max_length)})

    def sample(self, random: Random, number: int) -> str:
        words = [random.choice(SAMPLE_WORDS) for _ in range(random.randint(1, 3))]
        text = f"{' '.join(words).capitalize()} {number}"[: self.max_length]
        return text.ljust(self.min_length, "x")


SAMPLE_WORDS = ("amber", "basic", "clear", "delta", "early", "field", "grand", "harbor", "inner", "joint", "linen")
