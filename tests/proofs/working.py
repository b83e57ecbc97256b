"""A process with a worker: what test_jobs.py starts three of, and kills one of.

Run as `python -m tests.proofs.working URL FOLDER HOLD SPEED`. It says `begun`, waits for a line, and works until
nothing is left to do; it says `working` at its first job. At the fifth of the kind HOLD it says `holding`, and
never ends it. SPEED is how many seconds of the application's clock pass in one; with a speed, a schedule runs as
well, and the process ends with its input.
"""

from __future__ import annotations

import sys
import threading
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from time import time

from engine.app import open_app
from engine.jobs.worker import Duties, Pace, Worker
from engine.outbox import overview, queue
from engine.outbox.queue import Job
from engine.outbox.running import Handlers
from engine.outbox.schedules import Schedule, Turn
from engine.service import records
from engine.work.context import SYSTEM, Context
from engine.work.gateway import Gateway

SECOND = timedelta(seconds=1)
BEGUN = datetime(2026, 1, 1, tzinfo=UTC)
"""When the quick clock told the time that it was: all processes tell the same."""


def main(url: str, folder: Path, hold: str, speed: int) -> None:
    gateway = open_app(folder, database=url).gateway
    if speed:
        gateway.clock = lambda: BEGUN + timedelta(seconds=(time() - BEGUN.timestamp()) * speed)
    minutely = [Schedule("minutely", "* * * * *", "UTC", note)] if speed else []
    lease = timedelta(days=1) if speed else SECOND
    worker = Worker(gateway, Duties(handlers(hold), lambda _: minutely), Pace(2, seconds=0.1, lease=lease))
    say("begun")
    sys.stdin.readline()
    worker.start()
    if speed:
        sys.stdin.read()
    else:
        ended = threading.Event()
        while left(gateway):
            ended.wait(0.1)
    worker.stop()
    gateway.close()


def left(gateway: Gateway) -> bool:
    with gateway.read(SYSTEM, "job") as context:
        return bool(overview.listed(context, 1))


def handlers(hold: str) -> Handlers:
    """`once` ends with what it writes, `plain` after it."""
    begun, held = count(), count(1)

    def pause(kind: str) -> None:
        if next(begun) == 0:
            say("working")
        if kind == hold and next(held) == 5:
            say("holding")
            threading.Event().wait()

    def once(gateway: Gateway, taken: Job) -> None:
        def work(context: Context) -> None:
            records.create(context, "account", {"name": taken.payload["name"]})
            queue.finish(context, taken)
            pause("once")

        gateway.writing(SYSTEM, "job", work)

    def plain(gateway: Gateway, taken: Job) -> None:
        write(gateway, taken.payload["name"])
        pause("plain")

    return {"once": once, "plain": plain}


def note(gateway: Gateway, turn: Turn) -> None:
    write(gateway, turn.moment.isoformat())


def write(gateway: Gateway, name: str) -> None:
    gateway.writing(SYSTEM, "job", lambda context: records.create(context, "account", {"name": name}))


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]))
