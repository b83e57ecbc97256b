"""The worker's threads: a commit is followed at once, what others write is noticed, stopping waits for what runs."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from queue import Empty, Queue

import pytest

from engine.jobs.worker import Duties, Pace, Worker
from engine.outbox import overview
from engine.outbox.queue import Job, enqueue
from engine.outbox.running import Handlers
from engine.outbox.schedules import Schedule
from engine.work.context import SYSTEM
from engine.work.gateway import Gateway

LONG = 30.0
"""Seconds after which a test gives up waiting."""

NEVER = 3600.0
"""A worker of this pace looks by itself only when it starts."""


def put(shop: Gateway, number: int) -> None:
    shop.writing(SYSTEM, "job", lambda context: enqueue(context, "count", {"number": number}))


@contextmanager
def working(shop: Gateway, duties: Duties, pace: Pace) -> Iterator[Worker]:
    worker = Worker(shop, duties, pace)
    worker.start()
    try:
        yield worker
    finally:
        worker.stop()


def into(seen: Queue[int]) -> Handlers:
    return {"count": lambda gateway, taken: seen.put(taken.payload["number"])}


@pytest.mark.parametrize("threads", [1, 3])
def test_a_commit_of_this_process_wakes_the_worker(shop: Gateway, threads: int) -> None:
    seen: Queue[int] = Queue()
    looked = threading.Event()
    duties = Duties(into(seen), ticks=[lambda gateway: looked.set()])
    with working(shop, duties, Pace(threads, seconds=NEVER)):
        assert looked.wait(LONG)
        for number in range(5):
            put(shop, number)
        assert sorted(seen.get(timeout=LONG) for _ in range(5)) == list(range(5))


def test_what_another_process_wrote_is_noticed(shop: Gateway) -> None:
    seen: Queue[int] = Queue()
    with working(shop, Duties(into(seen)), Pace(1, seconds=0.05)):
        shop.wake_worker = lambda: None  # as where the commit is elsewhere
        put(shop, 7)
        assert seen.get(timeout=LONG) == 7


def test_jobs_run_beside_each_other(shop: Gateway) -> None:
    together = threading.Barrier(2)

    def handle(gateway: Gateway, taken: Job) -> None:
        together.wait(LONG)
        seen.put(taken.id)

    seen: Queue[int] = Queue()
    with working(shop, Duties({"count": handle}), Pace(2, seconds=NEVER)):
        put(shop, 1)
        put(shop, 2)
        assert len({seen.get(timeout=LONG), seen.get(timeout=LONG)}) == 2


def test_stopping_waits_for_what_runs_and_begins_nothing_more(shop: Gateway) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def handle(gateway: Gateway, taken: Job) -> None:
        begun.set()
        go_on.wait(LONG)

    worker = Worker(shop, Duties({"count": handle}), Pace(1, seconds=NEVER))
    worker.start()
    put(shop, 1)
    put(shop, 2)
    assert begun.wait(LONG)
    stopping = threading.Thread(target=worker.stop)
    stopping.start()
    go_on.set()
    stopping.join(LONG)
    with shop.read(SYSTEM, "job") as context:
        assert overview.numbers(context) == {"done": 1, "waiting": 1}


def test_schedules_and_ticks_go_on_whatever_one_of_them_does(shop: Gateway) -> None:
    """The shop's clock goes on by a second whenever it is asked, so that every minute soon comes."""
    moments: Queue[datetime] = Queue()
    ticked: Queue[str] = Queue()

    def broken(gateway: Gateway) -> None:
        raise ConnectionError

    duties = Duties(
        {},
        lambda gateway: [
            Schedule("often", "* * * * *", "UTC", lambda gateway, turn: moments.put(turn.moment))
        ],
        [broken, lambda gateway: ticked.put("ticked")],
    )
    with working(shop, duties, Pace(1, seconds=0.01)):
        first, second = moments.get(timeout=LONG), moments.get(timeout=LONG)
        assert first < second
        assert (first.second, second.second) == (0, 0)
        assert [ticked.get(timeout=LONG) for _ in range(3)] == ["ticked"] * 3


def test_a_worker_outlives_a_database_that_is_away(shop: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: Queue[int] = Queue()
    failed: Queue[str] = Queue()
    really = Gateway.read

    def read(gateway: Gateway, *arguments: object) -> object:
        failed.put("away")
        raise ConnectionError("away")

    with working(shop, Duties(into(seen)), Pace(1, seconds=0.05)):
        monkeypatch.setattr(Gateway, "read", read)
        assert [failed.get(timeout=LONG) for _ in range(4)]
        monkeypatch.setattr(Gateway, "read", really)
        put(shop, 1)
        assert seen.get(timeout=LONG) == 1
        with pytest.raises(Empty):
            seen.get_nowait()
