"""Boards: columns with counts and sums, further cards, filters, what leads out of a column, and what it costs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import event

from engine.app import Engine
from engine.process import firing
from engine.service import records
from engine.work.context import SYSTEM
from tests.support.ticket_desk import open_desk
from tests.web.browsing import Element, Page
from tests.web.conftest import Visitor, stored
from tests.web.test_transitions import fired, made

BOARDS = """
---
navigation:
  - {grid: ticket}
  - {board: states}
---
board: states
label: Tickets by state
entity: ticket
by: status
card: {title: subject, lines: [client, owner, cost], badge: priority}
sum: cost
cards: 5
---
board: open
entity: ticket
by: status
columns: [new, assigned]
where: record.priority == 'high'
---
board: priorities
entity: ticket
by: priority
---
entity: idea
properties:
  name: {type: text, required: true}
  size: {type: choice, options: [small, large]}
  note: {type: text, required_if: record.size == 'large'}
access:
  agent:   {create: true, read: all, update: all}
  visitor: {read: all}
---
board: sizes
entity: idea
by: size
---
entity: sale
properties:
  name:  {type: text, required: true}
  stage: {type: state, workflow: usual}
record_types: {private: {}, business: {workflow: of_firms}}
access:
  agent: {create: true, read: all, update: all, transition: all}
---
workflow: usual
entity: sale
property: stage
initial: new
states: {new: {}, won: {final: true}, lost: {final: true}}
transitions: {win: {from: new, to: won}, lose: {from: new, to: lost}}
---
workflow: of_firms
entity: sale
property: stage
initial: new
states: {new: {}, offered: {}, won: {final: true}}
transitions: {offer: {from: new, to: offered}, sign: {from: [new, offered], to: won}}
---
board: sales
entity: sale
by: stage
"""


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    made_here = open_desk(tmp_path_factory.mktemp("desk"), BOARDS)
    with made_here.gateway.write(SYSTEM, "cli") as context:
        client = records.create(context, "client", {"name": "Acme"}).id
    for number in range(8):
        cost = {"amount": f"{number}.50", "currency": "EUR"}
        values = {"subject": f"Ticket {number}", "client": client, "cost": cost}
        ticket = made(made_here, "ticket", **values, priority=("low", "high")[number % 2])
        if number >= 6:
            fired(made_here, ticket.id, "assign", comment="Mine")
    yield made_here
    made_here.close()


@pytest.fixture
def ana(sign_in: Callable[[str], Visitor]) -> Visitor:
    return sign_in("ana")


def column(page: Page, name: str) -> Element:
    return page.one("section", data_column=name)


def titles(page: Page | Element) -> list[str]:
    return [each.text for each in page.all("a", css="card-title")]


def ways(page: Page, name: str) -> dict[str, list[str]]:
    found = json.loads(column(page, name).attributes["data-ways"])
    return {target: [each["label"] for each in several] for target, several in found.items()}


def test_columns_tell_how_many_and_how_much(ana: Visitor) -> None:
    page = ana.get("/ticket/board/states")
    assert page.heading == "Tickets by state"
    heads = [each.text for each in page.all("div", css="column-head")]
    assert heads[:3] == ["New 7 €18.00", "Assigned 2 €14.00", "Solved 0"]
    assert titles(column(page, "assigned")) == ["Ticket 7", "Ticket 6"]
    card = column(page, "assigned").all("li", css="card")[0]
    assert card.text == "Ticket 7 Client Acme Owner Ana Pop AP Cost €7.50 High"


def test_further_cards_of_a_column_come_by_key(ana: Visitor) -> None:
    page = ana.get("/ticket/board/states")
    more = column(page, "new").one("a", css="btn")
    assert more.attributes["href"] == "/ticket?filter.status=new"
    rest = ana.get(more.attributes["hx-get"])
    assert [*titles(column(page, "new")), *titles(rest)] == [
        *(f"Ticket {number}" for number in (5, 4, 3, 2, 1, 0)),
        "Welcome Acme",
    ]
    assert "Show more" not in rest.words
    ana.get("/ticket/board/states?column=nothing", 404)


def test_filters_and_the_quick_search_hold(ana: Visitor) -> None:
    page = ana.get("/ticket/board/states?filter.priority=high&q=T-0000")
    assert titles(page) == ["Ticket 5", "Ticket 3", "Ticket 1", "Ticket 7"]
    page = ana.get("/ticket/board/open?where=record.subject == 'Ticket 7'")
    assert [each.attributes["data-column"] for each in page.all("section", css="column")] == [
        "new",
        "assigned",
    ]
    assert len(titles(page)) == 1
    assert "can't be used" in ana.get("/ticket/board/open?where=record.nothing").words


def test_the_grid_and_the_board_lead_to_each_other(ana: Visitor) -> None:
    page = ana.get("/ticket/board/states?filter.priority=high")
    shapes = {each.text: each.attributes["href"] for each in page.one("nav", css="shapes").all("a")}
    assert shapes["Table"] == "/ticket?filter.priority=high"
    grid = ana.get(shapes["Table"]).one("nav", css="shapes")
    assert [each.text for each in grid.all("a")] == ["Table", "Tickets by state", "Open", "Priorities"]
    current = page.one("nav", id="nav").one("a", aria_current="page")
    assert (current.text, current.attributes["href"]) == ("Tickets by state", "/ticket/board/states")


def test_what_leads_out_of_a_column_is_what_roles_may_do(
    ana: Visitor, sign_in: Callable[[str], Visitor]
) -> None:
    page = ana.get("/ticket/board/states")
    assert ways(page, "new") == {"assigned": ["Assign"]}
    assert ways(page, "escalated") == {"assigned": ["Back"]}
    assert ways(page, "closed") == {}
    closed = ways(sign_in("mara").get("/ticket/board/states"), "closed")
    assert closed == {"new": ["Reopen"], "assigned": ["Reopen"]}
    seen = sign_in("vera").get("/ticket/board/states")
    assert (ways(seen, "new"), seen.all("button", css="card-menu")) == ({}, [])


def test_a_card_is_moved_by_the_workflow_of_its_type_alone(ana: Visitor, engine: Engine) -> None:
    person = made(engine, "sale", name="Person", record_type="private")
    firm = made(engine, "sale", name="Firm", record_type="business")
    closed = made(engine, "sale", name="Closed", record_type="private")
    with engine.gateway.write(SYSTEM, "cli") as context:
        firing.fire(context, "sale", closed.id, "lose", {})
    page = ana.get("/sale/board/sales")
    cards = {each.one("a", css="card-title").text: each for each in page.all("li", css="card")}
    flows = {name: each.attributes["data-flow"] for name, each in cards.items()}
    assert flows == {"Person": "usual", "Firm": "of_firms", "Closed": "usual"}
    found = json.loads(column(page, "new").attributes["data-ways"])
    assert {
        target: {each["name"]: each["flow"] for each in several} for target, several in found.items()
    } == {
        "won": {"win": "usual", "sign": "of_firms"},
        "lost": {"lose": "usual"},
        "offered": {"offer": "of_firms"},
    }
    moves = {each.attributes["data-flow"] for each in column(page, "new").all("button", css="menu-item")}
    assert moves == {"usual", "of_firms"}
    assert [bool(cards[name].all("button", css="card-menu")) for name in ("Person", "Closed")] == [
        True,
        False,
    ]
    token = page.one("meta", name="csrf").attributes["content"]
    refused = ana.post(f"/sale/{person.id}/transitions/sign", {"_csrf": token, "_version": "1"})
    assert (refused.status, stored(engine, "sale", person.id).values["stage"]) == (422, "new")
    moved = ana.post(f"/sale/{firm.id}/transitions/sign", {"_csrf": token, "_version": "1"})
    assert (moved.status, stored(engine, "sale", firm.id).values["stage"]) == (303, "won")


def test_only_cards_that_something_leads_on_for_have_a_menu(ana: Visitor, engine: Engine) -> None:
    firm = made(engine, "sale", name="Offered", record_type="business")
    with engine.gateway.write(SYSTEM, "cli") as context:
        firing.fire(context, "sale", firm.id, "offer", {})
    page = ana.get("/sale/board/sales")
    assert len(column(page, "offered").all("button", css="card-menu")) == 1
    assert column(page, "won").all("button", css="card-menu") == []


def test_a_choice_is_changed_by_moving_a_card(ana: Visitor, engine: Engine) -> None:
    idea = made(engine, "idea", name="Boards", size="small")
    page = ana.get("/idea/board/sizes")
    assert ways(page, "small") == {"large": ["Move to Large"]}
    token = page.one("meta", name="csrf").attributes["content"]
    given = {"_csrf": token, "id": str(idea.id), "_version": "1", "to": "large"}
    refused = ana.post("/idea/board/sizes", given)
    assert (refused.status, refused.heading) == (422, "It can't be moved to Large")
    assert "Note must be filled in" in refused.words
    made_free = made(engine, "idea", name="More", note="x")
    assert titles(column(ana.get("/idea/board/sizes"), "-")) == ["More"]
    moved = ana.post("/idea/board/sizes", given | {"id": str(made_free.id)})
    assert moved.location == "/idea/board/sizes"
    assert stored(engine, "idea", made_free.id).values["size"] == "large"
    assert ana.post("/idea/board/sizes", given | {"id": str(made_free.id)}).status == 409
    assert ana.post("/idea/board/sizes", given | {"to": "nothing"}).status == 404


def test_a_state_is_moved_by_transitions_alone(ana: Visitor) -> None:
    token = ana.get("/ticket/board/states").one("meta", name="csrf").attributes["content"]
    answer = ana.post("/ticket/board/states", {"_csrf": token, "id": "1", "_version": "1", "to": "closed"})
    assert answer.status == 404


@pytest.mark.parametrize("path", ["/ticket/board/nothing", "/client/board/states", "/nothing/board/states"])
def test_there_is_no_such_board(ana: Visitor, path: str) -> None:
    ana.get(path, 404)


def test_a_board_costs_the_same_however_many_cards(ana: Visitor, engine: Engine) -> None:
    statements: list[str] = []

    def note(*arguments: Any) -> None:
        statements.append(arguments[2])

    def asked() -> int:
        statements.clear()
        ana.get("/ticket/board/states")
        return len(statements)

    event.listen(engine.gateway.database._reader, "before_cursor_execute", note)
    try:
        asked()
        few = asked()
        for number in range(6):
            made(engine, "ticket", subject=f"More {number}")
        assert asked() == few
    finally:
        event.remove(engine.gateway.database._reader, "before_cursor_execute", note)
