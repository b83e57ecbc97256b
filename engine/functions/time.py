"""Functions of dates and moments by our plain names: they count from one, and days begin in the zone of who asks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, tzinfo
from typing import Any

from engine.expressions.kinds import DATE, INT, Kind
from engine.expressions.literals import literal_zone
from engine.expressions.nodes import Node
from engine.expressions.registry import (
    DAY,
    MOMENT,
    TEXT,
    WHOLE,
    Function,
    Parameter,
    SqlCall,
    Takes,
    gives,
    literal,
)
from engine.functions import calendar
from engine.sql.phrase import BIGINT, Clause, phrase
from engine.sql.time import CLOCK as CLOCK_TYPE
from engine.sql.time import DAY as DAY_TYPE
from engine.sql.time import (
    clock_clause,
    day_clause,
    ended,
    field,
    moved,
    moved_workdays,
    shown,
    started,
    workdays,
    zone_of,
)
from engine.sql.words import sqlite

quiet = calendar.quiet


# ---- parts of a date

Part = Callable[[Any], int]

PARTS: dict[str, tuple[Part, str, str, str, str]] = {
    "year": (lambda x: x.year, "year", "CAST(substr({0}, 1, 4) AS INTEGER)", "The year", "2026"),
    "month": (lambda x: x.month, "month", "CAST(substr({0}, 6, 2) AS INTEGER)", "The month, 1 to 12,", "7"),
    "day": (lambda x: x.day, "day", "CAST(substr({0}, 9, 2) AS INTEGER)", "The day of the month", "31"),
    "quarter": (
        lambda x: (x.month + 2) // 3,
        "quarter",
        "((CAST(substr({0}, 6, 2) AS INTEGER) + 2) / 3)",
        "The quarter, 1 to 4,",
        "3",
    ),
    "weekday": (
        lambda x: x.isoweekday(),
        "isodow",
        "((CAST(strftime('%w', {0}) AS INTEGER) + 6) % 7 + 1)",
        "The day of the week, 1 for Monday to 7,",
        "5",
    ),
    "week": (lambda x: x.isocalendar().week, "week", "", "The week of the year (ISO 8601)", "31"),
}
"""By name: in Python, PostgreSQL's field, SQLite's words (none: Python), the summary, and that of 2026-07-31."""

CLOCKS: dict[str, tuple[Part, str, str]] = {
    "hour": (lambda x: x.hour, "The hour, 0 to 23,", "12"),
    "minute": (lambda x: x.minute, "The minute", "34"),
    "second": (lambda x: x.second, "The second", "56"),
}


def _zoned(part: Part) -> Callable[..., Any]:
    """A part of a moment as a clock in a zone shows it."""

    def made(value: datetime, zone: tzinfo) -> int:
        return part(calendar.local(value, zone))

    return quiet(made)


def _part_functions() -> list[Function]:
    made = []
    for name, (part, extracted, words, summary, value) in PARTS.items():
        made += [
            _part_of_date(name, part, extracted, words, summary, value),
            _part_of_moment(name, part, extracted, summary, value),
        ]
    for name, (part, summary, value) in CLOCKS.items():
        made.append(_part_of_moment(name, part, name, summary, value))
    return made


def _part_of_date(name: str, part: Part, extracted: str, words: str, summary: str, value: str) -> Function:
    return Function(
        name, (Parameter("x", DAY),), gives(INT), part, f"{summary} of a date.",
        example=(f"{name}(date('2026-07-31'))", value), group="time", usage="free", total=True,
        sqlite=sqlite(words, BIGINT) if words else None,
        postgresql=lambda call: field(extracted, call.arguments[0]),
    )  # fmt: skip


def _part_of_moment(name: str, part: Part, extracted: str, summary: str, value: str) -> Function:
    def postgresql(call: SqlCall) -> Clause:
        clock = clock_clause(call)
        if name not in CLOCKS:
            return field(extracted, clock)
        return field(name, phrase("date_trunc('second', {0})", CLOCK_TYPE, clock))

    return Function(
        name, (Parameter("x", MOMENT),), gives(INT), _zoned(part), f"{summary} of a moment, where one is.",
        example=(f"{name}(timestamp('2026-07-31T12:34:56Z'))", value), group="time", usage="free", zoned=True,
        postgresql=postgresql,
    )  # fmt: skip


# ---- moving

NUMBERED = {
    "add_days": (
        calendar.move_days,
        "days",
        calendar.FARTHEST_DAYS,
        "Some days later, or earlier where negative.",
    ),
    "add_months": (
        calendar.move_months,
        "months",
        calendar.FARTHEST_MONTHS,
        "The same day some months later; a month's last day where it has none of that number.",
    ),
    "add_years": (
        lambda day, years: calendar.move_months(day, _months(years)),
        "years",
        9_999,
        "The same day some years later; 29 February becomes the 28th.",
    ),
}


def _months(years: int) -> int:
    if abs(years) > 9_999:
        raise OverflowError
    return 12 * years


def _moving(name: str) -> list[Function]:
    move, unit, farthest, summary = NUMBERED[name]
    example = {
        "add_days": ("add_days(date('2026-01-31'), 1)", "date('2026-02-01')"),
        "add_months": ("add_months(date('2026-01-31'), 1)", "date('2026-02-28')"),
        "add_years": ("add_years(date('2024-02-29'), 1)", "date('2025-02-28')"),
    }[name]

    def of_date(value: date, number: int) -> Any:
        return move(value, number)

    def of_moment(value: datetime, number: int, zone: tzinfo) -> Any:
        return calendar.moved(value, zone, lambda day: move(day, number))

    def sql(call: SqlCall) -> Clause:
        return moved(call, unit, farthest)

    return [
        Function(
            name, (Parameter("x", DAY), Parameter("n", WHOLE)), gives(DATE), quiet(of_date), summary,
            example=example, group="time", usage="free", postgresql=sql,
        ),
        Function(
            name, (Parameter("x", MOMENT), Parameter("n", WHOLE)), lambda arguments: arguments[0].kind,
            quiet(of_moment), f"{summary} The clock shows the same time.",
            example=(f"{name}(timestamp('2026-01-31T12:00:00Z'), 0)", "timestamp('2026-01-31T12:00:00Z')"),
            group="time", usage="free", zoned=True, postgresql=sql,
        ),
    ]  # fmt: skip


# ---- starts and ends


def _unit_result(units: Sequence[str]) -> Callable[[Sequence[Node]], Kind]:
    def made(arguments: Sequence[Node]) -> Kind:
        unit = literal(arguments[1])
        if unit not in units:
            raise ValueError(f"there is no {unit!r}: it is one of {', '.join(units)}")
        return arguments[0].kind

    return made


def _edges(
    name: str, edge: Callable[..., Any], sql: Any, summary: str, day: str, moment: str
) -> list[Function]:
    unit = Parameter("unit", TEXT, literal=True)

    def of_date(value: date, unit: str) -> Any:
        return edge(value, unit, None)

    return [
        Function(
            name, (Parameter("x", DAY), unit), _unit_result(calendar.DATE_UNITS), quiet(of_date),
            f"{summary} day of a date's week, month, quarter or year.",
            example=(f"{name}(date('2026-02-14'), 'month')", f"date('{day}')"), group="time", usage="free",
            postgresql=sql,
        ),
        Function(
            name, (Parameter("x", MOMENT), unit), _unit_result((*calendar.CLOCK_UNITS, *calendar.DATE_UNITS)),
            quiet(edge), f"{summary} moment of a moment's minute, hour, day, week, month, quarter or year.",
            example=(f"{name}(timestamp('2026-02-14T12:34:56Z'), 'hour')", f"timestamp('{moment}')"),
            group="time", usage="free", zoned=True, postgresql=sql,
        ),
    ]  # fmt: skip


# ---- differences, and days of moments


def days_between(start: Any, end: Any, zone: tzinfo) -> int:
    return (calendar.day_of(end, zone) - calendar.day_of(start, zone)).days


def workdays_between(start: Any, end: Any, zone: tzinfo) -> int:
    return calendar.workdays_between(calendar.day_of(start, zone), calendar.day_of(end, zone))


def day_of_moment(value: datetime, zone: tzinfo) -> date:
    return calendar.day_of(value, zone)


def day_in_zone(value: datetime, name: str) -> date:
    return calendar.day_of(value, literal_zone(name))


def _zone_result(kind: Kind) -> Callable[[Sequence[Node]], Kind]:
    """A result for a zone that exists. Raises ValueError."""

    def made(arguments: Sequence[Node]) -> Kind:
        literal_zone(literal(arguments[-1]))
        return kind

    return made


def _between(name: str, python: Callable[..., Any], sql: Any, summary: str, value: str) -> list[Function]:
    both = Takes("a date or moment", lambda kind: DAY.accepts(kind) or MOMENT.accepts(kind))
    return [
        Function(
            name, (Parameter("start", both), Parameter("end", both)), gives(INT), quiet(python), summary,
            example=(f"{name}(date('2026-01-30'), date('2026-02-03'))", value), group="time", usage="free",
            zoned=True, postgresql=sql,
        )
    ]  # fmt: skip


def _days_sql(call: SqlCall) -> Clause:
    return phrase("CAST({1} - {0} AS BIGINT)", BIGINT, day_clause(call, 0), day_clause(call, 1))


TIME_FUNCTIONS: tuple[Function, ...] = (
    *_part_functions(),
    *_moving("add_days"),
    *_moving("add_months"),
    *_moving("add_years"),
    *_edges("start_of", calendar.start, started, "The first", "2026-02-01", "2026-02-14T12:00:00Z"),
    *_edges("end_of", calendar.end, ended, "The last", "2026-02-28", "2026-02-14T12:59:59.999999Z"),
    *_between("days_between", days_between, _days_sql, "How many days later the second is.", "4"),
    *_between(
        "workdays_between", workdays_between, workdays,
        "How many Mondays to Fridays there are after one day up to another; negative where that is earlier.", "2",
    ),
    Function(
        "add_workdays", (Parameter("x", DAY), Parameter("n", WHOLE)), gives(DATE), quiet(calendar.move_workdays),
        "The n-th Monday to Friday after a date, or before it where n is negative.",
        example=("add_workdays(date('2026-01-30'), 1)", "date('2026-02-02')"), group="time", usage="free",
        postgresql=lambda call: moved_workdays(call, calendar.FARTHEST_DAYS),
    ),
    Function(
        "date", (Parameter("x", MOMENT),), gives(DATE), quiet(day_of_moment),
        "The day of a moment, where one is.",
        example=("date(timestamp('2026-07-31T12:00:00Z'))", "date('2026-07-31')"), group="time", usage="free",
        zoned=True, postgresql=day_clause,
    ),
    Function(
        "in_zone", (Parameter("x", MOMENT), Parameter("zone", TEXT, literal=True)), _zone_result(DATE),
        quiet(day_in_zone), "The day of a moment somewhere else: 'Europe/Bucharest', 'UTC', '+02:00'.",
        example=("in_zone(timestamp('2026-07-31T22:00:00Z'), 'Asia/Tokyo')", "date('2026-08-01')"),
        group="time", usage="free",
        postgresql=lambda call: phrase("CAST({0} AS DATE)", DAY_TYPE, shown(call.arguments[0], zone_of(call, 1))),
    ),
)  # fmt: skip
