"""Conversions: one record becomes another, with its rows and what belongs to it; what is missing is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import sqlalchemy as sa

from engine.errors import Invalid
from engine.process import firing
from engine.service import records
from tests.support.tickets import House


def a_basket(house: House, **values: Any) -> int:
    things = [{"name": "Lamp", "amount": 2}, {"name": "Nothing", "amount": 0}, {"name": "Desk"}]
    return house.make("basket", **{"things": things, "note": "Main Street 1", **values}).id


def buy(house: House, number: int, values: Mapping[str, Any] | None = None) -> None:
    with house.as_() as context:
        firing.fire(context, "basket", number, "buy", values or {})


def test_values_rows_and_what_belongs_to_it_come_over(house: House) -> None:
    client = house.make("client", name="Acme").id
    number = a_basket(house, client=client)
    remark = house.make("remark", text="Ring twice", about={"entity": "basket", "id": number}).id
    buy(house, number)
    (order,) = house.rows("order")
    assert (order.values["title"], order.values["address"]) == ("Order of Acme", "Main Street 1")
    assert order.values["client"].id == client
    rows = [(row.values["name"], row.values["pieces"]) for row in order.children["parts"]]
    assert rows == [("Lamp", 2), ("Desk", 1)]
    about = house.get("remark", remark).values["about"]
    assert (about.entity, about.id) == ("order", order.id)


def test_what_is_there_already_is_found(house: House) -> None:
    known = house.make("client", name="Known").id
    buy(house, a_basket(house))
    assert house.rows("order")[0].values["client"].id == known
    buy(house, a_basket(house))
    assert [client.id for client in house.rows("client") if client.values["name"] == "Known"] == [known]


def test_what_is_missing_is_asked_for_and_nothing_is_made(house: House) -> None:
    number = a_basket(house, note=None)
    with pytest.raises(Invalid) as refused:
        buy(house, number)
    assert [(error.at, error.code) for error in refused.value.errors] == [("order.address", "required")]
    assert not house.rows("order")
    assert house.get("basket", number).values["state"] == "open"
    buy(house, number, {"order": {"address": "Side Street 2"}})
    assert house.rows("order")[0].values["address"] == "Side Street 2"


def test_nothing_but_what_is_missing_can_be_said(house: House) -> None:
    number = a_basket(house)
    with pytest.raises(Invalid) as refused:
        buy(house, number, {"order": {"address": "Elsewhere"}})
    assert [error.at for error in refused.value.errors] == ["order.address"]


@pytest.mark.parametrize("writes", range(1, 12))
def test_a_process_killed_at_any_write_leaves_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch, writes: int
) -> None:
    number = a_basket(house)
    house.make("remark", text="Ring twice", about={"entity": "basket", "id": number})

    class Killed(BaseException):
        pass

    execute, count = sa.Connection.execute, 0

    def failing(self: Any, statement: Any, *given: Any, **options: Any) -> Any:
        nonlocal count
        count += bool(getattr(statement, "is_dml", False))
        if count == writes:
            raise Killed
        return execute(self, statement, *given, **options)

    monkeypatch.setattr(sa.Connection, "execute", failing)
    with pytest.raises(Killed):
        buy(house, number)
    monkeypatch.undo()
    assert not house.rows("order")
    assert house.get("basket", number).values["state"] == "open"
    with house.as_() as context:
        assert [entry.action for entry in records.history(context, "basket", number)] == ["create"]
