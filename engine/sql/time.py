"""Days and clocks in PostgreSQL's words: what functions/calendar.py does, with the same limits and the same choices."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from engine.expressions.kinds import DATE, DATETIME
from engine.expressions.literals import OFFSET
from engine.expressions.registry import SqlCall
from engine.sql.phrase import BIGINT, Clause, let, phrase, text
from engine.sql.words import fill, integer

DAY = sa.Date()
CLOCK = sa.DateTime()  # without a zone
MOMENT = sa.DateTime(timezone=True)

DAYS = "BETWEEN DATE '0001-01-01' AND DATE '9999-12-31'"
CLOCKS = "BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999'"
MOMENTS = "BETWEEN TIMESTAMPTZ '0001-01-01 00:00:00+00' AND TIMESTAMPTZ '9999-12-31 23:59:59.999999+00'"


def zone_of(call: SqlCall, position: int) -> Clause:
    """The zone written as an argument, or UTC."""
    name = call.values[position] if position < len(call.values) else "UTC"
    found = OFFSET.fullmatch(name)
    if not found:
        return text(name)
    sign, hours, minutes = found.groups()
    # An offset in a text would be read the other way round (POSIX); an interval is read as it is.
    return sa.literal_column(f"INTERVAL '{sign}{hours}:{minutes}' HOUR TO MINUTE", sa.Interval())


def shown(moment: Clause, zone: Clause) -> Clause:
    """A moment as a clock in a zone shows it; null outside the years 1 to 9999."""
    local = phrase("({0} AT TIME ZONE {1})", CLOCK, moment, zone)
    return fill("postgresql", f"(CASE WHEN {{0}} {CLOCKS} THEN {{0}} END)", CLOCK, (local,))


def day_clause(call: SqlCall, position: int = 0) -> Clause:
    """An argument as a day: a date as it is, a moment in the call's zone."""
    if call.kinds[position] is DATE:
        return call.arguments[position]
    return phrase("CAST({0} AS DATE)", DAY, shown(call.arguments[position], call.zone))


def clock_clause(call: SqlCall) -> Clause:
    """The first argument as a local time, of which fields are extracted."""
    if call.kinds[0] is DATETIME:
        return shown(call.arguments[0], call.zone)
    return call.arguments[0]


def field(name: str, clause: Clause) -> Clause:
    return phrase(f"CAST(extract({name} FROM {{0}}) AS BIGINT)", BIGINT, clause)


def moment_of(clock: Clause, zone: Clause, last: bool = False) -> Clause:
    """The moment a clock in a zone shows a time; of two, PostgreSQL takes the second by itself.

    The first is found with the offset in force three hours before; no zone changes twice in that time.
    """

    def use(named: Clause) -> Clause:
        second = phrase("({0} AT TIME ZONE {1})", MOMENT, named, zone)
        return _in_range(
            second if last else let(second, lambda late: _earlier(named, late, zone), "postgresql")
        )

    return let(clock, use, "postgresql")


def _earlier(clock: Clause, late: Clause, zone: Clause) -> Clause:
    before = phrase("({0} - INTERVAL '3 hours')", MOMENT, late)
    offset = "(({0} AT TIME ZONE {1}) - ({0} AT TIME ZONE 'UTC'))"
    early = phrase(f"(({{2}} - {offset}) AT TIME ZONE 'UTC')", MOMENT, before, zone, clock)

    def use(named: Clause) -> Clause:
        template = "(CASE WHEN ({0} AT TIME ZONE {1}) = {2} THEN least({0}, {3}) ELSE {3} END)"
        return phrase(template, MOMENT, named, zone, clock, late)

    return let(early, use, "postgresql")


def _in_range(moment: Clause) -> Clause:
    return fill("postgresql", f"(CASE WHEN {{0}} {MOMENTS} THEN {{0}} END)", MOMENT, (moment,))


def _days_in_range(day: Clause, result: Any = DAY) -> Clause:
    return fill("postgresql", f"(CASE WHEN {{0}} {CLOCKS} THEN {{0}} END)", result, (day,))


def moved(call: SqlCall, unit: str, farthest: int) -> Clause:
    """A date or local time moved by a number of days or months."""
    value, number = clock_clause(call), call.arguments[1]
    interval = f"make_interval({unit} => {{1}})"
    template = (
        f"(CASE WHEN {{2}} BETWEEN -{farthest} AND {farthest} THEN CAST({{0}} AS TIMESTAMP) + {interval} END)"
    )
    made = let(number, lambda named: phrase(template, CLOCK, value, integer(named), named), "postgresql")
    checked = _days_in_range(made, CLOCK)
    if call.kinds[0] is DATETIME:
        return moment_of(checked, call.zone)
    return phrase("CAST({0} AS DATE)", DAY, checked)


# ---- the start and end of something


def started(call: SqlCall) -> Clause:
    """The first day of a unit, or the moment it begins."""
    unit = call.values[1]
    if call.kinds[0] is DATE:
        return phrase(f"CAST(date_trunc('{unit}', CAST({{0}} AS TIMESTAMP)) AS DATE)", DAY, call.arguments[0])
    if unit in ("hour", "minute"):
        return let(call.arguments[0], lambda moment: _in_range(_since(call, moment, "-", "")), "postgresql")
    return moment_of(phrase(f"date_trunc('{unit}', {{0}})", CLOCK, clock_clause(call)), call.zone)


def _since(call: SqlCall, moment: Clause, sign: str, more: str) -> Clause:
    unit = call.values[1]
    local = shown(moment, call.zone)
    template = f"({{0}}{more} - ({{1}} - date_trunc('{unit}', {{1}})))"
    return let(local, lambda clock: phrase(template, MOMENT, moment, clock), "postgresql")


LENGTHS = {"day": "1 day", "week": "7 days", "month": "1 month", "quarter": "3 months", "year": "1 year"}


def ended(call: SqlCall) -> Clause:
    """The last day of a unit, or its last microsecond."""
    unit = call.values[1]
    if unit in ("hour", "minute"):
        more = f" + INTERVAL '1 {unit}' - INTERVAL '1 microsecond'"
        return let(call.arguments[0], lambda moment: _in_range(_since(call, moment, "+", more)), "postgresql")
    after = f"INTERVAL '{LENGTHS[unit]}' - INTERVAL '1 microsecond'"
    template = f"(date_trunc('{unit}', CAST({{0}} AS TIMESTAMP)) + {after})"
    checked = _days_in_range(phrase(template, CLOCK, clock_clause(call)), CLOCK)
    if call.kinds[0] is DATETIME:
        return moment_of(checked, call.zone, last=True)
    return phrase("CAST({0} AS DATE)", DAY, checked)


# ---- workdays

ORDINAL = "(CAST({0} - DATE '0001-01-01' AS BIGINT) + 1)"


def _counted(ordinal: str) -> str:
    return f"({ordinal} / 7 * 5 + least(mod({ordinal}, 7), 5))"


def _ordinal(place: str) -> str:
    return ORDINAL.replace("{0}", place)


def workdays(call: SqlCall) -> Clause:
    """Workdays between two days."""
    first, second = _ordinal("{0}"), _ordinal("{1}")
    template = (
        f"(CASE WHEN {{1}} >= {{0}} THEN {_counted(second)} - {_counted(first)}"
        f" ELSE {_counted(f'({second} - 1)')} - {_counted(f'({first} - 1)')} END)"
    )
    return fill("postgresql", template, BIGINT, (day_clause(call, 0), day_clause(call, 1)))


def moved_workdays(call: SqlCall, farthest: int) -> Clause:
    """The n-th workday after or before a day."""
    ordinal = _ordinal("{0}")
    number = (
        f"(CASE WHEN {{1}} > 0 THEN {_counted(ordinal)} + {{1}}"
        f" ELSE {_counted(f'({ordinal} - 1)')} + {{1}} + 1 END)"
    )
    template = (
        f"(CASE WHEN {{1}} = 0 THEN {{0}} WHEN NOT {{1}} BETWEEN -{farthest} AND {farthest} THEN NULL"
        f" WHEN {number} < 1 THEN NULL ELSE DATE '0001-01-01' + CAST(least(({number} - 1) / 5 * 7"
        f" + mod({number} - 1, 5), {farthest * 2}) AS INTEGER) END)"
    )
    made = fill("postgresql", template, DAY, (call.arguments[0], call.arguments[1]))
    return fill("postgresql", f"(CASE WHEN {{0}} {DAYS} THEN {{0}} END)", DAY, (made,))
