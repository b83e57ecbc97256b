"""Collecting problems: one helper per kind of complaint, so that the wording is uniform."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from engine.errors import Level, Place, Problem
from engine.expressions.complaint import Complaint
from engine.metamodel.expression import Expression
from engine.text.source import Source
from engine.text.suggest import did_you_mean
from engine.text.yaml_tree import Map, Seq

UNKNOWN: Final = {
    "entity": "unknown-entity",
    "role": "unknown-role",
    "profile": "unknown-profile",
    "group": "unknown-group",
    "capability": "unknown-capability",
    "record type": "unknown-record-type",
    "state": "unknown-state",
    "relation": "unknown-relation",
    "preset": "unknown-grid-view",
    "board": "unknown-board",
    "mapping": "unknown-mapping",
    "calendar_of_work": "unknown-calendar",
}
"""The code for a name that nothing of a kind has."""

SHOWN_NAMES = 10
"""Names listed where none of them is close to the one that was written."""

MANY_NAMES = 50
"""Of more than these the first ten tell nobody anything."""


class Complaints:
    """The problems found so far, each at its place, with the text of its line."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self._without_effect: dict[tuple[str, str], list[Problem]] = {}
        self._nameless: set[str] = set()

    def at_key(
        self, holder: Map, key: str, code: str, message: str, hint: str = "", level: Level = "error"
    ) -> None:
        """A complaint about a key of a mapping."""
        made = self._made(holder, key, holder.key_place(key), code, message, hint, level)
        self.problems.append(made)

    def at_value(
        self,
        holder: Map | Seq,
        key: str | int,
        code: str,
        message: str,
        hint: str = "",
        level: Level = "error",
    ) -> None:
        """A complaint about a value of a mapping or list."""
        place = holder.place_of(key)  # type: ignore[arg-type]
        self.problems.append(self._made(holder, key, place, code, message, hint, level))

    def at_word(
        self,
        holder: Map | Seq,
        key: str | int,
        offset: int,
        word: str,
        code: str,
        message: str,
        hint: str = "",
    ) -> None:
        """A complaint about a word inside a text: a step of a path, a field of a template."""
        place = holder.word_place(key, offset, max(1, len(word)))  # type: ignore[arg-type]
        self.problems.append(self._made(holder, key, place, code, message, hint, "error"))

    def at_map(self, holder: Map, code: str, message: str, hint: str = "", level: Level = "error") -> None:
        """A complaint about a whole document or mapping: at its first key."""
        first = next((key for key in (*holder, *sorted(holder.broken)) if key in holder.entries), None)
        if first is None:
            problem = holder.source.problem(code, message, holder.place, hint, level=level, path=holder.path)
            self.problems.append(problem)
        else:
            self.at_key(holder, first, code, message, hint, level)

    def at_expression(self, expression: Expression, found: Iterable[Complaint]) -> None:
        """What is wrong with an expression, each complaint under the words it is about."""
        for complaint in found:
            place = expression.part(*complaint.span)
            made = Problem(complaint.code, complaint.message, place, complaint.hint)
            if expression.located is not None:
                source = expression.located.source
                made = source.problem(complaint.code, complaint.message, place, complaint.hint)
            self.problems.append(made)

    # ---- the usual ones

    def unknown_name(
        self, holder: Map | Seq, key: str | int, kind: str, name: str, known: Iterable[str]
    ) -> None:
        """A name that nothing of its kind has."""
        code = UNKNOWN.get(kind, "unknown-document")
        self.at_value(holder, key, code, f"no {kind} {name!r}", meant(name, list(known)))

    def nameless(self, kind: str) -> None:
        """A document of a kind has no name: names of this kind that nothing has may be meant for it."""
        self._nameless |= {UNKNOWN.get(kind, f"unknown-{kind}")} | (
            {"unknown-relation"} if kind == "entity" else set()
        )

    def without_effect(self, holder: Map, key: str, reason: str) -> None:
        """What is accepted but not carried out by this version is said once per file and key."""
        message = f"{key!r} has no effect yet: {reason}"
        made = self._made(
            holder,
            key,
            holder.key_place(key),
            "not-enforced-yet",
            message,
            "keep it for later, or take it out",
            "warning",
        )
        self._without_effect.setdefault((made.place.file, message), []).append(made)

    def finished(self) -> tuple[Problem, ...]:
        """Every problem in order of place, each once."""
        found = {problem for problem in self.problems if problem.code not in self._nameless}
        for several in self._without_effect.values():
            first = min(several, key=lambda problem: problem.sort_key)
            more = len(several) - 1
            times = f" (here and in {more} more place{'s' if more > 1 else ''} of this file)" if more else ""
            found.add(replace(first, message=first.message + times))
        return tuple(sorted(found, key=lambda problem: problem.sort_key))

    def _made(
        self,
        holder: Map | Seq,
        key: str | int,
        place: Place,
        code: str,
        message: str,
        hint: str,
        level: Level,
    ) -> Problem:
        source: Source = holder.source_of(key)  # type: ignore[arg-type]
        return source.problem(code, message, place, hint, level=level, path=(*holder.path, key))


def meant(word: str, allowed: list[str]) -> str:
    """What was probably meant, or what there is."""
    guess = did_you_mean(word, allowed)
    if guess is not None:
        return f"did you mean {guess!r}?"
    if not allowed:
        return "there is none"
    if len(allowed) > MANY_NAMES:
        return f"none of the {len(allowed):,} there are is spelt like it: correct it, or declare it"
    shown = ", ".join(sorted(allowed)[:SHOWN_NAMES])
    return f"there is {shown}{' …' if len(allowed) > SHOWN_NAMES else ''}"
