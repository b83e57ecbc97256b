"""What `engine check --locked` says: each way in which the metadata allows more than the lock, as a problem."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from engine.declared.application import Application
from engine.errors import Place, Problem
from engine.matrix.compare import Change, compare
from engine.matrix.lock import FILE, load_lock
from engine.matrix.matrix import matrix_of


def judge(application: Application) -> tuple[Problem, ...]:
    """The problems of an application's access against its lock: errors where more may be done, else warnings."""
    folder = Path(application.folder)
    locked, problems = load_lock(folder)
    if locked is None or problems:
        return problems
    return tuple(_problems(folder, compare(locked, matrix_of(application))))


def _problems(folder: Path, changes: tuple[Change, ...]) -> Iterator[Problem]:
    for change in changes:
        place = change.place or Place(FILE)
        source = _line(folder, place)
        if change.more:
            message = f"this allows more than the lock: {change.text}"
            hint = f"{_was(change)}take it back, or let it be reviewed with `engine access --lock`"
            yield Problem("access-widened", message, place, hint, source=source)
        else:
            message = f"the lock allows more than the metadata: {change.text}"
            hint = "nobody gains by it; `engine access --lock` brings the lock up to date"
            yield Problem("access-narrowed", message, place, hint, "warning", source=source)


def _was(change: Change) -> str:
    if not change.was:
        return "the lock has nothing like it: "
    return f"the lock says: {'; '.join(change.was)}. Either "


def _line(folder: Path, place: Place) -> str:
    """The line of the file that a place is in, for the caret; empty where there is none."""
    lines = _lines(folder / place.file)
    return lines[place.line - 1] if 0 < place.line <= len(lines) else ""


@lru_cache(maxsize=100)
def _lines(file: Path) -> tuple[str, ...]:
    try:
        return tuple(file.read_text(encoding="utf-8").splitlines())
    except (OSError, UnicodeDecodeError):
        return ()
