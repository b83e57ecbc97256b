"""Somebody moves tickets on in a real browser: by the dialog, by dragging a card, by the menu on a phone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from engine.app import Engine
from engine.identity.identity import actor_named
from engine.process import firing
from engine.service import records
from engine.work.context import SYSTEM
from tests.browser.stories import complaints, overflow, served, sign_in
from tests.support.ticket_desk import open_desk

BOARD = """
---
board: states
label: Tickets by state
entity: ticket
by: status
card: {title: subject, lines: [client], badge: priority}
sum: cost
funnel: true
---
navigation: [{grid: ticket}, {board: states}]
---
entity: sale
properties:
  name:  {type: text, required: true}
  stage: {type: state, workflow: usual}
record_types: {private: {}, business: {workflow: of_firms}}
access: {agent: {create: true, read: all, update: all, transition: all}}
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
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = open_desk(tmp_path_factory.mktemp("desk"), BOARD)
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def address(desk: Engine) -> Iterator[str]:
    with served(desk) as url:
        yield url


@pytest.fixture(scope="module")
def session(browser: Browser, address: str) -> Any:
    """Ana, signed in once."""
    context = browser.new_context()
    sign_in(context.new_page(), address, "ana")
    state = context.storage_state()
    context.close()
    return state


Visit = Callable[..., Page]


@pytest.fixture
def visit(browser: Browser, address: str, session: Any) -> Iterator[Visit]:
    """Open a page as Ana; an error of a script or a refusal of the Content-Security-Policy fails the test."""
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def open_page(path: str, **options: Any) -> Page:
        context = browser.new_context(storage_state=session, locale="en-GB", **options)
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda line: wrong.append(line.text) if "Content Security" in line.text else None)
        page.goto(address + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert wrong == []


def ticket(desk: Engine, subject: str, *, known: bool = True, assigned: bool = False) -> int:
    """A ticket of Ana's; `known` says that it has a client, without whom nobody assigns it."""
    with desk.gateway.write(SYSTEM, "cli") as context:
        client = records.create(context, "client", {"name": "Acme"}).id if known else None
    with desk.gateway.write(actor_named(desk.gateway, "ana"), "page") as context:
        number = records.create(context, "ticket", {"subject": subject, "client": client}).id
        if assigned:
            firing.fire(context, "ticket", number, "assign", {"comment": "Mine"})
    return number


def column(page: Page, name: str) -> Locator:
    return page.locator(f".column[data-column={name}]")


def drag(page: Page, card: Locator, target: Locator) -> None:
    """Lift a card with the mouse and carry it over a column; it is not let go."""
    start, end = card.bounding_box(), target.bounding_box()
    assert start is not None
    assert end is not None
    page.mouse.move(start["x"] + 40, start["y"] + 12)
    page.mouse.down()
    page.mouse.move(start["x"] + 60, start["y"] + 24, steps=3)
    page.mouse.move(end["x"] + end["width"] / 2, end["y"] + 120, steps=5)


def test_the_dialog_keeps_what_was_typed_and_moves_the_record_on(desk: Engine, visit: Visit) -> None:
    page = visit(f"/ticket/{ticket(desk, 'By dialog')}")
    page.get_by_role("link", name="Assign").click()
    dialog = page.get_by_role("dialog", name="Assign")
    dialog.get_by_label("Priority").select_option("high")
    dialog.get_by_role("button", name="Assign").click()
    expect(dialog.get_by_text("Comment must be filled in.").first).to_be_visible()
    expect(dialog.get_by_role("textbox", name="Comment")).to_be_focused()
    expect(dialog.get_by_label("Priority")).to_have_value("high")
    assert complaints(page) == []
    dialog.get_by_role("textbox", name="Comment").fill("I see to it")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("status")).to_contain_text("is now Assigned.")
    expect(page.locator(".step.is-now")).to_contain_text("Assigned")
    page.get_by_role("button", name="Solve why?").click()
    why = page.get_by_role("dialog", name="Why Solve is not open")
    expect(why).to_contain_text("Call the client first.")
    page.keyboard.press("Escape")
    expect(why).to_be_hidden()


def test_a_card_is_dragged_where_a_transition_leads(desk: Engine, visit: Visit) -> None:
    ticket(desk, "To be dragged")
    page = visit("/ticket/board/states?filter.priority=low")
    card = column(page, "new").locator(".card", has_text="To be dragged")
    drag(page, card, column(page, "assigned"))
    expect(column(page, "solved")).to_contain_class("refuses")
    expect(column(page, "assigned")).to_contain_class("is-over")
    page.mouse.up()
    dialog = page.get_by_role("dialog", name="Assign")
    dialog.get_by_role("textbox", name="Comment").fill("Dragged")
    dialog.get_by_role("button", name="Assign").click()
    expect(page.get_by_role("status")).to_contain_text("is now Assigned.")
    expect(column(page, "assigned").locator(".card", has_text="To be dragged")).to_be_visible()
    assert page.url.endswith("/ticket/board/states?filter.priority=low")


def test_what_is_refused_is_explained_and_put_back(desk: Engine, visit: Visit) -> None:
    ticket(desk, "Nobody's", known=False)
    page = visit("/ticket/board/states")
    card = column(page, "new").locator(".card", has_text="Nobody's")
    drag(page, card, column(page, "assigned"))
    page.mouse.up()
    expect(page.get_by_role("dialog", name="Assign is not open")).to_contain_text("Say whose ticket it is.")
    page.get_by_role("link", name="Close").click()
    expect(column(page, "new").locator(".card", has_text="Nobody's")).to_be_visible()
    drag(page, card, column(page, "closed"))
    page.mouse.up()
    expect(column(page, "new").locator(".card", has_text="Nobody's")).to_be_visible()


def test_each_card_goes_where_the_workflow_of_its_type_leads(desk: Engine, visit: Visit) -> None:
    with desk.gateway.write(SYSTEM, "cli") as context:
        for name, kind in (("Person", "private"), ("Firm", "business")):
            records.create(context, "sale", {"name": name, "record_type": kind})
    page = visit("/sale/board/sales")
    for name, offered in (
        ("Person", ["Win to Won", "Lose to Lost"]),
        ("Firm", ["Sign to Won", "Offer to Offered"]),
    ):
        page.get_by_role("button", name=f"Move {name}").click()
        items = column(page, "new").locator("[data-to]:visible")
        expect(items.first).to_be_focused()
        assert sorted(items.all_inner_texts()) == sorted(offered)
        page.keyboard.press("Escape")
    person = column(page, "new").locator(".card", has_text="Person")
    drag(page, person, column(page, "offered"))
    expect(column(page, "offered")).to_contain_class("refuses")
    expect(column(page, "lost")).to_contain_class("takes")
    page.mouse.up()
    expect(person).to_be_visible()
    drag(page, column(page, "new").locator(".card", has_text="Firm"), column(page, "won"))
    page.mouse.up()
    expect(page.get_by_role("status")).to_contain_text("Firm is now Won.")


def test_a_phone_has_a_menu_on_each_card(desk: Engine, visit: Visit) -> None:
    ticket(desk, "On the phone")
    phone = {"viewport": {"width": 320, "height": 700}, "has_touch": True, "is_mobile": True}
    page = visit("/ticket/board/states?q=", **phone)
    page.get_by_role("button", name="Move On the phone").tap()
    page.get_by_role("button", name="Assign to Assigned").tap()
    dialog = page.get_by_role("dialog", name="Assign")
    dialog.get_by_role("textbox", name="Comment").fill("Here")
    dialog.get_by_role("button", name="Assign").tap()
    expect(column(page, "assigned").locator(".card", has_text="On the phone")).to_be_attached()
    assert overflow(page) <= 0


def test_several_rows_are_moved_on(desk: Engine, visit: Visit) -> None:
    ticket(desk, "First of two")
    ticket(desk, "Second of two", known=False)
    page = visit("/ticket?sort=-id")
    for row in page.locator("tbody tr", has_text="of two").all():
        row.get_by_role("checkbox").check()
    page.get_by_role("button", name="Move on").click()
    page.locator("#moves").get_by_role("button", name="Assign").click()
    dialog = page.get_by_role("dialog", name="Assign: 2 tickets")
    dialog.get_by_role("textbox", name="Comment").fill("Both")
    dialog.get_by_role("button", name="Assign").click()
    report = page.get_by_role("dialog", name="Assign: done for 1 of 2 tickets")
    expect(report).to_contain_text("Say whose ticket it is.")
    assert complaints(page) == []
    page.keyboard.press("Escape")
    expect(page.locator("tbody tr", has_text="First of two")).to_contain_text("Assigned")


def test_several_rows_are_asked_for_what_they_lack(desk: Engine, visit: Visit) -> None:
    ticket(desk, "First to be asked")
    ticket(desk, "Second to be asked")
    page = visit("/ticket?sort=-id")
    expect(page.locator("[data-select-all]")).to_have_css(
        "display", "inline-grid"
    )  # its mark is drawn in a grid
    for row in page.locator("tbody tr", has_text="to be asked").all():
        row.get_by_role("checkbox").check()
    page.get_by_role("button", name="Move on").click()
    page.locator("#moves").get_by_role("button", name="Assign").click()
    dialog = page.get_by_role("dialog", name="Assign: 2 tickets")
    dialog.get_by_label("Priority").select_option("high")
    dialog.get_by_role("button", name="Assign").click()
    expect(dialog.get_by_role("textbox", name="Comment")).to_be_focused()
    expect(dialog.get_by_text("Comment must be filled in.").first).to_be_visible()
    expect(dialog.get_by_label("Priority")).to_have_value("high")
    assert complaints(page) == []
    assert overflow(page) <= 0
    dialog.get_by_role("textbox", name="Comment").fill("Mine")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("status")).to_contain_text("done for 2 tickets")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_at_any_of_these_pages(desk: Engine, visit: Visit, dark: bool) -> None:
    number = ticket(desk, "Looked at", assigned=True)
    look = {"viewport": {"width": 1280, "height": 2000}, "color_scheme": "dark" if dark else "light"}
    page = visit(f"/ticket/{number}", **look)
    for path in ("", "/workflow/life", "/transitions/note", "/transitions/solve", "/edit"):
        page.goto(page.url.partition("/ticket/")[0] + f"/ticket/{number}{path}")
        assert complaints(page) == [], path
    for path in ("board/states", "board/states?q=nothing", "board/states/funnel", "new/call_in"):
        page.goto(page.url.partition("/ticket/")[0] + f"/ticket/{path}")
        assert complaints(page) == [], path


def test_nothing_is_wider_than_a_small_phone(desk: Engine, visit: Visit) -> None:
    number = ticket(desk, "A subject that is long enough to need two lines on a small phone", assigned=True)
    page = visit(f"/ticket/{number}", viewport={"width": 320, "height": 640})
    for path in ("", "/workflow/life", "/transitions/note", "/transitions/solve"):
        page.goto(page.url.partition("/ticket/")[0] + f"/ticket/{number}{path}")
        assert overflow(page) <= 0, path
    page.goto(page.url.partition("/ticket/")[0] + "/ticket/board/states/funnel")
    assert overflow(page) <= 0


def test_it_works_without_scripts(desk: Engine, visit: Visit) -> None:
    page = visit(f"/ticket/{ticket(desk, 'Plain')}", java_script_enabled=False)
    page.get_by_role("link", name="Assign").first.click()
    page.get_by_role("textbox", name="Comment").fill("By hand")
    page.get_by_role("button", name="Assign").click()
    expect(page.locator(".step.is-now")).to_contain_text("Assigned")
