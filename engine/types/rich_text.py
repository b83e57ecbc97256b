"""Formatted text: HTML that is sanitised whenever it comes in, with its words beside it for searching."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from random import Random
from typing import Any, ClassVar

from engine.types.base import ColumnSpec, Control, Refused
from engine.types.clean import clean_text, typed_lines
from engine.types.columns import CodePointText
from engine.types.conditions import Columns, plain_condition
from engine.types.display import Display, Shown
from engine.types.html import plain_text, sanitised
from engine.types.long_text import SAMPLE, LongTextType

ROUNDS = 4
"""Sanitising the sanitised changes nothing, but for twisted nesting, which settles after a round or two."""


@dataclass(frozen=True, kw_only=True)
class RichTextType(LongTextType):
    """Sanitised HTML. A second column holds its words: a search for "strong" finds no mere tags."""

    name = "rich_text"
    summary = "Formatted text: headings, lists, links. Kept as HTML, sanitised whenever it comes in."
    example: ClassVar[Mapping[str, Any]] = {"type": "rich_text"}

    def columns(self) -> tuple[ColumnSpec, ...]:
        return (ColumnSpec("", CodePointText()), ColumnSpec("text", CodePointText()))

    def store(self, value: str) -> tuple[Any, ...]:
        return (value, plain_text(value))

    def load(self, cells: Sequence[Any]) -> str:
        html: str = cells[0]
        return html

    def parse(self, raw: Any) -> str:
        html = clean_text(raw, lines=True, longest=self.max_length)
        for _ in range(ROUNDS):
            before, html = html, sanitised(html).strip()
            if before == html:
                break
        else:
            html = escape(html, quote=False)
        if len(html) > self.max_length:
            most = f"This takes at most {self.max_length:,} characters"
            message = f"{most}; as clean HTML these are {len(html):,}."
            raise Refused("too-long", message)
        return html if plain_text(html) or "<hr" in html else ""

    def parse_text(self, text: str, display: Display) -> str:
        """HTML where it holds a tag; else plain text, whose blank lines part paragraphs."""
        if re.search(r"</?[a-zA-Z]", text):
            return self.parse(typed_lines(text))
        paragraphs = re.split(r"\n\s*\n", typed_lines(text).strip())
        lines = (escape(paragraph, quote=False).replace("\n", "<br>") for paragraph in paragraphs)
        return self.parse("".join(f"<p>{line}</p>" for line in lines))

    def parse_form(self, parts: Any, display: Display) -> str | None:
        """The editor's HTML."""
        return self.parse(typed_lines(str(parts.get("") or ""))) or None

    def condition(self, operator: str, columns: Columns, operand: Any) -> Any:
        column = columns[1] if operator in ("contains", "starts") else columns[0]
        return plain_condition(operator, column, operand)

    def to_text(self, value: str, display: Display) -> str:
        return plain_text(value)

    def to_form(self, value: str, display: Display) -> dict[str, Any]:
        return {"": sanitised(value)}

    def show(self, value: str, display: Display) -> Shown:
        """The words as text, for a cell; the HTML as `machine`, for the page.

        It is cleaned again: what an expression has computed of other texts was never parsed.
        """
        return Shown(plain_text(value), "html", machine=sanitised(value))

    def control(self) -> Control:
        return Control("rich_text", {"maxlength": str(self.max_length)}, wide=True)

    def sample(self, random: Random, number: int) -> str:
        sentences = random.sample(SAMPLE, random.randint(1, 3))
        while sentences and len(html := "".join(f"<p>{each}</p>" for each in sentences)) > self.max_length:
            sentences.pop()
        return html if sentences else "…"
