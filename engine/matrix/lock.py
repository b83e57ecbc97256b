"""The access matrix as a file: written one line a grant, sorted, and read back for comparison."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from engine.errors import OperatorError, Place, Problem
from engine.matrix.facts import KINDS, Fact, May
from engine.matrix.matrix import Matrix

FILE = "metadata/access.lock"
HEADER = """\
# Who may do what in this application: one line for each thing that people may do, or may not see.
# Written by `engine access --lock` from the metadata; not read by the running application. Review its changes:
# `engine check --locked` fails while the metadata allows more than these lines say. What is written in no line
# nobody may do, except for the role administrator, which may do everything. "with history" stands for the
# actions read and audit together.
"""


def written_lines(matrix: Matrix) -> list[str]:
    """The lines of a matrix in their order: what concerns everything, then entity by entity."""
    ordered = sorted(set(_joined(matrix.facts)), key=_order)
    return list(dict.fromkeys(fact.text for fact in ordered))


def as_text(matrix: Matrix) -> str:
    """The whole file."""
    return HEADER + "".join(f"{line}\n" for line in written_lines(matrix))


def _order(fact: Fact) -> tuple[str, int, str]:
    return fact.about or "", KINDS.index(type(fact)), fact.text


def _joined(facts: Iterable[Fact]) -> Iterator[Fact]:
    """History goes with reading nearly always: then both are one line."""
    known = frozenset(facts)
    for fact in known:
        if isinstance(fact, May) and fact.action == "read" and replace(fact, action="audit") in known:
            yield replace(fact, history=True)
        elif isinstance(fact, May) and fact.action == "audit" and replace(fact, action="read") in known:
            continue
        else:
            yield fact


def _parted(fact: Fact) -> Iterator[Fact]:
    if isinstance(fact, May) and fact.history:
        yield replace(fact, history=False)
        yield replace(fact, history=False, action="audit")
    else:
        yield fact


def read_lines(text: str) -> tuple[Matrix, tuple[Problem, ...]]:
    """The matrix of a file's text; a line that says nothing is a problem."""
    facts: list[Fact] = []
    problems = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        found = _fact(line.strip())
        if found is None:
            problems.append(_unreadable(number, line))
        else:
            facts += _parted(found)
    return Matrix(frozenset(facts)), tuple(problems)


def _fact(line: str) -> Fact | None:
    for kind in KINDS:
        match = kind.pattern.fullmatch(line)
        if match is not None:
            return kind.read(match)
    return None


def _unreadable(number: int, line: str) -> Problem:
    message = "no line of an access matrix is written like this"
    hint = "write the file anew with `engine access --lock`, and review what changes"
    place = Place(FILE, number, 1, max(1, len(line)))
    return Problem("bad-access-lock", message, place, hint, source=line)


def load_lock(folder: Path) -> tuple[Matrix | None, tuple[Problem, ...]]:
    """The lock of an application's folder; None where there is none."""
    try:
        return read_lines((folder / FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        hint = "write it with `engine access --lock`, review it, and keep it with the metadata"
        message = "there is no lock to compare with"
        return None, (Problem("no-access-lock", message, Place(FILE), hint),)
    except (OSError, UnicodeDecodeError) as error:
        raise OperatorError(f"{FILE} can't be read: {error}") from error


def save_lock(folder: Path, matrix: Matrix) -> None:
    """Write the lock; raises OperatorError where that is not possible."""
    try:
        (folder / FILE).parent.mkdir(parents=True, exist_ok=True)
        (folder / FILE).write_text(as_text(matrix), encoding="utf-8")
    except OSError as error:
        raise OperatorError(f"{FILE} can't be written: {error.strerror}") from error
