"""A text file as problems point into it: its name, its lines, and what could not be read of it."""

from __future__ import annotations

import re
from functools import cached_property

from engine.errors import Level, Place, Problem

LARGEST = 8_000_000
"""Bytes of a file of metadata; a larger one is data in the wrong place."""

FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")


class Source:
    """A file's text. `file` is the name that problems show; lines end as YAML ends them."""

    __slots__ = ("__dict__", "file", "text")

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.text = text

    @cached_property
    def lines(self) -> list[str]:
        return re.split("\r\n|[\n\r\x85\u2028\u2029]", self.text)

    def line(self, number: int) -> str:
        """The text of a line, counted from 1; empty beyond the end."""
        return self.lines[number - 1] if 0 < number <= len(self.lines) else ""

    def problem(
        self,
        code: str,
        message: str,
        place: Place,
        hint: str = "",
        *,
        level: Level = "error",
        path: tuple[str | int, ...] = (),
    ) -> Problem:
        """A problem at a place of this file, with the line's text for the caret."""
        return Problem(code, message, place, hint, level, path, self.line(place.line))


def decode(file: str, data: bytes) -> tuple[Source, list[Problem]]:
    """The text of a file's bytes: UTF-8, with or without a byte order mark, and no control characters."""
    if len(data) > LARGEST:
        message = f"the file has {len(data):,} bytes, more than the {LARGEST:,} that metadata may have"
        return Source(file, ""), [
            Problem("file-too-large", message, Place(file), "import records with `engine import` instead")
        ]
    try:
        source = Source(file, data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        return Source(file, data.decode("utf-8", "replace")), [_not_utf8(file, data, error)]
    found = FORBIDDEN.search(source.text)
    if found is None:
        return source, []
    place = place_of_offset(source, found.start())
    message = f"the control character U+{ord(found.group()):04X} can't stand in YAML"
    return source, [source.problem("yaml-control-character", message, place, "delete it")]


def place_of_offset(source: Source, offset: int) -> Place:
    """The place of a character, counted from the start of the text."""
    before = re.split("\r\n|[\n\r\x85\u2028\u2029]", source.text[:offset])
    return Place(source.file, len(before), len(before[-1]) + 1)


def _not_utf8(file: str, data: bytes, error: UnicodeDecodeError) -> Problem:
    start = len(b"\xef\xbb\xbf") if data.startswith(b"\xef\xbb\xbf") else 0
    good = data[start : start + error.start].decode("utf-8", "replace")
    where = place_of_offset(Source(file, good), len(good))
    hint = "save the file as UTF-8"
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        hint = "the file looks like UTF-16: save it as UTF-8"
    line = data[start:].decode("utf-8", "replace").splitlines()
    byte = data[start + error.start]
    message = f"the byte 0x{byte:02X} is not UTF-8"
    source = line[where.line - 1] if where.line <= len(line) else ""
    return Problem("not-utf8", message, where, hint, source=source)
