"""A length of time: 1h 30m, 2d."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import cached_property
from random import Random
from typing import Any, ClassVar, Final

import sqlalchemy as sa

from engine.types.base import (
    EQUALITY,
    ORDER,
    ColumnSpec,
    Control,
    OptionProblem,
    PropertyType,
    Refused,
    option,
)
from engine.types.clean import kind_of, quoted, require_text, typed_code
from engine.types.columns import Microseconds
from engine.types.conditions import Columns, stored_condition
from engine.types.display import Display, Shown
from engine.types.number import crossed

MICROSECOND: Final = timedelta(microseconds=1)
UNITS: Final = {"w": 604_800, "d": 86_400, "h": 3600, "m": 60, "s": 1}
LONGEST: Final = timedelta(days=3_652_500)
"""Ten thousand years, so that microseconds fit 64 bits with room to add."""

LITERAL: Final = (
    r"(?=[0-9])(?:([0-9]{1,9})w ?)?(?:([0-9]{1,9})d ?)?(?:([0-9]{1,9})h ?)?(?:([0-9]{1,12})m ?)?"
    r"(?:([0-9]{1,12}(?:\.[0-9]{1,6})?)s)?"
)
ISO: Final = (
    r"P(?=[0-9T])(?:([0-9]{1,9})W)?(?:([0-9]{1,9})D)?"
    r"(?:T(?=[0-9])(?:([0-9]{1,9})H)?(?:([0-9]{1,12})M)?(?:([0-9]{1,12}(?:\.[0-9]{1,6})?)S)?)?"
)
READ: Final = re.compile(rf"(-?)(?:0|{LITERAL}|{ISO})")  # none at all needs no unit
PATTERN: Final = "^" + re.sub(r"\((?!\?)", "(?:", READ.pattern) + "$"
WORDS: Final = (
    ("w", r"weeks?"),
    ("d", r"days?"),
    ("h", r"hours?|hrs?"),
    ("m", r"minutes?|mins?"),
    ("s", r"seconds?|secs?"),
)
CLOCK: Final = re.compile(r"([0-9]{1,6}):([0-5][0-9])(?::([0-5][0-9]))?")


def read_duration(raw: Any) -> timedelta:
    """A length of time from its JSON form, `PT48H30M` or `2d 30m`; raises Refused."""
    if isinstance(raw, timedelta):
        return _in_range(raw)
    if not isinstance(raw, str):
        raise Refused("not-a-text", f"This takes a length of time such as 1h 30m, not {kind_of(raw)}.")
    match = READ.fullmatch(require_text(raw, 80))
    if match is None:
        raise Refused(
            "bad-duration", f"{quoted(raw)} is not a length of time: write it as 2d 4h 30m, or PT52H30M."
        )
    sign, *parts = match.groups()
    amounts = parts[:5] if any(parts[:5]) else parts[5:]
    seconds = sum(Decimal(amount or 0) * unit for amount, unit in zip(amounts, UNITS.values(), strict=True))
    try:
        found = timedelta(microseconds=int(seconds * 1_000_000))
    except OverflowError:
        raise _too_long() from None
    return _in_range(-found if sign else found)


def _in_range(length: timedelta) -> timedelta:
    if abs(length) > LONGEST:
        raise _too_long()
    return length


def _too_long() -> Refused:
    return Refused("too-large", f"A length of time is at most {LONGEST.days:,} days.")


def typed_duration(text: str) -> timedelta:
    """A length of time as people type it: 1h30, 1:30, 90 min, 2 days 4 hours. Raises Refused."""
    typed = typed_code(require_text(text, 80)).lower()
    clock = CLOCK.fullmatch(typed)
    if clock:
        hours, minutes, seconds = clock.groups(default="0")
        return timedelta(hours=int(hours), minutes=int(minutes), seconds=int(seconds))
    if typed.startswith(("p", "-p")):
        return read_duration(typed.upper())
    plain = re.sub(r"\s*,\s*|\s+", " ", typed)
    for unit, words in WORDS:
        plain = re.sub(rf"(?<=[0-9]) ?(?:{words}|{unit})(?![a-z])", unit, plain)
    try:
        return read_duration(plain)
    except Refused as refused:
        if refused.code != "bad-duration":
            raise
        raise Refused(
            refused.code, f"{quoted(text)} is not a length of time: write it as 2d 4h 30m."
        ) from refused


def parts_of(length: timedelta) -> list[tuple[str, str]]:
    """A length without its sign as days, hours, minutes and seconds, those that are zero left out."""
    rest = abs(length) // MICROSECOND
    found = []
    for unit in "dhm":
        number, rest = divmod(rest, UNITS[unit] * 1_000_000)
        if number:
            found.append((str(number), unit))
    if rest:
        seconds, micro = divmod(rest, 1_000_000)
        found.append((f"{seconds}.{micro:06}".rstrip("0") if micro else str(seconds), "s"))
    return found


def show_duration(length: timedelta) -> str:
    """`2d 4h 30m`, in every language."""
    sign = "-" if length < timedelta(0) else ""
    return sign + (" ".join(number + unit for number, unit in parts_of(length)) or "0m")


def readable(length: timedelta) -> timedelta:
    """What is read of a length, such as that between two moments: from a minute on no parts of a second, from a second
    on hundredths."""
    size = abs(length)
    if size < timedelta(seconds=1):
        return length
    finest = timedelta(seconds=1) if size >= timedelta(minutes=1) else timedelta(milliseconds=10)
    kept = size - size % finest
    return -kept if length < timedelta(0) else kept


def iso_duration(length: timedelta) -> str:
    """`P2DT4H30M`."""
    parts = parts_of(length)
    days = "".join(f"{number}D" for number, unit in parts if unit == "d")
    clock = "".join(number + unit.upper() for number, unit in parts if unit != "d")
    sign = "-" if length < timedelta(0) else ""
    return f"{sign}P{days}{'T' if clock else ''}{clock}" if parts else "PT0S"


@dataclass(frozen=True, kw_only=True)
class DurationType(PropertyType):
    """A length of time to the microsecond; a day is 24 hours. Months and years have no fixed length."""

    name = "duration"
    summary = "A length of time: 1h 30m, 2d."
    example: ClassVar[Mapping[str, Any]] = {"type": "duration", "min": "0m"}
    expression_type = "duration"
    operators = (*EQUALITY, *ORDER)
    numeric = True

    min: str | None = option(
        None, schema={"type": "string", "pattern": PATTERN}, description="The shortest.", example="0m"
    )
    max: str | None = option(
        None, schema={"type": "string", "pattern": PATTERN}, description="The longest.", example="30d"
    )

    def problems(self) -> Iterator[OptionProblem]:
        for name in ("min", "max"):
            try:
                read_duration(getattr(self, name) or "0m")
            except Refused as refused:
                yield OptionProblem(name, "bad-option", str(refused))
                return
        yield from crossed(self.shortest, self.longest, (self.min, self.max))

    @cached_property
    def shortest(self) -> timedelta | None:
        return read_duration(self.min) if self.min else None

    @cached_property
    def longest(self) -> timedelta | None:
        return read_duration(self.max) if self.max else None

    def columns(self) -> tuple[ColumnSpec, ...]:
        return (ColumnSpec("", Microseconds()),)

    def store(self, value: timedelta) -> tuple[Any, ...]:
        return (value // MICROSECOND,)

    def load(self, cells: Sequence[Any]) -> timedelta:
        return timedelta(microseconds=cells[0])

    def condition(self, operator: str, columns: Columns, operand: Any) -> sa.ColumnElement[bool]:
        return stored_condition(operator, columns[0], operand, lambda value: value // MICROSECOND)

    def empty(self, value: Any) -> bool:
        return False

    def parse(self, raw: Any) -> timedelta:
        return self._within(read_duration(raw))

    def parse_text(self, text: str, display: Display) -> timedelta:
        return self._within(typed_duration(text))

    def parse_operand(self, raw: Any) -> timedelta:
        return typed_duration(raw) if isinstance(raw, str) else read_duration(raw)

    def _within(self, length: timedelta) -> timedelta:
        if self.shortest is not None and length < self.shortest:
            raise Refused("too-small", f"This is at least {self.min}.")
        if self.longest is not None and length > self.longest:
            raise Refused("too-large", f"This is at most {self.max}.")
        return length

    def to_json(self, value: timedelta) -> str:
        return iso_duration(value)

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "maxLength": 80, "pattern": PATTERN}

    def to_text(self, value: timedelta, display: Display) -> str:
        return show_duration(value)

    def show(self, value: timedelta, display: Display) -> Shown:
        exact, shown = show_duration(value), show_duration(readable(value))
        return Shown(shown, title=exact if exact != shown else "")

    def to_export(self, value: timedelta) -> str:
        return show_duration(value)

    def control(self) -> Control:
        return Control("duration", {"maxlength": "80", "placeholder": "1h 30m"})

    def sample(self, random: Random, number: int) -> timedelta:
        quarter = timedelta(minutes=15)
        low = self.shortest if self.shortest is not None else min(timedelta(0), self.longest or timedelta(0))
        room = (self.longest - low) // quarter if self.longest is not None else 32
        return low + quarter * random.randint(min(1, room), min(32, room))
