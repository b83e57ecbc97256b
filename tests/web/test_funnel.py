"""The funnel of a board: what is told of each state, of whose records, and where there is none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from engine.app import Engine
from engine.identity.identity import actor_named
from engine.process import firing
from engine.service import records
from tests.support.metadata import complaints
from tests.support.ticket_desk import open_desk
from tests.web.browsing import Page
from tests.web.conftest import Visitor

DEALS = """
---
entity: deal
ownership: user
properties:
  name:   {type: text, required: true}
  level:  {type: choice, options: [low, high], default: low}
  stage:  {type: state, workflow: selling}
  amount: {type: money}
  likely: {type: money, computed: record.amount * record.stage.chance / 100, stored: true, access: {read: [agent]}}
access:
  agent:   {create: true, read: own, update: own, transition: own}
  manager: {read: all}
  visitor: {read: own}
---
workflow: selling
entity: deal
property: stage
initial: new
states:
  new:     {color: blue, phase: start, attributes: {chance: 10}}
  offered: {color: violet, phase: active, attributes: {chance: 50}}
  won:     {color: green, phase: done, final: true, attributes: {chance: 100}}
  lost:    {color: red, phase: stop, final: true, attributes: {chance: 0}}
transitions:
  offer: {from: new, to: offered}
  win:   {from: [new, offered], to: won}
  lose:  {from: [new, offered], to: lost}
  back:  {from: offered, to: new}
---
board: deals
entity: deal
by: stage
label: Deals
sum: amount
funnel: {weighted: likely}
---
board: levels
entity: deal
by: level
"""


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = open_desk(tmp_path_factory.mktemp("desk"), DEALS)
    deal(engine, "ana", 100)
    deal(engine, "ana", 200, "offer")
    deal(engine, "ana", 40, "offer", "back", level="high")
    deal(engine, "ana", 300, "offer", "win")
    deal(engine, "ana", 50, "lose")
    deal(engine, "ana", (7, "USD"), "offer")
    deal(engine, "ada", 9999)
    yield engine
    engine.close()


def deal(engine: Engine, login: str, amount: Any, *ways: str, **values: Any) -> None:
    number, currency = amount if isinstance(amount, tuple) else (amount, "EUR")
    money = {"amount": str(number), "currency": currency}
    with engine.gateway.write(actor_named(engine.gateway, login), "page") as context:
        made = records.create(context, "deal", {"name": "Deal", "amount": money, **values}).id
        for name in ways:
            firing.fire(context, "deal", made, name, {})


def rows(page: Page) -> dict[str, list[str]]:
    found = [[cell.text for cell in row.children] for row in page.one("tbody").all("tr")]
    return {row[0]: row[1:] for row in found}


def test_each_state_tells_how_many_how_much_and_who_came_on(
    sign_in: Callable[[str], Visitor],
) -> None:
    page = sign_in("ana").get("/deal/board/deals/funnel")
    assert rows(page) == {
        "New": ["6", "67 %", "2", "€140.00", "€14.00"],
        "Offered": ["4", "25 %", "2", "€200.00 $7.00", "€100.00 $3.50"],
        "Won": ["1", "—", "1", "€300.00", "€300.00"],
        "Lost": ["", "—", "1", "€50.00", "€0.00"],
        "Altogether": ["", "", "6", "€690.00 $7.00", "€414.00 $3.50"],
    }
    bars = {row.children[0].text: row.all("rect") for row in page.one("tbody").all("tr") if row.all("rect")}
    assert [each.attributes["width"] for each in bars["New"]] == ["100.0", "66.67"]
    assert [each.attributes["width"] for each in bars["Offered"]] == ["66.67", "16.67"]
    assert list(bars) == ["New", "Offered", "Won"]
    assert page.one("th", scope="row").one("a").attributes["href"] == "/deal?filter.stage=new"


def test_it_is_of_the_records_and_values_one_may_read(sign_in: Callable[[str], Visitor]) -> None:
    page = sign_in("mara").get("/deal/board/deals/funnel")
    assert rows(page)["New"] == ["7", "57 %", "3", "€10,139.00"]
    assert "Likely" not in page.one("thead").text
    assert rows(sign_in("vera").get("/deal/board/deals/funnel"))["New"] == ["0", "—", "0", "—"]


def test_filters_hold_and_a_wrong_condition_is_told(sign_in: Callable[[str], Visitor]) -> None:
    ana = sign_in("ana")
    page = ana.get("/deal/board/deals/funnel?where=record.level == 'high'")
    assert rows(page)["New"] == ["1", "100 %", "1", "€40.00", "€4.00"]
    assert "can't be used" in ana.get("/deal/board/deals/funnel?where=record.nothing").words
    shapes = page.one("nav", css="shapes").all("a")
    assert [each.text for each in shapes] == ["Table", "Deals", "Deals: funnel", "Levels"]
    assert shapes[1].attributes["href"].startswith("/deal/board/deals?where=")
    assert shapes[2].attributes["aria-current"] == "page"


def test_there_is_none_where_none_is_declared(sign_in: Callable[[str], Visitor]) -> None:
    ana = sign_in("ana")
    ana.get("/deal/board/levels/funnel", 404)
    ana.get("/deal/board/nothing/funnel", 404)
    ana.get("/ticket/board/deals/funnel", 404)


def test_it_costs_the_same_however_many_records(sign_in: Callable[[str], Visitor], engine: Engine) -> None:
    ana, statements = sign_in("ana"), list[str]()

    def asked() -> int:
        statements.clear()
        ana.get("/deal/board/deals/funnel?filter.level=low")
        return len(statements)

    def note(*arguments: Any) -> None:
        statements.append(arguments[2])

    event.listen(engine.gateway.database._reader, "before_cursor_execute", note)
    try:
        asked()
        few = asked()
        for _ in range(5):
            deal(engine, "ana", 1, "offer")
        assert asked() == few
    finally:
        event.remove(engine.gateway.database._reader, "before_cursor_execute", note)


MISTAKES = [
    ("by: level\n", "by: level\nfunnel: true\n", "bad-board", "is no state"),
    ("{weighted: likely}", "{weighted: name}", "bad-board", "can't be added up"),
    ("{weighted: likely}", "{weighted: likly}", "unknown-property", "likely"),
]


@pytest.mark.parametrize(("right", "wrong", "code", "words"), MISTAKES)
def test_a_mistake_is_told(right: str, wrong: str, code: str, words: str, tmp_path: Path) -> None:
    head = "# metadata/app.yaml\napp: deals\n---\nrole: agent\n---\nrole: manager\n---\nrole: visitor\n"
    assert right in DEALS
    found = [
        each
        for each in complaints(tmp_path, head + DEALS.lstrip("\n").replace(right, wrong))
        if "error" in each
    ]
    assert len(found) == 1, found
    assert f"[{code}]" in found[0]
    assert words in found[0]
