"""A calendar of work: the hours of each weekday, the days nobody works, and time counted in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from engine.errors import Place

Span = tuple[time, time]
MINUTE = timedelta(minutes=1)

MOST_DAYS = 3_660
"""Days that are looked through for working time; a calendar without any ends there."""


@dataclass(frozen=True, kw_only=True)
class WorkCalendar:
    """When is worked. `hours` are by weekday, 0 for Monday, in order; a span that ends at midnight ends at 00:00."""

    name: str
    label: str
    zone: str
    place: Place
    hours: Mapping[int, tuple[Span, ...]] = field(default_factory=dict)
    holidays: frozenset[date] = frozenset()

    def after(self, moment: datetime, length: timedelta) -> datetime:
        """The moment so much working time later, in UTC; `moment` is aware.

        An hour that the clocks leave out is not worked; one that they repeat counts twice where a span holds all of it.
        """
        left, day = length, moment.astimezone(ZoneInfo(self.zone)).date()
        for number in range(MOST_DAYS):
            for begin, end in self._worked(day + timedelta(days=number)):
                start = max(begin, moment)
                if start >= end:
                    continue
                if end - start >= left:
                    return start + left
                left -= end - start
        return moment + length  # nobody ever works: then it counts as time does

    def _worked(self, day: date) -> list[tuple[datetime, datetime]]:
        """The working hours of a day as moments in UTC."""
        if day in self.holidays:
            return []
        return [
            (self._moment(day, begin), self._moment(day if end > time(0) else day + timedelta(days=1), end))
            for begin, end in self.hours.get(day.weekday(), ())
        ]

    def _moment(self, day: date, clock: time) -> datetime:
        """A time of the clock as a moment; one that the clocks leave out is the moment they are put forward."""
        zone = ZoneInfo(self.zone)
        local = datetime.combine(day, clock, zone)
        found, before = local.astimezone(UTC), local.utcoffset()
        if found.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
            return found
        while (found - MINUTE).astimezone(zone).utcoffset() != before:
            found -= MINUTE
        return found
