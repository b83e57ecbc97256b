"""A short text on one line: a name, a subject, a code."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from random import Random
from typing import Any, ClassVar

from engine.samples.specimen import specimen
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
from engine.types.clean import LINE_PATTERN, clean_text, quoted, typed_line
from engine.types.columns import CodePointText
from engine.types.display import Display

LONGEST = 10_000


@dataclass(frozen=True, kw_only=True)
class TextType(PropertyType):
    """One line of text, in composed form (NFC); direction marks are kept, control characters refused."""

    name = "text"
    summary = "One line of text: a name, a subject, a code."
    example: ClassVar[Mapping[str, Any]] = {"type": "text", "max_length": 200}
    operators = (*EQUALITY, *ORDER, *TEXT)
    searchable = True
    tells_currency = True

    max_length: int = option(
        255,
        schema={"type": "integer", "minimum": 1, "maximum": LONGEST},
        description="Characters at most. What is unique or indexed should stay under 600.",
        example=200,
    )
    min_length: int = option(
        0,
        schema={"type": "integer", "minimum": 0, "maximum": LONGEST},
        description="Characters at least, where there is a text.",
        example=2,
    )
    pattern: str | None = option(
        None,
        schema={"type": "string", "minLength": 1},
        description="A regular expression that the whole text has to match.",
        example="[A-Z]{2}[0-9]{4}",
    )
    trim: bool = option(
        True,
        schema={"type": "boolean"},
        description="Whether spaces at both ends are left out.",
        example=False,
    )

    def problems(self) -> Iterator[OptionProblem]:
        if self.min_length > self.max_length:
            message = f"min_length {self.min_length} is above max_length {self.max_length}"
            yield OptionProblem("min_length", "bad-option", message, "make it smaller")
        if self.pattern is not None:
            try:
                re.compile(self.pattern)
            except re.error as error:
                hint = "it is read as Python's re module reads it"
                yield OptionProblem("pattern", "bad-option", f"this is no regular expression: {error}", hint)

    @cached_property
    def _form(self) -> re.Pattern[str] | None:
        return re.compile(self.pattern) if self.pattern is not None else None

    def columns(self) -> tuple[ColumnSpec, ...]:
        return (ColumnSpec("", CodePointText()),)

    def parse(self, raw: Any) -> str:
        text = clean_text(raw, lines=False, longest=self.max_length, trim=self.trim)
        if len(text) < self.min_length:
            message = f"This takes at least {self.min_length:,} characters; these are {len(text):,}."
            raise Refused("too-short", message)
        if text and self._form is not None and not self._form.fullmatch(text):
            raise Refused("no-match", f"{quoted(text)} does not have the form {self.pattern}.")
        return text

    def parse_text(self, text: str, display: Display) -> str:
        return self.parse(typed_line(text) if self.trim else text)

    def parse_form(self, parts: Mapping[str, Any], display: Display) -> str | None:
        text = str(parts.get("") or "")
        return None if not text or (self.trim and text.isspace()) else self.parse_text(text, display)

    def parse_operand(self, raw: Any) -> str:
        return clean_text(raw, lines=False, longest=LONGEST, trim=False)

    def json_schema(self) -> dict[str, Any]:
        schema: dict[str, Any] = {"type": "string", "maxLength": self.max_length, "pattern": LINE_PATTERN}
        further: list[dict[str, Any]] = []
        if self.min_length:
            schema["minLength"] = self.min_length
            if self.trim:
                inside = max(self.min_length - 2, 0)
                least = rf"\S[^\x00-\x1F]{{{inside},}}\S" if self.min_length > 1 else r"\S"
                further.append({"pattern": least})
        if self.pattern is not None:
            space = r"\s*" if self.trim else ""
            empty = "" if self.min_length else rf"|{space}"
            further.append({"pattern": f"^(?:{space}(?:{self.pattern}){space}{empty})$"})
        return {**schema, "allOf": further} if further else schema

    def control(self) -> Control:
        attributes = {"maxlength": str(self.max_length)}
        if self.min_length:
            attributes["minlength"] = str(self.min_length)
        if self.pattern is not None:
            attributes["pattern"] = self.pattern
        return Control("text", attributes)

    def sample(self, random: Random, number: int) -> str:
        if self.pattern is not None:
            return specimen(self.pattern, random, self.min_length, self.max_length)
        words = [random.choice(SAMPLE_WORDS) for _ in range(random.randint(1, 3))]
        tail = str(number) if self.max_length < 12 else f" {number}"
        text = " ".join(words).capitalize()[: max(self.max_length - len(tail), 0)].rstrip() + tail
        return text[-self.max_length :].strip().ljust(self.min_length, "x")


SAMPLE_WORDS = (
    "amber", "basic", "clear", "delta", "early", "field", "grand", "harbor", "inner", "joint", "linen",
    "meadow", "north", "open", "prime", "quiet", "river", "silver", "timber", "urban", "vivid", "winter",
)  # fmt: skip
