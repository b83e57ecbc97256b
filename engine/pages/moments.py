"""A point in time as pages tell it: how long ago, and exactly."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from babel.dates import format_timedelta
from markupsafe import escape

from engine.types.calendar import show_date, show_time
from engine.types.display import Display

COARSE = 7_200
"""Seconds beyond which how long ago something was is told from whole minutes."""

JUST_NOW = 5
"""Seconds that are no time at all."""


@dataclass(frozen=True)
class Moment:
    """A point in time as it is told: how long ago, exactly, and for programs."""

    ago: str
    exact: str
    machine: str

    @property
    def drawn(self) -> str:
        """The element of a page."""
        return f'<time datetime="{self.machine}" title="{escape(self.exact)}">{escape(self.ago)}</time>'


def moment_of(at: datetime, display: Display, now: datetime) -> Moment:
    local = at.astimezone(display.timezone)
    day, clock = (
        show_date(local.date(), display.language),
        show_time(local.time().replace(microsecond=0), display.language),
    )
    seconds = int((at - now).total_seconds())
    whole = seconds if abs(seconds) < COARSE else seconds // 60 * 60
    return Moment(_ago(whole, display), f"{day}, {clock}", at.isoformat())


@lru_cache(maxsize=4096)
def _ago(seconds: int, display: Display) -> str:
    """How long ago, in words. Babel takes its time to find them, and pages name the same ones again and again."""
    if abs(seconds) < JUST_NOW:
        return "just now"
    return format_timedelta(timedelta(seconds=seconds), add_direction=True, locale=display.locale)
