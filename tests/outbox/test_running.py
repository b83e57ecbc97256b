"""Jobs carried out: tried again with growing pauses, given up in the end, done once where that is asked for."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest

from engine.outbox import overview, queue
from engine.outbox.overview import Listed
from engine.outbox.queue import Job, enqueue
from engine.outbox.running import GiveUp, Retry, Runner
from engine.reading.query import Query
from engine.service import records
from engine.work.context import SYSTEM, Context
from engine.work.gateway import Gateway
from tests.support.shop import Clock


def put(shop: Gateway) -> None:
    shop.writing(SYSTEM, "job", lambda context: enqueue(context, "count", {"name": "Ada"}))


def only(shop: Gateway) -> Listed:
    """The one job there is."""
    with shop.read(SYSTEM, "job") as context:
        (found,) = overview.listed(context, 9) or overview.listed(context, 9, state="done")
        return found


def accounts(shop: Gateway) -> int:
    with shop.read(SYSTEM, "job") as context:
        return records.count(context, "account", Query())


def test_a_job_is_done(shop: Gateway) -> None:
    seen: list[Job] = []
    runner = Runner(shop, {"count": lambda gateway, taken: seen.append(taken)})
    assert runner.run_next() is None
    put(shop)
    assert runner.run_next() == "done"
    assert runner.run_next() is None
    assert [(job.kind, job.payload, job.attempts) for job in seen] == [("count", {"name": "Ada"}, 1)]
    assert only(shop).state == "done"


def test_a_job_that_fails_waits_longer_each_time_and_is_dead_after_the_eighth(
    shop: Gateway, caplog: pytest.LogCaptureFixture
) -> None:
    def handle(gateway: Gateway, taken: Job) -> None:
        raise ConnectionError(f"attempt {taken.attempts}")

    assert isinstance(shop.clock, Clock)
    caplog.set_level(logging.CRITICAL, "engine.jobs")
    runner = Runner(shop, {"count": handle})
    put(shop)
    waited = []
    for attempt in range(1, 8):
        assert runner.run_next() == "again"
        assert runner.run_next() is None, "not before its pause is over"
        found = only(shop)
        assert (found.state, found.attempts) == ("failed", attempt)
        assert found.error == f"ConnectionError: attempt {attempt}"
        assert found.due_at is not None
        waited.append(round((found.due_at - shop.clock.now) / timedelta(minutes=1)))
        shop.clock.now = found.due_at
    assert waited == [1, 5, 15, 60, 240, 720, 1440]
    assert runner.run_next() == "dead"
    shop.clock.now += timedelta(days=30)
    assert runner.run_next() is None
    assert (only(shop).state, only(shop).due_at) == ("dead", None)


def test_a_handler_may_say_when_or_that_it_is_no_use(shop: Gateway) -> None:
    answers: list[Exception] = [Retry("busy", after=timedelta(seconds=40)), GiveUp("no such address")]

    def handle(gateway: Gateway, taken: Job) -> None:
        raise answers.pop(0)

    assert isinstance(shop.clock, Clock)
    runner = Runner(shop, {"count": handle})
    put(shop)
    assert runner.run_next() == "again"
    assert only(shop).error == "busy"
    shop.clock.now += timedelta(seconds=30)
    assert runner.run_next() is None
    shop.clock.now += timedelta(seconds=10)
    assert runner.run_next() == "dead"
    assert only(shop).error == "no such address"


def test_a_handler_that_finishes_its_job_in_its_own_transaction_does_it_once(shop: Gateway) -> None:
    """Whoever is too late, because its lease ended while it ran, writes nothing."""
    second: list[str | None] = []

    def handle(gateway: Gateway, taken: Job) -> None:
        if taken.attempts == 1:  # so slow that another one takes the job meanwhile
            assert isinstance(shop.clock, Clock)
            shop.clock.now += queue.LEASE
            second.append(runner.run_next())

        def work(context: Context) -> None:
            records.create(context, "account", {"name": taken.payload["name"]})
            queue.finish(context, taken)

        gateway.writing(SYSTEM, "job", work)

    runner = Runner(shop, {"count": handle})
    put(shop)
    assert runner.run_next() == "lost"
    assert second == ["done"]
    assert (accounts(shop), only(shop).state) == (1, "done")


def test_a_job_that_kills_whoever_runs_it_is_given_up(shop: Gateway) -> None:
    assert isinstance(shop.clock, Clock)
    put(shop)
    for _ in range(8):
        assert shop.writing(SYSTEM, "job", lambda context: queue.take(context, ["count"]))
        shop.clock.now += queue.LEASE
    ran: list[Job] = []
    assert Runner(shop, {"count": lambda gateway, taken: ran.append(taken)}).run_next() == "dead"
    assert ran == []
    assert only(shop).error == "Whoever ran it died, each time."


def test_what_runs_long_is_kept(shop: Gateway) -> None:
    assert isinstance(shop.clock, Clock)
    clock = shop.clock

    def handle(gateway: Gateway, taken: Job) -> None:
        for _ in range(3):
            clock.now += queue.LEASE * 0.7
            runner.renew()
            assert Runner(shop, runner.handlers).run_next() is None

    runner = Runner(shop, {"count": handle})
    put(shop)
    assert runner.run_next() == "done"
    assert only(shop).attempts == 1


def test_a_handler_does_not_end_who_runs_it(shop: Gateway) -> None:
    def handle(gateway: Gateway, taken: Job) -> None:
        raise SystemExit("enough")

    put(shop)
    assert Runner(shop, {"count": handle}).run_next() == "again"
    assert only(shop).error == "SystemExit: enough"


def test_the_error_that_is_kept_has_an_end(shop: Gateway) -> None:
    def handle(gateway: Gateway, taken: Job) -> None:
        raise GiveUp("x" * 100_000)

    put(shop)
    Runner(shop, {"count": handle}).run_next()
    assert len(only(shop).error) == 1000
