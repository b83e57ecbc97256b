"""Collecting problems: one helper per kind of complaint, so that the wording is uniform."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.errors import Level, Place, Problem
from engine.text.source import Source
from engine.text.suggest import did_you_mean
from engine.text.yaml_tree import Map, Seq


class Complaints:
    """The problems found so far, each at its place, with the text of its line."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def at_key(
        self, holder: Map, key: str, code: str, message: str, hint: str = "", level: Level = "error"
    ) -> None:
        """A complaint about a key of a mapping."""
        place, source = holder.key_place(key), holder.source_of(key)
        self._add(source, code, message, place, hint, level, (*holder.path, key))

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
        source = holder.source_of(key)  # type: ignore[arg-type]
        self._add(source, code, message, place, hint, level, (*holder.path, key))

    def at_map(self, holder: Map, code: str, message: str, hint: str = "", level: Level = "error") -> None:
        """A complaint about a whole document or mapping: at its first key."""
        first = next(iter(holder), None)
        if first is None:
            self._add(holder.source, code, message, holder.place, hint, level, holder.path)
        else:
            self.at_key(holder, first, code, message, hint, level)

    def _add(
        self,
        source: Source,
        code: str,
        message: str,
        place: Place,
        hint: str,
        level: Level,
        path: tuple[str | int, ...],
    ) -> None:
        self.problems.append(source.problem(code, message, place, hint, level=level, path=path))

    # ---- the usual ones

    def unknown_key(self, holder: Map, key: str, allowed: Iterable[str], what: str) -> None:
        self.at_key(holder, key, "unknown-key", f"{what} has no key {key!r}", meant(key, list(allowed)))

    def unknown_name(
        self, holder: Map | Seq, key: str | int, kind: str, name: str, known: Iterable[str]
    ) -> None:
        """A name that nothing has: `unknown-entity`, `unknown-property`, `unknown-role` …"""
        self.at_value(
            holder, key, f"unknown-{kind}", f"no {kind.replace('-', ' ')} {name!r}", meant(name, list(known))
        )


def meant(word: str, allowed: list[str]) -> str:
    """What was probably meant, or what there is."""
    guess = did_you_mean(word, allowed)
    if guess is not None:
        return f"did you mean {guess!r}?"
    if not allowed:
        return "there is none"
    shown = ", ".join(sorted(allowed)[:10])
    return f"there is {shown}{' …' if len(allowed) > 10 else ''}"


def walk(value: object) -> Iterator[object]:
    """Every value below (and with) a value."""
    yield value
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for child in children:
        yield from walk(child)
