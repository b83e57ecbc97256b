"""Conversions as CEL has them: `string(x)`, `int(x)`, `decimal(x)` … What can't be converted is unknown."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from math import isfinite
from typing import Any

from engine.expressions.kinds import (
    BOOL,
    DATE,
    DATETIME,
    DOUBLE,
    DURATION,
    INT,
    STRING,
    DecimalKind,
    Kind,
)
from engine.expressions.literals import literal_date, literal_decimal, literal_duration, literal_moment
from engine.expressions.registry import (
    CLOCK,
    CONDITION,
    DAY,
    MOMENT,
    SPAN,
    TEXT,
    WHOLE,
    Function,
    Parameter,
    SqlCall,
    Takes,
    gives,
    like_first,
)
from engine.functions import arithmetic, calendar
from engine.functions.number import DECIMAL, FLOATING
from engine.sql.phrase import BIGINT, BOOLEAN, LARGEST, SMALLEST, Clause, phrase
from engine.sql.phrase import TEXT as TEXT_TYPE
from engine.sql.time import MOMENT as MOMENT_TYPE
from engine.sql.words import fill, postgresql, sqlite

WHOLE_NUMBER = re.compile(r"-?[0-9]{1,255}")
WHOLE_SQL = "^-?[0-9]{1,255}$"
TRUE_WORDS = ("1", "t", "true", "TRUE", "True")
FALSE_WORDS = ("0", "f", "false", "FALSE", "False")
EXACT_SCALE = 6
"""Decimals of a text read as a number; a literal has as many as it is written with."""

EPOCH_RANGE = (-62_135_596_800, 253_402_300_799)  # seconds: the years 1 to 9999


# ---- Python


def text_of_decimal(value: Decimal, kinds: tuple[Kind, ...]) -> str:
    kind = kinds[0]
    assert isinstance(kind, DecimalKind)
    shown = f"{value:.{kind.scale}f}"
    return shown.removeprefix("-") if not value else shown


def _fraction(microseconds: int) -> str:
    return f".{microseconds:06}".rstrip("0").rstrip(".")


def text_of_moment(value: datetime) -> str:
    return f"{value.date().isoformat()}T{value:%H:%M:%S}{_fraction(value.microsecond)}Z"


def text_of_duration(value: timedelta) -> str:
    microseconds = value // calendar.MICROSECOND
    seconds, rest = divmod(abs(microseconds), 1_000_000)
    return f"{'-' if microseconds < 0 else ''}{seconds}{_fraction(rest)}s"


def text_of_time(value: time) -> str:
    """`07:30:00`, with what is finer than a second where it is there."""
    return value.strftime("%H:%M:%S") + _fraction(value.microsecond)


def text_of_double(value: float) -> str:
    return f"{value:.0f}" if value.is_integer() and abs(value) < 1e15 else repr(value)


def int_of_text(value: str) -> int | None:
    return arithmetic.whole(int(value)) if WHOLE_NUMBER.fullmatch(value) else None


def int_of_double(value: float) -> int | None:
    return arithmetic.whole(int(value)) if isfinite(value) else None


def int_of_moment(value: datetime) -> int:
    return (value - arithmetic.EARLIEST_MOMENT) // timedelta(seconds=1) + EPOCH_RANGE[0]


def bool_of_text(value: str) -> bool | None:
    return True if value in TRUE_WORDS else False if value in FALSE_WORDS else None


def double_of_text(value: str) -> float | None:
    try:
        return float(value) if not set(value) & set("_ \t\n") else None
    except ValueError:
        return None


def decimal_of_text(value: str) -> Decimal | None:
    try:
        found = literal_decimal(value)
    except ValueError:
        return None
    exact = found.quantize(Decimal(1).scaleb(-EXACT_SCALE), context=arithmetic.EXACT)
    return arithmetic.fits(exact, EXACT_SCALE) if exact == found else None


def decimal_of_double(value: float) -> Decimal | None:
    if not isfinite(value) or abs(value) > 1e15:
        return None
    return arithmetic.rounded(Decimal(value), EXACT_SCALE)


def moment_of_seconds(value: int) -> datetime | None:
    if not EPOCH_RANGE[0] <= value <= EPOCH_RANGE[1]:
        return None
    return arithmetic.EARLIEST_MOMENT + timedelta(seconds=value - EPOCH_RANGE[0])


def _read(reader: Callable[[str], Any]) -> Callable[[str], Any]:
    """A reader of literals that answers None for what is none."""

    def made(value: str) -> Any:
        try:
            return reader(value)
        except ValueError:
            return None

    return made


# ---- SQL

INT_OF_TEXT = (
    f"(CASE WHEN {{0}} ~ '{WHOLE_SQL}' THEN CASE WHEN CAST({{0}} AS NUMERIC) BETWEEN {SMALLEST} AND {LARGEST}"
    " THEN CAST({0} AS BIGINT) END END)"
)
TEXT_OF_MOMENT = (
    "(rtrim(rtrim(to_char({0} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US'), '0'), '.') || 'Z')"
)
TEXT_OF_TIME = "rtrim(rtrim(to_char({0}, 'HH24:MI:SS.US'), '0'), '.')"
TEXT_OF_DURATION = "(CAST(trim_scale({0} * 0.000001) AS TEXT) || 's')"
BOOL_OF_TEXT = (
    "(CASE WHEN {0} IN ('1', 't', 'true', 'TRUE', 'True') THEN true"
    " WHEN {0} IN ('0', 'f', 'false', 'FALSE', 'False') THEN false END)"
)


def _decimal_text(call: SqlCall) -> Clause:
    kind = call.kinds[0]
    assert isinstance(kind, DecimalKind)
    # round() also shows all decimals; adding 0 would not.
    return phrase(f"CAST(round({{0}}, {kind.scale}) AS TEXT)", TEXT_TYPE, call.arguments[0])


def _decimal_int_sqlite(call: SqlCall) -> Clause:
    kind = call.kinds[0]
    assert isinstance(kind, DecimalKind)
    return phrase(f"({{0}} / {10**kind.scale})", BIGINT, call.arguments[0])


def _seconds_sql(call: SqlCall) -> Clause:
    low, high = EPOCH_RANGE
    template = (
        f"(CASE WHEN {{0}} BETWEEN {low} AND {high}"
        " THEN TIMESTAMPTZ '1970-01-01 00:00:00+00' + {0} * INTERVAL '1 second' END)"
    )
    return fill("postgresql", template, MOMENT_TYPE, call.arguments)


def _seconds_sqlite(call: SqlCall) -> Clause:
    low, high = EPOCH_RANGE
    return fill(
        "sqlite",
        f"(CASE WHEN {{0}} BETWEEN {low} AND {high} THEN {{0}} * 1000000 END)",
        BIGINT,
        call.arguments,
    )


STRING_SUMMARY = "A value as text, as CEL and ISO 8601 write it."
INT_SUMMARY = "A value as a whole number: a text read, decimals cut off, a moment as seconds since 1970."


def _string(takes: Takes, python: Callable[..., Any], example: tuple[str, str], **more: Any) -> Function:
    return Function(
        "string", (Parameter("x", takes),), gives(STRING), python, STRING_SUMMARY,
        example=example, usage="free", group="conversion", total=True, **more,
    )  # fmt: skip


def _to(
    name: str,
    kind: Kind,
    takes: Takes,
    python: Callable[..., Any],
    summary: str,
    example: tuple[str, str],
    **more: Any,
) -> Function:
    return Function(
        name, (Parameter("x", takes),), gives(kind), python, summary,
        example=example, usage="free", group="conversion", **more,
    )  # fmt: skip


def _same(name: str, takes: Takes, example: tuple[str, str], summary: str) -> Function:
    return Function(
        name, (Parameter("x", takes),), like_first, lambda x: x, summary,
        example=example, usage="free", group="conversion", total=True,
        sqlite=lambda call: call.arguments[0], postgresql=lambda call: call.arguments[0],
    )  # fmt: skip


CONVERSION_FUNCTIONS: tuple[Function, ...] = (
    _string(
        TEXT, lambda x: x, ("string('a')", "'a'"),
        sqlite=lambda call: call.arguments[0], postgresql=lambda call: call.arguments[0],
    ),
    _string(
        WHOLE, str, ("string(42)", "'42'"),
        sqlite=sqlite("CAST({0} AS TEXT)", TEXT_TYPE), postgresql=postgresql("CAST({0} AS TEXT)", TEXT_TYPE),
    ),
    _string(DECIMAL, text_of_decimal, ("string(2.50)", "'2.5'"), kinded=True, postgresql=_decimal_text),
    _string(
        CONDITION, lambda x: "true" if x else "false", ("string(true)", "'true'"),
        sqlite=sqlite("(CASE {0} WHEN 1 THEN 'true' WHEN 0 THEN 'false' END)", TEXT_TYPE),
        postgresql=postgresql("CAST({0} AS TEXT)", TEXT_TYPE),
    ),
    _string(
        DAY, date.isoformat, ("string(date('2026-01-31'))", "'2026-01-31'"),
        sqlite=sqlite("CAST({0} AS TEXT)", TEXT_TYPE), postgresql=postgresql("to_char({0}, 'YYYY-MM-DD')", TEXT_TYPE),
    ),
    _string(
        MOMENT, text_of_moment, ("string(timestamp('2026-01-31T12:00:00Z'))", "'2026-01-31T12:00:00Z'"),
        postgresql=postgresql(TEXT_OF_MOMENT, TEXT_TYPE),
    ),
    _string(
        CLOCK, text_of_time,
        ("", ""), postgresql=postgresql(TEXT_OF_TIME, TEXT_TYPE),
    ),
    _string(
        SPAN, text_of_duration, ("string(duration('1h1.5s'))", "'3601.5s'"),
        postgresql=postgresql(TEXT_OF_DURATION, TEXT_TYPE),
    ),
    _string(FLOATING, text_of_double, ("string(double('1.5'))", "'1.5'")),
    _same("int", WHOLE, ("int(3)", "3"), INT_SUMMARY),
    _to("int", INT, TEXT, int_of_text, INT_SUMMARY, ("int('42')", "42"), postgresql=postgresql(INT_OF_TEXT, BIGINT)),
    _to(
        "int", INT, DECIMAL, int, INT_SUMMARY, ("int(-2.9)", "-2"), total=True,
        sqlite=_decimal_int_sqlite, postgresql=postgresql("CAST(trunc({0}) AS BIGINT)", BIGINT),
    ),
    _to("int", INT, FLOATING, int_of_double, INT_SUMMARY, ("int(double('2.9'))", "2")),
    _to(
        "int", INT, MOMENT, int_of_moment, INT_SUMMARY,
        ("int(timestamp('1970-01-02T00:00:00Z'))", "86400"), total=True,
        sqlite=sqlite("(({0} - (({0} % 1000000) + 1000000) % 1000000) / 1000000)", BIGINT),
        postgresql=postgresql("CAST(floor(extract(epoch FROM {0})) AS BIGINT)", BIGINT),
    ),
    _same("bool", CONDITION, ("bool(true)", "true"), "A condition, or one read from a text."),
    _to(
        "bool", BOOL, TEXT, bool_of_text, "A condition, or one read from a text.", ("bool('true')", "true"),
        sqlite=sqlite(BOOL_OF_TEXT, BOOLEAN), postgresql=postgresql(BOOL_OF_TEXT, BOOLEAN),
    ),
    _same("decimal", DECIMAL, ("decimal(2.5)", "2.5"), "A number as an exact decimal."),
    _to(
        "decimal", DecimalKind(0), WHOLE, Decimal, "A number as an exact decimal.", ("decimal(2)", "decimal('2')"),
        total=True, sqlite=lambda call: call.arguments[0], postgresql=postgresql("CAST({0} AS NUMERIC)", BIGINT),
    ),
    _to(
        "decimal", DecimalKind(EXACT_SCALE), TEXT, decimal_of_text,
        "A text as an exact decimal of at most six decimals. Python only.", ("decimal(string(2.5))", "2.5"),
    ),
    _to(
        "decimal", DecimalKind(EXACT_SCALE), FLOATING, decimal_of_double,
        "A floating number rounded to six decimals. Python only.", ("decimal(double('2.5'))", "2.5"),
    ),
    _to("double", DOUBLE, TEXT, double_of_text, "A number as a floating one. Python only.", ("double('2.5')", "2.5")),
    _to("double", DOUBLE, WHOLE, float, "A number as a floating one. Python only.", ("double(2)", "2.0"), total=True),
    _to(
        "double", DOUBLE, DECIMAL, float, "A number as a floating one. Python only.", ("double(2.5)", "2.5"),
        total=True,
    ),
    _same("double", FLOATING, ("double(double('2.5'))", "2.5"), "A floating number as it is."),
    _to(
        "date", DATE, TEXT, _read(literal_date), "A text as a date. Python only, unless it is written out.",
        ("date(string(date('2026-01-31')))", "date('2026-01-31')"),
    ),
    _to(
        "timestamp", DATETIME, TEXT, _read(literal_moment),
        "A text as a moment. Python only, unless it is written out.",
        ("timestamp(string(timestamp('2026-01-31T12:00:00Z')))", "timestamp('2026-01-31T12:00:00Z')"),
    ),
    _to(
        "timestamp", DATETIME, WHOLE, moment_of_seconds, "The moment some seconds after 1970.",
        ("timestamp(86400)", "timestamp('1970-01-02T00:00:00Z')"),
        sqlite=_seconds_sqlite, postgresql=_seconds_sql,
    ),
    _to(
        "duration", DURATION, TEXT, _read(literal_duration),
        "A text as a length of time. Python only, unless it is written out.",
        ("duration(string(duration('1h')))", "duration('1h')"),
    ),
)  # fmt: skip
