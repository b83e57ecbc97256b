"""Patterns at work: rewritten for PostgreSQL, and a matcher for Python that never backtracks.

The matcher walks all ways through a pattern at once, so that no pattern and no text can make it explode; SQLite
calls it too. Russ Cox's articles on regular expressions (swtch.com/~rsc/regexp) describe the method.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from engine.functions.patterns import Anchor, Either, Ranges, Repeat, Sequence, Set, Tree, read_pattern

# ---- for PostgreSQL


def rewritten(pattern: str) -> str:
    """A pattern in words that PostgreSQL's advanced regular expressions read alike."""
    return _written(read_pattern(pattern))


def _written(tree: Tree) -> str:
    match tree:
        case Set():
            return _written_set(tree.ranges)
        case Anchor():
            return tree.sign
        case Sequence():
            return "".join(map(_written, tree.parts)) or "(?:)"
        case Either():
            return f"(?:{'|'.join(map(_written, tree.branches))})"
        case Repeat():
            most = "" if tree.most is None else str(tree.most)
            return f"(?:{_written(tree.part)}){{{tree.least},{most}}}"


def _written_set(ranges: Ranges) -> str:
    if len(ranges) == 1 and ranges[0][0] == ranges[0][1]:
        return _written_character(ranges[0][0])
    if not ranges:
        return "[^\\u0001-\\U0010FFFF]"
    return (
        "[" + "".join(f"{_written_character(low)}-{_written_character(high)}" for low, high in ranges) + "]"
    )


def _written_character(number: int) -> str:
    if chr(number).isascii() and chr(number).isalnum():
        return chr(number)
    return f"\\u{number:04X}" if number <= 0xFFFF else f"\\U{number:08X}"


# ---- matching


@dataclass(slots=True)
class _State:
    """A step of the program: a character, an anchor or a fork, and where it goes on."""

    kind: str
    ranges: Ranges = ()
    first: int = -1
    second: int = -1


class Matcher:
    """A pattern's program. Sets of its steps are found as texts ask for them, and kept."""

    MOST_SETS = 2_000

    def __init__(self, tree: Tree) -> None:
        self.states: list[_State] = [_State("match")]
        self.start = self._add(tree, 0)
        self._forget()

    def _forget(self) -> None:
        self.sets: dict[frozenset[int], dict[str, frozenset[int]]] = {}

    # Building goes backwards: each part is added with the step that follows it.

    def _add(self, tree: Tree, after: int) -> int:
        match tree:
            case Set():
                return self._new(_State("set", tree.ranges, after))
            case Anchor():
                return self._new(_State(tree.sign, (), after))
            case Sequence():
                for part in reversed(tree.parts):
                    after = self._add(part, after)
                return after
            case Either():
                ways = [self._add(branch, after) for branch in tree.branches]
                made = ways[-1]
                for way in reversed(ways[:-1]):
                    made = self._new(_State("fork", (), way, made))
                return made
            case Repeat():
                return self._repeat(tree, after)

    def _repeat(self, tree: Repeat, after: int) -> int:
        made = after
        if tree.most is None:
            fork = self._new(_State("fork", (), -1, after))
            self.states[fork].first = self._add(tree.part, fork)
            made = fork
        else:
            for _ in range(tree.most - tree.least):
                made = self._new(_State("fork", (), self._add(tree.part, made), after))
        for _ in range(tree.least):
            made = self._add(tree.part, made)
        return made

    def _new(self, state: _State) -> int:
        self.states.append(state)
        return len(self.states) - 1

    # ---- running

    def _closure(self, steps: Iterator[int], begin: bool, end: bool) -> frozenset[int]:
        """The steps that can be reached without reading; of those, all that read, wait for the end or match."""
        found: set[int] = set()
        stack = [*steps, self.start]  # a match may begin anywhere
        while stack:
            step = stack.pop()
            if step in found:
                continue
            found.add(step)
            state = self.states[step]
            if state.kind == "fork":
                stack += (state.second, state.first)
            elif (state.kind == "^" and begin) or (state.kind == "$" and end):
                stack.append(state.first)
        return frozenset(found)

    def _ending(self, found: frozenset[int]) -> bool:
        """Whether a set of steps matches once the text is over."""
        steps = (self.states[step].first for step in found if self.states[step].kind == "$")
        return 0 in self._end_closure(list(steps))

    def _end_closure(self, stack: list[int]) -> set[int]:
        found: set[int] = set()
        while stack:
            step = stack.pop()
            if step in found:
                continue
            found.add(step)
            state = self.states[step]
            if state.kind == "fork":
                stack += (state.second, state.first)
            elif state.kind == "$":
                stack.append(state.first)
        return found

    def search(self, text: str) -> bool:
        """Whether the pattern is found anywhere in a text."""
        current = self._closure(iter(()), True, not text)
        if 0 in current:
            return True
        ways = self._ways(current)
        for sign in text:
            following = ways.get(sign)
            if following is None:
                following = self._closure(self._read(current, ord(sign)), False, False)
                ways[sign] = following
            if 0 in following:
                return True
            current = following
            ways = self._ways(current)
        return self._ending(current)

    def _ways(self, current: frozenset[int]) -> dict[str, frozenset[int]]:
        ways = self.sets.get(current)
        if ways is None:
            if len(self.sets) >= self.MOST_SETS:
                self._forget()
            ways = self.sets[current] = {}
        return ways

    def _read(self, current: frozenset[int], number: int) -> Iterator[int]:
        for step in current:
            state = self.states[step]
            if state.kind == "set" and any(low <= number <= high for low, high in state.ranges):
                yield state.first


@lru_cache(maxsize=1_000)
def matcher(pattern: str) -> Matcher:
    """The program of a pattern."""
    return Matcher(read_pattern(pattern))


def matches(text: str, pattern: str) -> bool:
    """Whether a pattern is found anywhere in a text."""
    return matcher(pattern).search(text)
