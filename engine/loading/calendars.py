"""Reading calendars of work: weekdays with their hours, holidays, and the zone whose clock they follow."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, time, timedelta
from typing import Any

from engine.documents.complaints import Complaints
from engine.documents.documents import Documents
from engine.loading.declarations import is_zone, zone_hint
from engine.metamodel.working_time import Span, WorkCalendar
from engine.text.labels import words
from engine.text.yaml_tree import Map, Seq

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SPAN = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)\s*-\s*([01]?\d|2[0-4]):([0-5]\d)")
LONGEST_HOLIDAY = 366
RANGE = "for example {from: 2026-12-24, to: 2027-01-01}"


def read_calendars(found: Documents, zone: str, complaints: Complaints) -> dict[str, WorkCalendar]:
    """Every calendar of work; `zone` is the application's."""
    return {
        name: _calendar(name, root, zone, complaints)
        for name, root in found.by_kind["calendar_of_work"].items()
    }


def _calendar(name: str, root: Map, zone: str, complaints: Complaints) -> WorkCalendar:
    if "timezone" in root and not is_zone(root["timezone"]):
        message = f"no time zone {root['timezone']!r}"
        complaints.at_value(root, "timezone", "bad-setting", message, zone_hint(root["timezone"]))
    hours = root.map("hours")
    return WorkCalendar(
        name=name,
        label=root.get("label") or words(name),
        zone=root["timezone"] if is_zone(root.get("timezone", "")) else zone,
        hours={DAYS.index(day): tuple(_spans(hours, day, complaints)) for day in hours if day in DAYS},
        holidays=frozenset(_holidays(root.seq("holidays"), complaints)),
        place=root.key_place("calendar_of_work"),
    )


def _spans(hours: Map, day: str, complaints: Complaints) -> Iterator[Span]:
    """The spans of a day, in order and apart from each other."""
    written = hours[day]
    holder: Map | Seq = hours.seq(day) if isinstance(written, list) else hours
    keys: list[Any] = list(range(len(written))) if isinstance(written, list) else [day]
    last = time(0)
    for key in keys:
        span = _span(str(holder[key]))
        if span is None or span[0] < last:
            message = (
                f"{holder[key]!r} is no span of hours" if span is None else "these hours overlap, or go back"
            )
            complaints.at_value(holder, key, "bad-hours", message, 'for example "09:00-12:30"')
            continue
        last = span[1] if span[1] > time(0) else time(23, 59, 59)
        yield span


def _span(text: str) -> Span | None:
    match = SPAN.fullmatch(text.strip())
    if match is None:
        return None
    begin_hour, begin_minute, end_hour, end_minute = map(int, match.groups())
    if end_hour == 24 and end_minute:
        return None
    begin, end = time(begin_hour, begin_minute), time(end_hour % 24, end_minute)
    return (begin, end) if end > begin or end == time(0) else None


def _holidays(written: Seq, complaints: Complaints) -> Iterator[date]:
    for position, each in enumerate(written):
        if isinstance(each, Map):
            first, last = _day(each.get("from")), _day(each.get("to"))
            if first is None or last is None or not first <= last <= first + timedelta(days=LONGEST_HOLIDAY):
                complaints.at_map(each, "bad-hours", "these are no days", RANGE)
                continue
            yield from (first + timedelta(days=number) for number in range((last - first).days + 1))
            continue
        day = _day(each)
        if day is None:
            complaints.at_value(
                written, position, "bad-hours", f"{each!r} is no day", "for example 2026-12-25"
            )
        else:
            yield day


def _day(written: Any) -> date | None:
    if isinstance(written, date):
        return written
    try:
        return date.fromisoformat(str(written))
    except ValueError:
        return None
