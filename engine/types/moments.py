"""When: dates, times of day, instants, durations. Instants are UTC inside and local at the edge."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from random import Random
from typing import Any

import sqlalchemy as sa
from babel.dates import format_date, format_datetime, format_time, parse_date

from engine.types.base import EQUALITY, ORDER, ColumnSpec, Control, PropertyType, Refused, option
from engine.types.clean import kind_of, machine_text
from engine.types.columns import UtcDateTime
from engine.types.display import Display, Shown

ISO_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
ISO_TIME = re.compile(r"(\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,6})\d*)?)?")
ZONE = re.compile(r"(Z|z|[+-]\d{2}:?\d{2})$")


def read_date(raw: Any) -> date:
    """An ISO date; raises Refused, also for a day that no calendar has."""
    if isinstance(raw, date) and not isinstance(raw, datetime):
        return raw
    text = _text(raw, "a date")
    match = ISO_DATE.fullmatch(text)
    if not match:
        raise Refused("bad-date", f"{text[:40]!r} is no date: write it as 2026-01-31.")
    try:
        return date(*map(int, match.groups()))
    except ValueError as error:
        raise Refused("bad-date", f"There is no {text}: years go from 0001 to 9999, and the day has to exist.") from error


def read_time(raw: Any) -> time:
    """An ISO time of day without zone; raises Refused."""
    if isinstance(raw, time):
        return raw
    text = _text(raw, "a time of day")
    match = ISO_TIME.fullmatch(text)
    if not match:
        raise Refused("bad-time", f"{text[:40]!r} is no time of day: write it as 14:30.")
    hour, minute, second, fraction = match.groups(default="0")
    if second == "60":
        raise Refused("bad-time", "Leap seconds (:60) can't be stored: use :59.")
    try:
        return time(int(hour), int(minute), int(second), int(fraction.ljust(6, "0")))
    except ValueError as error:
        raise Refused("bad-time", f"There is no time {text}.") from error


def _text(raw: Any, what: str) -> str:
    if not isinstance(raw, str):
        raise Refused("not-a-text", f"This takes {what} as a text, not {kind_of(raw)}.")
    return machine_text(raw, 100)


@dataclass(frozen=True, kw_only=True)
class DateType(PropertyType):
    """A day, without time or zone."""

    name = "date"
    summary = "A day in the calendar."
    example = {"type": "date"}
    expression_type = "date"
    operators = (*EQUALITY, *ORDER)

    min: str | None = option(
        None, schema={"type": "string", "format": "date"}, description="The first day.", example="2000-01-01"
    )
    max: str | None = option(
        None, schema={"type": "string", "format": "date"}, description="The last day.", example="2099-12-31"
    )

    def columns(self) -> tuple[ColumnSpec, ...]:
        return (ColumnSpec("", sa.Date()),)

    def parse(self, raw: Any) -> date:
        day = read_date(raw)
        if self.min is not None and day < date.fromisoformat(self.min):
            raise Refused("too-small", f"This is {self.min} or later.")
        if self.max is not None and day > date.fromisoformat(self.max):
            raise Refused("too-large", f"This is {self.max} or earlier.")
        return day

    def parse_text(self, text: str, display: Display) -> date:
        plain = machine_text(text, 100)
        if not ISO_DATE.fullmatch(plain):
            try:
                plain = parse_date(plain, locale=display.locale).isoformat()
            except (ValueError, IndexError, KeyError):
                pass
        return self.parse(plain)

    def parse_operand(self, raw: Any) -> date:
        return read_date(raw)

    def to_json(self, value: date) -> str:
        return value.isoformat()

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "date"}

    def to_text(self, value: date, display: Display) -> str:
        return format_date(value, "medium", locale=display.locale)

    def to_form(self, value: date, display: Display) -> dict[str, Any]:
        return {"": value.isoformat()}

    def show(self, value: date, display: Display) -> Shown:
        return Shown(self.to_text(value, display), "due", machine=value.isoformat())

    def control(self) -> Control:
        return Control("date", {key: text for key, text in (("min", self.min), ("max", self.max)) if text})

    def sample(self, random: Random, number: int) -> date:
        low = date.fromisoformat(self.min) if self.min else date(2025, 1, 1)
        high = date.fromisoformat(self.max) if self.max else low + timedelta(days=800)
        return low + timedelta(days=random.randint(0, max((high - low).days, 0)))


@dataclass(frozen=True, kw_only=True)
class TimeType(PropertyType):
    """A time of day, without zone."""

    name = "time"
    summary = "A time of day, such as an opening hour."
    example = {"type": "time"}
    expression_type = "time"
    operators = (*EQUALITY, *ORDER)

    def columns(self) -> tuple[ColumnSpec, ...]:
        return (ColumnSpec("", sa.Time()),)

    def parse(self, raw: Any) -> time:
        return read_time(raw)

    def to_json(self, value: time) -> str:
        return value.isoformat()

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": r"^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,6})?)?$"}

    def to_text(self, value: time, display: Display) -> str:
        return format_time(value, "medium" if value.second else "short", locale=display.locale)

    def to_form(self, value: time, display: Display) -> dict[str, Any]:
        return {"": value.isoformat()}

    def control(self) -> Control:
        return Control("time", {"step": "1"})

    def sample(self, random: Random, number: int) -> time:
        return time(random.randint(7, 18), random.choice((0, 15, 30, 45)))


@dataclass(frozen=True, kw_only=True)
class DateTimeType(PropertyType):
    """An instant: stored in UTC, shown and typed in the reader's zone."""

    name = "datetime"
    summary = "A moment in time; stored in UTC, shown in the reader's time zone."
    example = {"type": "datetime"}
    expression_type = "datetime"
    operators = (*EQUALITY, *ORDER)

    def columns(self) -> tuple[ColumnSpec, ...]:
        return (ColumnSpec("", UtcDateTime()),)

    def parse(self, raw: Any) -> datetime:
        if isinstance(raw, datetime) and raw.tzinfo is not None:
            return raw.astimezone(UTC)
        text = _text(raw, "a date and time")
        zone = ZONE.search(text)
        if not zone:
            raise Refused("no-zone", "A date and time needs its zone: 2026-01-31T14:30:00Z, or +02:00 at the end.")
        local = self._local(text[: zone.start()])
        return self._in_range(local, zone.group().upper().replace("Z", "+00:00"))

    @staticmethod
    def _local(text: str) -> datetime:
        day, _, clock = text.strip().replace(" ", "T", 1).partition("T")
        return datetime.combine(read_date(day), read_time(clock or "00:00"))

    @staticmethod
    def _in_range(local: datetime, offset: str) -> datetime:
        try:
            return datetime.fromisoformat(f"{local.isoformat()}{offset}").astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise Refused("bad-date", "This moment is outside the years 1 to 9999, or its zone does not exist.") from error

    def parse_text(self, text: str, display: Display) -> datetime:
        plain = machine_text(text, 100)
        if ZONE.search(plain) and "T" in plain:
            return self.parse(plain)
        local = self._local(plain)
        try:
            moment = local.replace(tzinfo=display.timezone).astimezone(UTC)
            back = moment.astimezone(display.timezone)
        except OverflowError as error:
            raise Refused("bad-date", "This moment is outside the years 1 to 9999.") from error
        if back.replace(tzinfo=None) != local:
            message = f"There is no {local:%H:%M} on this day in {display.zone}: the clocks go forward over it."
            raise Refused("no-such-time", message)
        return moment

    def to_json(self, value: datetime) -> str:
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "date-time"}

    def to_text(self, value: datetime, display: Display) -> str:
        return f"{self._day(value, display)}, {self._clock(value, display)}"

    @staticmethod
    def _day(value: datetime, display: Display) -> str:
        return format_date(value.astimezone(display.timezone), "medium", locale=display.locale)

    @staticmethod
    def _clock(value: datetime, display: Display) -> str:
        return format_time(value.astimezone(display.timezone).time(), "short", locale=display.locale)

    def to_form(self, value: datetime, display: Display) -> dict[str, Any]:
        local = value.astimezone(display.timezone).replace(tzinfo=None)
        return {"": local.isoformat(timespec="microseconds" if local.microsecond else "seconds")}

    def show(self, value: datetime, display: Display) -> Shown:
        exact = format_datetime(value.astimezone(display.timezone), "long", locale=display.locale)
        return Shown(self.to_text(value, display), "due", title=exact, machine=self.to_json(value))

    def control(self) -> Control:
        return Control("datetime", {"step": "any"})

    def sample(self, random: Random, number: int) -> datetime:
        start = datetime(2025, 6, 1, 8, tzinfo=UTC)
        return start + timedelta(days=random.randint(0, 600), minutes=15 * random.randint(0, 36))


UNITS = {"d": 86400, "h": 3600, "m": 60, "s": 1}
PIECE = re.compile(r"(\d{1,9}(?:[.,]\d{1,6})?)\s*(days?|d|hours?|h|min(?:utes?)?|m|sec(?:onds?)?|s)")
ISO_DURATION = re.compile(
    r"P(?:(\d{1,9})D)?(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9}(?:\.\d{1,6})?)S)?)?", re.IGNORECASE
)
LONGEST = timedelta(days=36525)


def read_duration(raw: Any) -> timedelta:
    """`48h`, `1h 30m`, `2d`, or ISO 8601 `PT48H`; raises Refused."""
    if isinstance(raw, timedelta):
        return raw
    if raw == 0 and not isinstance(raw, bool):
        return timedelta(0)
    text = _text(raw, "a duration such as 1h 30m")
    negative, text = text.startswith("-"), text.lstrip("-").strip()
    iso = ISO_DURATION.fullmatch(text)
    try:
        if iso and any(iso.groups()):
            amounts = [Decimal(part or 0) for part in iso.groups()]
            seconds = sum(amount * unit for amount, unit in zip(amounts, UNITS.values(), strict=True))
        else:
            seconds = _pieces(text.lower())
        found = timedelta(microseconds=int(Decimal(seconds) * 1_000_000))
    except (InvalidOperation, OverflowError) as error:
        raise Refused("bad-duration", f"{text[:40]!r} is no duration: write it as 1h 30m.") from error
    if found > LONGEST:
        raise Refused("out-of-range", "A duration is at most 100 years.")
    return -found if negative else found


def _pieces(text: str) -> Decimal:
    clock = re.fullmatch(r"(\d{1,6}):([0-5]\d)(?::([0-5]\d))?", text)
    if clock:
        hours, minutes, seconds = clock.groups(default="0")
        return Decimal(int(hours) * 3600 + int(minutes) * 60 + int(seconds))
    if not text or PIECE.sub("", text).strip(" ,"):
        raise Refused("bad-duration", f"{text[:40]!r} is no duration: write it as 1h 30m.")
    return sum(
        (Decimal(number.replace(",", ".")) * UNITS[unit[0]] for number, unit in PIECE.findall(text)), Decimal(0)
    )


@dataclass(frozen=True, kw_only=True)
class DurationType(PropertyType):
    """A length of time, stored in microseconds."""

    name = "duration"
    summary = "A length of time: 1h 30m, 2d."
    example = {"type": "duration", "min": "0m"}
    expression_type = "duration"
    operators = (*EQUALITY, *ORDER)
    numeric = True

    min: str | None = option(None, schema={"type": "string"}, description="The shortest.", example="0m")
    max: str | None = option(None, schema={"type": "string"}, description="The longest.", example="30d")

    def columns(self) -> tuple[ColumnSpec, ...]:
        return (ColumnSpec("", sa.BigInteger()),)

    def store(self, value: timedelta) -> tuple[Any, ...]:
        return (value // timedelta(microseconds=1),)

    def load(self, cells: Any) -> timedelta:
        return timedelta(microseconds=cells[0])

    def condition(self, operator: str, columns: Any, operand: Any) -> sa.ColumnElement[bool]:
        if isinstance(operand, timedelta):
            operand = self.store(operand)[0]
        elif isinstance(operand, list):
            operand = [self.store(each)[0] for each in operand]
        return super().condition(operator, columns, operand)

    def empty(self, value: Any) -> bool:
        return False

    def parse(self, raw: Any) -> timedelta:
        found = read_duration(raw)
        if self.min is not None and found < read_duration(self.min):
            raise Refused("too-small", f"This is at least {self.min}.")
        if self.max is not None and found > read_duration(self.max):
            raise Refused("too-large", f"This is at most {self.max}.")
        return found

    def parse_operand(self, raw: Any) -> timedelta:
        return read_duration(raw)

    def to_json(self, value: timedelta) -> str:
        total = abs(value // timedelta(microseconds=1))
        seconds, micro = divmod(total, 1_000_000)
        days, seconds = divmod(seconds, 86400)
        hours, seconds = divmod(seconds, 3600)
        minutes, seconds = divmod(seconds, 60)
        second = f"{seconds}.{micro:06}".rstrip("0") if micro else str(seconds)
        clock = "".join(
            f"{number}{unit}" for number, unit in ((hours, "H"), (minutes, "M"), (second, "S")) if str(number) != "0"
        )
        body = (f"{days}D" if days else "") + (f"T{clock}" if clock else "")
        return ("-" if value < timedelta(0) else "") + f"P{body or 'T0S'}"

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "duration"}

    def to_text(self, value: timedelta, display: Display) -> str:
        total = abs(value // timedelta(microseconds=1))
        parts = []
        for unit, seconds in UNITS.items():
            number, total = divmod(total, seconds * 1_000_000)
            if unit == "s" and total:
                parts.append(f"{number}.{total:06}".rstrip("0") + "s")
            elif number:
                parts.append(f"{number}{unit}")
        return ("-" if value < timedelta(0) else "") + (" ".join(parts) or "0m")

    def control(self) -> Control:
        return Control("duration")

    def sample(self, random: Random, number: int) -> timedelta:
        low = read_duration(self.min) if self.min else timedelta(0)
        return low + timedelta(minutes=15 * random.randint(1, 32))
