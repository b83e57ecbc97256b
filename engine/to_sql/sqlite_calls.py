"""SQLite calls Python: functions of the language that it can't say itself, and arithmetic beyond 64 bits.

Connections are opened before an application's plugins are known, and outlive a reload. So one dispatcher is
registered on each, and finds a function in a table of this process by its name and parameters; the table holds
the newest one. Nothing but compiled expressions writes its keys.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from engine.expressions.kinds import (
    BOOL,
    DATE,
    DATETIME,
    DOUBLE,
    DURATION,
    INT,
    STRING,
    TIME,
    UUID,
    DecimalKind,
    Kind,
    MoneyKind,
    RecordKind,
)
from engine.expressions.literals import literal_zone
from engine.expressions.registry import Function
from engine.functions import arithmetic
from engine.functions.arithmetic import LARGEST, SMALLEST
from engine.functions.budget import TooMuch
from engine.sql.storage import Form, form

CALL = "engine_call"
DIVIDE = "engine_divide"
MULTIPLY = "engine_multiply"
AVERAGE = "engine_average"
WHOLE = "engine_whole"
QUOTIENT = "engine_quotient"
REMAINDER = "engine_remainder"
MOVED_DAY = "engine_moved_day"
MOMENT_OR_NULL = "engine_moment"

FIRST_MOMENT = -62_135_596_800_000_000
LAST_MOMENT = 253_402_300_799_999_999
"""Microseconds from 1970 to the first and last moment of the years 1 to 9999."""

_functions: dict[str, Function] = {}

LETTERS: dict[Kind, str] = {
    BOOL: "b", INT: "i", DOUBLE: "f", STRING: "s", DATE: "D", TIME: "T", DATETIME: "Z", DURATION: "L", UUID: "u",
}  # fmt: skip
KINDS = {letter: kind for kind, letter in LETTERS.items()}


def key_of(function: Function) -> str:
    """The name a function is called by, which is made known with that."""
    words = ",".join(parameter.takes.word for parameter in function.parameters)
    key = f"{function.plugin}/{function.name}({words})"
    _functions[key] = function
    return key


def signature(kinds: tuple[Kind, ...], result: Kind) -> str:
    """Kinds of arguments and result as a text: `Z,i>D`."""
    return ",".join(map(_letter, kinds)) + ">" + _letter(result)


def _letter(kind: Kind) -> str:
    if isinstance(kind, DecimalKind):
        return f"d{kind.scale}"
    if isinstance(kind, MoneyKind):
        return f"m{kind.currency}.{kind.extra}"
    return LETTERS.get(kind, "i" if isinstance(kind, RecordKind) else "s")


def _kind(letter: str) -> Kind:
    if letter[0] == "d":
        return DecimalKind(int(letter[1:]))
    if letter[0] == "m":
        currency, _, extra = letter[1:].partition(".")
        return MoneyKind(currency, int(extra))
    return KINDS[letter]


@lru_cache(maxsize=2_000)
def _forms(text: str) -> tuple[tuple[Form, ...], Form, tuple[Kind, ...]]:
    given, _, result = text.partition(">")
    kinds = tuple(_kind(letter) for letter in given.split(",") if letter)
    made = _kind(result)
    return tuple(map(form, kinds)), form(made), (*kinds, made)


def call(key: str, kinds: str, zone: str | None, *cells: Any) -> Any:
    """Call a function with cells; null in, null out."""
    if None in cells:
        return None
    function = _functions[key]
    loads, result, all_kinds = _forms(kinds)
    named: dict[str, Any] = {}
    if function.zoned:
        named["zone"] = literal_zone(zone or "UTC")
    if function.kinded:
        named["kinds"] = all_kinds
    try:
        value = function.python(*(each.load(cell) for each, cell in zip(loads, cells, strict=True)), **named)
    except TooMuch:  # one record must not make the whole query fail
        return None
    return None if value is None else result.store(value)


# ---- arithmetic that passes 64 bits on its way


def _fitting(number: int) -> int | None:
    return number if SMALLEST <= number <= LARGEST else None


def _quotient(top: int, bottom: int) -> int:
    """Rounded half away from zero."""
    whole, rest = divmod(abs(top), abs(bottom))
    whole += 2 * rest >= abs(bottom)
    return whole if (top < 0) == (bottom < 0) else -whole


def divide(left: int | None, right: int | None, shift: int) -> int | None:
    """`left · 10^shift / right` of whole numbers; by zero, nothing."""
    if left is None or not right:
        return None
    return _fitting(_quotient(left * 10**shift, right))


def multiply(left: int | None, right: int | None, drop: int) -> int | None:
    """`left · right / 10^drop`."""
    if left is None or right is None:
        return None
    return _fitting(_quotient(left * right, 10**drop))


def whole(value: int | float | None) -> int | None:
    """A whole number; SQLite's arithmetic gives another where it overflows."""
    return value if isinstance(value, int) else None


def quotient(left: int | None, right: int | None) -> int | None:
    return None if left is None or right is None else arithmetic.divide_int(left, right)


def remainder(left: int | None, right: int | None) -> int | None:
    return None if left is None or right is None else arithmetic.remainder_int(left, right)


def moved_day(day: str | None, length: int | None) -> str | None:
    """A date some microseconds later, in whole days."""
    if day is None or length is None:
        return None
    moved = arithmetic.add_day(date.fromisoformat(day), timedelta(microseconds=length))
    return None if moved is None else moved.isoformat()


def moment_or_null(microseconds: int | float | None) -> int | None:
    """A moment within the years 1 to 9999."""
    if not isinstance(microseconds, int):
        return None
    return microseconds if FIRST_MOMENT <= microseconds <= LAST_MOMENT else None


class Average:
    """The exact average of whole numbers that are not null, times ten to a power."""

    def __init__(self) -> None:
        self.total = self.count = self.shift = 0

    def step(self, value: int | None, shift: int) -> None:
        if value is not None:
            self.total, self.count, self.shift = self.total + value, self.count + 1, shift

    def finalize(self) -> int | None:
        if not self.count:
            return None
        return _fitting(_quotient(self.total * 10**self.shift, self.count))


def register(connection: sqlite3.Connection) -> None:
    """Make a connection know what compiled expressions call."""
    functions: tuple[tuple[str, int, Callable[..., Any]], ...] = (
        (CALL, -1, call),
        (DIVIDE, 3, divide),
        (MULTIPLY, 3, multiply),
        (WHOLE, 1, whole),
        (QUOTIENT, 2, quotient),
        (REMAINDER, 2, remainder),
        (MOVED_DAY, 2, moved_day),
        (MOMENT_OR_NULL, 1, moment_or_null),
    )
    for name, count, function in functions:
        connection.create_function(name, count, function, deterministic=True)
    connection.create_aggregate(AVERAGE, 2, Average)  # type: ignore[arg-type]  # its result may be null
