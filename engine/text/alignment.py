"""Where the characters of a YAML scalar stand in its file, whatever quotes, escapes, folds and blocks lie between."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from yaml import ScalarNode

from engine.errors import Place
from engine.text.source import Source

ESCAPED_DIGITS = {"x": 2, "u": 4, "U": 8}
BLOCKS = ("|", ">")


@dataclass(frozen=True)
class Located:
    """A scalar's text and where it was written; places are worked out only when somebody asks."""

    source: Source
    node: ScalarNode

    @property
    def text(self) -> str:
        return str(self.node.value)

    def place(self, start: int, end: int) -> Place:
        """The place of a part of the text, underlined on its first line."""
        spots = self._spots
        if not spots:
            return self._start
        line, column = spots[min(start, len(spots) - 1)]
        last = spots[min(max(end - 1, start), len(spots) - 1)]
        width = last[1] - column + 1 if last[0] == line else len(self.source.line(line)) - column + 1
        if start >= len(spots):
            column, width = column + 1, 1
        return Place(self.source.file, line, column, max(1, width))

    @property
    def _start(self) -> Place:
        mark = self.node.start_mark
        return Place(self.source.file, mark.line + 1, mark.column + 1)

    @cached_property
    def _spots(self) -> list[tuple[int, int]]:
        """Line and column of each character of the text."""
        raw = list(self._raw())
        quoted = self.node.style if self.node.style in ("'", '"') else ""
        spots: list[tuple[int, int]] = []
        position = 0
        for wanted in self.text:
            position = _skip(raw, position, wanted)
            if position >= len(raw):
                break
            spots.append((raw[position][1], raw[position][2]))
            position += _length(raw, position, wanted, quoted)
        return spots

    def _raw(self) -> Iterator[tuple[str, int, int]]:
        """Every character the scalar is written with, a line's end included: character, line, column."""
        start, end = self.node.start_mark, self.node.end_mark
        block = self.node.style in BLOCKS
        first = start.line + 2 if block else start.line + 1
        for number in range(first, end.line + 2):
            line = self.source.line(number)
            begin = start.column + (self.node.style in ("'", '"')) if number == start.line + 1 else 0
            until = len(line)
            if number == end.line + 1:
                until = 0 if block else end.column
            for column in range(begin, until):
                yield line[column], number, column + 1
            yield "\n", number, until + 1


def _skip(raw: list[tuple[str, int, int]], position: int, wanted: str) -> int:
    """Past indentation and line ends that the text does not have."""
    while position < len(raw):
        found = raw[position][0]
        if found == wanted or found not in " \t\n" or (wanted == " " and found in "\n\t"):
            return position
        position += 1
    return position


def _length(raw: list[tuple[str, int, int]], position: int, wanted: str, quoted: str) -> int:
    """How many characters one character of the text is written with."""
    found = raw[position][0]
    if quoted == "'" and found == "'":
        return 2
    if quoted == '"' and found == "\\":
        kind = raw[position + 1][0] if position + 1 < len(raw) else ""
        return 2 + ESCAPED_DIGITS.get(kind, 0)
    if wanted == " " and found == "\n":
        length = 1
        while position + length < len(raw) and raw[position + length][0] in " \t\n":
            length += 1
        return length
    return 1
