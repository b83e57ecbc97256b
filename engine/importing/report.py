"""What an import did, or would do: how many rows of each kind, and every complaint with its line."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Literal

from engine.importing.table import Line
from engine.service.exporting import harmless

Outcome = Literal["created", "updated", "unchanged", "skipped"]

MOST_TOLD = 1_000
"""Complaints that a report tells; the file of rejects has them all."""

REASON = "import_error"
"""The head of the last column of a file of rejects; an import leaves it out."""


@dataclass(frozen=True, slots=True)
class RowError:
    """A complaint about a row: its line in the file, the column, a stable code, and a sentence."""

    line: int
    column: str
    code: str
    message: str


@dataclass
class Report:
    """`written`: the rows that were not refused are in the database; `ignored`: columns that were left out."""

    dry_run: bool = False
    written: bool = False
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: int = 0
    refused: int = 0
    ignored: tuple[str, ...] = ()
    errors: list[RowError] = field(default_factory=list)
    more_errors: int = 0

    @property
    def rows(self) -> int:
        return self.created + self.updated + self.unchanged + self.skipped + self.refused

    def count(self, outcome: Outcome) -> None:
        setattr(self, outcome, getattr(self, outcome) + 1)

    def refuse(self, errors: Sequence[RowError]) -> None:
        """One row that was refused, with its complaints."""
        self.refused += 1
        room = max(MOST_TOLD - len(self.errors), 0)
        self.errors += errors[:room]
        self.more_errors += len(errors[room:])

    def add(self, other: Report) -> None:
        """Take over what another portion of the rows came to."""
        for name in ("created", "updated", "unchanged", "skipped", "refused", "more_errors"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        room = max(MOST_TOLD - len(self.errors), 0)
        self.errors += other.errors[:room]
        self.more_errors += len(other.errors[room:])

    def as_json(self) -> dict[str, Any]:
        return {
            "dry_run": self.dry_run,
            "written": self.written,
            "rows": self.rows,
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "skipped": self.skipped,
            "refused": self.refused,
            "ignored": list(self.ignored),
            "errors": [
                {"line": each.line, "column": each.column, "code": each.code, "message": each.message}
                for each in self.errors
            ],
            "more_errors": self.more_errors,
        }


class Rejects:
    """The file of the rows that were refused, as they were, with the reason in a last column; always CSV."""

    def __init__(self, file: BinaryIO, *, as_csv: bool) -> None:
        """`as_csv`: the cells come from a CSV file, and stay as they were."""
        self.file, self._as_csv = file, as_csv

    def begin(self, heads: Sequence[str]) -> None:
        """Begin anew."""
        self.file.seek(0)
        self.file.truncate()
        self._write([*heads, REASON])

    def add(self, refused: Sequence[tuple[Line, str]]) -> None:
        for line, reason in refused:
            self._write([*self._cells(line), harmless(reason)])

    def _cells(self, line: Line) -> Sequence[str]:
        return line.raw if self._as_csv else [harmless(cell) for cell in line.raw]

    def _write(self, cells: Sequence[str]) -> None:
        text = io.StringIO()
        csv.writer(text, lineterminator="\r\n").writerow(cells)
        self.file.write(text.getvalue().encode())
