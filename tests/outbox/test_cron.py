"""When a cron expression is next: names of days, zones, and the hours that clocks leave out or repeat."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from engine.cron import BadCron, next_after


def moments(cron: str, zone: str, since: str, count: int) -> list[str]:
    """The next moments, as they are in UTC."""
    moment, found = datetime.fromisoformat(since).replace(tzinfo=UTC), []
    for _ in range(count):
        moment = next_after(cron, zone, moment)
        found.append(f"{moment:%m-%d %H:%M}")
    return found


@pytest.mark.parametrize(
    ("cron", "zone", "since", "expected"),
    [
        ("30 7 * * mon", "UTC", "2026-03-01T12:00", ["03-02 07:30", "03-09 07:30"]),
        ("0 9 * * MON-FRI", "UTC", "2026-03-05T09:00", ["03-06 09:00", "03-09 09:00"]),
        ("*/20 * * * *", "UTC", "2026-03-01T12:00", ["03-01 12:20", "03-01 12:40", "03-01 13:00"]),
        ("0 0 1 jan,jul *", "UTC", "2026-03-01T12:00", ["07-01 00:00", "01-01 00:00"]),
        ("0 6 L * *", "UTC", "2026-02-01T00:00", ["02-28 06:00", "03-31 06:00"]),
        ("0 9 * * *", "Europe/Bucharest", "2026-03-27T12:00", ["03-28 07:00", "03-29 06:00", "03-30 06:00"]),
        # forward on March 29, from 3:00 to 4:00: what would have come in between comes once, right after
        ("30 3 * * *", "Europe/Bucharest", "2026-03-28T00:00", ["03-28 01:30", "03-29 01:00", "03-30 00:30"]),
        # back on October 25, from 4:00 to 3:00: a fixed hour comes once, every half hour has no gap
        ("30 3 * * *", "Europe/Bucharest", "2026-10-24T00:00", ["10-24 00:30", "10-25 00:30", "10-26 01:30"]),
        (
            "*/30 * * * *",
            "Europe/Bucharest",
            "2026-10-25T00:00",
            ["10-25 00:30", "10-25 01:00", "10-25 01:30", "10-25 02:00"],
        ),
    ],
)
def test_when_it_is_next(cron: str, zone: str, since: str, expected: list[str]) -> None:
    assert moments(cron, zone, since, len(expected)) == expected


@pytest.mark.parametrize(
    ("cron", "said"),
    [
        ("", "'' is no cron expression: write minute, hour, day of the month, month, day of the week"),
        ("every monday", "'every monday' is no cron expression: write minute, hour"),
        ("61 * * * *", r"'61 \* \* \* \*' is no cron expression \(bad minute\)"),
        ("* * * * moonday", r"no cron expression \(bad day-of-week\).*as in '30 7 \* \* mon-fri'"),
        ("0 0 0 * * *", "is no cron expression: write minute, hour"),  # seconds are not counted
        ("0 0 30 feb *", "'0 0 30 feb \\*'"),
    ],
)
def test_what_is_none_is_told(cron: str, said: str) -> None:
    with pytest.raises(BadCron, match=said):
        next_after(cron, "UTC", datetime(2026, 3, 1, tzinfo=UTC))
