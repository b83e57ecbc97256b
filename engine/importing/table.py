"""Files of rows: CSV and JSON lines, read a line at a time, and looked through once before anything is done.

Nothing is kept of a line once the next is read, so a file may be longer than the memory.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, BinaryIO, Final, Literal

from engine.errors import FieldError, Invalid

Form = Literal["csv", "jsonl"]

CHUNK = 256 * 1024
DELIMITERS = (",", ";", "\t")
LONGEST_CELL = 16 * 1024 * 1024
MOST_HEADS = 1_000
"""Columns of one file; nobody means more."""

csv.field_size_limit(LONGEST_CELL)


class Absent:
    """What a line has in a column that it does not name."""


ABSENT: Final = Absent()


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a file: the number of the line where it begins, and its cells in the order of the heads.

    A `fault` says why it can't be read at all; `raw` are its cells as they were written, for a file of rejects.
    """

    number: int
    cells: tuple[Any, ...]
    raw: tuple[str, ...]
    fault: str = ""


class Table:
    """A file of rows. `file` is binary, can be read again from its start, and is the caller's to close."""

    def __init__(self, file: BinaryIO, form: Form) -> None:
        self._file, self.form = file, form
        _require_utf8(file)

    @cached_property
    def heads(self) -> tuple[str, ...]:
        """The columns, in order; raises Invalid where there are none."""
        found = self._csv_heads() if self.form == "csv" else self._json_heads()
        if not found:
            raise bad_file("The file is empty: it needs a line of column names, and rows.")
        if len(found) > MOST_HEADS:
            raise bad_file(f"The file has {len(found):,} columns; at most {MOST_HEADS:,} are read.")
        return found

    def lines(self) -> Iterator[Line]:
        """Every row; empty lines are none."""
        return self._csv_lines() if self.form == "csv" else self._json_lines()

    def count(self) -> int:
        """How many rows there are."""
        return sum(1 for _ in self.lines())

    @contextmanager
    def _text(self) -> Iterator[io.TextIOWrapper]:
        self._file.seek(0)
        text = io.TextIOWrapper(self._file, encoding="utf-8-sig", newline="")
        try:
            yield text
        finally:
            text.detach()  # the file stays open

    # ---- CSV

    @cached_property
    def delimiter(self) -> str:
        """What stands between the cells: what the first line has most of, outside of quotes."""
        with self._text() as text:
            first = text.readline(CHUNK)
        bare = "".join(first.split('"')[::2])
        return max(DELIMITERS, key=bare.count)

    def _csv_heads(self) -> tuple[str, ...]:
        delimiter = self.delimiter
        with self._text() as text:
            for row in csv.reader(text, delimiter=delimiter):
                if any(row):
                    return tuple(head.strip() for head in row)
        return ()

    def _csv_lines(self) -> Iterator[Line]:
        delimiter, wanted, headed = self.delimiter, len(self.heads), False
        with self._text() as text:
            reader = csv.reader(text, delimiter=delimiter, strict=True)
            begins = 1
            try:
                for row in reader:
                    number, begins = begins, reader.line_num + 1
                    if not any(row):
                        continue
                    if headed:
                        yield Line(number, tuple(row), tuple(row), _uneven(len(row), wanted))
                    headed = True
            except csv.Error as error:
                raise bad_file(_unreadable(begins, error)) from error

    # ---- JSON lines

    def _json_heads(self) -> tuple[str, ...]:
        heads: dict[str, None] = {}
        for _, found in self._objects():
            if isinstance(found, dict):
                heads |= dict.fromkeys(found)
            if len(heads) > MOST_HEADS:
                break
        return tuple(heads)

    def _json_lines(self) -> Iterator[Line]:
        heads = self.heads
        for number, found in self._objects():
            if not isinstance(found, dict):
                yield Line(number, (), (), found)
                continue
            cells = tuple(found.get(head, ABSENT) for head in heads)
            raw = tuple("" if cell is ABSENT else json.dumps(cell, ensure_ascii=False) for cell in cells)
            yield Line(number, cells, raw)

    def _objects(self) -> Iterator[tuple[int, dict[str, Any] | str]]:
        """Each line's object, or why it is none."""
        with self._text() as text:
            for number, line in enumerate(iter(lambda: text.readline(LONGEST_CELL), ""), 1):
                if not line.isspace():
                    yield number, _object(line)


def _object(line: str) -> dict[str, Any] | str:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError) as error:
        return f"This line is not JSON: {error}."
    return found if isinstance(found, dict) else "This line is not a JSON object."


def _unreadable(line: int, error: csv.Error) -> str:
    if "unexpected end" in str(error):
        return f"A quote that opens on line {line:,} is never closed: the rest of the file would be one cell."
    return f"Line {line:,} can't be read as CSV: {error}."


def _uneven(number: int, wanted: int) -> str:
    return "" if number == wanted else f"This line has {number:,} cells; there are {wanted:,} columns."


def _require_utf8(file: BinaryIO) -> None:
    """Raise Invalid for what is no text in UTF-8."""
    file.seek(0)
    decoder, start = codecs.getincrementaldecoder("utf-8")(), 0
    while True:
        chunk = file.read(CHUNK)
        if start == 0 and chunk[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            raise bad_file("The file is UTF-16; save it as UTF-8 (spreadsheets call it “CSV UTF-8”).")
        try:
            decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            at = max(start + error.start - len(decoder.getstate()[0]), 0)
            message = f"The file is not UTF-8, at byte {at + 1:,}; save it as UTF-8 (spreadsheets call it “CSV UTF-8”)."
            raise bad_file(message) from error
        if not chunk:
            return
        start += len(chunk)


def bad_file(message: str) -> Invalid:
    """The refusal of a whole file."""
    return Invalid([FieldError("", "bad-file", message)])
