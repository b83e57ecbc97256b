"""Arithmetic of days and clocks in Python: months that are clamped, weeks from Monday, days that begin in a zone.

What leaves the years 1 to 9999 is None. A local time that a zone skips is taken with the offset before the gap;
one that it has twice is taken the first time where something begins, and the last time where it ends.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, TypeVar

Value = TypeVar("Value", date, datetime)

FARTHEST_DAYS = 3_652_059
FARTHEST_MONTHS = 12 * 9_999
LAST_CLOCK = time(23, 59, 59, 999_999)
MICROSECOND = timedelta(microseconds=1)
DATE_UNITS = ("day", "week", "month", "quarter", "year")
CLOCK_UNITS = ("minute", "hour")


def quiet(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function that answers None where a result is out of range."""

    def made(*arguments: Any, **named: Any) -> Any:
        try:
            return function(*arguments, **named)
        except (OverflowError, ValueError):
            return None

    made.__name__ = function.__name__
    made.__doc__ = function.__doc__
    return made


# ---- zones


def local(value: datetime, zone: tzinfo) -> datetime:
    """A moment as a clock in a zone shows it. Raises OverflowError where that is out of range."""
    return value.astimezone(zone)


def instant(day: date, clock: time, zone: tzinfo, last: bool = False) -> datetime:
    """The moment a clock in a zone shows a time."""
    made = datetime.combine(day, clock, zone)
    if last:
        second = made.replace(fold=1)
        if second.utcoffset() < made.utcoffset():  # type: ignore[operator]  # a zone has an offset
            made = second
    return made.astimezone(UTC)


# ---- days


def first_day(day: date, unit: str) -> date:
    """The first day of a week, month, quarter or year."""
    match unit:
        case "week":
            return day - timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
        case "quarter":
            return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
        case "year":
            return day.replace(month=1, day=1)
        case _:
            return day


def last_day(day: date, unit: str) -> date:
    """The last day of a week, month, quarter or year."""
    match unit:
        case "week":
            return day + timedelta(days=6 - day.weekday())
        case "month":
            return _end_of_month(day.year, day.month)
        case "quarter":
            return _end_of_month(day.year, (day.month - 1) // 3 * 3 + 3)
        case "year":
            return day.replace(month=12, day=31)
        case _:
            return day


def _end_of_month(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


def move_months(day: date, months: int) -> date:
    """The same day of another month, or its last one."""
    if abs(months) > FARTHEST_MONTHS:
        raise OverflowError
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        raise OverflowError
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def move_days(day: date, days: int) -> date:
    if abs(days) > FARTHEST_DAYS:
        raise OverflowError
    return day + timedelta(days=days)


def workdays_until(day: date) -> int:
    """How many Mondays to Fridays there were from year 1 to a day, itself included; day 1 was a Monday."""
    weeks, rest = divmod(day.toordinal(), 7)
    return weeks * 5 + min(rest, 5)


def workdays_before(day: date) -> int:
    weeks, rest = divmod(day.toordinal() - 1, 7)
    return weeks * 5 + min(rest, 5)


def workdays_between(start: date, end: date) -> int:
    """The workdays after `start` up to `end`; where `end` is earlier, those before `start` back to it, negative."""
    if end >= start:
        return workdays_until(end) - workdays_until(start)
    return workdays_before(end) - workdays_before(start)


def move_workdays(day: date, count: int) -> date:
    """The `count`-th workday after a day, or before it where `count` is negative; the day itself for 0."""
    if count == 0:
        return day
    if abs(count) > FARTHEST_DAYS:
        raise OverflowError
    number = workdays_until(day) + count if count > 0 else workdays_before(day) + count + 1
    if number < 1:
        raise OverflowError
    weeks, rest = divmod(number - 1, 5)
    return date.fromordinal(weeks * 7 + rest + 1)


# ---- moments


def day_of(value: date, zone: tzinfo) -> date:
    """A date as it is; the day of a moment in a zone."""
    return local(value, zone).date() if isinstance(value, datetime) else value


def moved(value: Value, zone: tzinfo, move: Callable[[date], date]) -> Value:
    """A date moved, or a moment moved to the same time of another day in a zone."""
    if not isinstance(value, datetime):
        return move(value)
    shown = local(value, zone)
    return instant(move(shown.date()), shown.time().replace(fold=0), zone)


def start(value: Value, unit: str, zone: tzinfo) -> Value:
    """The first day of a unit, or the moment it begins in a zone."""
    if not isinstance(value, datetime):
        return first_day(value, unit)
    shown = local(value, zone)
    if unit in CLOCK_UNITS:
        return value - _since(shown, unit)
    return instant(first_day(shown.date(), unit), time(), zone)


def end(value: Value, unit: str, zone: tzinfo) -> Value:
    """The last day of a unit, or its last microsecond in a zone."""
    if not isinstance(value, datetime):
        return last_day(value, unit)
    shown = local(value, zone)
    if unit in CLOCK_UNITS:
        length = timedelta(hours=1) if unit == "hour" else timedelta(minutes=1)
        return value + (length - MICROSECOND - _since(shown, unit))
    return instant(last_day(shown.date(), unit), LAST_CLOCK, zone, last=True)


def _since(shown: datetime, unit: str) -> timedelta:
    """How long an hour or minute has lasted."""
    minutes = shown.minute if unit == "hour" else 0
    return timedelta(minutes=minutes, seconds=shown.second, microseconds=shown.microsecond)
