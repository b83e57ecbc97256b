"""Problems as people read them in a terminal, and as programs do: JSON, SARIF, GitHub annotations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from engine.errors import Problem

LONGEST_LINE = 160


def as_text(problems: Iterable[Problem]) -> str:
    """Each problem with its line, a caret under the place, and what would help."""
    return "\n\n".join(_text(problem) for problem in problems)


def _text(problem: Problem) -> str:
    place = problem.place
    lines = [f"{place}  {problem.level}[{problem.code}]  {problem.message}"]
    if problem.source:
        number = f"{place.line:>5}"
        shown = problem.source[:LONGEST_LINE].replace("\t", " ")
        lines.append(f"{number} | {shown}")
        if place.column <= LONGEST_LINE:
            width = max(1, min(place.width, LONGEST_LINE - place.column + 1))
            lines.append(f"      | {' ' * (place.column - 1)}{'^' * width}")
    if problem.hint:
        lines.append(f"      help: {problem.hint}")
    return "\n".join(lines)


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
    """Workflow commands that a forge turns into annotations."""
    return "\n".join(
        f"::{problem.level} file={problem.place.file},line={problem.place.line},col={problem.place.column},"
        f"title={problem.code}::{problem.message}{'. ' + problem.hint if problem.hint else ''}"
        for problem in problems
    )


def as_sarif(problems: Sequence[Problem]) -> dict[str, Any]:
    """SARIF 2.1.0, for code scanning."""
    rules = [{"id": code} for code in sorted({problem.code for problem in problems})]
    results = [
        {
            "ruleId": problem.code,
            "level": problem.level,
            "message": {"text": f"{problem.message}{'. ' + problem.hint if problem.hint else ''}"},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": problem.place.file},
                        "region": {"startLine": problem.place.line, "startColumn": problem.place.column},
                    }
                }
            ],
        }
        for problem in problems
    ]
    run = {"tool": {"driver": {"name": "engine", "rules": rules}}, "results": results}
    return {"version": "2.1.0", "$schema": "https://json.schemastore.org/sarif-2.1.0.json", "runs": [run]}


def summary(problems: Sequence[Problem]) -> str:
    """ "2 errors, 1 warning", or that there is nothing to say."""
    errors = sum(problem.level == "error" for problem in problems)
    warnings = len(problems) - errors
    if not problems:
        return "no problems"
    parts = [
        f"{n} {word}{'s' if n != 1 else ''}" for n, word in ((errors, "error"), (warnings, "warning")) if n
    ]
    return ", ".join(parts)
