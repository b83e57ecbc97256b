"""A moment: stored in UTC, shown and typed in the reader's zone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import cached_property, lru_cache
from random import Random
from typing import Any, ClassVar, Final

from babel.dates import format_datetime

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
from engine.types.calendar import (
    LONGEST,
    read_date,
    read_time,
    show_date,
    show_moment,
    show_time,
)
from engine.types.calendar_typed import split_typed, typed_date, typed_time
from engine.types.clean import kind_of, quoted, require_text
from engine.types.columns import UtcDateTime
from engine.types.display import Display, Shown
from engine.types.number import crossed

MOMENT: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]([0-9:.]+)([Zz]|[+-][0-9]{2}:[0-9]{2})")
SECONDS: Final = r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6}0*)?"
DAY: Final = r"(?!0000)[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
PATTERN: Final = rf"^{DAY}[Tt]{SECONDS}([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$"
SCHEMA: Final = {"type": "string", "format": "date-time", "pattern": PATTERN}
FIRST: Final = datetime(1, 1, 2, tzinfo=UTC)
LAST: Final = datetime(9999, 12, 30, 23, 59, 59, 999999, tzinfo=UTC)
"""A day short of what Python holds on either side: so every zone can show it."""


def read_moment(raw: Any) -> datetime:
    """A moment in UTC from its JSON form, RFC 3339 with a zone; raises Refused."""
    if isinstance(raw, datetime):
        if raw.tzinfo is None:
            raise Refused("no-zone", "A date and time needs its zone.")
        return _in_range(raw)
    if not isinstance(raw, str):
        raise Refused("not-a-text", f"This takes a date and time as a text, not {kind_of(raw)}.")
    match = MOMENT.fullmatch(require_text(raw, LONGEST))
    if match is None:
        raise _not_a_moment(raw)
    day, clock, zone = match.groups()
    if clock.count(":") != 2:
        raise _not_a_moment(raw)
    local = datetime.combine(read_date(day), read_time(clock))
    if zone in "Zz":
        return _in_range(local.replace(tzinfo=UTC))
    hours, minutes = int(zone[1:3]), int(zone[4:6])
    if hours > 23 or minutes > 59:
        raise Refused("bad-date", f"There is no zone {quoted(zone)}: zones go from -23:59 to +23:59.")
    offset = timedelta(hours=hours, minutes=minutes) * (-1 if zone[0] == "-" else 1)
    shifted = local.replace(tzinfo=UTC)
    if not FIRST <= shifted <= LAST:
        raise _out_of_range()
    return _in_range(shifted - offset)


def _not_a_moment(raw: str) -> Refused:
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9:.]+", raw):
        message = f"{quoted(raw)} needs its time zone: put Z or an offset such as +02:00 at the end."
        return Refused("no-zone", message)
    return Refused("bad-date", f"{quoted(raw)} is not a date and time: write it as 2026-01-31T14:30:00Z.")


def _in_range(moment: datetime) -> datetime:
    try:
        found = moment.astimezone(UTC)
    except OverflowError:
        raise _out_of_range() from None
    if not FIRST <= found <= LAST:
        raise _out_of_range()
    return found


def _out_of_range() -> Refused:
    return Refused("bad-date", "This moment is outside the years 1 to 9999.")


def in_zone(local: datetime, display: Display) -> datetime:
    """The moment of a local date and time; where the clocks go back and it comes twice, the first of the two.

    Raises Refused for a time that the clocks jump over.
    """
    moment = _in_range(local.replace(tzinfo=display.timezone, fold=0))
    if moment.astimezone(display.timezone).replace(tzinfo=None) != local:
        before = local.replace(tzinfo=display.timezone, fold=0).utcoffset() or timedelta()
        after = local.replace(tzinfo=display.timezone, fold=1).utcoffset() or timedelta()
        jump = abs(after - before) // timedelta(minutes=1)
        message = (
            f"There is no {local:%H:%M} on {show_date(local.date(), display.language)} in {display.zone}: "
            f"the clocks go forward by {jump} minutes then."
        )
        raise Refused("no-such-time", message)
    return moment


@dataclass(frozen=True, kw_only=True)
class DateTimeType(PropertyType):
    """A moment to the microsecond, the same for everyone; each reader sees it in their zone."""

    name = "datetime"
    summary = "A moment in time; stored in UTC, shown and typed in the reader's time zone."
    example: ClassVar[Mapping[str, Any]] = {"type": "datetime", "default": {"cel": "now()"}}
    expression_type = "datetime"
    operators = (*EQUALITY, *ORDER)

    min: str | None = option(
        None, schema=SCHEMA, description="The first moment.", example="2000-01-01T00:00:00Z"
    )
    max: str | None = option(
        None, schema=SCHEMA, description="The last moment.", example="2099-12-31T23:59:59Z"
    )

    def problems(self) -> Iterator[OptionProblem]:
        for name in ("min", "max"):
            try:
                read_moment(getattr(self, name) or "2000-01-01T00:00:00Z")
            except Refused as refused:
                yield OptionProblem(name, "bad-option", str(refused))
                return
        yield from crossed(self.first, self.last, (self.min, self.max))

    @cached_property
    def first(self) -> datetime | None:
        return read_moment(self.min) if self.min else None

    @cached_property
    def last(self) -> datetime | None:
        return read_moment(self.max) if self.max else None

    def columns(self) -> tuple[ColumnSpec, ...]:
        return (ColumnSpec("", UtcDateTime()),)

    def empty(self, value: Any) -> bool:
        return False

    def parse(self, raw: Any) -> datetime:
        return self._within(read_moment(raw), Display())

    def parse_text(self, text: str, display: Display) -> datetime:
        """RFC 3339, or a date and time in the reader's language and zone; a day alone is its first moment."""
        if MOMENT.fullmatch(text.strip()):
            return self._within(read_moment(text.strip()), display)
        day, clock = split_typed(text, display)
        local = datetime.combine(typed_date(day, display), typed_time(clock, display) if clock else time())
        return self._within(in_zone(local, display), display)

    def parse_operand(self, raw: Any) -> datetime:
        return read_moment(raw)

    def _within(self, moment: datetime, display: Display) -> datetime:
        if self.first is not None and moment < self.first:
            raise Refused("too-small", f"This is {self.to_text(self.first, display)} or later.")
        if self.last is not None and moment > self.last:
            raise Refused("too-large", f"This is {self.to_text(self.last, display)} or earlier.")
        return moment

    def to_json(self, value: datetime) -> str:
        return value.isoformat().removesuffix("+00:00") + "Z"

    def json_schema(self) -> dict[str, Any]:
        return dict(SCHEMA)

    def to_text(self, value: datetime, display: Display) -> str:
        return show_moment(value.astimezone(display.timezone), display.language)

    def to_form(self, value: datetime, display: Display) -> dict[str, Any]:
        """Local time to the second, as a date and time input takes it, and the exact moment beside it.

        The input can't say which of two equal times it means when the clocks go back, nor hold microseconds.
        """
        local = value.astimezone(display.timezone).replace(tzinfo=None, fold=0)
        return {"": local.isoformat(timespec="seconds"), "exact": self.to_json(value)}

    def parse_form(self, parts: Mapping[str, Any], display: Display) -> datetime | None:
        """The exact moment where the visible input still says what it said; else what was typed."""
        text, exact = str(parts.get("") or "").strip(), str(parts.get("exact") or "")
        if not text:
            return None
        if exact:
            moment = read_moment(exact)
            if self._same_minute(text, self.to_form(moment, display)[""]):
                return self._within(moment, display)
        return self.parse_text(text, display)

    @staticmethod
    def _same_minute(text: str, shown: str) -> bool:
        """Browsers leave out seconds that are zero."""
        return text in (shown, shown.removesuffix(":00"))

    def to_export(self, value: datetime) -> str:
        return self.to_json(value)

    def show(self, value: datetime, display: Display) -> Shown:
        exact = _exactly(value.replace(microsecond=0), display)
        return Shown(self.to_text(value, display), "due", title=exact, machine=self.to_json(value))

    def control(self) -> Control:
        return Control("datetime", {"step": "1"}, parts=(("exact", "", Control("hidden")),))

    def sample(self, random: Random, number: int) -> datetime:
        start = self.first or min(datetime(2025, 6, 1, 8, tzinfo=UTC), self.last or LAST)
        last = self.last or min(start + timedelta(days=600), LAST)
        quarters = (last - start) // timedelta(minutes=15)
        return start + timedelta(minutes=15) * random.randint(0, max(quarters, 0))


@lru_cache(maxsize=4096)
def _exactly(value: datetime, display: Display) -> str:
    local = value.astimezone(display.timezone)
    day, clock = show_date(local.date(), display.language), show_time(local.time(), display.language)
    return f"{day}, {clock} {format_datetime(local, 'z', locale=display.locale)}"
