"""Time counted in working hours, held against counting it minute by minute."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import Place
from engine.metamodel.working_time import Span, WorkCalendar

ZONES = ("UTC", "Europe/Bucharest", "America/New_York")
QUARTERS = st.integers(0, 95).map(lambda number: time(number // 4, number % 4 * 15))


@st.composite
def days(draw: st.DrawFn) -> tuple[Span, ...]:
    clocks = sorted(draw(st.sets(QUARTERS, max_size=6)))
    spans = list(zip(clocks[::2], clocks[1::2], strict=False))
    if spans and draw(st.booleans()):
        spans[-1] = (spans[-1][0], time(0))
    return tuple(spans)


@st.composite
def calendars(draw: st.DrawFn) -> WorkCalendar:
    hours = {day: draw(days()) for day in draw(st.sets(st.integers(0, 6)))}
    holidays = draw(st.sets(st.dates(date(2026, 3, 20), date(2026, 4, 10)), max_size=4))
    zone = draw(st.sampled_from(ZONES))
    return WorkCalendar(
        name="c", label="C", zone=zone, place=Place("x"), hours=hours, holidays=frozenset(holidays)
    )


def is_worked(calendar: WorkCalendar, moment: datetime) -> bool:
    local = moment.astimezone(ZoneInfo(calendar.zone))
    if local.date() in calendar.holidays:
        return False
    clock = local.time()
    spans = calendar.hours.get(local.weekday(), ())
    return any(begin <= clock and (clock < end or end == time(0)) for begin, end in spans)


@settings(max_examples=60, deadline=None)
@given(calendars(), st.integers(0, 20 * 96), st.integers(1, 60))
def test_it_agrees_with_counting_quarters_of_hours(calendar: WorkCalendar, start: int, quarters: int) -> None:
    begin = datetime(2026, 3, 22, tzinfo=UTC) + timedelta(minutes=15 * start)
    if not any(calendar.hours.values()):
        assert calendar.after(begin, timedelta(hours=1)) == begin + timedelta(hours=1)
        return
    moment, left = begin, quarters
    while left:
        left -= is_worked(calendar, moment)
        moment += timedelta(minutes=15)
    assert calendar.after(begin, timedelta(minutes=15 * quarters)) == moment


def office() -> WorkCalendar:
    week = {day: ((time(9), time(17)),) for day in range(5)}
    return WorkCalendar(name="office", label="Office", zone="Europe/Bucharest", place=Place("x"), hours=week)


def test_an_hour_that_the_clocks_leave_out_is_not_worked() -> None:
    night = {6: ((time(2, 30), time(3, 15)),)}  # at three it is four
    calendar = WorkCalendar(name="c", label="C", zone="Europe/Bucharest", place=Place("x"), hours=night)
    begin = datetime(2026, 3, 28, tzinfo=UTC)
    assert calendar.after(begin, timedelta(minutes=30)) == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
    assert calendar.after(begin, timedelta(minutes=31)).date() == date(2026, 4, 4)


def test_a_weekend_does_not_count() -> None:
    friday = datetime(2026, 11, 27, 16, tzinfo=ZoneInfo("Europe/Bucharest"))
    monday = datetime(2026, 11, 30, 10, tzinfo=ZoneInfo("Europe/Bucharest"))
    assert office().after(friday, timedelta(hours=2)) == monday


def test_what_begins_at_night_counts_from_the_morning() -> None:
    night = datetime(2026, 11, 26, 2, tzinfo=ZoneInfo("Europe/Bucharest"))
    ten = datetime(2026, 11, 26, 10, tzinfo=ZoneInfo("Europe/Bucharest"))
    assert office().after(night, timedelta(hours=1)) == ten
