"""An expression as written: its text and where it stands, and what checking made of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.errors import Place
from engine.text.alignment import Located


@dataclass(frozen=True, slots=True)
class Expression:
    """The source text of an expression and where its first character stands."""

    text: str
    place: Place
    located: Located | None = field(default=None, compare=False, repr=False)

    def part(self, start: int, end: int) -> Place:
        """Where a part of the text stands, on its first line."""
        return self.place if self.located is None else self.located.place(start, end)
