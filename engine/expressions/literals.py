"""Dates, moments, lengths of time, decimals and amounts written as texts; a refusal says what would be right."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from engine.expressions.kinds import LARGEST_INT, MOST_SCALE, SMALLEST_INT
from engine.text.suggest import did_you_mean
from engine.types.currency import currencies, digits
from engine.types.money import Money

DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
CLOCK = re.compile(r"([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?")
MOMENT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?(Z|z|[+-][0-9]{2}:[0-9]{2})"
)
OFFSET = re.compile(r"([+-])([0-9]{2}):([0-9]{2})")
DURATION = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]+)?(?:d|h|m|s|ms|us|µs|ns))+")
DURATION_PART = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|us|µs|ns|d|h|m|s)")
DECIMAL = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")

UNITS = {
    "d": Decimal(86_400_000_000),
    "h": Decimal(3_600_000_000),
    "m": Decimal(60_000_000),
    "s": Decimal(1_000_000),
    "ms": Decimal(1_000),
    "us": Decimal(1),
    "µs": Decimal(1),
    "ns": Decimal("0.001"),
}
"""Microseconds of each unit; a day is 24 hours."""


def literal_date(text: str) -> date:
    """`2026-01-31`."""
    found = DATE.fullmatch(text)
    if not found:
        raise ValueError(f"{text!r} is no date: write it as '2026-01-31'")
    try:
        return date(*(int(part) for part in found.groups()))
    except ValueError:
        raise ValueError(f"there is no day {text}") from None


def literal_time(text: str) -> time:
    """`10:00`, or `10:00:30`."""
    found = CLOCK.fullmatch(text)
    if not found:
        raise ValueError(f"{text!r} is no time of day: write it as '10:00'")
    try:
        hour, minute, second = (int(part or 0) for part in found.groups())
        return time(hour, minute, second)
    except ValueError:
        raise ValueError(f"there is no time {text}") from None


def literal_moment(text: str) -> datetime:
    """`2026-01-31T12:00:00Z`, or with an offset; to the microsecond, and always with its zone (RFC 3339)."""
    found = MOMENT.fullmatch(text)
    if not found:
        missing = MOMENT.fullmatch(text + "Z")
        hint = f"write {text}Z" if missing else "write it as '2026-01-31T12:00:00Z'"
        raise ValueError(f"{text!r} {'has no zone' if missing else 'is no moment'}: {hint}")
    day = literal_date(found.group(1))
    hour, minute, second, fraction, zone = found.groups()[1:]
    fraction = (fraction or "").rstrip("0")
    if len(fraction) > 6:
        raise ValueError(f"{text!r} is finer than a microsecond: write at most six digits after the second")
    try:
        shift = _offset(zone)
        clock = time(int(hour), int(minute), int(second), int(fraction.ljust(6, "0")), tzinfo=shift)
        return datetime.combine(day, clock).astimezone(UTC)
    except ValueError:
        raise ValueError(f"there is no time {hour}:{minute}:{second} {zone}") from None
    except OverflowError:
        raise ValueError(f"{text!r} is outside the years 1 to 9999") from None


def _offset(text: str) -> timezone:
    found = OFFSET.fullmatch(text)
    if not found:
        return UTC
    sign, hours, minutes = found.groups()
    if int(minutes) > 59:
        raise ValueError(text)
    length = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(-length if sign == "-" else length)


@lru_cache(maxsize=500)
def literal_zone(text: str) -> ZoneInfo | timezone:
    """`Europe/Bucharest`, `UTC`, or an offset `+02:00`."""
    if OFFSET.fullmatch(text):
        try:
            return _offset(text)
        except ValueError:
            raise ValueError(f"there is no offset {text}") from None
    try:
        if not text.isascii():
            raise ValueError(text)
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(
            f"there is no time zone {text!r}: write 'Europe/Bucharest', 'UTC' or '+02:00'"
        ) from None


def literal_duration(text: str) -> timedelta:
    """`48h`, `1h30m`, `1.5s`, `-20ms`, and `2d` for 48 hours."""
    if not DURATION.fullmatch(text):
        raise ValueError(f"{text!r} is no length of time: write '48h', '1h30m', '90s', '500ms'")
    total = sum(
        (Decimal(number) * UNITS[unit] for number, unit in DURATION_PART.findall(text)), start=Decimal(0)
    )
    if text.startswith("-"):
        total = -total
    if total != total.to_integral_value():
        raise ValueError(f"{text!r} is finer than a microsecond")
    if not SMALLEST_INT <= total <= LARGEST_INT:
        raise ValueError(f"{text!r} is too long: at most 292,000 years")
    return timedelta(microseconds=int(total))


def literal_decimal(text: str) -> Decimal:
    """`10.50`: an exact number; its unscaled value has to fit 64 bits."""
    if not DECIMAL.fullmatch(text) or len(text) > 60:
        raise ValueError(f"{text!r} is no decimal number: write it as '10.50'")
    number = Decimal(text)
    if -int(number.as_tuple().exponent) > MOST_SCALE:
        raise ValueError(f"{text!r} has more than {MOST_SCALE} decimals")
    if not SMALLEST_INT <= number.scaleb(scale_of(number)) <= LARGEST_INT:
        raise ValueError(f"{text!r} has too many digits: at most 18 are sure to fit")
    return number


def scale_of(number: Decimal) -> int:
    """How many decimals a number is written with."""
    return max(-int(number.as_tuple().exponent), 0)


def literal_money(text: str, currency: str) -> Money:
    """An amount as exact as its currency has it."""
    if currency not in currencies():
        guess = did_you_mean(currency, sorted(currencies()))
        hint = f"did you mean {guess!r}?" if guess else "write a code such as 'EUR'"
        raise ValueError(f"there is no currency {currency!r}: {hint}")
    number = literal_decimal(text)
    places = digits(currency)
    minor = number.scaleb(places)
    if minor != minor.to_integral_value():
        raise ValueError(f"amounts of {currency} have at most {places} decimals, not {text}")
    if not SMALLEST_INT <= minor <= LARGEST_INT:
        raise ValueError(f"{text!r} has too many digits")
    return Money(number.quantize(Decimal(1).scaleb(-places)), currency)
