"""Currencies: their codes, the decimals of their amounts, and how amounts are shown.

The number of decimals is ISO 4217's and kept here, not asked of a library: stored amounts are counted
in minor units, and would change if a new release of a library changed its mind.
"""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import Final

from babel.core import get_global
from babel.numbers import format_currency

from engine.types.number import show_number

OTHER_DIGITS: Final = {
    **dict.fromkeys(
        (
            *("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG"),
            *("RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"),
        ),
        0,
    ),
    **dict.fromkeys(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"], 3),
    **dict.fromkeys(["CLF", "UYW"], 4),
}
"""Currencies whose smallest unit is not a hundredth (ISO 4217, table A.1, column "minor unit")."""


MOST_DIGITS: Final = max(OTHER_DIGITS.values())


@lru_cache(maxsize=1)
def currencies() -> frozenset[str]:
    """Every ISO 4217 code that is or was in use."""
    return frozenset(code for code in get_global("all_currencies") if len(code) == 3 and code.isascii())


def currency_of(text: str) -> str | None:
    """The code that a text is, in capitals or not; None where it is none."""
    code = text.strip().upper()
    return code if code in currencies() else None


def digits(currency: str) -> int:
    """Decimals of a currency: 2 for EUR, 0 for JPY, 3 for KWD."""
    return OTHER_DIGITS.get(currency, 2)


def show_amount(amount: Decimal, currency: str, language: str) -> str:
    """An amount as a language writes it: €1,234.50, 1.234,50 €."""
    before, after = _signs(currency, language, amount < 0)
    places = digits(currency)
    return f"{before}{show_number(abs(amount), language, places, places)}{after}"


@lru_cache(maxsize=1024)
def _signs(currency: str, language: str, negative: bool) -> tuple[str, str]:
    """What stands before and after an amount: the currency's sign, and the minus."""
    one = Decimal(-1 if negative else 1)
    locale = language.replace("-", "_")
    shown = format_currency(one, currency, locale=locale, currency_digits=False, decimal_quantization=False)
    last = max(index for index, sign in enumerate(shown) if sign.isdigit())
    before, after = shown[: shown.index("1")], shown[last + 1 :]
    return (f"{before}\u00a0" if before[-1:].isalpha() else before), after  # RON 10, not RON10
