"""Somebody bills a quote that lacks what an invoice needs: the dialog asks for it, complains, and is done."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from engine.app import Engine
from engine.reading.query import Query
from engine.service import records
from engine.work.context import SYSTEM
from tests.browser.stories import complaints, overflow, served, sign_in
from tests.support.quotes import QUOTES
from tests.support.ticket_desk import open_desk

SIZES = {"desktop": ViewportSize(width=1280, height=900), "phone": ViewportSize(width=390, height=844)}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = open_desk(tmp_path_factory.mktemp("desk"), QUOTES)
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def address(desk: Engine) -> Iterator[str]:
    with served(desk) as url:
        yield url


def invoices(desk: Engine) -> int:
    with desk.gateway.read(SYSTEM, "cli") as context:
        return len(records.find(context, "invoice", Query()).rows)


@pytest.mark.parametrize("size", SIZES)
def test_what_a_conversion_lacks_is_asked_for_in_its_dialog(
    desk: Engine, address: str, page: Page, size: str
) -> None:
    with desk.gateway.write(SYSTEM, "cli") as context:
        client = records.create(context, "client", {"name": "Acme"}).id
        values = {"name": f"Lamp on {size}", "note": "Main Street 1", "client": client}
        number = records.create(context, "quote", values).id
    before = invoices(desk)
    page.set_viewport_size(SIZES[size])
    sign_in(page, address, "ana")
    page.goto(f"{address}/quote/{number}")
    page.get_by_role("link", name="Bill", exact=True).locator("visible=true").click()
    dialog = page.get_by_role("dialog", name="Bill")
    dialog.get_by_label("Reason").fill("They said yes")
    expect(dialog.get_by_label("Due")).to_have_count(0)
    dialog.get_by_role("button", name="Bill").click()

    due = dialog.get_by_label("Due")
    expect(due).to_be_focused()
    expect(dialog.get_by_role("alert")).to_contain_text("Due must be filled in.")
    expect(dialog.get_by_label("Reason")).to_have_value("They said yes")
    assert complaints(page) == []
    assert overflow(page) <= 0
    dialog.locator("form").evaluate("form => form.dataset.before = 'yes'")
    dialog.get_by_role("button", name="Bill").click()
    expect(dialog.locator("form[data-before]")).to_have_count(0)  # the answer is there
    expect(dialog.get_by_text("Due must be filled in.").last).to_be_visible()
    assert invoices(desk) == before

    due.fill("2026-03-01")
    dialog.locator("[name='quote_to_invoice.amount.amount']").fill("90")
    dialog.get_by_role("button", name="Bill").click()
    expect(page.get_by_role("status")).to_contain_text("is now")
    expect(dialog).to_be_hidden()
    assert invoices(desk) == before + 1
