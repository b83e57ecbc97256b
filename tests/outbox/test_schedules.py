"""What happens at set times: once for each moment, once for all that were missed, from now on when it is new."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from engine.outbox import overview, schedules
from engine.outbox.running import Runner
from engine.outbox.schedules import Schedule, Turn, fire, handler
from engine.work.context import SYSTEM
from engine.work.gateway import Gateway
from tests.store.together import at_once
from tests.support.shop import Clock

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
Ran = list[str]


@pytest.fixture
def ran() -> Ran:
    return []


def daily(ran: Ran, cron: str = "0 9 * * *", zone: str = "Europe/Bucharest", name: str = "daily") -> Schedule:
    return Schedule(name, cron, zone, lambda gateway, turn: ran.append(f"{turn.moment:%m-%d %H:%M}"))


def at(shop: Gateway, moment: str) -> None:
    assert isinstance(shop.clock, Clock)
    shop.clock.now = datetime.fromisoformat(f"2026-{moment}").replace(tzinfo=UTC)


def run(shop: Gateway, *all_: Schedule) -> int:
    """Look at the clock, and carry out what it enqueues."""
    fire(shop, all_)
    return Runner(shop, {schedules.KIND: handler(lambda gateway: all_)}).run_due()


def test_each_moment_is_done_once(shop: Gateway, ran: Ran) -> None:
    for moment in ("03-01T12:00", "03-02T06:59", "03-02T07:00", "03-02T07:01", "03-03T07:00:30"):
        at(shop, moment)
        run(shop, daily(ran))
    assert ran == ["03-02 07:00", "03-03 07:00"]


def test_what_was_missed_is_done_once(shop: Gateway, ran: Ran) -> None:
    run(shop, daily(ran))
    at(shop, "03-07T12:00")
    assert run(shop, daily(ran)) == 1
    assert run(shop, daily(ran)) == 0
    at(shop, "03-08T07:00")
    run(shop, daily(ran))
    assert ran == ["03-02 07:00", "03-08 07:00"]


def test_an_hour_stays_the_hour_when_clocks_change(shop: Gateway, ran: Ran) -> None:
    at(shop, "03-28T00:00")
    run(shop, daily(ran))
    for moment in ("03-28T07:00", "03-29T06:00", "03-29T07:00", "03-30T06:00"):
        at(shop, moment)
        run(shop, daily(ran))
    assert ran == ["03-28 07:00", "03-29 06:00", "03-30 06:00"]


def test_another_time_holds_from_now_on(shop: Gateway, ran: Ran) -> None:
    run(shop, daily(ran))
    at(shop, "03-02T06:00")
    run(shop, daily(ran, "0 8 * * *", "UTC"))
    at(shop, "03-02T07:30")
    assert run(shop, daily(ran, "0 8 * * *", "UTC")) == 0
    at(shop, "03-02T08:00")
    run(shop, daily(ran, "0 8 * * *", "UTC"))
    assert ran == ["03-02 08:00"]


def test_of_many_that_look_at_once_one_enqueues(shop: Gateway, ran: Ran) -> None:
    assert at_once(4, lambda _: fire(shop, [daily(ran)])) == [0] * 4
    at(shop, "03-02T07:00")
    answers = at_once(6, lambda _: fire(shop, [daily(ran)]))
    assert sorted(map(str, answers)) == [*["0"] * 5, "1"]
    with shop.read(SYSTEM, "job") as context:
        assert [job.about for job in overview.listed(context, 9)] == ["daily"]


def test_one_that_fails_is_tried_again_as_the_same_moment(shop: Gateway) -> None:
    moments: list[datetime] = []

    def work(gateway: Gateway, turn: Turn) -> None:
        moments.append(turn.moment)
        if len(moments) == 1:
            raise ConnectionError

    once = Schedule("once", "0 9 * * *", "UTC", work)
    run(shop, once)
    at(shop, "03-02T09:00")
    run(shop, once)
    at(shop, "03-02T09:05")
    run(shop, once)
    assert moments == [datetime(2026, 3, 2, 9, tzinfo=UTC)] * 2


def test_one_that_can_not_be_read_does_not_keep_others_from_being_done(shop: Gateway, ran: Ran) -> None:
    broken = daily(ran, "never", name="broken")
    run(shop, broken, daily(ran))
    at(shop, "03-02T07:00")
    run(shop, broken, daily(ran))
    assert ran == ["03-02 07:00"]


def test_a_moment_whose_schedule_is_gone_is_given_up(shop: Gateway, ran: Ran) -> None:
    fire(shop, [daily(ran)])
    at(shop, "03-02T07:00")
    fire(shop, [daily(ran)])
    assert Runner(shop, {schedules.KIND: handler(lambda gateway: ())}).run_next() == "dead"
    with shop.read(SYSTEM, "job") as context:
        assert overview.listed(context, 1)[0].error == "There is no schedule 'daily' any more."
    assert ran == []


def test_the_first_moment_is_after_it_is_first_seen(shop: Gateway, ran: Ran) -> None:
    assert isinstance(shop.clock, Clock)
    shop.clock.now = START
    minutely = daily(ran, "* * * * *", "UTC")
    assert run(shop, minutely) == 0
    shop.clock.now = START + timedelta(minutes=1, seconds=10)
    assert run(shop, minutely) == 1
    assert ran == ["03-01 12:01"]
