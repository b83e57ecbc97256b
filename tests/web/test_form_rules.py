"""Forms as conditions and computed values make them: what is fixed, hidden, filled in, and added up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from engine.app import Engine
from engine.reading.query import Record
from engine.service import records
from engine.work.context import SYSTEM
from tests.support.sales import open_sales
from tests.web.browsing import Element, Page, fields_of
from tests.web.conftest import Create, Visitor, stored


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    made = open_sales(tmp_path_factory.mktemp("sales"))
    yield made
    made.close()


@pytest.fixture
def order(create: Create) -> Record:
    lines = [{"what": "Lamp", "quantity": 2, "price": "9.99"}, {"what": "Desk", "price": 100}]
    return create("order", name="First", currency="USD", discount=10, lines=lines)


@pytest.fixture
def shipped(engine: Engine, order: Record) -> Record:
    with engine.gateway.write(SYSTEM, "cli") as context:
        return records.update(context, "order", order.id, {"status": "shipped"})


def field(page: Page, name: str) -> Element:
    return page.one(data_field=name)


def edit(admin: Visitor, record: Record) -> Page:
    return admin.get(f"/order/{record.id}/edit")


def refreshed(admin: Visitor, page: Page, **filled: Any) -> Page:
    """The form as the server draws it after something was entered."""
    return page.submit(admin, "form", _action="refresh", **filled)


def test_a_section_may_hold_nothing_but_totals(admin: Visitor, order: Record) -> None:
    assert "Total" in [head.text for head in edit(admin, order).all("h2")]
    assert field(edit(admin, order), "total").text == "Total $107.98"


def test_totals_follow_what_is_entered(admin: Visitor, order: Record) -> None:
    page = refreshed(admin, edit(admin, order), lines__0__quantity="3")
    assert field(page, "lines.0.amount").text.endswith("$29.97")
    assert field(page, "total").text == "Total $116.97"


def test_what_can_not_be_changed_stays_what_it_is_while_the_form_reacts(
    admin: Visitor, shipped: Record
) -> None:
    page = edit(admin, shipped)
    for _ in range(2):
        assert field(page, "currency").text == "Currency USD"
        assert field(page, "discount").text == "Discount 10%"
        assert field(page, "total").text == "Total $107.98"
        page = refreshed(admin, page, name="Renamed")


def test_rows_that_can_not_be_changed_are_shown_without_buttons(admin: Visitor, shipped: Record) -> None:
    page = edit(admin, shipped)
    rows = page.one("section", data_rows="lines")
    assert "Lamp" in rows.text
    assert rows.all("button") == []
    assert all(each.attributes["type"] == "hidden" for each in rows.all("input"))


def test_saving_what_is_fixed_changes_nothing_of_it(engine: Engine, admin: Visitor, shipped: Record) -> None:
    page = edit(admin, shipped)
    assert page.submit(admin, "form", name="Renamed").status == 303
    now = stored(engine, "order", shipped.id)
    before = shipped.values | {
        "name": "Renamed",
        "version": now.version,
        "updated_at": now.values["updated_at"],
    }
    changed = {name for name, value in now.values.items() if before.get(name) != value}
    assert changed <= {"version", "updated_at", "updated_by", "title"}
    assert len(now.children["lines"]) == 2


def test_a_default_follows_from_what_the_address_presets(engine: Engine, admin: Visitor) -> None:
    page = admin.get("/order/new?customer=1")
    assert fields_of(page.form("form"))["name"] == ["Acme - open"]
    answered = page.submit(admin, "form", status="shipped")
    assert admin.follow(answered).heading == "Acme - shipped"  # nobody touched it


def test_a_default_follows_what_is_entered_until_it_is_touched(admin: Visitor) -> None:
    page = admin.get("/order/new")
    assert fields_of(page.form("form"))["name"] == [""]
    page = refreshed(admin, page, customer="2")
    assert fields_of(page.form("form"))["name"] == ["Bolt - open"]
    page = refreshed(admin, page, status="shipped")
    assert fields_of(page.form("form"))["name"] == ["Bolt - shipped"]
    page = refreshed(admin, page, name="Mine")
    page = refreshed(admin, page, status="open")
    assert fields_of(page.form("form"))["name"] == ["Mine"]
    page = refreshed(admin, page, name="")
    assert fields_of(page.form("form"))["name"] == [""]
    assert "Name must be filled in." in page.submit(admin, "form").words


def test_a_default_that_was_touched_stays(admin: Visitor) -> None:
    page = admin.get("/order/new?customer=1")
    assert admin.follow(page.submit(admin, "form", name="Mine")).heading == "Mine"


def test_a_field_appears_and_becomes_required(admin: Visitor, order: Record) -> None:
    page = admin.get("/order/new")
    assert page.all(data_field="refund") == []
    page = refreshed(admin, edit(admin, order), status="refunded")
    assert "required" in field(page, "refund").one("legend").attributes["class"]


def price(page: Page, row: int = 0) -> str:
    found = fields_of(page.form("form"))[f"lines.{row}.price.amount"]
    return str(found[0])


def test_a_default_of_a_row_follows_what_is_entered_in_it(engine: Engine, admin: Visitor) -> None:
    page = refreshed(admin, admin.get("/order/new?customer=1"), lines__0___id="", lines__0__what="A lamp")
    assert price(page) == ""
    page = refreshed(admin, page, lines__0__product="1", lines__0__quantity="2")
    assert price(page) == "19.99"
    assert field(page, "lines.0.amount").text.endswith("€39.98")
    page = refreshed(admin, page, lines__0__product="2")
    assert price(page) == "240.00"
    page = refreshed(admin, page, currency="USD")  # whose price nobody knows
    assert price(page) == ""
    page = refreshed(admin, page, currency="EUR")
    page = refreshed(admin, page, lines__0__price__amount="200")
    page = refreshed(admin, page, lines__0__product="1")
    assert price(page) == "200"  # it was touched
    page = refreshed(admin, page, lines__0__price__amount="")
    assert (price(page), field(page, "lines.0.amount").text) == ("", "–")
    assert "Price must be filled in." in page.submit(admin, "form").words


def test_a_row_is_saved_with_the_default_it_shows(engine: Engine, admin: Visitor, order: Record) -> None:
    """A row that scripts add and send at once has it too; saved rows keep what they have."""
    with engine.gateway.write(SYSTEM, "cli") as context:
        records.update(context, "order", order.id, {"currency": "EUR"})
    row = {
        "lines__5___id": "",
        "lines__5__what": "Another",
        "lines__5__quantity": "1",
        "lines__5__product": "1",
        "lines__0__product": "2",
    }
    page = edit(admin, order)
    assert price(refreshed(admin, page, **row), 5) == "19.99"
    assert page.submit(admin, "form", **row).status == 303
    lines = stored(engine, "order", order.id).children["lines"]
    assert [str(line.values["price"].amount) for line in lines] == ["9.99", "100.00", "19.99"]


def test_the_place_of_a_removed_row_may_be_taken_by_another(admin: Visitor) -> None:
    page = admin.get("/order/new?customer=1")
    page = refreshed(admin, page, lines__0___id="", lines__0__what="A lamp", lines__0__product="1")
    page = page.submit(admin, "form", _action="remove:lines.0")
    page = refreshed(admin, page, lines__0___id="", lines__0__what="A desk", lines__0__product="2")
    assert price(page) == "240.00"
