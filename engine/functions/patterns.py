"""Patterns of `matches`: the part of RE2's syntax that all engines agree on, read into a tree.

A pattern is read into a tree; pattern_match.py makes of that what the engines run.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

MOST_REPEATS = 255
"""PostgreSQL's limit of `{n,m}`."""

MOST_STATES = 3_000
LARGEST_CHARACTER = 0x10FFFF

Ranges = tuple[tuple[int, int], ...]

DIGIT: Ranges = ((48, 57),)
WORD: Ranges = ((48, 57), (65, 90), (95, 95), (97, 122))
SPACE: Ranges = ((9, 10), (12, 13), (32, 32))
CLASSES = {"d": DIGIT, "w": WORD, "s": SPACE}
ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v", "a": "\a"}
PUNCTUATION = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~ ")


class BadPattern(ValueError):
    """A pattern that can't be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Set:
    """One character of several."""

    ranges: Ranges


@dataclass(frozen=True, slots=True)
class Anchor:
    """`^` or `$`: the text's begin or end."""

    sign: str


@dataclass(frozen=True, slots=True)
class Sequence:
    parts: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Either:
    branches: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """`part` from `least` to `most` times; None: as often as it likes."""

    part: Tree
    least: int
    most: int | None


Tree = Set | Anchor | Sequence | Either | Repeat


def pattern_problem(pattern: str) -> str | None:
    """What is wrong with a pattern, or None."""
    try:
        size = _size(read_pattern(pattern))
    except BadPattern as problem:
        return str(problem)
    if size > MOST_STATES:
        return f"this pattern is too large: its repetitions come to {size:,} steps, more than {MOST_STATES:,}"
    return None


@lru_cache(maxsize=1_000)
def read_pattern(pattern: str) -> Tree:
    """The tree of a pattern. Raises BadPattern."""
    reader = _Reader(pattern)
    tree = reader.either(0)
    if reader.rest():
        raise BadPattern("a ) has no ( before it: write \\) for the character")
    return tree


class _Reader:
    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.position = 0

    def rest(self) -> str:
        return self.pattern[self.position :]

    def peek(self) -> str:
        return self.pattern[self.position : self.position + 1]

    def take(self) -> str:
        found = self.peek()
        self.position += 1
        return found

    def either(self, depth: int) -> Tree:
        if depth > 20:
            raise BadPattern("groups are nested more than 20 deep")
        branches = [self.sequence(depth)]
        while self.peek() == "|":
            self.take()
            branches.append(self.sequence(depth))
        return branches[0] if len(branches) == 1 else Either(tuple(branches))

    def sequence(self, depth: int) -> Tree:
        parts: list[Tree] = []
        while self.peek() not in ("", "|", ")"):
            parts.append(self.repeated(self.atom(depth)))
        return parts[0] if len(parts) == 1 else Sequence(tuple(parts))

    def atom(self, depth: int) -> Tree:
        sign = self.take()
        if sign == "(":
            return self.group(depth)
        if sign == "[":
            return self.character_class()
        if sign == ".":
            return Set(_without(((10, 10),)))
        if sign in "^$":
            return Anchor(sign)
        if sign in "*+?":
            raise BadPattern(f"there is nothing before {sign} to repeat: write \\{sign} for the character")
        if sign == "{":
            raise BadPattern("a { repeats what is before it: write \\{ for the character")
        if sign == "\\":
            return Set(self.escape())
        return Set(((ord(sign), ord(sign)),))

    def group(self, depth: int) -> Tree:
        if self.peek() == "?":
            if self.rest()[:2] != "?:":
                raise BadPattern(
                    "of the groups that begin with (? only (?:…) is portable: no flags, names or look-around"
                )
            self.position += 2
        inner = self.either(depth + 1)
        if self.take() != ")":
            raise BadPattern("a ( is not closed")
        return inner

    def repeated(self, part: Tree) -> Tree:
        sign = self.peek()
        if sign not in ("*", "+", "?", "{") or sign == "":
            return part
        if isinstance(part, Anchor):
            raise BadPattern(f"{part.sign} can't be repeated")
        self.take()
        least, most = {"*": (0, None), "+": (1, None), "?": (0, 1)}.get(sign) or self.counts()
        if self.peek() == "?":  # reluctant: finds the same texts
            self.take()
        if self.peek() in ("*", "+", "?", "{") and self.peek():
            raise BadPattern(f"{self.peek()} follows another repetition: put a group around the first")
        return Repeat(part, least, most)

    def counts(self) -> tuple[int, int | None]:
        end = self.rest().find("}")
        inner = self.rest()[: max(end, 0)]
        first, comma, second = inner.partition(",")
        numbers = [first, *([second] if second else [])]
        if end < 0 or not all(
            number.isascii() and number.isdigit() and len(number) < 6 for number in numbers
        ):
            raise BadPattern("a repetition is written {2}, {2,} or {2,5}")
        self.position += end + 1
        least = int(first)
        most = int(second) if second else None if comma else least
        if max(least, most or 0) > MOST_REPEATS:
            raise BadPattern(f"nothing is repeated more than {MOST_REPEATS} times")
        if most is not None and most < least:
            raise BadPattern(f"{{{inner}}} repeats at most less often than at least")
        return least, most

    def escape(self) -> Ranges:
        sign = self.take()
        if sign.lower() in CLASSES:
            return _without(CLASSES[sign.lower()]) if sign.isupper() else CLASSES[sign]
        if sign in ESCAPES:
            return ((ord(ESCAPES[sign]), ord(ESCAPES[sign])),)
        if sign == "x":
            return self.hexadecimal()
        if sign in PUNCTUATION:
            return ((ord(sign), ord(sign)),)
        if not sign:
            raise BadPattern("it ends in a single backslash")
        why = "back-references are not" if sign.isdigit() else f"\\{sign} is not"
        raise BadPattern(
            f"{why} portable: there are \\d \\w \\s \\D \\W \\S, \\n \\t \\r, \\x41, and signs after a backslash"
        )

    def hexadecimal(self) -> Ranges:
        braced = self.peek() == "{"
        digits = self.rest()[1 : self.rest().find("}")] if braced else self.rest()[:2]
        try:
            number = int(digits, 16) if digits.isalnum() and (braced or len(digits) == 2) else -1
        except ValueError:
            number = -1
        if not 0 < number <= LARGEST_CHARACTER or 0xD800 <= number <= 0xDFFF:
            raise BadPattern("a character by its number is written \\x41 or \\x{1F600}")
        self.position += len(digits) + 2 * braced
        return ((number, number),)

    def character_class(self) -> Tree:
        negated = self.peek() == "^"
        if negated:
            self.take()
        found: list[tuple[int, int]] = []
        first = True
        while first or self.peek() != "]":
            found += self.class_item(first)
            first = False
        self.take()
        ranges = _merged(found)
        return Set(_without(ranges) if negated else ranges)

    def class_item(self, first: bool) -> Ranges:
        sign = self.take()
        if not sign:
            raise BadPattern("a [ is not closed")
        if sign == "[" and self.peek() in (":", ".", "="):
            raise BadPattern("[[:alpha:]] and its like are not portable: write [A-Za-z]")
        if sign == "-" and not first and self.peek() != "]":
            raise BadPattern("a - stands first or last in […], or as \\-")
        low = self.escape() if sign == "\\" else ((ord(sign), ord(sign)),)
        if self.peek() != "-" or self.rest()[1:2] in ("]", ""):
            return low
        self.take()
        sign = self.take()
        high = self.escape() if sign == "\\" else ((ord(sign), ord(sign)),)
        if any(len(side) != 1 or side[0][0] != side[0][1] for side in (low, high)):
            raise BadPattern("a range in […] goes from one character to another")
        if low[0][0] > high[0][0]:
            raise BadPattern(f"the range {chr(low[0][0])}-{chr(high[0][0])} goes backwards")
        return ((low[0][0], high[0][0]),)


def _merged(ranges: list[tuple[int, int]]) -> Ranges:
    made: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if made and low <= made[-1][1] + 1:
            made[-1] = (made[-1][0], max(high, made[-1][1]))
        else:
            made.append((low, high))
    return tuple(made)


def _without(ranges: Ranges) -> Ranges:
    made, start = [], 1  # no text holds a character 0
    for low, high in _merged(list(ranges)):
        if low > start:
            made.append((start, low - 1))
        start = high + 1
    if start <= LARGEST_CHARACTER:
        made.append((start, LARGEST_CHARACTER))
    return tuple(made)


def _size(tree: Tree) -> int:
    """States that a pattern needs."""
    match tree:
        case Sequence():
            return sum(_size(part) for part in tree.parts)
        case Either():
            return sum(_size(branch) + 2 for branch in tree.branches)
        case Repeat():
            return _size(tree.part) * max(tree.least + (tree.most is None), tree.most or 0, 1) + 2
        case _:
            return 1
