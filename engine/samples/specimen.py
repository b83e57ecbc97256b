"""Texts that match a regular expression, for sample data: the common signs, read by a small parser.

Literals, `.`, classes (`[A-Z0-9_]`, `\\d \\w \\s`), groups, `|` and counts (`? * + {2} {2,5}`) are
understood; a pattern with anything else gives its texts up with a clear error.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from random import Random
from string import ascii_letters, ascii_lowercase, ascii_uppercase, digits

Maker = Callable[[Random], str]

CLASSES = {
    "d": digits,
    "w": ascii_lowercase + digits,
    "s": " ",
    "D": ascii_lowercase,
    "W": "-",
    "S": ascii_lowercase,
}
MORE = 3
"""How many times `*` and `+` repeat at most beyond what they must."""

ATTEMPTS = 200


def specimen(pattern: str, random: Random, least: int, most: int) -> str:
    """A text of `least` to `most` characters that matches the whole pattern; ValueError if none is found."""
    make = _maker(pattern)
    form = re.compile(pattern)
    for _ in range(ATTEMPTS):
        text = make(random)
        if least <= len(text) <= most and text == text.strip() and form.fullmatch(text):
            return text
    raise ValueError(f"no sample text can be made for the pattern {pattern!r}")


@lru_cache(maxsize=256)
def _maker(pattern: str) -> Maker:
    return _Parser(pattern).alternatives()


class _Parser:
    """Reads a pattern from left to right into functions that make its parts."""

    def __init__(self, pattern: str) -> None:
        self.rest = pattern

    def take(self, sign: str) -> bool:
        found = self.rest.startswith(sign)
        if found:
            self.rest = self.rest[len(sign) :]
        return found

    def next(self) -> str:
        if not self.rest:
            raise ValueError("the pattern ends too early")
        sign, self.rest = self.rest[0], self.rest[1:]
        return sign

    def alternatives(self) -> Maker:
        ways = [self.sequence()]
        while self.take("|"):
            ways.append(self.sequence())
        return lambda random: random.choice(ways)(random)

    def sequence(self) -> Maker:
        parts: list[Maker] = []
        while self.rest and self.rest[0] not in "|)":
            part = self.part()
            low, high = self.count()
            parts.append(_repeated(part, low, high))
        return lambda random: "".join(part(random) for part in parts)

    def part(self) -> Maker:
        sign = self.next()
        if sign in "^$":
            return lambda random: ""
        if sign == "(":
            if self.rest.startswith("?") and not self.take("?:"):
                raise ValueError("only (?:…) groups are understood")
            inside = self.alternatives()
            if not self.take(")"):
                raise ValueError("a group is not closed")
            return inside
        letters = self.letters(sign)
        return lambda random: random.choice(letters)

    def letters(self, sign: str) -> str:
        """The characters that one sign of the pattern stands for."""
        if sign == ".":
            return ascii_letters + digits
        if sign == "\\":
            escaped = self.next()
            if escaped in CLASSES:
                return CLASSES[escaped]
            if escaped.isalnum():
                raise ValueError(f"\\{escaped} is not understood")
            return escaped
        if sign == "[":
            return self.klass()
        return sign

    def klass(self) -> str:
        excluded = self.take("^")
        found = ""
        while not self.take("]"):
            first = self.letters(self.next())
            if self.rest.startswith("-") and not self.rest.startswith("-]"):
                self.next()
                found += "".join(map(chr, range(ord(first), ord(self.letters(self.next())) + 1)))
            else:
                found += first
        if excluded:
            return "".join(sign for sign in ascii_uppercase + ascii_lowercase + digits if sign not in found)
        return found

    def count(self) -> tuple[int, int]:
        """How often the part before is repeated: at least, at most."""
        low, high = 1, 1
        match = re.match(r"\{(\d+)(,?)(\d*)\}", self.rest)
        if match:
            self.rest = self.rest[match.end() :]
            low = int(match.group(1))
            high = int(match.group(3)) if match.group(3) else low + MORE * bool(match.group(2))
        elif self.take("?"):
            low = 0
        elif self.take("*"):
            low, high = 0, MORE
        elif self.take("+"):
            high = 1 + MORE
        self.take("?")  # lazy or greedy makes no difference here
        return low, high


def _repeated(part: Maker, low: int, high: int) -> Maker:
    if (low, high) == (1, 1):
        return part
    return lambda random: "".join(part(random) for _ in range(random.randint(low, high)))
