"""Days and times of day as people type them, in their language: 31.01.2026, Jan 31, 2026, 2:30 PM.

A language's own patterns come from Babel's locale data (CLDR): the short, medium and long forms of a
date are read as they are written, and so is ISO 8601 in every language.
"""

from __future__ import annotations

import re
from datetime import date, time
from functools import lru_cache
from typing import Final

from babel import Locale
from babel.dates import get_date_format

from engine.types.base import Refused
from engine.types.calendar import ISO_DATE, LONGEST, made_date, made_time, read_date, show_date
from engine.types.clean import INVISIBLE, quoted, require_text, typed_code
from engine.types.display import Display

CLOCK: Final = (
    r"(?P<hour>[0-9]{1,2})[:.](?P<minute>[0-9]{2})"
    r"(?:[:.](?P<second>[0-9]{2})(?:[.,](?P<micro>[0-9]{1,6}))?)?"
)
NUMBERS: Final = {"y": "(?P<y>[0-9]{1,4})", "M": "(?P<m>[0-9]{1,2})", "d": "(?P<d>[0-9]{1,2})"}
TOKEN: Final = re.compile(r"'(?P<quoted>[^']*)'|(?P<field>([A-Za-z])\3*)|(?P<sign>.)")
CENTURY: Final = 69
"""Two digits of a year mean the century around now, as POSIX has it: 69 is 1969, 68 is 2068."""


def typed_date(text: str, display: Display) -> date:
    """A day as a person writes it; raises Refused."""
    typed = _spaced(text)
    if ISO_DATE.fullmatch(typed):
        return read_date(typed)
    for pattern in _date_patterns(display.language):
        match = pattern.fullmatch(typed)
        if match:
            found = match.groupdict()
            month = _months(display.language)[_plain(found["name"])] if found.get("name") else int(found["m"])
            return made_date(_year(found["y"]), month, int(found["d"]))
    example = show_date(date(2026, 1, 31), display.language)
    raise Refused("bad-date", f"{quoted(text)} is not a date: write it as {example} or 2026-01-31.")


def typed_time(text: str, display: Display) -> time:
    """A time of day as a person writes it: 9:30, 09:30:15, 9:30 PM, 14.30. Raises Refused."""
    typed = _spaced(text)
    match = _time_pattern(display.language).fullmatch(typed)
    if match is None:
        raise Refused("bad-time", f"{quoted(text)} is not a time of day: write it as 14:30.")
    found = match.groupdict(default="")
    hour = int(found["hour"])
    if found["half"]:
        if not 1 <= hour <= 12:
            raise Refused("bad-time", f"There is no {quoted(typed)}: with AM or PM, hours go from 1 to 12.")
        hour = hour % 12 + 12 * _halves(display.language)[_plain(found["half"])]
    second, micro = int(found["second"] or 0), int(found["micro"].ljust(6, "0"))
    return made_time(hour, int(found["minute"]), second, micro, typed)


def split_typed(text: str, display: Display) -> tuple[str, str]:
    """The day and the time of day of a text that holds both; the time is "" where there is none."""
    typed = _spaced(text)
    match = _moment_pattern(display.language).fullmatch(typed)
    return (match["day"], match["clock"]) if match else (typed, "")


def _spaced(text: str) -> str:
    return " ".join(typed_code(require_text(text, LONGEST)).split())


def _plain(name: str) -> str:
    """A month's or half day's name as it is looked up: without case, dots and spaces."""
    return re.sub(r"[.\s]", "", name).casefold()


def _year(text: str) -> int:
    year = int(text)
    return year if len(text) > 2 else year + (1900 if year >= CENTURY else 2000)


@lru_cache(maxsize=64)
def _locale(language: str) -> Locale:
    return Locale.parse(language.replace("-", "_"))


@lru_cache(maxsize=64)
def _date_patterns(language: str) -> tuple[re.Pattern[str], ...]:
    forms = (get_date_format(length, _locale(language)).pattern for length in ("short", "medium", "long"))
    return tuple(re.compile(_expression(INVISIBLE.sub("", form), language), re.IGNORECASE) for form in forms)


def _expression(form: str, language: str) -> str:
    """A CLDR pattern such as `d MMM y` as a regular expression; spaces and commas may be left out."""
    parts = []
    for match in TOKEN.finditer(form):
        field, literal = match["field"], match["quoted"] or match["sign"] or ""
        if not field:
            parts.append(r"[\s,]*" if literal.strip(" ,") == "" else rf"\s*{re.escape(literal.strip())}")
        elif field[0] in "ML" and len(field) >= 3:
            names = "|".join(sorted(map(_lenient, _month_labels(language)), key=len, reverse=True))
            parts.append(rf"(?P<name>{names})\.?")
        else:
            parts.append(NUMBERS[field[0]])
    return "".join(parts)


def _lenient(name: str) -> str:
    """A name in which dots may be left out."""
    return "".join(r"\.?" if sign == "." else r"\s?" if sign.isspace() else re.escape(sign) for sign in name)


@lru_cache(maxsize=64)
def _month_labels(language: str) -> dict[str, int]:
    months = _locale(language).months
    return {
        name: number
        for context in ("stand-alone", "format")
        for width in ("abbreviated", "wide")
        for number, name in months[context][width].items()
    }


@lru_cache(maxsize=64)
def _months(language: str) -> dict[str, int]:
    return {_plain(name): number for name, number in _month_labels(language).items()}


@lru_cache(maxsize=64)
def _halves(language: str) -> dict[str, int]:
    """The names of the two halves of a day, to 0 and 1; AM and PM in every language."""
    periods = _locale(language).day_periods["format"]
    named = {periods[width][half] for width in ("abbreviated", "wide") for half in ("am", "pm")}
    of = {periods[width]["am"]: 0 for width in ("abbreviated", "wide")}
    return {_plain(name): of.get(name, 1) for name in named} | {"am": 0, "pm": 1, "a": 0, "p": 1}


@lru_cache(maxsize=64)
def _half_names(language: str) -> str:
    periods = _locale(language).day_periods["format"]["abbreviated"]
    return "|".join([_lenient(periods["am"]), _lenient(periods["pm"]), r"[ap]\.?m?\.?"])


@lru_cache(maxsize=64)
def _time_pattern(language: str) -> re.Pattern[str]:
    return re.compile(rf"{CLOCK}(?:\s*(?P<half>{_half_names(language)}))?", re.IGNORECASE)


@lru_cache(maxsize=64)
def _moment_pattern(language: str) -> re.Pattern[str]:
    """A day, then a time of day; between them a T, or a space with a comma or a word ("at") around it."""
    clock = re.sub(r"\?P<[a-z]+>", "?:", CLOCK)
    between = r"(?:T|[,،]?\s+(?:[^\W\d]+\s+)?)"
    halved = rf"{clock}(?:\s*(?:{_half_names(language)}))?"
    return re.compile(rf"(?P<day>.*?[^\s,،]){between}(?P<clock>{halved})", re.IGNORECASE)
