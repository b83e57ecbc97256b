"""Results of tests as people read them in a terminal, and as programs do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Self

from engine.declared.application import Application
from engine.trials.coverage import Spot, to_cover
from engine.trials.running import Result


@dataclass(frozen=True)
class Coverage:
    """The rules of access by place, and those that no test exercised."""

    total: int
    missed: dict[Spot, list[str]]

    @classmethod
    def of(cls, application: Application, results: Sequence[Result]) -> Self:
        """What the tests that were run left out."""
        rules = to_cover(application)
        met = {spot for each in results for spot in each.exercised}
        return cls(len(rules), {spot: words for spot, words in rules.items() if spot not in met})


def lines(result: Result) -> Iterator[str]:
    """One test: its name, and what differs."""
    reason = f" ({result.skipped})" if result.skipped else ""
    yield f"{result.status:<8}{result.trial.name}{reason}"
    for each in result.differences:
        yield f"        {each.place.file}:{each.place.line}: expected: {each.expected}"
        yield f"        {' ' * len(f'{each.place.file}:{each.place.line}')}  got:      {each.got}"


def summary(results: Sequence[Result], covered: Coverage | None, *, whole: bool) -> Iterator[str]:
    """How many of each, and how much of the rules of access was exercised."""
    counts = (
        (sum(each.status == status for each in results), status) for status in ("ok", "failed", "skipped")
    )
    told = ", ".join(f"{number} {status}" for number, status in counts if number) or "no tests"
    yield f"\n{told} in {sum(each.seconds for each in results):.1f} s" if results else f"\n{told}"
    if covered is not None and covered.total:
        met = covered.total - len(covered.missed)
        hint = "" if whole or not covered.missed else "; `--coverage` lists the others"
        yield f"{met} of {covered.total} rules of access exercised{hint}"
        if whole:
            for (file, line, _), words in covered.missed.items():
                yield f"  {file}:{line}  {words[0]}" + (
                    f" (and {len(words) - 1} more)" if len(words) > 1 else ""
                )


def for_programs(results: Sequence[Result], covered: Coverage) -> dict[str, Any]:
    """The same as JSON."""
    return {
        "tests": [
            {
                "name": each.trial.name,
                "status": each.status,
                "file": each.trial.place.file,
                "line": each.trial.place.line,
                "differences": [
                    {"expected": one.expected, "got": one.got, "file": one.place.file, "line": one.place.line}
                    for one in each.differences
                ],
            }
            for each in results
        ],
        "coverage": {
            "rules": covered.total,
            "not_exercised": [
                {"file": file, "line": line, "rules": words}
                for (file, line, _), words in covered.missed.items()
            ],
        },
    }
