"""Literals written as texts: `date('2026-01-31')`, `timestamp('…Z')`, `duration('48h')`, `money('5', 'EUR')`.

Each reader raises ValueError with a message for people. The same readers serve the conversions of values.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from engine.expressions.kinds import MOST_SCALE
from engine.types.currency import currencies, digits
from engine.types.money import Money

PLAIN_NUMBER = re.compile(r"[-+]?([0-9]{1,40}(\.[0-9]{0,40})?|\.[0-9]{1,40})")
MOMENT = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(?:([Zz])|([-+])(\d{2}):(\d{2}))"
)
UNITS = {
    "d": 86_400_000_000_000,
    "h": 3_600_000_000_000,
    "m": 60_000_000_000,
    "s": 1_000_000_000,
    "ms": 1_000_000,
    "us": 1_000,
    "µs": 1_000,
    "ns": 1,
}
LONGEST_SPAN = 2**63 - 1


def literal_date(text: str) -> date:
    """A date as ISO 8601 writes it."""
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise ValueError(f"{text!r} is no day of the calendar") from None
    raise ValueError(f"{text!r} is no date: it is written 2026-01-31")


def literal_moment(text: str) -> datetime:
    """A moment as RFC 3339 writes it, in UTC; what is finer than a microsecond is refused."""
    found = MOMENT.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no moment: it is written 2026-01-31T12:00:00Z")
    year, month, day, hour, minute, second = (int(part) for part in found.groups()[:6])
    fraction = (found[7] or "").ljust(9, "0")
    if fraction[6:].strip("0"):
        raise ValueError(f"{text!r} is finer than a microsecond")
    try:
        made = datetime(year, month, day, hour, minute, second, int(fraction[:6] or 0), UTC)
        if found[9]:
            shift = timedelta(hours=int(found[10]), minutes=int(found[11]))
            made = made - shift if found[9] == "+" else made + shift
    except (ValueError, OverflowError):
        raise ValueError(f"{text!r} is no moment of the calendar") from None
    return made


def literal_duration(text: str) -> timedelta:
    """A length of time: `48h`, `1h30m`, `-1.5s`, `2d`; a sign stands once, in front."""
    sign, rest = (-1, text[1:]) if text[:1] == "-" else (1, text.removeprefix("+"))
    if rest == "0":
        return timedelta(0)
    parts = re.findall(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(d|h|ms|us|µs|ns|m|s)", rest)
    if not parts or "".join(number + unit for number, unit in parts) != rest:
        raise ValueError(f"{text!r} is no length of time: it is written 48h, 1h30m, 2d")
    nanoseconds = sum((Decimal(number) * UNITS[unit] for number, unit in parts), Decimal(0))
    if nanoseconds % 1000:
        raise ValueError(f"{text!r} is finer than a microsecond")
    microseconds = sign * int(nanoseconds) // 1000
    if abs(microseconds) > LONGEST_SPAN:
        raise ValueError(f"{text!r} is longer than 292,000 years")
    return timedelta(microseconds=microseconds)


def literal_decimal(text: str) -> Decimal:
    """An exact number of at most 18 digits and decimals."""
    if not PLAIN_NUMBER.fullmatch(text):
        raise ValueError(f"{text!r} is no number: it is written 10.50")
    value = Decimal(text)
    exponent = value.as_tuple().exponent
    assert isinstance(exponent, int)
    scale = max(0, -exponent)
    if scale > MOST_SCALE or abs(value.scaleb(scale)) >= 2**63:
        raise ValueError(f"{text!r} has more than {MOST_SCALE} digits")
    return value


def literal_money(amount: str, currency: str) -> Money:
    """An amount of a currency, as exact as the currency's minor unit."""
    value = literal_decimal(amount)
    if currency not in currencies():
        raise ValueError(f"{currency!r} is no currency: use a code such as EUR")
    places = digits(currency)
    if value != value.quantize(Decimal(1).scaleb(-places)):
        raise ValueError(f"an amount in {currency} has {places} decimals, and {amount!r} has more")
    if abs(value.scaleb(places)) >= 2**63:
        raise ValueError(f"{amount!r} is too large an amount")
    return Money(value, currency)
