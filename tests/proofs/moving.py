"""A process that looks at the clock: what test_timers.py starts three of, and kills one of.

Run as `python -m tests.proofs.moving URL FOLDER HOLD`. It says `begun`, waits for a line, and does whatever is due:
timers, and what is to be done at set times. Where HOLD is a number, it says `holding` in the transaction in which
it moves that record (or, below zero, changes it at a set time), and never ends it. On its clock an hour has passed
since the records were made. It says `done` at last.
"""

from __future__ import annotations

import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

from engine.app import duties, open_app
from engine.outbox import schedules
from engine.outbox.running import Runner
from engine.process.timers import fire_due
from engine.service import auditing
from engine.work.gateway import Gateway
from tests.proofs.working import left, say

MADE = datetime(2026, 1, 1, 12, 30, tzinfo=UTC)
"""When the records of the test are made."""

LEASE = timedelta(seconds=1)


def main(url: str, folder: Path, hold: int) -> None:
    gateway = open_app(folder, database=url).gateway
    begun = datetime.now(UTC)
    gateway.clock = lambda: MADE + timedelta(hours=1) + (datetime.now(UTC) - begun)
    if hold:
        _hold(hold)
    say("begun")
    sys.stdin.readline()
    work(gateway)
    say("done")
    gateway.close()


def work(gateway: Gateway) -> None:
    """What a worker does, until nothing is left; the lease of one that was killed runs out meanwhile."""
    offered = duties(gateway)
    found = offered.schedules(gateway)
    runner = Runner(
        gateway, {**offered.handlers, schedules.KIND: schedules.handler(offered.schedules)}, LEASE
    )
    schedules.fire(gateway, found)
    pause = threading.Event()
    while fire_due(gateway) or runner.run_due() or left(gateway):
        pause.wait(0.05)


def _hold(number: int) -> None:
    """Stop for ever once the history of a record is written, before anything is committed."""
    record, wanted = auditing.record, "transition" if number > 0 else "update"

    def held(context: object, entity: str, ids: list[int], action: str, *rest: object) -> None:
        record(context, entity, ids, action, *rest)  # type: ignore[arg-type]
        if action == wanted and abs(number) in ids:
            say("holding")
            threading.Event().wait()

    auditing.record = held  # type: ignore[assignment]


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
