"""When a cron expression is next, on the clock of a time zone."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

FIELDS = "minute, hour, day of the month, month, day of the week"
EXAMPLE = "30 7 * * mon-fri"


class BadCron(ValueError):
    """A text that is no cron expression, or names a moment that never comes."""


def next_after(cron: str, zone: str, moment: datetime) -> datetime:
    """The first moment after this one, in UTC; raises BadCron.

    Where clocks go forward, what would fall into the hour that is left out comes right after it; where they go
    back, what has a fixed hour comes once, and what comes every hour or oftener goes on without a gap.
    """
    if len(cron.split()) != 5:
        raise BadCron(f"{cron!r} is no cron expression: write {FIELDS}, as in {EXAMPLE!r}")
    try:
        found = next(CronSim(cron, moment.astimezone(ZoneInfo(zone))))
    except CronSimError as error:
        raise BadCron(
            f"{cron!r} is no cron expression ({str(error).lower()}): write {FIELDS}, as in {EXAMPLE!r}"
        ) from error
    except StopIteration:
        raise BadCron(f"{cron!r} never comes: no year has such a day") from None
    return found.astimezone(UTC)
