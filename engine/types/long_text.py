"""Texts of several lines: plain, Markdown, and rich text whose HTML is sanitised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from random import Random
from typing import Any

import nh3
import sqlalchemy as sa
from markdown_it import MarkdownIt

from engine.types.base import TEXT, ColumnSpec, Control, PropertyType, option
from engine.types.clean import clean_text
from engine.types.columns import CodePointText
from engine.types.display import Display, Shown
from engine.types.conditions import plain_condition

LONGEST = 1_000_000
SAMPLE = (
    "The customer asked for a call back.",
    "Delivery was agreed for next week.",
    "The contract is with their legal department.",
    "They compare our offer with two others.",
)


@dataclass(frozen=True, kw_only=True)
class LongTextType(PropertyType):
    """Several lines of plain text."""

    name = "long_text"
    summary = "Several lines of plain text: a description, a note."
    example = {"type": "long_text"}
    operators = ("eq", "ne", "empty", "not_empty", *TEXT)
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

    def condition(self, operator: str, columns: Sequence[sa.ColumnElement[Any]], operand: Any) -> sa.ColumnElement[bool]:
        return plain_condition(operator, columns[0], operand)

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "maxLength": self.max_length}

    def show(self, value: str, display: Display) -> Shown:
        return Shown(value, "long")

    def control(self) -> Control:
        return Control("textarea", {"maxlength": str(self.max_length)}, wide=True)

    def sample(self, random: Random, number: int) -> str:
        return " ".join(random.sample(SAMPLE, random.randint(1, 3)))[: self.max_length]


@lru_cache(maxsize=1)
def _markdown() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False, "linkify": False}).enable("table").enable("strikethrough")


@dataclass(frozen=True, kw_only=True)
class MarkdownType(LongTextType):
    """Several lines of Markdown."""

    name = "markdown"
    summary = "Text written in Markdown and shown formatted."
    example = {"type": "markdown"}

    def show(self, value: str, display: Display) -> Shown:
        return Shown(value, "html", machine=nh3.clean(_markdown().render(value), link_rel="noopener noreferrer"))

    def control(self) -> Control:
        return Control("markdown", {"maxlength": str(self.max_length)}, wide=True)


TAGS = frozenset(
    "a b blockquote br code del div em h1 h2 h3 h4 hr i li ol p pre s strong sub sup table tbody td th thead tr u ul".split()
)
ATTRIBUTES = {"a": {"href", "title"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}}


@dataclass(frozen=True, kw_only=True)
class RichTextType(LongTextType):
    """Formatted text, kept as sanitised HTML."""

    name = "rich_text"
    summary = "Formatted text: headings, lists, links. Kept as HTML, sanitised whenever it comes in."
    example = {"type": "rich_text"}

    def parse(self, raw: Any) -> str:
        text = clean_text(raw, lines=True, longest=self.max_length)
        cleaned = nh3.clean(
            text,
            tags=set(TAGS),
            attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
            url_schemes={"http", "https", "mailto", "tel"},
            link_rel="noopener noreferrer",
        ).strip()
        return cleaned if plain_text(cleaned) else ""

    def parse_operand(self, raw: Any) -> str:
        return clean_text(raw, lines=True, longest=self.max_length)

    def to_text(self, value: str, display: Display) -> str:
        return plain_text(value)

    def to_form(self, value: str, display: Display) -> dict[str, Any]:
        return {"": value}

    def show(self, value: str, display: Display) -> Shown:
        return Shown(plain_text(value), "html", machine=value)

    def control(self) -> Control:
        return Control("rich_text", {"maxlength": str(self.max_length)}, wide=True)

    def sample(self, random: Random, number: int) -> str:
        return "".join(f"<p>{sentence}</p>" for sentence in random.sample(SAMPLE, random.randint(1, 3)))


def plain_text(html: str) -> str:
    """The words of some HTML, a space where a block ends."""
    spaced = html.replace("</", " </").replace("<br", " <br")
    return " ".join(nh3.clean(spaced, tags=set()).split()).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
