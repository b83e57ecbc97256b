"""A transition or a button of several rows asks for what some of them lack, before anything is done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest

from engine.app import Engine
from engine.reading.query import Query, Record
from engine.service import records
from engine.work.context import SYSTEM
from tests.support.quotes import QUOTES
from tests.support.ticket_desk import open_desk
from tests.web.browsing import Page
from tests.web.conftest import Visitor, stored

ERRANDS = """
---
entity: errand
title: "{name}"
properties:
  name:   {type: text, required: true}
  answer: {type: text}
  level:  {type: integer}
  state:  {type: state, workflow: running}
access: {agent: {create: true, read: all, update: all, transition: all, praise: all}}
actions:
  praise: {form: [{words: {type: text, required: true}}, {level: required}], do: [{set: {answer: {cel: form.words}}}]}
---
workflow: running
entity: errand
property: state
initial: open
states: {open: {}, done: {final: true, require: [answer]}}
transitions:
  finish: {from: open, to: done, guard: {check: record.level != 9, message: Nine is too many.}, form: [answer]}
"""


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    made = open_desk(tmp_path_factory.mktemp("desk"), QUOTES + ERRANDS)
    yield made
    made.close()


@pytest.fixture
def ana(sign_in: Callable[[str], Visitor]) -> Visitor:
    return sign_in("ana")


def make(engine: Engine, entity: str, **values: Any) -> int:
    with engine.gateway.write(SYSTEM, "cli") as context:
        return records.create(context, entity, values).id


def invoice_of(engine: Engine, name: str) -> Record | None:
    with engine.gateway.read(SYSTEM, "cli") as context:
        rows = records.find(context, "invoice", Query()).rows
        found = [records.get(context, "invoice", row.id) for row in rows]
    return next((each for each in found if each.values["name"] == f"Invoice for {name}"), None)


def bulk(visitor: Visitor, entity: str, action: str, ids: list[int]) -> Page:
    token = visitor.get(f"/{entity}").one("meta", name="csrf").attributes["content"]
    return visitor.post(f"/{entity}/bulk", {"_csrf": token, "action": action, "id": list(map(str, ids))})


def asked(page: Page) -> list[str]:
    fields = page.one("form", id="fire").all(css="field")
    return [each.attributes["data-field"] for each in fields if "data-field" in each.attributes]


def test_what_some_lack_is_asked_for_and_each_takes_only_that(ana: Visitor, engine: Engine) -> None:
    old, new = (make(engine, "client", name=name) for name in ("Old", "New"))
    whole = make(engine, "quote", name="Whole", note="Main Street 1", client=old)
    bare = make(engine, "quote", name="Bare", note="Side Street 2")
    page = bulk(ana, "quote", "transition:bill", [whole, bare])
    assert asked(page) == ["reason"]
    page = page.submit(ana, "fire", reason="They said yes")
    assert page.status == 422
    missing = [f"quote_to_invoice.{name}" for name in ("due", "amount", "client")]
    assert asked(page) == ["reason", *missing]
    assert page.one("input", name="reason").attributes["value"] == "They said yes"
    assert page.one("p", id="f-quote_to_invoice-due-error").text == "Due must be filled in."
    assert "Bare" in page.one("p", id="f-quote_to_invoice-client-error").text
    assert "Whole" not in page.one("p", id="f-quote_to_invoice-client-error").text
    assert stored(engine, "quote", whole).values["state"] == "open"

    values = {"quote_to_invoice__due": "2026-03-01", "quote_to_invoice__client": str(new)}
    page = page.submit(ana, "fire", **values)
    assert page.status == 422
    assert page.one("input", name="quote_to_invoice.due").attributes["value"] == "2026-03-01"
    assert page.all("p", id="f-quote_to_invoice-due-error") == []
    assert page.all("p", id="f-quote_to_invoice-amount-error")
    assert page.submit(ana, "fire", quote_to_invoice__amount__amount="90").location == "/quote"
    for name, client in (("Whole", old), ("Bare", new)):
        made = invoice_of(engine, name)
        assert made is not None
        assert (made.values["client"].id, made.values["due"]) == (client, date(2026, 3, 1))


def test_a_required_value_of_the_form_is_complained_of_at_its_field(ana: Visitor, engine: Engine) -> None:
    first = make(engine, "errand", name="First", level=3)
    second = make(engine, "errand", name="Second")
    page = bulk(ana, "errand", "press:praise", [first, second]).submit(ana, "fire", level="")
    assert page.status == 422
    assert page.one("p", id="f-words-error").text == "Words must be filled in."
    page = page.submit(ana, "fire", words="Well done")
    assert page.status == 422
    level = page.one("p", id="f-level-error").text
    assert "Level must be filled in." in level
    assert "Second" in level
    assert "First" not in level
    assert stored(engine, "errand", first).values["answer"] is None
    assert page.submit(ana, "fire", level="5").location == "/errand"
    assert [stored(engine, "errand", each).values["answer"] for each in (first, second)] == ["Well done"] * 2


def test_what_the_state_requires_is_asked_of_those_that_lack_it(ana: Visitor, engine: Engine) -> None:
    has = make(engine, "errand", name="Has", answer="Mine")
    lacks = make(engine, "errand", name="Lacks")
    page = bulk(ana, "errand", "transition:finish", [has, lacks]).submit(ana, "fire")
    assert page.status == 422
    assert "Lacks" in page.one("p", id="f-answer-error").text
    page = page.submit(ana, "fire", partial="yes")
    assert page.heading == "Finish: done for 1 of 2 errands"
    assert [stored(engine, "errand", each).values["state"] for each in (has, lacks)] == ["done", "open"]
    assert stored(engine, "errand", has).values["answer"] == "Mine"


def test_what_no_form_can_mend_is_reported_with_what_was_done(ana: Visitor, engine: Engine) -> None:
    fine, nine = make(engine, "errand", name="Fine"), make(engine, "errand", name="Nine", level=9)
    page = bulk(ana, "errand", "transition:finish", [fine, nine]).submit(ana, "fire", answer="Yes")
    assert page.heading == "Finish: done for 1 of 2 errands"
    assert page.one("ul", css="report").text == "Nine Nine is too many."
    assert "Fine" in page.one("ul", css="done").text
    assert stored(engine, "errand", fine).values["state"] == "done"


def test_the_api_takes_of_what_some_lack_only_that(ana: Visitor, engine: Engine) -> None:
    client = make(engine, "client", name="Api")
    whole = make(engine, "quote", name="Api whole", note="Main Street 1", client=client)
    bare = make(engine, "quote", name="Api bare", note="Main Street 1")
    token = ana.get("/quote").one("meta", name="csrf").attributes["content"]

    def post(form: dict[str, Any]) -> Any:
        body = {"ids": [whole, bare], "form": form}
        address = "/api/quote/bulk/transitions/charge"
        return ana.client.post(address, json=body, headers={"X-CSRF-Token": token}).json()

    amount = {"amount": "7", "currency": "EUR"}
    wrong = post({"invoice": {"due": "2026-03-01", "amount": amount, "nothing": 1}})
    assert [each["message"] for each in wrong["refused"]] == ["'nothing' is not asked for."] * 2
    other = make(engine, "client", name="Other")
    assert post({"invoice": {"due": "2026-03-01", "amount": amount, "client": other}})["refused"] == []
    for name, expected in (("Api whole", client), ("Api bare", other)):
        made = invoice_of(engine, name)
        assert made is not None
        assert made.values["client"].id == expected
