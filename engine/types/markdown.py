"""Text written in Markdown: kept as written, shown as sanitised HTML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from random import Random
from typing import TYPE_CHECKING, Any, ClassVar

from engine.types.base import Control
from engine.types.display import Display, Shown
from engine.types.html import sanitised
from engine.types.long_text import SAMPLE, LongTextType

if TYPE_CHECKING:
    from markdown_it import MarkdownIt


@lru_cache(maxsize=1)
def _markdown() -> MarkdownIt:
    """CommonMark with tables and ~~strikethrough~~; HTML inside is shown as text."""
    from markdown_it import MarkdownIt  # lazy: most of what starts shows none, and it compiles large patterns

    return MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])


@dataclass(frozen=True, kw_only=True)
class MarkdownType(LongTextType):
    """Several lines of Markdown."""

    name = "markdown"
    summary = "Text written in Markdown and shown formatted."
    example: ClassVar[Mapping[str, Any]] = {"type": "markdown"}

    def show(self, value: str, display: Display) -> Shown:
        """The source as text, for a cell; the HTML as `machine`, for the page."""
        return Shown(value, "html", machine=sanitised(_markdown().render(value)))

    def control(self) -> Control:
        return Control("markdown", {"maxlength": str(self.max_length)}, wide=True)

    def sample(self, random: Random, number: int) -> str:
        return "\n".join(f"- {line}" for line in random.sample(SAMPLE, 2))[: self.max_length].strip()
