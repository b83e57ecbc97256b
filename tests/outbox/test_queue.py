"""Jobs in the database: written with what causes them, taken once, back when their worker died, forgotten later."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from engine.outbox import overview, queue
from engine.outbox.queue import Job, LeaseLost, enqueue
from engine.reading.query import Query
from engine.service import records
from engine.work.context import SYSTEM, Context
from engine.work.gateway import Gateway
from tests.store.together import at_once
from tests.support.shop import KIOSK, Clock, opened


def put(shop: Gateway, number: int = 1, **more: Any) -> int | None:
    return shop.writing(SYSTEM, "job", lambda context: enqueue(context, "count", {"number": number}, **more))


def take(shop: Gateway, *kinds: str) -> Job | None:
    return shop.writing(SYSTEM, "job", lambda context: queue.take(context, kinds or ("count",)))


def later(shop: Gateway, **more: float) -> None:
    assert isinstance(shop.clock, Clock)
    shop.clock.now += timedelta(**more)


def numbers(shop: Gateway) -> dict[str, int]:
    with shop.read(SYSTEM, "job") as context:
        return overview.numbers(context)


def test_a_job_of_what_did_not_happen_is_not_there(shop: Gateway) -> None:
    woken: list[str] = []
    shop.wake_worker = lambda: woken.append("woken")

    def work() -> None:
        with shop.write(SYSTEM, "api") as context:
            records.create(context, "account", {"name": "Never"})
            enqueue(context, "count", {})
            raise LookupError

    with pytest.raises(LookupError):
        work()
    assert (numbers(shop), woken) == ({}, [])


def test_the_worker_is_woken_once_per_commit_and_not_for_what_is_due_later(shop: Gateway) -> None:
    woken: list[str] = []
    shop.wake_worker = lambda: woken.append("woken")
    with shop.write(SYSTEM, "api") as context:
        enqueue(context, "count", {})
        enqueue(context, "count", {})
        assert woken == []
    assert woken == ["woken"]
    put(shop, due_at=shop.clock() + timedelta(hours=1))
    assert woken == ["woken"]


def test_jobs_are_taken_in_the_order_they_are_due_each_once(shop: Gateway) -> None:
    now = shop.clock()
    put(shop, 1, due_at=now + timedelta(hours=2))
    put(shop, 2, due_at=now + timedelta(hours=1))
    put(shop, 3)
    assert [job and job.payload for job in (take(shop), take(shop))] == [{"number": 3}, None]
    later(shop, hours=3)
    taken = [take(shop, "count", "other"), take(shop), take(shop)]
    # the first one's lease is over since long; it was due before the others
    assert [job and (job.payload["number"], job.attempts) for job in taken] == [(3, 2), (2, 1), (1, 1)]
    assert take(shop) is None


def test_a_kind_that_nobody_here_carries_out_waits(shop: Gateway) -> None:
    put(shop)
    assert take(shop, "mail") is None
    assert take(shop, "mail", "count")


def test_one_job_per_kind_and_key_as_long_as_it_is_remembered(shop: Gateway) -> None:
    first = put(shop, 1, key="invoice 7")
    assert first is not None
    assert put(shop, 2, key="invoice 7") is None
    assert shop.writing(SYSTEM, "job", lambda context: enqueue(context, "mail", {}, key="invoice 7"))
    taken = take(shop)
    assert taken is not None
    assert (taken.id, taken.key, taken.payload) == (first, "invoice 7", {"number": 1})
    shop.writing(SYSTEM, "job", lambda context: queue.finish(context, taken))
    assert put(shop, 3, key="invoice 7") is None
    later(shop, days=4)
    assert shop.writing(SYSTEM, "job", queue.clear) == 1
    assert put(shop, 4, key="invoice 7") is not None


def test_of_many_that_enqueue_one_key_at_once_one_does(shop: Gateway) -> None:
    answers = at_once(6, lambda number: put(shop, number, key="same"))
    assert sorted(answer is None for answer in answers) == [False, *[True] * 5]


def test_of_many_that_take_at_once_none_gets_the_same(shop: Gateway) -> None:
    for number in range(8):
        put(shop, number)
    answers = at_once(10, lambda _: take(shop))
    got = sorted(answer.payload["number"] for answer in answers if isinstance(answer, Job))
    assert got == list(range(8))
    assert answers.count(None) == 2


def test_a_lease_ends_unless_it_is_renewed_and_who_lost_it_can_not_finish(shop: Gateway) -> None:
    put(shop)
    first = take(shop)
    assert first is not None
    later(shop, seconds=50)
    shop.writing(SYSTEM, "job", lambda context: queue.renew(context, [first]))
    later(shop, seconds=50)
    assert take(shop) is None
    later(shop, seconds=20)
    second = take(shop)
    assert second is not None
    assert (second.id, second.attempts) == (first.id, 2)

    def finish(context: Context) -> None:
        records.create(context, "account", {"name": "Written by who lost it"})
        queue.finish(context, first)

    with pytest.raises(LeaseLost):
        shop.writing(SYSTEM, "job", finish)
    with shop.read(SYSTEM, "job") as context:
        assert records.count(context, "account", Query()) == 0
    shop.writing(SYSTEM, "job", lambda context: queue.fail(context, first, "too late", None))
    assert numbers(shop) == {"running": 1}
    shop.writing(SYSTEM, "job", lambda context: queue.finish(context, second))
    assert numbers(shop) == {"done": 1}


def test_what_a_job_carried_is_forgotten_once_it_is_done(shop: Gateway) -> None:
    put(shop)
    taken = take(shop)
    assert taken is not None
    shop.writing(SYSTEM, "job", lambda context: queue.finish(context, taken))
    with shop.read(SYSTEM, "job") as context:
        row = context.connection.execute(queue.job.select()).one()
    assert (row.payload, row.due_at, row.state) == ({}, None, "done")


def test_what_was_given_up_can_be_tried_again_or_discarded(shop: Gateway) -> None:
    one, two, three = [put(shop, number) for number in (1, 2, 3)]
    for _ in range(2):
        taken = take(shop)
        assert taken is not None
        shop.writing(SYSTEM, "job", lambda context: queue.fail(context, taken, "no", None))  # noqa: B023
    assert numbers(shop) == {"waiting": 1, "dead": 2}
    do = shop.writing
    assert one is not None
    assert two is not None
    assert three is not None
    assert do(SYSTEM, "page", lambda context: overview.retry(context, one))
    assert not do(SYSTEM, "page", lambda context: overview.retry(context, three)), "it waits anyway"
    assert do(SYSTEM, "page", lambda context: overview.discard(context, two))
    assert not do(SYSTEM, "page", lambda context: overview.discard(context, two))
    assert numbers(shop) == {"waiting": 2, "discarded": 1}
    again = [take(shop), take(shop)]
    assert [job and (job.payload["number"], job.attempts) for job in again] == [(3, 1), (1, 1)]
    assert not do(SYSTEM, "page", lambda context: overview.discard(context, one)), "it runs"


def test_every_dead_job_of_a_kind_is_tried_again(shop: Gateway) -> None:
    for kind in ("count", "count", "mail"):
        shop.writing(SYSTEM, "job", lambda context: enqueue(context, kind, {}))  # noqa: B023
        taken = take(shop, kind)
        assert taken is not None
        shop.writing(SYSTEM, "job", lambda context: queue.fail(context, taken, "no", None))  # noqa: B023
    assert shop.writing(SYSTEM, "page", lambda context: overview.retry_dead(context, "count")) == 2
    assert numbers(shop) == {"waiting": 2, "dead": 1}
    assert shop.writing(SYSTEM, "page", overview.retry_dead) == 1


def test_what_waits_is_listed_the_newest_first_and_told_when_it_is_late(shop: Gateway) -> None:
    for number in range(3):
        put(shop, number, about=f"Count\r\nto {number}")
    with shop.read(SYSTEM, "page") as context:
        found = overview.listed(context, 2, state="waiting")
        older = overview.listed(context, 2, before=found[-1].id)
        assert [job.about for job in (*found, *older)] == ["Count to 2", "Count to 1", "Count to 0"]
        assert overview.kinds(context) == ["count"]
        assert not overview.listed(context, 9, state="done")
        assert not overview.listed(context, 9, kind="mail")
    later(shop, hours=1)
    with shop.read(SYSTEM, "page") as context:
        assert timedelta(hours=1) < overview.overdue(context) < timedelta(hours=1, minutes=1)


@pytest.mark.postgres
def test_a_long_transaction_that_ends_a_job_does_not_keep_others_from_being_renewed(
    tmp_path: Path, postgres_url: str
) -> None:
    """SQLite has one writer anyway."""
    shop = opened(tmp_path, postgres_url, KIOSK)
    put(shop, 1)
    put(shop, 2)
    ended, renewed = take(shop), take(shop)
    assert ended is not None
    assert renewed is not None
    with shop.write(SYSTEM, "job") as context:
        queue.finish(context, ended)
        later(shop, seconds=50)
        shop.writing(SYSTEM, "job", lambda other: queue.renew(other, [ended, renewed]))
        later(shop, seconds=50)
        assert take(shop) is None
    later(shop, seconds=20)
    assert numbers(shop) == {"running": 1, "done": 1}
    assert take(shop)
    shop.close()
