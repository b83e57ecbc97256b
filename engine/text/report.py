"""Problems as people read them in a terminal, and as programs do: JSON, SARIF, GitHub annotations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from engine.errors import Problem

WIDEST = 160
"""Characters of a source line that are shown; of a longer one, those around the place."""


def as_text(problems: Iterable[Problem]) -> str:
    """Each problem with its line, carets under the place, and what would help."""
    return "\n\n".join(_text(problem) for problem in problems)


def _text(problem: Problem) -> str:
    place = problem.place
    lines = [f"{place}  {problem.level}[{problem.code}]  {problem.message}"]
    if problem.source.strip():
        shown, column = _window(problem.source.replace("\t", " "), place.column)
        width = max(1, min(place.width, len(shown) - column + 1))
        lines.append(f"{place.line:>5} | {shown}")
        lines.append(f"      | {' ' * (column - 1)}{'^' * width}")
    if problem.hint:
        lines.append(f"      help: {problem.hint}")
    return "\n".join(lines)


def _window(line: str, column: int) -> tuple[str, int]:
    """The part of a line that is shown, and the column in it."""
    if len(line) <= WIDEST:
        return line, column
    start = max(0, min(column - WIDEST // 2, len(line) - WIDEST))
    before, after = "…" if start else "", "…" if start + WIDEST < len(line) else ""
    return f"{before}{line[start : start + WIDEST]}{after}", column - start + len(before)


def as_json(problems: Sequence[Problem]) -> dict[str, Any]:
    """The form of `engine check --json`."""
    return {
        "problems": [
            {
                "code": problem.code,
                "level": problem.level,
                "message": problem.message,
                "file": problem.place.file,
                "line": problem.place.line,
                "column": problem.place.column,
                "hint": problem.hint,
                "path": list(problem.path),
            }
            for problem in problems
        ]
    }


def as_github(problems: Iterable[Problem]) -> str:
    """Workflow commands that a forge turns into annotations; what would end them is escaped."""
    return "\n".join(_command(problem) for problem in problems)


def _command(problem: Problem) -> str:
    place = problem.place
    properties = {"file": place.file, "line": place.line, "col": place.column, "title": problem.code}
    shown = ",".join(f"{key}={_escaped(str(value), ':,')}" for key, value in properties.items())
    return f"::{problem.level} {shown}::{_escaped(_sentence(problem))}"


def _escaped(text: str, further: str = "") -> str:
    return "".join(f"%{ord(sign):02X}" if sign in f"%\r\n{further}" else sign for sign in text)


def _sentence(problem: Problem) -> str:
    return f"{problem.message}. {problem.hint}" if problem.hint else problem.message


def as_sarif(problems: Sequence[Problem]) -> dict[str, Any]:
    """SARIF 2.1.0, for code scanning."""
    rules = [{"id": code} for code in sorted({problem.code for problem in problems})]
    results = [
        {
            "ruleId": problem.code,
            "level": problem.level,
            "message": {"text": _sentence(problem)},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": problem.place.file},
                        "region": {
                            "startLine": problem.place.line,
                            "startColumn": problem.place.column,
                            "endColumn": problem.place.column + problem.place.width,
                        },
                    }
                }
            ],
        }
        for problem in problems
    ]
    run = {
        "tool": {"driver": {"name": "engine", "rules": rules}},
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    return {"version": "2.1.0", "$schema": "https://json.schemastore.org/sarif-2.1.0.json", "runs": [run]}


def summary(problems: Sequence[Problem]) -> str:
    """ "2 errors, 1 warning", or that there is nothing to say."""
    errors = sum(problem.level == "error" for problem in problems)
    counts = ((errors, "error"), (len(problems) - errors, "warning"))
    return (
        ", ".join(f"{number} {word}{'s' if number != 1 else ''}" for number, word in counts if number)
        or "no problems"
    )
