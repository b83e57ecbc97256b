"""Kinds of values an expression can have: what each is called, and what is exact about it.

Values in Python: `int` (64 bit), `Decimal` of a known scale, `Money` (an amount without a currency takes
whatever it meets), `float`, `str` (also a choice), `bool`, `date`, `time`, `datetime` (aware, UTC),
`timedelta`, tuples for lists, mappings for records. Null and unknown are both None.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MOST_SCALE = 18
"""Decimals of a decimal; unscaled, it has to fit 64 bits."""

LARGEST_INT = 2**63 - 1
SMALLEST_INT = -(2**63)


@dataclass(frozen=True, slots=True)
class Kind:
    """The base of every kind; `word` is how messages call it."""

    @property
    def word(self) -> str:
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Plain(Kind):
    """A kind with nothing more to say about it."""

    name: str
    label: str

    @property
    def word(self) -> str:
        return self.label


BOOL = Plain("bool", "a condition")
INT = Plain("int", "a whole number")
DOUBLE = Plain("double", "a floating number")
STRING = Plain("string", "a text")
DATE = Plain("date", "a date")
TIME = Plain("time", "a time of day")
DATETIME = Plain("datetime", "a moment")
DURATION = Plain("duration", "a length of time")
NULL = Plain("null", "null")
JSON = Plain("json", "JSON")
UUID = Plain("uuid", "a UUID")
ANY = Plain("any", "anything")
"""Of what could not be resolved and has been complained of: it fits everywhere, silently."""


@dataclass(frozen=True, slots=True)
class DecimalKind(Kind):
    """An exact number with `scale` decimals."""

    scale: int

    @property
    def word(self) -> str:
        return "a decimal number"


@dataclass(frozen=True, slots=True)
class MoneyKind(Kind):
    """An amount of money. `currency` is "" where each value has its own; `extra` counts the decimals that
    arithmetic has added to those of the currency."""

    currency: str = ""
    extra: int = 0

    @property
    def word(self) -> str:
        return "an amount of money"


@dataclass(frozen=True, slots=True)
class EnumKind(Kind):
    """One of the named values of a choice or state; a text to functions.

    `attributes` are what its options say of themselves: by attribute, the value of each option that has one.
    """

    names: tuple[str, ...]
    of: str = "choice"
    attributes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, compare=False, repr=False)

    @property
    def word(self) -> str:
        return f"a {self.of}"


@dataclass(frozen=True, slots=True)
class StructKind(Kind):
    """A value of several named parts (an address); a part is null where it is empty."""

    name: str
    parts: Mapping[str, Kind] = field(hash=False)

    @property
    def word(self) -> str:
        return f"a {self.name}" if self.name[0] not in "aeiou" else f"an {self.name}"


@dataclass(frozen=True, slots=True)
class RecordKind(Kind):
    """A record of one of several entities (usually one)."""

    entities: tuple[str, ...]

    @property
    def word(self) -> str:
        return f"a record of {' or '.join(self.entities)}"


@dataclass(frozen=True, slots=True)
class ListKind(Kind):
    """A list; `nulls` says whether an item can be null."""

    item: Kind
    nulls: bool = False

    @property
    def word(self) -> str:
        return "a list"


def is_text(kind: Kind) -> bool:
    """Whether functions take it as a text."""
    return kind is STRING or isinstance(kind, EnumKind)


def is_number(kind: Kind) -> bool:
    return kind is INT or kind is DOUBLE or isinstance(kind, DecimalKind)


def is_ordered(kind: Kind) -> bool:
    """Whether values are less or more than one another."""
    return (
        is_number(kind)
        or isinstance(kind, MoneyKind)
        or kind in (STRING, DATE, TIME, DATETIME, DURATION, BOOL)
    )
