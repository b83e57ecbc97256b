"""Countries by their ISO 3166 code of two letters, with their names in every language (from CLDR)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from babel import Locale

from engine.types.base import Choice

NOT_COUNTRIES: Final = frozenset(
    {"EU", "EZ", "UN", "ZZ", "QO", "XA", "XB", "AC", "CP", "CQ", "DG", "EA", "IC", "TA"}
)
"""What CLDR has beside the countries of ISO 3166-1; Kosovo's XK stays, being in wide use."""


@lru_cache(maxsize=64)
def countries(language: str) -> tuple[Choice, ...]:
    """Every country by its name in a language, sorted by it."""
    names = Locale.parse(language.replace("-", "_")).territories
    english = Locale.parse("en").territories
    codes = [str(code) for code in english if re.fullmatch("[A-Z]{2}", str(code))]
    found = (Choice(code, names.get(code, english[code])) for code in codes if code not in NOT_COUNTRIES)
    return tuple(sorted(found, key=_by_label))


def _by_label(choice: Choice) -> str:
    return choice.label.casefold()


@lru_cache(maxsize=1)
def country_codes() -> frozenset[str]:
    """Every code."""
    return frozenset(choice.name for choice in countries("en"))


def country_name(code: str, language: str) -> str:
    """A country's name in a language; a code that is none is shown as it is."""
    return _names(language).get(code, code)


def country_named(text: str, language: str) -> str | None:
    """The code of a country given by its code or its name in a language or in English, in any case."""
    wanted = text.strip().casefold()
    if wanted.upper() in country_codes():
        return wanted.upper()
    return _codes(language).get(wanted) or _codes("en").get(wanted)


@lru_cache(maxsize=64)
def _names(language: str) -> dict[str, str]:
    return {choice.name: choice.label for choice in countries(language)}


@lru_cache(maxsize=64)
def _codes(language: str) -> dict[str, str]:
    return {choice.label.casefold(): choice.name for choice in countries(language)}
