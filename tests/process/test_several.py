"""One transition of several records: what is refused of one leaves the others made; and totals by state."""

from __future__ import annotations

import pytest

from engine.errors import BadQuery, NotFound
from engine.process.several import firable, fire_many
from engine.reading.query import Filter, Query
from engine.reading.totals import totals
from tests.support.tickets import House


def ticket(house: House, **values: object) -> int:
    return house.make("ticket", "ana", subject="Help", **values).id


def test_each_is_made_or_reported(house: House) -> None:
    client = house.make("client", name="Acme").id
    ids = [ticket(house, client=client), ticket(house), ticket(house, client=client)]
    with house.as_("ana") as context:
        report = fire_many(context, "ticket", [*ids, 999], "assign", {"comment": "Mine"})
    assert report.done == (ids[0], ids[2])
    assert report.refused[ids[1]] == "Say whose ticket it is."
    assert set(report.refused) == {ids[1], 999}
    assert [house.get("ticket", number).values["status"] for number in ids] == ["assigned", "new", "assigned"]
    assert len(house.rows("job")) == 2


def test_what_begins_a_record_is_not_made_of_one(house: House) -> None:
    number = ticket(house)
    with house.as_("ana") as context, pytest.raises(NotFound):
        fire_many(context, "ticket", [number], "call_in", {})
    with pytest.raises(NotFound):
        house.fire("ana", number, "call_in")


def test_what_somebody_might_make(house: House) -> None:
    for login, expected in (("ana", ["assign", "solve", "back", "note"]), ("vera", [])):
        with house.as_(login) as context:
            assert [each.name for each in firable(context, "ticket")] == expected


def test_totals_by_state_of_what_one_may_read(house: House) -> None:
    client = house.make("client", name="Acme").id
    for amount in ("10.25", "20.50", None):
        cost = {"amount": amount, "currency": "EUR"} if amount else None
        ticket(house, client=client, cost=cost)
    house.fire("ana", ticket(house, client=client, priority="high"), "assign", {"comment": "x"})
    with house.as_("ana") as context:
        found = totals(context, "ticket", "status", "cost", Query())
        assert {value: each.count for value, each in found.of.items()} == {"new": 4, "assigned": 1}
        assert [str(each.amount) for each in found.of["new"].sums] == ["30.75"]
        assert (found.of["assigned"].sums, found.exact, found.count("closed")) == ((), True, "0")
        high = totals(context, "ticket", "status", "", Query(filters=(Filter("priority", "eq", "high"),)))
        assert {value: each.count for value, each in high.of.items()} == {"assigned": 1}
        with pytest.raises(BadQuery):
            totals(context, "ticket", "status", "subject", Query())
