"""Transitions that time makes: once, only where they still fit, and again where something went wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from engine.process import timers
from engine.service import records
from engine.store.system import notification, timer
from tests.process.test_firing import assigned
from tests.support.tickets import House


def later(house: House, **length: Any) -> None:
    """Move the clock on."""
    clock = house.gateway.clock
    moved = clock() + timedelta(**length)
    house.gateway.clock = lambda: moved


def number_of_timers(house: House) -> int:
    with house.as_() as context:
        return int(context.connection.execute(sa.select(sa.func.count()).select_from(timer)).scalar_one())


def test_a_timer_fires_when_its_time_has_come_and_not_before(house: House) -> None:
    number = assigned(house, priority="high")
    later(house, hours=47)
    assert timers.fire_due(house.gateway) == 0
    later(house, hours=2)
    assert timers.fire_due(house.gateway) == 1
    assert house.get("ticket", number).values["status"] == "escalated"
    assert timers.fire_due(house.gateway) == 0
    with house.as_() as context:
        entry = records.history(context, "ticket", number)[0]
    assert (entry.transition, entry.cause, entry.actor_name) == ("Escalate", "Escalate", "System")


def test_a_condition_is_tested_as_it_fires(house: House) -> None:
    number = assigned(house)
    later(house, hours=49)
    timers.fire_due(house.gateway)
    assert house.get("ticket", number).values["status"] == "assigned"
    assert number_of_timers(house) == 0


def test_who_leaves_the_state_takes_its_timers_along(house: House) -> None:
    number = assigned(house)
    house.make("call", outcome="answered", ticket=number)
    assert number_of_timers(house) == 1
    house.fire("ana", number, "solve", {"answer": "x"})
    assert number_of_timers(house) == 0


def test_a_record_in_the_trash_is_left_alone(house: House) -> None:
    number = assigned(house, priority="high")
    with house.as_() as context:
        records.delete(context, "ticket", number)
    later(house, hours=49)
    timers.fire_due(house.gateway)
    with house.as_() as context:
        record = records.get(context, "ticket", number, trash=True)
    assert record.values["status"] == "assigned"


def test_a_timer_that_fails_is_tried_again_later(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    number = assigned(house, priority="high")
    later(house, hours=49)

    def broken(*_: object) -> None:
        raise RuntimeError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(timers, "move", broken)
        assert timers.fire_due(house.gateway) == 1
    assert number_of_timers(house) == 1
    assert house.get("ticket", number).values["status"] == "assigned"
    assert timers.fire_due(house.gateway) == 0
    later(house, minutes=2)
    assert timers.fire_due(house.gateway) == 1
    assert house.get("ticket", number).values["status"] == "escalated"


def test_working_hours_are_counted_where_a_calendar_is_named(house: House) -> None:
    friday = datetime(2026, 12, 18, 13, tzinfo=ZoneInfo("Europe/Bucharest"))
    house.gateway.clock = lambda: friday.astimezone(UTC)
    number = assigned(house, priority="high")
    later(house, hours=48)  # Sunday: two hours are left of Friday, and eight of Monday
    timers.fire_due(house.gateway)
    with house.as_() as context:
        due = context.connection.execute(
            sa.select(timer.c.due_at).where(timer.c.record_id == number)
        ).scalar()
    assert due == datetime(2026, 12, 22, 11, tzinfo=ZoneInfo("Europe/Bucharest"))


def test_who_has_not_answered_is_reminded(house: House) -> None:
    number = house.make("offer", name="Offer").id
    house.agree("ana", number, "submit")
    house.agree("ana", number, "approve")
    later(house, hours=25)
    assert timers.fire_due(house.gateway) == 1
    with house.as_() as context:
        told = context.connection.execute(sa.select(notification.c.user_id, notification.c.subject)).all()
    assert {row.user_id for row in told} == {house.users["mara"], house.users["alin"]}
    assert told[0].subject == "Offer waits for you: Approve"
    assert number_of_timers(house) == 1  # and again tomorrow
