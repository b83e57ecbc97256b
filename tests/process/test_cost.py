"""What firing costs: as many statements however many records there are, and nothing that is kept in memory."""

from __future__ import annotations

import pytest

from engine.process import firing
from engine.service import records
from tests.support.statements import counted
from tests.support.tickets import House


def prepared(house: House, number: int) -> list[int]:
    """Assigned tickets of one client, each with an answered call, a step and a job."""
    client = house.make("client", name="Acme").id
    found = []
    for _ in range(number):
        values = {"subject": "Help", "client": client, "steps": [{"text": "Look", "done": True}]}
        ticket = house.make("ticket", "ana", **values).id
        house.fire("ana", ticket, "assign", {"comment": "Mine"})
        house.make("call", outcome="answered", ticket=ticket)
        found.append(ticket)
    return found


def cost(house: House, ticket: int) -> int:
    with house.as_("ana") as context, counted() as found:
        firing.fire(context, "ticket", ticket, "solve", {"answer": "Switch it on"})
    return len(found)


def test_a_transition_costs_the_same_however_many_records_there_are(house: House) -> None:
    first, second, *_ = prepared(house, 2)
    cost(house, first)  # which makes the statements that are kept
    few = cost(house, second)
    another, *_, last = prepared(house, 12)
    cost(house, another)  # which rates the client, as the first did
    assert cost(house, last) == few
    assert few <= 36


def test_what_follows_on_many_costs_each_as_much_and_keeps_nothing(house: House) -> None:
    """An automation follows on each; nothing grows with their number but the answer."""
    ids = [house.make("ticket", subject=f"{number}").id for number in range(24)]
    costs = []
    for several in (ids[:2], ids[2:8], ids[8:]):
        with house.as_() as context, counted() as found:
            report = records.update_many(context, "ticket", several, {"priority": "high"})
            assert context.events == []
            assert context.after_commit == []
        assert report.done == tuple(several)
        costs.append(len(found) / len(several))
    assert len(house.rows("job")) == len(ids)
    assert costs[2] == pytest.approx(costs[1], rel=0.2)
