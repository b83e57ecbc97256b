"""Why a record is not in a list: its filters, conditions, view and words are answered as the list asks them."""

from __future__ import annotations

from itertools import product

import pytest

from engine.errors import BadQuery
from engine.identity.identity import actor_named
from engine.reading.query import Filter, Query
from engine.service import records
from engine.service.cures import cure
from engine.service.why import explain
from tests.support.desk import Desk

QUERIES = (
    Query(),
    Query(text="lamp"),
    Query(text="broken nothing"),
    Query(text="trash"),
    Query(filters=(Filter("status", "eq", "open"),)),
    Query(filters=(Filter("status", "in", ["closed"]), Filter("urgent", "eq", "true"))),
    Query(filters=(Filter("channel", "empty"),)),
    Query(filters=(Filter("customer", "eq", "1"),)),
    Query(filters=(Filter("customer.name", "contains", "ac"),)),
    Query(filters=(Filter("tags", "empty"),)),
    Query(where=("record.status == 'open' && record.owner == user",)),
    Query(where=("record.remarks.size() > 0", "record.urgent")),
    Query(where=("record.customer.name == 'Acme'",), text="lamp"),
    Query(trash=True),
)


@pytest.fixture
def filled(desk: Desk) -> Desk:
    acme = desk.make("customer", "acme", name="Acme")
    for number, owner in enumerate(("ana", "sorin", "milo", "ana")):
        desk.make(
            "case",
            f"case:{number}",
            subject="Broken lamp" if number % 2 else "Trash",
            owner=desk.ids[owner],
            urgent=number > 1,
            status="closed" if number == 3 else "open",
            customer=acme if number else None,
        )
    desk.make("remark", "r", text="Soon", case=desk.ids["case:0"])
    with desk.as_("system") as context:
        records.delete(context, "case", desk.ids["case:3"])
    return desk


def test_a_list_and_its_explanation_agree(filled: Desk) -> None:
    cases = [number for name, number in filled.ids.items() if name.startswith("case:")]
    for login, query in product(("ana", "mara", "carl"), QUERIES):
        with filled.as_(login, writing=False) as context:
            listed = {row.id for row in records.find(context, "case", query).rows}
        with filled.as_("system", writing=False) as context:
            actor = actor_named(filled.gateway, login)
            found = {n for n in cases if explain(context, actor, "read", "case", n, None, query).answer}
        assert found == listed, query


def test_the_values_that_decided_are_told(filled: Desk) -> None:
    query = Query(
        filters=(Filter("status", "eq", "closed"), Filter("customer", "not_empty")),
        where=("record.customer.name == 'Acme'",),
        text="lamp",
    )
    with filled.as_("system", writing=False) as context:
        actor = actor_named(filled.gateway, "sorin")
        why = explain(context, actor, "read", "case", filled.ids["case:1"], None, query)
        assert cure(context, why) is not None
        told = [(each.words, each.holds, [step.shown for step in each.steps][:1]) for each in why.narrowing]
    assert told == [
        ("the filter: status is closed", False, ["'Open'"]),
        ("the filter: customer is not empty", True, [f"'Acme (#{filled.ids['acme']})'"]),
        ("the condition: record.customer.name == 'Acme'", True, ["true"]),
        ("every word of 'lamp' stands in what is searched", True, ["'Broken lamp'"]),
    ]


def test_the_cure_is_for_what_stands_in_the_way(filled: Desk) -> None:
    actor = actor_named(filled.gateway, "ana")

    def cured(name: str, query: Query) -> str | None:
        with filled.as_("system", writing=False) as context:
            why = explain(context, actor, "read", "case", filled.ids[name], None, query)
            found = cure(context, why)
            return found.words if found else None

    assert (
        cured("case:0", Query(text="lamp"))
        == "leave this out: every word of 'lamp' stands in what is searched"
    )
    assert cured("case:0", Query(text="lamp", where=("record.urgent",))) is None
    assert (cured("case:1", Query(text="lamp")) or "").startswith("widen to role agent")
    assert cured("case:1", Query(text="nothing")) is None
    assert cured("case:3", Query(text="lamp")) == "restore the record from the trash"


def test_what_the_list_refuses_the_explanation_refuses(filled: Desk) -> None:
    actor, query = actor_named(filled.gateway, "tia"), Query(filters=(Filter("cost", "eq", "1"),))
    with filled.as_("system", writing=False) as context, pytest.raises(BadQuery):
        explain(context, actor, "read", "case", 1, None, query)
