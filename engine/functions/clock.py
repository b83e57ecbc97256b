"""CEL's own accessors of moments and lengths of time (`getHours`): those of a date count from zero, and mean UTC."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from engine.expressions.kinds import INT, Kind
from engine.expressions.literals import literal_zone
from engine.expressions.nodes import Const, Node
from engine.expressions.registry import MOMENT, SPAN, TEXT, Function, Parameter, SqlCall, gives, literal
from engine.functions import calendar
from engine.sql.phrase import BIGINT, Clause, phrase
from engine.sql.time import shown, zone_of
from engine.sql.words import postgresql, sqlite

ACCESSORS: dict[str, tuple[Callable[[datetime], int], str, str, str]] = {
    "getFullYear": (lambda x: x.year, "extract(year FROM {0})", "The year", "2026"),
    "getMonth": (lambda x: x.month - 1, "extract(month FROM {0}) - 1", "The month, 0 to 11,", "6"),
    "getDate": (lambda x: x.day, "extract(day FROM {0})", "The day of the month from 1", "31"),
    "getDayOfMonth": (lambda x: x.day - 1, "extract(day FROM {0}) - 1", "The day of the month from 0", "30"),
    "getDayOfWeek": (lambda x: x.isoweekday() % 7, "extract(dow FROM {0})", "The day of the week, 0 for Sunday,", "5"),
    "getDayOfYear": (
        lambda x: x.timetuple().tm_yday - 1, "extract(doy FROM {0}) - 1", "The day of the year from 0", "211",
    ),
    "getHours": (lambda x: x.hour, "extract(hour FROM {0})", "The hour", "12"),
    "getMinutes": (lambda x: x.minute, "extract(minute FROM {0})", "The minute", "34"),
    "getSeconds": (lambda x: x.second, "extract(second FROM date_trunc('second', {0}))", "The second", "56"),
    "getMilliseconds": (
        lambda x: x.microsecond // 1000,
        "mod(CAST(extract(milliseconds FROM date_trunc('milliseconds', {0})) AS BIGINT), 1000)",
        "The thousandths of the second", "789",
    ),
}  # fmt: skip
"""By name: in Python, in PostgreSQL, the summary, and that of 2026-07-31T12:34:56.789Z."""

LENGTHS = {
    "getHours": ("({0} / 3600000000)", "How many whole hours", "25"),
    "getMinutes": ("({0} / 60000000)", "How many whole minutes", "1500"),
    "getSeconds": ("({0} / 1000000)", "How many whole seconds", "90001"),
    "getMilliseconds": ("(mod({0}, 1000000) / 1000)", "The thousandths beside whole seconds", "500"),
}
WHOLE_LENGTHS = {"getHours": 3_600_000_000, "getMinutes": 60_000_000, "getSeconds": 1_000_000}


def _result(arguments: Sequence[Node]) -> Kind:
    """A whole number, for a zone that exists. Raises ValueError."""
    if len(arguments) > 1 and isinstance(arguments[1], Const):
        literal_zone(literal(arguments[1]))
    return INT


def _accessor(name: str) -> Function:
    part, words, summary, value = ACCESSORS[name]

    def python(moment: datetime, zone: str = "UTC") -> int:
        return part(calendar.local(moment, UTC if zone == "UTC" else literal_zone(zone)))

    def sql(call: SqlCall) -> Clause:
        return phrase(f"CAST({words} AS BIGINT)", BIGINT, shown(call.arguments[0], zone_of(call, 1)))

    return Function(
        name, (Parameter("x", MOMENT), Parameter("zone", TEXT, literal=True)), _result, calendar.quiet(python),
        f"{summary} of a moment, in UTC or a zone written out.",
        example=(f"timestamp('2026-07-31T12:34:56.789Z').{name}()", value), group="time", usage="method",
        optional=1, postgresql=sql,
    )  # fmt: skip


def _length(name: str) -> Function:
    words, summary, value = LENGTHS[name]

    def python(length: timedelta) -> int:
        microseconds = abs(length // calendar.MICROSECOND)
        parts = name == "getMilliseconds"
        found = microseconds % 1_000_000 // 1_000 if parts else microseconds // WHOLE_LENGTHS[name]
        return found if length >= timedelta(0) else -found

    return Function(
        name, (Parameter("x", SPAN),), gives(INT), python, f"{summary} of a length of time.",
        example=(f"duration('25h1.5s').{name}()", value), group="time", usage="method", total=True,
        sqlite=sqlite(words.replace("mod({0}, 1000000)", "({0} % 1000000)"), BIGINT),
        postgresql=postgresql(words, BIGINT),
    )  # fmt: skip


CLOCK_FUNCTIONS: tuple[Function, ...] = (*map(_accessor, ACCESSORS), *map(_length, LENGTHS))
