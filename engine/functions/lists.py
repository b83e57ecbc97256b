"""What happens to lists at run time: three-valued tests, and aggregates that skip null."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from engine.expressions.kinds import DOUBLE, DURATION, INT, DecimalKind, Kind, MoneyKind
from engine.functions import arithmetic
from engine.functions.budget import check_length
from engine.types.currency import digits
from engine.types.money import Money

NOTHING = Decimal(0)


def any_of(results: Iterable[bool | None]) -> bool | None:
    """`exists`: true where one is, else unknown where one is."""
    unknown = False
    for result in results:
        if result:
            return True
        unknown = unknown or result is None
    return None if unknown else False


def all_of(results: Iterable[bool | None]) -> bool | None:
    """`all`: false where one is, else unknown where one is."""
    unknown = False
    for result in results:
        if result is False:
            return False
        unknown = unknown or result is None
    return None if unknown else True


def one_of(results: Iterable[bool | None]) -> bool | None:
    """`exists_one`: unknown where any is."""
    found = list(results)
    return None if None in found else found.count(True) == 1


def kept(items: Sequence[Any], results: Sequence[bool | None]) -> tuple[Any, ...] | None:
    """`filter`: unknown where a condition is."""
    if None in results:
        return None
    return tuple(item for item, result in zip(items, results, strict=True) if result)


def whole(items: Sequence[Any]) -> Sequence[Any] | None:
    """A list whose items are all known, or nothing."""
    return None if any(item is None for item in items) else items


def at(items: Sequence[Any], index: int) -> Any:
    """The item at an index from 0; unknown outside."""
    return items[index] if 0 <= index < len(items) else None


# ---- aggregates


def present(items: Iterable[Any]) -> list[Any]:
    return [item for item in items if item is not None]


def count(items: Iterable[Any]) -> int:
    return len(present(items))


def first(items: Sequence[Any]) -> Any:
    return items[0] if items else None


def joined(items: Iterable[str | None], separator: str = "") -> str:
    found = present(items)
    check_length(sum(map(len, found)) + len(separator) * len(found))
    return separator.join(found)


def total(items: Iterable[Any], kind: Kind) -> Any:
    """The exact sum; of nothing, zero."""
    found = present(items)
    if isinstance(kind, MoneyKind):
        return _money(found, kind)
    if kind is DURATION:
        try:
            return arithmetic.span(sum(found, timedelta(0)))
        except OverflowError:
            return None
    if isinstance(kind, DecimalKind):
        return arithmetic.fits(_exact_sum(found), kind.scale)
    return arithmetic.whole(sum(found)) if kind is INT else float(sum(found))


def _exact_sum(found: Iterable[Decimal]) -> Decimal:
    added = NOTHING
    for value in found:
        added = arithmetic.EXACT.add(added, value)
    return added


def shared_currency(found: Sequence[Money]) -> str | None:
    """The one currency of several amounts, "" where none says one, None where they differ."""
    currencies = {value.currency for value in found if value.currency}
    return None if len(currencies) > 1 else next(iter(currencies), "")


def _money(found: Sequence[Money], kind: MoneyKind) -> Money | None:
    currency = shared_currency(found)
    if currency is None:
        return None
    amount = _exact_sum(value.amount for value in found)
    return arithmetic.money_fits(Money(amount, currency or kind.currency), kind.extra)


def mean(items: Iterable[Any], kind: Kind) -> Any:
    """The average, rounded half away from zero; of nothing, null."""
    found = present(items)
    if not found:
        return None
    if isinstance(kind, MoneyKind):
        currency = shared_currency(found)
        if currency is None:
            return None
        amount = _exact_sum(value.amount for value in found)
        places = (digits(currency) if currency else 0) + kind.extra
        shown = arithmetic.divide_decimal(amount, len(found), places)
        return None if shown is None else Money(shown, currency)
    if kind is DURATION:
        microseconds = sum(value // arithmetic.MICROSECOND for value in found)
        shown = arithmetic.divide_decimal(microseconds, len(found), 0)
        return None if shown is None else timedelta(microseconds=int(shown))
    if kind is DOUBLE:
        return sum(found) / len(found)
    assert isinstance(kind, DecimalKind)
    return arithmetic.divide_decimal(_exact_sum(map(Decimal, found)), len(found), kind.scale)


def least(items: Iterable[Any]) -> Any:
    """The smallest; of nothing, null."""
    return min(present(items), default=None)


def most(items: Iterable[Any]) -> Any:
    """The largest; of nothing, null."""
    return max(present(items), default=None)


def least_money(items: Iterable[Money | None]) -> Money | None:
    """The smallest amount; unknown where currencies differ."""
    return _chosen_money(min, present(items))


def most_money(items: Iterable[Money | None]) -> Money | None:
    """The largest amount; unknown where currencies differ."""
    return _chosen_money(max, present(items))


def _chosen_money(choose: Callable[..., Decimal], found: Sequence[Money]) -> Money | None:
    """One of several amounts, in the currency they share."""
    currency = shared_currency(found)
    if currency is None or not found:
        return None
    return Money(choose(value.amount for value in found), currency)
