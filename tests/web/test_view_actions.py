"""What a record's page offers beside its title and in its menu, as its view says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from engine.app import Engine
from engine.identity.identity import actor_named
from engine.service import records
from engine.work.context import SYSTEM
from tests.support.ticket_desk import open_desk
from tests.web.browsing import Page
from tests.web.conftest import Visitor

VIEW = """
---
extend: job
properties: {worth: {type: money, currency: EUR}, hint: {type: text}}
access: {agent: {create: true, read: all}}
---
extend: ticket
properties: {inside: {type: text, access: {read: [manager]}}}
---
view: ticket
layout: [{section: Ticket, fields: [number, subject, status]}]
actions:
  - note
  - edit
  - create: job
    label: New job
    with:
      ticket: {cel: record}
      subject: {cel: record.subject}
      worth: {cel: record.cost}
      hint: {cel: record.inside}
      count: 3
  - assign
  - solve
  - delete
"""


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    made = open_desk(tmp_path_factory.mktemp("desk"), VIEW)
    yield made
    made.close()


def ticket(engine: Engine, **values: Any) -> int:
    """A ticket of Ana's."""
    with engine.gateway.write(SYSTEM, "cli") as context:
        client = records.create(context, "client", {"name": "Acme"}).id
        owner = {"owner": actor_named(engine.gateway, "ana").id}
        return records.create(context, "ticket", {"subject": "Help", "client": client, **owner, **values}).id


def beside(page: Page) -> list[str]:
    """The buttons beside the title, without those of the menu and of explanations."""
    shown = page.one("div", css="actions").all(css="btn")
    names = [each.text or each.attributes.get("aria-label", "") for each in shown]
    return names[: names.index("More actions")] if "More actions" in names else names


def menu(page: Page, *, phone: bool) -> list[str]:
    """What is in the menu, on a phone or not."""
    items = page.one("div", id="more").all(css="menu-item")
    return [each.text for each in items if phone or "only-phone" not in str(each.attributes.get("class"))]


def test_a_view_says_which_buttons_stand_beside_the_title_and_in_which_order(
    sign_in: Callable[[str], Visitor], engine: Engine
) -> None:
    number = ticket(engine, client=None)
    page = sign_in("ana").get(f"/ticket/{number}")
    assert beside(page) == ["Note", "Edit", "New job", "Assign why?", "Delete"]
    assert menu(page, phone=False) == ["Duplicate", "History"]


def test_new_records_are_filled_in_from_the_record_as_its_reader_sees_it(
    sign_in: Callable[[str], Visitor], engine: Engine
) -> None:
    number = ticket(engine, cost={"amount": "12.50", "currency": "EUR"}, inside="For managers")
    for login, hint in (("ana", ""), ("ada", "For managers")):
        visitor = sign_in(login)
        link = next(each for each in visitor.get(f"/ticket/{number}").all("a") if each.text == "New job")
        form = visitor.get(link.attributes["href"])
        assert form.one("input", name="subject").attributes["value"] == "Help"
        assert form.one("input", name="count").attributes["value"] == "3"
        assert form.one("input", name="worth.amount").attributes["value"] == "12.50"
        assert form.one("input", name="hint").attributes.get("value", "") == hint
        chosen = form.one("select", name="ticket").one("option", selected="")
        assert chosen.attributes["value"] == str(number)
        assert form.submit(visitor, "form").location == f"/ticket/{number}"


def test_who_may_not_create_is_not_offered_it(sign_in: Callable[[str], Visitor], engine: Engine) -> None:
    assert "New job" not in beside(sign_in("mara").get(f"/ticket/{ticket(engine)}"))
    assert beside(sign_in("vera").get(f"/ticket/{ticket(engine)}")) == []


def test_what_is_not_listed_is_in_the_menu(sign_in: Callable[[str], Visitor], engine: Engine) -> None:
    page = sign_in("mara").get(f"/ticket/{ticket(engine)}")
    assert beside(page) == ["Note", "Edit", "Assign", "Delete"]
    assert menu(page, phone=False) == ["Sort", "Duplicate", "History"]
    assert menu(page, phone=True) == ["Edit", "Assign", "Delete", "Sort", "Duplicate", "History"]
