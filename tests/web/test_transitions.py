"""Workflows at the pages: the stepper and its buttons, forms of transitions, starts, several rows, the diagram."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import event

from engine.app import Engine
from engine.identity.identity import actor_named
from engine.process import firing
from engine.reading.query import Record
from engine.service import records
from engine.work.context import SYSTEM
from tests.support.ticket_desk import open_desk
from tests.web.browsing import Page, fields_of
from tests.web.conftest import Visitor, stored

DEALS = """
---
entity: deal
properties:
  name: {type: text, required: true}
  sale: {type: state, workflow: sale}
  check: {type: state, workflow: checking}
relations:
  client: {to: client}
  other:  {to: client, options_where: option != record.client}
actions:
  praise: {label: Praise, icon: star, do: [{set: {name: {cel: "record.name + '!'"}}}]}
  call: {form: [{name: required}, {minutes: {type: integer, required: true}}], when: record.client != null}
  drop: {guard: {check: record.client != null, message: It has no client.}, do: [{comment: Dropped}]}
access:
  agent: {create: true, read: all, transition: all, praise: all, call: all, drop: all}
---
workflow: sale
entity: deal
property: sale
initial: open
states: {open: {}, won: {final: true}}
transitions:
  win: {from: open, to: won, form: [other]}
---
workflow: checking
entity: deal
property: check
initial: waiting
states: {waiting: {}, fine: {final: true}}
transitions:
  approve: {from: waiting, to: fine}
"""


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    made = open_desk(tmp_path_factory.mktemp("desk"), DEALS)
    yield made
    made.close()


@pytest.fixture
def ana(sign_in: Callable[[str], Visitor]) -> Visitor:
    return sign_in("ana")


@pytest.fixture
def mara(sign_in: Callable[[str], Visitor]) -> Visitor:
    return sign_in("mara")


def made(engine: Engine, entity: str, login: str = "ana", **values: Any) -> Record:
    actor = actor_named(engine.gateway, login) if login != "system" else SYSTEM
    with engine.gateway.write(actor, "page") as context:
        return records.create(context, entity, values)


def fired(engine: Engine, number: int, name: str, **values: Any) -> Record:
    with engine.gateway.write(actor_named(engine.gateway, "ana"), "page") as context:
        return firing.fire(context, "ticket", number, name, values)


@pytest.fixture
def ticket(engine: Engine) -> int:
    return made(engine, "ticket", subject="Help", client=made(engine, "client", "system", name="Acme").id).id


@pytest.fixture
def nobodys(engine: Engine) -> int:
    """A ticket without a client: it can't be assigned."""
    return made(engine, "ticket", subject="Whose?").id


@pytest.fixture
def assigned(engine: Engine, ticket: int) -> int:
    return fired(engine, ticket, "assign", comment="Mine").id


def steps(page: Page) -> dict[str, str]:
    """The states of the stepper, with how the record stands to each."""
    return {
        each.one("b").text: next(css[3:] for css in each.attributes["class"].split() if css.startswith("is-"))
        for each in page.all("li", css="step")
    }


def buttons(page: Page) -> list[str]:
    """What is offered beside the title."""
    row = page.one("div", css="actions")
    return [each.text for each in row.all(css="btn") if each.text and not each.within("div.menu")]


# ---- the stepper and its buttons


def test_the_stepper_tells_where_a_record_is_was_and_may_go(ana: Visitor, assigned: int) -> None:
    page = ana.get(f"/ticket/{assigned}")
    assert steps(page) == {
        "New": "been",
        "Assigned": "now",
        "Solved": "other",
        "Closed": "other",
        "Escalated": "next",
    }
    assert "after 2 days" in page.one("ol", css="stepper").text
    assert page.one("li", css="is-been").attributes["title"].startswith("less than a minute: ")


def test_open_transitions_are_buttons_and_closed_ones_say_why(ana: Visitor, nobodys: int) -> None:
    page = ana.get(f"/ticket/{nobodys}")
    assert [each for each in buttons(page) if each != "Edit"][:2] == ["Assign why?", "Note"]
    why = page.one("div", id="why-assign")
    assert "Say whose ticket it is." in why.text
    assert why.one("dl").text == "Client nothing"
    assert page.one("p", css="blocked").text == "is not open: Say whose ticket it is. Assign"


def test_what_is_for_others_is_not_shown(sign_in: Callable[[str], Visitor], assigned: int) -> None:
    page = sign_in("vera").get(f"/ticket/{assigned}")
    assert buttons(page) == []
    assert steps(page)["Assigned"] == "now"
    assert "Close" not in sign_in("ana").get(f"/ticket/{assigned}").one("div", css="actions").text


def test_a_frozen_record_says_why_it_is_not_edited(
    ana: Visitor, mara: Visitor, assigned: int, engine: Engine
) -> None:
    assert len(mara.get(f"/ticket/{assigned}").all("a", aria_label="Add step")) == 1
    made(engine, "call", "system", ticket=assigned, outcome="answered")
    fired(engine, assigned, "solve", answer="Turn it on")
    page = mara.get(f"/ticket/{assigned}")
    assert page.all("a", aria_label="Add step") == []
    assert "A ticket that is Solved can't be deleted." in page.one("div", id="more").text
    edit = mara.get(f"/ticket/{assigned}/edit")
    subject = edit.one("div", data_field="subject")
    assert subject.attributes["data-kind"] == "static"
    assert "Subject can't be changed while the ticket is Solved." in subject.text
    assert edit.one("div", data_field="status").text.startswith("Status Solved")
    assert mara.get(f"/ticket/{assigned}/transitions/close").submit(mara, "fire").status == 303
    closed = mara.get(f"/ticket/{assigned}")
    assert "A ticket that is Closed can't be changed." in closed.one("div", id="edit-why").text
    assert "Edit" not in [each.text for each in closed.all("a", css="btn")]


def test_parallel_workflows_have_a_stepper_each(ana: Visitor, engine: Engine) -> None:
    deal = made(engine, "deal", name="Parallel")
    page = ana.get(f"/deal/{deal.id}")
    names = [each.attributes["aria-label"] for each in page.all("ol", css="stepper")]
    assert names == ["Sale", "Checking"]
    assert buttons(page)[:2] == ["Win", "Approve"]
    token = page.one("meta", name="csrf").attributes["content"]
    answer = ana.post(f"/deal/{deal.id}/transitions/approve", {"_csrf": token, "_version": "1"})
    assert "is now Fine." in ana.follow(answer).one("div", css="toast").text
    assert stored(engine, "deal", deal.id).values["sale"] == "open"


def test_a_picker_of_a_transition_offers_what_fits_the_record(ana: Visitor, engine: Engine) -> None:
    mine, other = (made(engine, "client", "system", name=name).id for name in ("Own client", "Other client"))
    deal = made(engine, "deal", name="Picky", client=mine)
    page = ana.get(f"/deal/{deal.id}/transitions/win")
    offered = [each.text for each in page.one("select", name="other").all("option")]
    assert "Other client" in offered
    assert "Own client" not in offered
    sent = {name: values[0] for name, values in fields_of(page.form("fire")).items()}
    found = ana.post("/deal/options/other", {**sent, "_q": "client"})
    assert [each.text for each in found.all("li")] == ["Other client"]
    assert page.submit(ana, "fire", other=str(other)).status == 303


# ---- buttons of the entity


def test_the_buttons_of_an_entity_stand_beside_transitions(ana: Visitor, engine: Engine) -> None:
    deal = made(engine, "deal", name="Pressed")
    page = ana.get(f"/deal/{deal.id}")
    assert buttons(page)[:3] == ["Win", "Approve", "Praise"]
    assert page.one("p", css="blocked").text == "is not open: It has no client. Drop"
    assert "Call" not in page.one("div", css="actions").text  # it does not apply
    token = page.one("meta", name="csrf").attributes["content"]
    answer = ana.post(f"/deal/{deal.id}/actions/praise", {"_csrf": token, "_version": "1"})
    shown = ana.follow(answer)
    assert "Praise was done." in shown.one("div", css="toast").text
    assert stored(engine, "deal", deal.id).values["name"] == "Pressed!"
    line = shown.one("ol", css="timeline").one("p", css="event-line")
    assert [each.text for each in line.all("b")] == ["Ana Pop", "Praise"]
    again = ana.post(f"/deal/{deal.id}/actions/praise", {"_csrf": token, "_version": "1"})
    assert again.status == 409


def test_a_button_asks_and_nothing_typed_is_lost(ana: Visitor, engine: Engine) -> None:
    client = made(engine, "client", "system", name="Button client").id
    deal = made(engine, "deal", name="Asked", client=client)
    page = ana.get(f"/deal/{deal.id}/actions/call")
    answer = page.submit(ana, "fire", name="Called", minutes="many")
    assert (answer.status, answer.one("input", name="name").attributes["value"]) == (422, "Called")
    assert answer.submit(ana, "fire", minutes="3").location == f"/deal/{deal.id}"
    assert stored(engine, "deal", deal.id).values["name"] == "Called"


def test_a_button_that_is_not_open_says_why(ana: Visitor, engine: Engine) -> None:
    deal = made(engine, "deal", name="Closed")
    page = ana.get(f"/deal/{deal.id}/actions/drop")
    assert page.heading == "Drop is not open"
    assert "It has no client." in page.words
    ana.get(f"/deal/{deal.id}/actions/win", status=404)


# ---- forms


def test_a_transition_asks_and_is_made(ana: Visitor, ticket: int, engine: Engine) -> None:
    page = ana.get(f"/ticket/{ticket}/transitions/assign")
    assert page.one("label", for_="f-comment").attributes["class"].endswith("required")
    answer = page.submit(ana, "fire", priority="high", comment="I'll see to it")
    assert answer.location == f"/ticket/{ticket}"
    shown = ana.follow(answer)
    assert "is now Assigned." in shown.one("div", css="toast").text
    assert stored(engine, "ticket", ticket).values["priority"] == "high"
    line = next(each for each in shown.all("li") if each.all("span", css="event-moved"))
    assert [each.text for each in line.one("p", css="event-line").all("b")] == ["Ana Pop", "Assign"]
    changes = [each.text for each in line.one("ul", css="changes").all("li")]
    assert changes[0] == "Status New Assigned"
    assert "Comment I'll see to it" in changes
    lines = [each.text for each in shown.one("ol", css="timeline").all("p", css="event-line")]
    assert "set off" in lines[0]  # by its priority
    assert "Count high" in lines[0]
    assert "changed by Assign" in lines[1]


def test_nothing_typed_is_lost_when_something_is_wrong(ana: Visitor, assigned: int, engine: Engine) -> None:
    made(engine, "call", "system", ticket=assigned, outcome="answered")
    page = ana.get(f"/ticket/{assigned}/transitions/solve")
    assert page.one("input", name="hours").attributes["value"] == "1"
    answer = page.submit(ana, "fire", answer="", hours="many")
    assert answer.status == 422
    assert answer.one("p", id="f-answer-error").text == "Answer must be filled in."
    assert answer.one("input", name="hours").attributes["value"] == "many"
    assert answer.submit(ana, "fire", answer="Done", hours="3").status == 303
    assert stored(engine, "ticket", assigned).values["moves"] == 4


def test_a_closed_one_says_why_on_a_page_of_its_own(ana: Visitor, assigned: int, nobodys: int) -> None:
    page = ana.get(f"/ticket/{nobodys}/transitions/assign")
    assert (page.heading, page.all("input", name="_version")) == ("Assign is not open", [])
    assert "Say whose ticket it is." in page.words
    page = ana.get(f"/ticket/{assigned}/transitions/assign")
    assert "the ticket is Assigned, and it leads on from New" in page.words


@pytest.mark.parametrize(
    ("login", "name", "status"),
    [
        ("ana", "close", 403),
        ("vera", "note", 403),
        ("ana", "nothing", 404),
        ("ana", "call_in", 404),
        ("ana", "escalate", 403),
    ],
)
def test_what_is_not_for_somebody_is_refused(
    sign_in: Callable[[str], Visitor], assigned: int, login: str, name: str, status: int
) -> None:
    visitor = sign_in(login)
    visitor.get(f"/ticket/{assigned}/transitions/{name}", status)
    token = visitor.get(f"/ticket/{assigned}").one("meta", name="csrf").attributes["content"]
    assert visitor.post(f"/ticket/{assigned}/transitions/{name}", {"_csrf": token}).status == status


def test_a_stale_version_is_told_and_may_go_on(ana: Visitor, ticket: int, engine: Engine) -> None:
    page = ana.get(f"/ticket/{ticket}/transitions/assign")
    with engine.gateway.write(actor_named(engine.gateway, "mara"), "page") as context:
        records.update(context, "ticket", ticket, {"priority": "high"})
    answer = page.submit(ana, "fire", comment="Mine")
    assert answer.status == 409
    assert "changed this ticket while you were looking" in answer.words
    assert answer.one("textarea", name="comment").text == "Mine"
    assert answer.submit(ana, "fire").status == 303
    kept = stored(engine, "ticket", ticket).values
    assert (kept["status"], kept["priority"]) == ("assigned", "high")


def test_two_at_once_one_is_told(ana: Visitor, ticket: int, engine: Engine) -> None:
    page = ana.get(f"/ticket/{ticket}/transitions/assign")
    fired(engine, ticket, "assign", comment="First")
    answer = page.submit(ana, "fire", comment="Second")
    assert (answer.status, answer.heading) == (409, "Assign is not open")


def test_scripts_are_told_where_to_go(ana: Visitor, ticket: int) -> None:
    page = ana.get(f"/ticket/{ticket}/transitions/note")
    token = page.one("meta", name="csrf").attributes["content"]
    answer = ana.client.post(
        f"/ticket/{ticket}/transitions/note",
        data={"_csrf": token, "comment": "Hm"},
        headers={"HX-Request": "true"},
    )
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, f"/ticket/{ticket}")


# ---- records that begin by a transition


def test_a_record_begins_by_a_transition(ana: Visitor, engine: Engine) -> None:
    grid = ana.get("/ticket")
    assert [each.text for each in grid.one("div", id="starts").all("a")] == ["New ticket", "Call in"]
    page = ana.get("/ticket/new/call_in")
    assert (
        page.submit(ana, "fire", subject="").one("p", id="f-subject-error").text
        == "Subject must be filled in."
    )
    answer = page.submit(ana, "fire", subject="By phone")
    number = int(answer.location.rpartition("/")[2])
    record = stored(engine, "ticket", number)
    assert (record.values["status"], record.values["owner"].title) == ("assigned", "Ana Pop")
    line = ana.follow(answer).one("p", css="event-line")
    assert [each.text for each in line.all("b")] == ["Ana Pop", "Call in"]


def test_nobody_begins_what_is_for_others(sign_in: Callable[[str], Visitor]) -> None:
    sign_in("mara").get("/ticket/new/call_in", 403)
    sign_in("ana").get("/ticket/new/assign", 404)
    assert sign_in("mara").get("/ticket").all("div", id="starts") == []


# ---- several rows


def bulk(visitor: Visitor, name: str, ids: list[int]) -> Page:
    token = visitor.get("/ticket").one("meta", name="csrf").attributes["content"]
    return visitor.post(
        "/ticket/bulk", {"_csrf": token, "action": f"transition:{name}", "id": list(map(str, ids))}
    )


def test_several_rows_are_moved_on_with_a_report(
    ana: Visitor, ticket: int, nobodys: int, assigned: int, engine: Engine
) -> None:
    other = made(engine, "ticket", subject="More", client=made(engine, "client", "system", name="B").id).id
    page = bulk(ana, "assign", [other, nobodys])
    assert page.heading == "Assign: 2 tickets"
    report = page.submit(ana, "fire", comment="All mine")
    assert report.heading == "Assign: done for 1 of 2 tickets"
    assert report.one("ul", css="report").text.endswith("Say whose ticket it is.")
    assert stored(engine, "ticket", other).values["status"] == "assigned"
    assert stored(engine, "ticket", nobodys).values["status"] == "new"
    page = bulk(ana, "note", [other, nobodys])
    assert page.submit(ana, "fire", comment="Seen").location == "/ticket"


def test_rows_in_other_states_are_told_before(ana: Visitor, assigned: int, nobodys: int) -> None:
    page = bulk(ana, "assign", [assigned, nobodys])
    assert "1 of 2 can be moved on by it" in page.words
    assert bulk(ana, "assign", [assigned]).all("button", css="btn-primary", name="") == []


def test_the_grid_offers_what_roles_may_do(ana: Visitor, mara: Visitor, ticket: int) -> None:
    assert [each.text for each in ana.get("/ticket").one("div", id="moves").all("button")] == [
        "Assign",
        "Solve",
        "Back",
        "Note",
    ]
    assert "Close" in mara.get("/ticket").one("div", id="moves").text
    assert bulk(ana, "close", [ticket]).status == 403


def test_a_button_is_used_of_several_rows_with_a_report(ana: Visitor, engine: Engine) -> None:
    client = made(engine, "client", "system", name="Of several").id
    deals = [made(engine, "deal", name=name, client=of).id for name, of in (("One", client), ("Two", None))]
    grid = ana.get("/deal")
    offered = grid.one("div", id="uses").all("button")
    assert [each.text for each in offered] == ["Praise", "Call", "Drop"]
    data = {"_csrf": grid.one("meta", name="csrf").attributes["content"], "id": list(map(str, deals))}
    asked = ana.post("/deal/bulk", {**data, "action": "press:drop"})
    assert asked.heading == "Drop: 2 deals"
    report = asked.submit(ana, "fire")
    assert report.heading == "Drop: done for 1 of 2 deals"
    assert report.one("ul", css="report").text.endswith("It has no client.")
    asked = ana.post("/deal/bulk", {**data, "action": "press:call"})
    answer = asked.submit(ana, "fire", name="Called", minutes="many")
    assert (answer.status, answer.one("input", name="name").attributes["value"]) == (422, "Called")
    assert ana.post("/deal/bulk", {**data, "action": "press:praise", "confirmed": "yes"}).location == "/deal"
    assert [stored(engine, "deal", each).values["name"] for each in deals] == ["One!", "Two!"]
    assert ana.post("/deal/bulk", {**data, "action": "press:win"}).status == 404


def test_buttons_for_others_are_not_offered_of_several(mara: Visitor, engine: Engine) -> None:
    deal = made(engine, "deal", name="Not hers")
    page = mara.get("/ticket")
    assert page.all("div", id="uses") == []
    data = {"_csrf": page.one("meta", name="csrf").attributes["content"], "id": str(deal.id)}
    assert mara.post("/deal/bulk", {**data, "action": "press:praise", "confirmed": "yes"}).status == 403
    assert stored(engine, "deal", deal.id).values["name"] == "Not hers"


# ---- the diagram, and what it all costs


def test_the_diagram_shows_the_record_s_place(ana: Visitor, assigned: int) -> None:
    page = ana.get(f"/ticket/{assigned}/workflow/life")
    drawing = page.one("svg", css="diagram")
    assert drawing.one("g", css="is-now").text == "Assigned ↻ Note"
    assert drawing.one("desc").text.startswith("States: New, Assigned,")
    ways = {
        each.one("span", css="way-name").text: each
        for each in page.all("li")
        if each.all("span", css="way-name")
    }
    assert ways["Escalate by itself"].one("span", css="way-states").text == "Assigned Escalated from to"
    ana.get(f"/ticket/{assigned}/workflow/nothing", 404)


def test_the_page_costs_the_same_however_much_happened(ana: Visitor, assigned: int, engine: Engine) -> None:
    statements: list[str] = []

    def seen(*arguments: Any) -> None:
        statements.append(arguments[2])

    event.listen(engine.gateway.database._reader, "before_cursor_execute", seen)
    try:
        ana.get(f"/ticket/{assigned}")
        statements.clear()
        ana.get(f"/ticket/{assigned}")
        few = len(statements)
        for number in range(5):
            fired(engine, assigned, "note", comment=str(number))
        statements.clear()
        ana.get(f"/ticket/{assigned}")
        assert len(statements) == few
    finally:
        event.remove(engine.gateway.database._reader, "before_cursor_execute", seen)


# ---- what a transition did


def test_the_history_unfolds_what_a_transition_did(
    ana: Visitor, sign_in: Callable[[str], Visitor], assigned: int
) -> None:
    log = ana.get(f"/ticket/{assigned}").one("details", css="run")
    assert log.one("summary").text == "Run log: 4 steps"
    steps = [each.one("b").text for each in log.one("ol").children]
    assert steps == ["Set values", "Create a record", "Change a record", "Tag"]
    assert "that is not shown" in log.text  # agents may not read the desk's jobs
    assert not log.all("code")
    shown = sign_in("ada").get(f"/ticket/{assigned}").one("details", css="run")
    assert {link.attributes["href"].split("/")[1] for link in shown.all("a")} >= {"job"}
    assert shown.all("code")[0].text.startswith("metadata/app.yaml:")


def test_the_api_tells_what_a_transition_did(ana: Visitor, assigned: int) -> None:
    answers = ana.client.get(f"/api/ticket/{assigned}/history").json()["items"]
    (answer,) = [each for each in answers if each["transition"] == "Assign"]
    assert all(each["steps"] == [] for each in answers if each is not answer)
    created = answer["steps"][1]
    assert (created["kind"], created["done"], created["skipped"], created["place"]) == ("create", 1, 0, "")
    assert created["records"] == [{"did": "create", "own": False, "record": None}]
