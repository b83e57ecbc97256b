"""Exact operations on values: what they give, and when they give nothing (unknown, None).

Every result has to fit 64 bits once its decimals are shifted away, as SQLite keeps it; so all databases and
Python agree where a number becomes too large. The arguments are never None.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import cache
from math import copysign, inf, nan

from engine.types.currency import digits
from engine.types.money import Money

SMALLEST = -(2**63)
LARGEST = 2**63 - 1
EXACT = Context(prec=80, rounding=ROUND_HALF_UP)
MICROSECOND = timedelta(microseconds=1)
LONGEST = timedelta(microseconds=LARGEST)
EARLIEST_MOMENT = datetime.min.replace(tzinfo=UTC)
LATEST_MOMENT = datetime.max.replace(tzinfo=UTC)


# ---- whole numbers


def whole(value: int) -> int | None:
    """A whole number that fits 64 bits."""
    return value if SMALLEST <= value <= LARGEST else None


def add_int(left: int, right: int) -> int | None:
    return whole(left + right)


def subtract_int(left: int, right: int) -> int | None:
    return whole(left - right)


def multiply_int(left: int, right: int) -> int | None:
    return whole(left * right)


def divide_int(left: int, right: int) -> int | None:
    """The quotient without its fraction, toward zero."""
    if right == 0:
        return None
    quotient = abs(left) // abs(right)
    return whole(quotient if (left < 0) == (right < 0) else -quotient)


def remainder_int(left: int, right: int) -> int | None:
    """What is left over, with the sign of the dividend."""
    if right == 0 or (left == SMALLEST and right == -1):
        return None
    rest = abs(left) % abs(right)
    return -rest if left < 0 else rest


# ---- decimals


@cache
def _limit(scale: int) -> Decimal:
    return Decimal(2**63).scaleb(-scale, EXACT)


@cache
def _step(scale: int) -> Decimal:
    return Decimal(1).scaleb(-scale)


def fits(value: Decimal, scale: int) -> Decimal | None:
    """The value where, shifted by `scale` decimals, it fits 64 bits."""
    limit = _limit(scale)
    return value if -limit <= value < limit else None


def add_decimal(left: Decimal, right: Decimal, scale: int) -> Decimal | None:
    return fits(EXACT.add(left, right), scale)


def subtract_decimal(left: Decimal, right: Decimal, scale: int) -> Decimal | None:
    return fits(EXACT.subtract(left, right), scale)


def multiply_decimal(left: Decimal | int, right: Decimal | int, scale: int) -> Decimal | None:
    return rounded(EXACT.multiply(left, right), scale)


def divide_decimal(left: Decimal | int, right: Decimal | int, scale: int) -> Decimal | None:
    """The quotient rounded half away from zero to `scale` decimals; exact before it is rounded."""
    if right == 0:
        return None
    left, right = Decimal(left), Decimal(right)
    shift = 10**scale
    above, below = (EXACT.multiply(left, shift)).as_integer_ratio()
    over, under = right.as_integer_ratio()
    top, bottom = above * under, below * over
    if bottom < 0:
        top, bottom = -top, -bottom
    quotient, rest = divmod(abs(top), bottom)
    quotient += 2 * rest >= bottom
    return fits(Decimal(quotient if top >= 0 else -quotient).scaleb(-scale, EXACT), scale)


def remainder_decimal(left: Decimal, right: Decimal, scale: int) -> Decimal | None:
    if right == 0:
        return None
    return fits(EXACT.remainder(left, right), scale)


def rounded(value: Decimal, scale: int) -> Decimal | None:
    """Rounded half away from zero to `scale` decimals."""
    exponent = value.as_tuple().exponent
    assert isinstance(exponent, int)
    shown = value.quantize(_step(scale), context=EXACT) if exponent < -scale else value
    return fits(shown, scale)


# ---- money


def currency_of(left: Money, right: Money) -> str | None:
    """The currency two amounts share; an amount without one takes the other's."""
    if left.currency == right.currency or not right.currency:
        return left.currency
    return right.currency if not left.currency else None


def _amount(value: Decimal | None, currency: str) -> Money | None:
    return None if value is None else Money(value, currency)


def _places(currency: str, extra: int) -> int:
    return (digits(currency) if currency else 0) + extra


def add_money(left: Money, right: Money, extra: int) -> Money | None:
    currency = currency_of(left, right)
    if currency is None:
        return None
    return _amount(add_decimal(left.amount, right.amount, _places(currency, extra)), currency)


def subtract_money(left: Money, right: Money, extra: int) -> Money | None:
    return add_money(left, Money(-right.amount, right.currency), extra)


def multiply_money(left: Money, right: Decimal | int, extra: int) -> Money | None:
    places = _places(left.currency, extra)
    return _amount(multiply_decimal(left.amount, right, places), left.currency)


def divide_money(left: Money, right: Decimal | int, extra: int) -> Money | None:
    places = _places(left.currency, extra)
    return _amount(divide_decimal(left.amount, right, places), left.currency)


def ratio(left: Money, right: Money, scale: int) -> Decimal | None:
    """How many times one amount is in another."""
    if currency_of(left, right) is None:
        return None
    return divide_decimal(left.amount, right.amount, scale)


def negate_money(value: Money, extra: int) -> Money | None:
    return _amount(fits(-value.amount, _places(value.currency, extra)), value.currency)


def money_fits(value: Money, extra: int) -> Money | None:
    return value if fits(value.amount, _places(value.currency, extra)) is not None else None


def order_money(left: Money, right: Money) -> int | None:
    """Negative, zero or positive as `left` is less, equal or more; None where currencies differ."""
    if currency_of(left, right) is None:
        return None
    return (left.amount > right.amount) - (left.amount < right.amount)


def same_money(left: Money | None, right: Money | None) -> bool:
    """Whether two amounts, or nulls, are equal; an amount without a currency equals it in any."""
    if left is None or right is None:
        return left is right
    return left.amount == right.amount and currency_of(left, right) is not None


# ---- time


def add_moment(left: datetime, right: timedelta) -> datetime | None:
    try:
        return left + right
    except OverflowError:
        return None


def subtract_moment(left: datetime, right: timedelta) -> datetime | None:
    try:
        return left - right
    except OverflowError:
        return None


def between(left: datetime, right: datetime) -> timedelta | None:
    """The time from `right` to `left`."""
    return span(left - right)


def span(value: timedelta) -> timedelta | None:
    """A length of time that fits 64 bits of microseconds."""
    return value if -LONGEST <= value <= LONGEST else None


def add_span(left: timedelta, right: timedelta) -> timedelta | None:
    try:
        return span(left + right)
    except OverflowError:
        return None


def subtract_span(left: timedelta, right: timedelta) -> timedelta | None:
    try:
        return span(left - right)
    except OverflowError:
        return None


def add_day(left: date, right: timedelta) -> date | None:
    """A date moved by whole days; the rest of a day is left out, toward zero."""
    try:
        return left + timedelta(days=_days(right))
    except OverflowError:
        return None


def subtract_day(left: date, right: timedelta) -> date | None:
    try:
        return left - timedelta(days=_days(right))
    except OverflowError:
        return None


def days_apart(left: date, right: date) -> timedelta:
    return left - right


def _days(value: timedelta) -> int:
    microseconds = value // MICROSECOND
    days = abs(microseconds) // 86_400_000_000
    return days if microseconds >= 0 else -days


# ---- conversions and doubles


def to_decimal(value: int, scale: int) -> Decimal | None:
    return fits(Decimal(value), scale)


def times_money(left: Decimal | int, right: Money, extra: int) -> Money | None:
    return multiply_money(right, left, extra)


def among_money(value: Money | None, values: Iterable[Money | None]) -> bool:
    return any(same_money(value, each) for each in values)


def divide_double(left: float, right: float) -> float:
    """A quotient as IEEE 754 has it: by zero it is infinite, or not a number."""
    try:
        return left / right
    except ZeroDivisionError:
        if left == 0 or left != left:
            return nan
        return copysign(inf, left) * copysign(1.0, right)
