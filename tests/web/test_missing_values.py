"""What a conversion lacks is asked for in the form of its transition, at the page and in the API."""

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
from tests.web.browsing import Page, fields_of
from tests.web.conftest import Visitor


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    made = open_desk(tmp_path_factory.mktemp("desk"), QUOTES)
    yield made
    made.close()


@pytest.fixture
def ana(sign_in: Callable[[str], Visitor]) -> Visitor:
    return sign_in("ana")


def make(engine: Engine, entity: str, **values: Any) -> int:
    with engine.gateway.write(SYSTEM, "cli") as context:
        return records.create(context, entity, values).id


def invoices(engine: Engine, name: str) -> list[Record]:
    """The invoices of a quote."""
    with engine.gateway.read(SYSTEM, "cli") as context:
        found = [
            records.get(context, "invoice", row.id) for row in records.find(context, "invoice", Query()).rows
        ]
    return [each for each in found if each.values["name"] == f"Invoice for {name}"]


def asked(page: Page) -> list[str]:
    """What the form asks for, by name."""
    fields = page.one("form", id="fire").all(css="field")
    return [each.attributes["data-field"] for each in fields]


def test_what_is_missing_is_asked_for_with_nothing_typed_lost(ana: Visitor, engine: Engine) -> None:
    number = make(
        engine, "quote", name="Lamp", note="Main Street 1", client=make(engine, "client", name="Acme")
    )
    page = ana.get(f"/quote/{number}/transitions/bill")
    assert asked(page) == ["reason"]
    page = page.submit(ana, "fire", reason="They said yes")
    assert page.status == 422
    assert asked(page) == ["reason", "quote_to_invoice.due", "quote_to_invoice.amount"]
    assert page.one("input", name="reason").attributes["value"] == "They said yes"
    assert page.one("p", id="f-quote_to_invoice-due-error").text == "Due must be filled in."
    page = page.submit(ana, "fire", quote_to_invoice__due="tomorrow", quote_to_invoice__amount__amount="90")
    assert page.status == 422
    assert page.one("input", name="quote_to_invoice.due").attributes["value"] == "tomorrow"
    assert page.one("input", name="quote_to_invoice.amount.amount").attributes["value"] == "90"
    assert page.all("p", id="f-quote_to_invoice-due-error")
    assert not page.all("p", id="f-quote_to_invoice-amount-error")
    assert not invoices(engine, "Lamp")
    assert page.submit(ana, "fire", quote_to_invoice__due="2026-03-01").status == 303
    (made,) = invoices(engine, "Lamp")
    assert (made.values["name"], made.values["due"]) == ("Invoice for Lamp", date(2026, 3, 1))
    assert str(made.values["amount"].amount) == "90.00"


def test_a_button_without_a_form_asks_too_relations_among_it(ana: Visitor, engine: Engine) -> None:
    client = make(engine, "client", name="Acme")
    number = make(engine, "quote", name="Desk", note="Main Street 1")
    page = ana.get(f"/quote/{number}/transitions/charge").submit(ana, "fire")
    assert asked(page) == ["invoice.due", "invoice.amount", "invoice.client"]
    values = {"invoice__due": "2026-03-01", "invoice__amount__amount": "5", "invoice__client": str(client)}
    assert page.submit(ana, "fire", **values).status == 303
    assert invoices(engine, "Desk")[0].values["client"].id == client


def test_what_nobody_asks_for_is_not_taken(ana: Visitor, engine: Engine) -> None:
    number = make(
        engine, "quote", name="Chair", note="Main Street 1", client=make(engine, "client", name="Acme")
    )
    page = ana.get(f"/quote/{number}/transitions/charge").submit(ana, "fire")
    form = page.one("form", id="fire")
    sent = {**fields_of(form), "_asked": "invoice.name invoice.id nothing.name user.login ."}
    answer = ana.post(form.attributes["action"], {**sent, "invoice.name": "Mine"})
    assert answer.status == 422
    assert "Name of the invoice" in answer.words
    assert answer.one("p", id="f-invoice-name-error").text == "'name' is not asked for."


def test_who_may_not_read_the_new_record_is_not_asked_about_it(
    sign_in: Callable[[str], Visitor], engine: Engine
) -> None:
    number = make(engine, "quote", name="Shelf")
    mara = sign_in("mara")
    page = mara.get(f"/quote/{number}/transitions/charge").submit(mara, "fire")
    assert page.status == 422
    assert asked(page) == []
    assert "invoice" not in page.one("form", id="fire").text.lower()


def test_the_api_tells_it_as_it_tells_every_property(ana: Visitor, engine: Engine) -> None:
    number = make(
        engine, "quote", name="Door", note="Main Street 1", client=make(engine, "client", name="Acme")
    )
    token = ana.get(f"/quote/{number}").one("meta", name="csrf").attributes["content"]

    def post(body: dict[str, Any]) -> Any:
        address = f"/api/quote/{number}/transitions/bill"
        return ana.client.post(address, json=body, headers={"X-CSRF-Token": token})

    answer = post({"reason": "Yes"})
    assert answer.status_code == 422
    assert [(each["at"], each["code"]) for each in answer.json()["errors"]] == [
        ("quote_to_invoice.due", "required"),
        ("quote_to_invoice.amount", "required"),
    ]
    given = {"due": "2026-03-01", "amount": {"amount": "7", "currency": "EUR"}}
    assert post({"reason": "Yes", "quote_to_invoice": given}).status_code == 200
    assert len(invoices(engine, "Door")) == 1
