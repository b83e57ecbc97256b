"""Forms that react, pickers that offer what fits, and conditions in the grid: in a real browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from engine.app import Engine
from engine.service import records
from engine.work.context import SYSTEM
from tests.browser.stories import complaints, overflow, served, sign_in
from tests.support.sales import open_sales

LINES = [{"what": "Lamp", "quantity": 2, "price": "9.99"}]


@pytest.fixture(scope="module")
def sales(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = open_sales(tmp_path_factory.mktemp("sales"))
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def address(sales: Engine) -> Iterator[str]:
    with served(sales) as url:
        yield url


@pytest.fixture(scope="module")
def session(browser: Browser, address: str) -> object:
    context = browser.new_context()
    sign_in(context.new_page(), address, "admin")
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def desk(browser: Browser, address: str, session: object) -> Iterator[Page]:
    """A page of somebody who is signed in."""
    context = browser.new_context(base_url=address, storage_state=session, locale="en-GB")  # type: ignore[arg-type]
    context.set_default_timeout(10_000)
    page = context.new_page()
    errors: list[object] = []
    page.on("pageerror", lambda error: errors.append(error))
    yield page
    context.close()
    assert errors == []


def order(sales: Engine, **values: object) -> int:
    with sales.gateway.write(SYSTEM, "cli") as context:
        return records.create(context, "order", {"name": "First", "lines": LINES, **values}).id


def static(page: Page, name: str) -> Locator:
    return page.locator(f'[data-field="{name}"] [data-live]')


def test_totals_follow_while_one_types(desk: Page, sales: Engine) -> None:
    desk.goto(f"/order/{order(sales)}/edit")
    expect(static(desk, "total")).to_have_text("€19.98")
    desk.locator('[name="lines.0.quantity"]').fill("10")
    expect(static(desk, "lines.0.amount")).to_have_text("€99.90")
    expect(static(desk, "total")).to_have_text("€99.90")
    desk.get_by_label("Discount").fill("50")
    expect(static(desk, "total")).to_have_text("€49.95")
    desk.get_by_role("button", name="Add order line").click()
    desk.locator('[name="lines.1.what"]').fill("Desk")
    desk.locator('[name^="lines.1.price"]').first.fill("100")
    expect(static(desk, "total")).to_have_text("€99.95")
    desk.get_by_role("button", name="Remove order line 1").click()
    expect(static(desk, "total")).to_have_text("€50.00")
    desk.get_by_role("button", name="Save order").click()
    desk.wait_for_url(lambda url: not url.endswith("/edit"))
    expect(desk.get_by_role("main")).to_contain_text("€50.00")


def test_a_field_appears_is_required_and_goes(desk: Page, sales: Engine) -> None:
    desk.goto(f"/order/{order(sales)}/edit")
    refund = desk.locator('[data-field="refund"]')
    expect(refund).to_be_visible()
    expect(refund.locator(".required")).to_have_count(0)
    desk.get_by_label("Status").select_option("refunded")
    expect(refund.locator(".required")).to_have_count(1)
    desk.get_by_role("button", name="Save order").click()
    expect(desk.get_by_role("alert")).to_contain_text("Refund")
    expect(refund).to_contain_text("Refund must be filled in.")
    assert complaints(desk) == []
    desk.locator('[name="lines.0.quantity"]').fill("")
    expect(refund).to_have_count(0)  # without a total there is nothing to refund
    desk.locator('[name="lines.0.quantity"]').fill("1")
    expect(refund).to_be_visible()
    desk.locator('[name^="refund"]').first.fill("5")
    desk.get_by_role("button", name="Save order").click()
    desk.wait_for_url(lambda url: not url.endswith("/edit"))
    expect(desk.get_by_role("main")).to_contain_text("€5.00")


def test_what_is_fixed_stays_while_the_rest_reacts(desk: Page, sales: Engine) -> None:
    number = order(sales, currency="USD")
    with sales.gateway.write(SYSTEM, "cli") as context:
        records.update(context, "order", number, {"status": "shipped"})
    desk.goto(f"/order/{number}/edit")
    expect(static(desk, "currency")).to_have_text("USD")
    expect(desk.locator("[data-rows=lines] button")).to_have_count(0)
    with desk.expect_response(lambda response: response.request.method == "POST"):
        desk.get_by_label("Name").fill("Renamed")
    expect(static(desk, "currency")).to_have_text("USD")
    expect(static(desk, "total")).to_have_text("$19.98")


def offered(page: Page, label: str) -> list[str]:
    page.get_by_role("combobox", name=label).click()
    options = page.get_by_role("listbox").get_by_role("option")
    expect(options.first).to_be_visible()
    return options.all_inner_texts()


def test_a_picker_offers_what_fits(desk: Page) -> None:
    desk.goto("/order/new?customer=1")
    assert [text.strip() for text in offered(desk, "Person")] == ["Adam", "Ann"]
    desk.goto("/order/new?customer=2")
    assert [text.strip() for text in offered(desk, "Person")] == ["Bea", "Bob"]
    expect(desk.get_by_label("Name")).to_have_value("Bolt - open")


def test_a_default_follows_what_is_entered_until_it_is_touched(desk: Page) -> None:
    desk.goto("/order/new?customer=1")
    name = desk.get_by_label("Name")
    expect(name).to_have_value("Acme - open")
    desk.get_by_label("Status").select_option("shipped")
    expect(name).to_have_value("Acme - shipped")
    name.fill("Acme - my own")
    with desk.expect_response(lambda response: response.request.method == "POST"):
        desk.get_by_label("Status").select_option("open")
    expect(name).to_have_value("Acme - my own")
    desk.get_by_role("button", name="Save order").click()
    expect(desk.get_by_role("heading", level=1)).to_have_text("Acme - my own")


def test_a_row_takes_the_price_of_what_is_chosen(desk: Page, sales: Engine) -> None:
    desk.goto(f"/order/{order(sales)}/edit")
    desk.get_by_role("button", name="Add order line").click()
    desk.locator('[name="lines.1.what"]').fill("Another lamp")
    product = desk.get_by_role("combobox", name="Product, row 2")
    product.press_sequentially("desk")
    expect(desk.get_by_role("option", name="Desk")).to_be_visible()
    product.press("Enter")
    expect(desk.locator('[name="lines.1.price.amount"]')).to_have_value("240.00")
    expect(static(desk, "lines.1.amount")).to_have_text("€240.00")
    desk.locator('[name="lines.1.price.amount"]').fill("200")
    expect(static(desk, "total")).to_have_text("€219.98")
    desk.get_by_role("button", name="Save order").click()
    expect(desk.get_by_role("main")).to_contain_text("€219.98")


def test_a_condition_filters_the_grid_and_its_mistake_is_underlined(desk: Page, sales: Engine) -> None:
    order(sales, name="Small", due_on="2020-01-31")
    order(sales, name="Large", lines=[{"what": "Desk", "price": 5000}])
    desk.goto("/order?view=late")
    cells = desk.locator("table tbody tr")
    expect(cells).to_have_count(1)
    expect(cells).to_contain_text("Small")
    desk.goto("/order")
    filter_by(desk, "record.total > 1000")
    expect(cells).to_have_count(1)
    expect(cells).to_contain_text("Large")
    assert complaints(desk) == []
    filter_by(desk, "record.totl > 1000")
    problem = desk.get_by_role("alert")
    expect(problem).to_contain_text("No property 'totl' on order. Did you mean 'total'?")
    expect(problem.locator("mark")).to_have_text("totl")
    assert complaints(desk) == []
    assert overflow(desk) == 0


def filter_by(page: Page, condition: str) -> None:
    page.get_by_role("button", name="Condition").first.click()
    dialog = page.get_by_role("dialog", name="Filter by a condition")
    dialog.get_by_label("Condition").fill(condition)
    dialog.get_by_role("button", name="Apply").click()
