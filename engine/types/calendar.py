"""Days and times of day: read from ISO 8601, and shown in the reader's language."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any, Final

from babel import Locale
from babel import dates as babel_dates

from engine.types.base import Refused
from engine.types.clean import kind_of, quoted, require_text

ISO_DATE: Final = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
ISO_TIME: Final = re.compile(r"([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,6})0*)?)?")
DATE_PATTERN: Final = r"^(?!0000)[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"
TIME_PATTERN: Final = r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,6}0*)?)?"
LONGEST: Final = 80


def read_date(raw: Any) -> date:
    """A day from its JSON form, an ISO date; raises Refused, also for a day that no calendar has."""
    if isinstance(raw, datetime):
        raise Refused("bad-date", "This takes a day alone, without a time.")
    if isinstance(raw, date):
        return raw
    text = _text(raw, "a date")
    match = ISO_DATE.fullmatch(text)
    if not match:
        raise Refused("bad-date", f"{quoted(text)} is not a date: write it as 2026-01-31.")
    return made_date(*map(int, match.groups()))


def made_date(year: int, month: int, day: int) -> date:
    """The day, where the calendar has it; raises Refused."""
    if not 1 <= year <= 9999:
        raise Refused("bad-date", f"There is no year {year}: years go from 1 to 9999.")
    try:
        return date(year, month, day)
    except ValueError as error:
        raise Refused("bad-date", f"There is no {year:04}-{month:02}-{day:02} in the calendar.") from error


def read_time(raw: Any) -> time:
    """A time of day from its JSON form, `14:30` or `14:30:15.5`; raises Refused."""
    if isinstance(raw, time):
        if raw.tzinfo is not None:
            raise Refused("bad-time", "A time of day has no time zone.")
        return raw
    text = _text(raw, "a time of day")
    match = ISO_TIME.fullmatch(text)
    if not match:
        raise Refused("bad-time", f"{quoted(text)} is not a time of day: write it as 14:30.")
    hour, minute, second, fraction = match.groups(default="0")
    return made_time(int(hour), int(minute), int(second), int(fraction.ljust(6, "0")), text)


def made_time(hour: int, minute: int, second: int, micro: int, text: str) -> time:
    """The time of day that `text` wrote, where the clock has it; raises Refused."""
    if second == 60:
        raise Refused("leap-second", "A leap second (:60) can't be kept: use :59, or the next second.")
    try:
        return time(hour, minute, second, micro)
    except ValueError as error:
        raise Refused("bad-time", f"There is no {quoted(text)}: times go from 00:00 to 23:59.") from error


def _text(raw: Any, what: str) -> str:
    if not isinstance(raw, str):
        raise Refused("not-a-text", f"This takes {what} as a text, not {kind_of(raw)}.")
    return require_text(raw, LONGEST)


# ---- as people read


@lru_cache(maxsize=64)
def _locale(language: str) -> Locale:
    return Locale.parse(language.replace("-", "_"))


@lru_cache(maxsize=16_384)
def show_date(day: date, language: str) -> str:
    """A day as a language writes it in its medium length: 31 Jan 2026."""
    return babel_dates.format_date(day, "medium", locale=_locale(language))


@lru_cache(maxsize=8192)
def show_time(clock: time, language: str) -> str:
    """A time of day as a language writes it; seconds only where there are any."""
    length: Any = "medium" if clock.second or clock.microsecond else "short"
    return babel_dates.format_time(clock, length, locale=_locale(language))


@lru_cache(maxsize=64)
def _joined(language: str) -> str:
    return str(_locale(language).datetime_formats["medium"]).replace("'", "")


def show_moment(local: datetime, language: str) -> str:
    """A local date and time to the minute: 31 Jan 2026, 14:30."""
    clock = show_time(local.time().replace(second=0, microsecond=0), language)
    return _joined(language).replace("{1}", show_date(local.date(), language)).replace("{0}", clock)
