"""Results of tests as people read them in a terminal, and as programs do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from engine.declared.application import Application
from engine.trials.coverage import Spot, to_cover, to_walk
from engine.trials.running import Result


@dataclass(frozen=True)
class Coverage:
    """The rules of access (or transitions, buttons and guards) by place, and those that no test exercised."""

    total: int
    missed: dict[Spot, list[str]]

    @classmethod
    def of(cls, application: Application, results: Sequence[Result]) -> Self:
        """What the tests that were run left out of the rules of access."""
        return cls._of(to_cover(application), results)

    @classmethod
    def of_processes(cls, application: Application, results: Sequence[Result]) -> Self:
        """What they left out of transitions, buttons and guards."""
        return cls._of(to_walk(application), results)

    @classmethod
    def _of(cls, wanted: Mapping[Spot, list[str]], results: Sequence[Result]) -> Self:
        met = {spot for each in results for spot in each.exercised}
        return cls(len(wanted), {spot: words for spot, words in wanted.items() if spot not in met})


def steps_of(application: Application) -> str:
    """What the processes of an application are made of, in words."""
    return "transitions, buttons and guards" if application.buttons else "transitions and guards"


def lines(result: Result) -> Iterator[str]:
    """One test: its name, and what differs."""
    yield f"{result.status:<8}{result.trial.name}"
    for each in result.differences:
        yield f"        {each.place.file}:{each.place.line}: expected: {each.expected}"
        yield f"        {' ' * len(f'{each.place.file}:{each.place.line}')}  got:      {each.got}"


def summary(results: Sequence[Result], covered: Mapping[str, Coverage], *, whole: bool) -> Iterator[str]:
    """How many of each, and how much was exercised: of what is called so, by its name."""
    counts = ((sum(each.status == status for each in results), status) for status in ("ok", "failed"))
    told = ", ".join(f"{number} {status}" for number, status in counts if number) or "no tests"
    yield f"\n{told} in {sum(each.seconds for each in results):.1f} s" if results else f"\n{told}"
    for what, coverage in covered.items():
        yield from _covered(what, coverage, whole=whole)


def _covered(what: str, covered: Coverage, *, whole: bool) -> Iterator[str]:
    if not covered.total:
        return
    hint = "" if whole or not covered.missed else "; `--coverage` lists the others"
    yield f"{covered.total - len(covered.missed)} of {covered.total} {what} exercised{hint}"
    for (file, line, _), words in covered.missed.items() if whole else ():
        more = f" (and {len(words) - 1} more)" if len(words) > 1 else ""
        yield f"  {file}:{line}  {words[0]}{more}"


def for_programs(results: Sequence[Result], covered: Coverage, walked: Coverage) -> dict[str, Any]:
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
        "coverage": _coverage(covered, "rules"),
        "processes": _coverage(walked, "steps"),
    }


def _coverage(covered: Coverage, what: str) -> dict[str, Any]:
    missed = [{"file": file, "line": line, what: words} for (file, line, _), words in covered.missed.items()]
    return {what: covered.total, "not_exercised": missed}
