"""Exact numbers: read from JSON and from what people type, and shown in the reader's language.

Nothing here is ever a float inside: a float that comes in is taken as it is written (0.1 is 0.1).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Context, Decimal, Inexact, InvalidOperation
from functools import lru_cache
from typing import Any, Final

from babel import Locale
from babel.numbers import format_decimal

from engine.types.base import OptionProblem, Refused
from engine.types.clean import INVISIBLE, kind_of, quoted, require_text, typed_line
from engine.types.display import Display

PLAIN: Final = re.compile(r"[+-]?[0-9]{1,40}(?:\.[0-9]{0,40})?")
FLOAT: Final = re.compile(r"[+-]?[0-9.]+(?:e[+-]?[0-9]+)?")
LONGEST: Final = 100
EXACT: Final = Context(prec=80, traps=[Inexact, InvalidOperation])
"""Eighty digits and no rounding: what does not fit is an error."""


def read_number(raw: Any) -> Decimal:
    """An exact number from its JSON form: an int, a float as written, a Decimal or plain text."""
    if isinstance(raw, bool) or not isinstance(raw, int | float | Decimal | str):
        raise Refused("not-a-number", f"This takes a number, not {kind_of(raw)}.")
    if isinstance(raw, str):
        return read_plain(raw)
    if isinstance(raw, int):
        if raw.bit_length() > 130:
            raise Refused("too-large", "This number is too large.")
        return Decimal(raw)
    number = raw if isinstance(raw, Decimal) else Decimal(repr(raw))
    if not number.is_finite():
        raise Refused("not-a-number", f"This takes a number, not {'NaN' if number.is_nan() else 'Infinity'}.")
    if number.adjusted() > 40:
        raise Refused("too-large", "This number is too large.")
    return number or Decimal(0)  # minus zero is zero


def read_plain(text: str) -> Decimal:
    """An exact number from a plain text such as -1234.50. Raises Refused."""
    if not PLAIN.fullmatch(require_text(text, LONGEST)):
        raise Refused("not-a-number", f"{quoted(text)} is not a number.")
    return Decimal(text) or Decimal(0)


def read_typed(text: str, display: Display) -> Decimal:
    """A number as a person writes it: in their language ("1.234,5" in German), or a plain one."""
    typed = INVISIBLE.sub("", typed_line(require_text(text, LONGEST)))
    reading = _typed_pattern(display.language)
    match = reading.fullmatch(typed.translate(DIGITS))
    if match:
        whole, decimals = match.group("whole"), match.group("decimals") or ""
        sign = "-" if match.group("sign") in ("-", "−") else ""
        return read_plain(f"{sign}{re.sub('[^0-9]', '', whole)}.{decimals}")
    if PLAIN.fullmatch(typed):
        return read_plain(typed)
    point = separators(display.language)[1]
    hint = f": decimals come after “{point}”" if OTHER_POINT.fullmatch(typed) and point not in typed else ""
    raise Refused("not-a-number", f"{quoted(text)} is not a number{hint}.")


OTHER_POINT: Final = re.compile(r"[-−+]?[0-9]+[.,][0-9]+")
"""A number with decimals, as some other language writes it."""

DIGITS: Final = {ord(zero) + digit: str(digit) for zero in "٠۰०০௦" for digit in range(10)}
"""Digits of other scripts that people type, as ours."""


@lru_cache(maxsize=64)
def _typed_pattern(language: str) -> re.Pattern[str]:
    group, point = separators(language)
    spaced = group.isspace()
    between = r"[ \u00a0\u202f]" if spaced else "['’]" if group in "'’" else re.escape(group)
    least = 3 if _in_threes(language) else 2
    whole = rf"[0-9]+|[0-9]{{1,3}}(?:{between}[0-9]{{{least},3}})*{between}[0-9]{{3}}"
    return re.compile(rf"(?P<sign>[-−+]?)\s?(?P<whole>{whole})(?:{re.escape(point)}(?P<decimals>[0-9]*))?")


@lru_cache(maxsize=64)
def separators(language: str) -> tuple[str, str]:
    """What stands between thousands, and before the decimals, in a language."""
    symbols = _locale(language).number_symbols["latn"]
    return symbols["group"], symbols["decimal"]


@lru_cache(maxsize=64)
def _locale(language: str) -> Locale:
    return Locale.parse(language.replace("-", "_"))


@lru_cache(maxsize=64)
def _in_threes(language: str) -> bool:
    pattern = _locale(language).decimal_formats[None]
    return tuple(pattern.grouping) == (3, 3)


def show_number(number: Decimal | int, language: str, least: int = 0, most: int = 0) -> str:
    """A number in a language, with `least` to `most` decimals; zeros beyond `least` are left out."""
    plain = f"{Decimal(number):.{most}f}"  # an int would be formatted as a float, and lose digits
    if most > least:
        whole, _, decimals = plain.partition(".")
        kept = decimals[least:].rstrip("0")
        plain = f"{whole}.{decimals[:least]}{kept}".removesuffix(".")
    if not _in_threes(language):  # Indian grouping and the like: Babel knows
        grouped = _locale(language).decimal_formats[None].pattern.partition(".")[0]
        pattern = f"{grouped}.{'0' * len(plain.partition('.')[2])}".removesuffix(".")
        return format_decimal(Decimal(plain), pattern, locale=_locale(language))
    group, point = separators(language)
    whole, _, decimals = plain.partition(".")
    shown = f"{int(whole):,}".replace(",", group)
    if whole.startswith("-") and not shown.startswith("-"):
        shown = f"-{shown}"  # -0.5
    return f"{shown}{point}{decimals}" if decimals else shown


def scaled(number: Decimal, scale: int, largest: Decimal) -> Decimal:
    """The same number with exactly `scale` decimals; raises Refused for more, and beyond ±`largest`."""
    if abs(number) > largest:
        raise Refused("too-large", f"This number is too large: it is at most {largest:,f}.")
    try:
        return number.quantize(step(scale), context=EXACT)
    except (Inexact, InvalidOperation) as error:
        raise Refused("too-many-decimals", f"This takes {decimals_of(scale)}.") from error


@lru_cache(maxsize=32)
def step(scale: int) -> Decimal:
    """The smallest difference between two numbers with so many decimals: 0.01 for 2."""
    return Decimal(1).scaleb(-scale)


def decimals_of(scale: int) -> str:
    """How many decimals there may be, in words."""
    return {0: "no decimals", 1: "at most one decimal"}.get(scale, f"at most {scale} decimals")


def within(number: Any, low: Any, high: Any) -> None:
    """Raise Refused for a number outside its limits."""
    if low is not None and number < low:
        raise Refused("too-small", f"This is at least {_grouped(low)}.")
    if high is not None and number > high:
        raise Refused("too-large", f"This is at most {_grouped(high)}.")


def _grouped(limit: Decimal | int) -> str:
    return f"{limit:,f}" if isinstance(limit, Decimal) else f"{limit:,}"


NUMBER_OPTION: Final = {"type": ["number", "string"], "pattern": f"^{PLAIN.pattern}$"}
"""The schema of a limit written in YAML: a number, or a text where every decimal counts."""


def exact_limit(made: Any, name: str) -> None:
    """Make a limit, written in YAML as a number or text, an exact decimal."""
    limit = getattr(made, name)
    if limit is not None and not isinstance(limit, Decimal):
        object.__setattr__(made, name, read_number(limit))


def crossed(low: Any, high: Any, written: tuple[Any, Any] | None = None) -> Iterator[OptionProblem]:
    """The complaint about a `min` above its `max`, as they are `written` where that differs."""
    if low is not None and high is not None and low > high:
        least, most = written or (low, high)
        yield OptionProblem("min", "bad-option", f"min {least} is above max {most}", "make it smaller")


def plain_pattern(whole: int, scale: int) -> str:
    """JSON Schema's pattern of what `read_plain` and `scaled` take."""
    point = rf"\.[0-9]{{0,{scale}}}0*" if scale else r"\.0*"
    return rf"^[+-]?0*[0-9]{{1,{whole}}}({point})?$"
