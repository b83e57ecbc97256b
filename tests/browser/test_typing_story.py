"""Somebody types on while the server's answer is on the way: it stays, with the focus and the caret."""

from __future__ import annotations

from collections.abc import Iterator
from time import monotonic

import pytest
from playwright.sync_api import Page, Route, expect

from engine.app import Engine
from engine.service import records
from engine.work.context import SYSTEM
from tests.browser.stories import served, sign_in
from tests.support.ticket_desk import open_desk

PATIENCE = 10.0
PARCELS = """
---
entity: parcel
title: "{name}"
record_types:
  letter: {hidden: [weight], required: [stamp]}
  box:    {hidden: [stamp]}
properties:
  name:     {type: text, required: true}
  stamp:    {type: text}
  weight:   {type: integer}
  note:     {type: text}
  about:    {type: rich_text}
  speed:    {type: choice, options: [slow, normal, fast], default: {cel: "record.name == 'Hurry' ? 'fast' : null"}}
  express:  {type: boolean}
  cost:     {type: integer, visible_if: record.express == true}
  status:   {type: state, workflow: sending}
relations: {client: {to: client}, clients: {to: client, kind: many_to_many}}
access: {agent: {create: true, read: all, update: all, transition: all}}
---
workflow: sending
entity: parcel
property: status
initial: new
states: {new: {}, sent: {final: true}}
transitions:
  send:
    from: new
    to: sent
    form: [{note: required}, {comment: required}, {express: {}}, speed, client, clients]
"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = open_desk(tmp_path_factory.mktemp("desk"), PARCELS)
    with engine.gateway.write(SYSTEM, "cli") as context:
        for name in ("Acme", "Beta"):
            records.create(context, "client", {"name": name})
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def address(desk: Engine) -> Iterator[str]:
    with served(desk) as url:
        yield url


@pytest.fixture
def ana(page: Page, address: str) -> Page:
    sign_in(page, address, "ana")
    return page


class Held:
    """Posts to an address that wait until they are let through."""

    def __init__(self, page: Page, pattern: str) -> None:
        self.page = page
        self.routes: list[Route] = []
        page.route(pattern, self._met)

    def _met(self, route: Route) -> None:
        if route.request.method == "POST":
            self.routes.append(route)
        else:
            route.continue_()

    def wait(self) -> None:
        """Wait for the first of them."""
        end = monotonic() + PATIENCE
        while not self.routes:
            assert monotonic() < end, "nothing was sent"
            self.page.wait_for_timeout(10)

    def let_go(self) -> None:
        """Let what waits through, and whatever comes later."""
        with self.page.expect_response(lambda response: response.request.method == "POST"):
            while self.routes:
                self.routes.pop(0).continue_()
        self.page.unroute_all()
        self.page.wait_for_timeout(100)


def parcel(desk: Engine, name: str) -> int:
    with desk.gateway.write(SYSTEM, "cli") as context:
        return records.create(context, "parcel", {"name": name, "record_type": "box"}).id


def caret(page: Page) -> list[int]:
    found: list[int] = page.evaluate(
        "[document.activeElement.selectionStart, document.activeElement.selectionEnd]"
    )
    return found


def test_the_dialog_of_a_transition_keeps_what_is_typed_meanwhile(
    desk: Engine, ana: Page, address: str
) -> None:
    ana.goto(f"{address}/parcel/{parcel(desk, 'Typed')}")
    ana.get_by_role("link", name="Send", exact=True).click()
    dialog = ana.get_by_role("dialog", name="Send")
    note, comment = dialog.get_by_label("Note"), dialog.get_by_role("textbox", name="Comment")
    held = Held(ana, "**/transitions/send")
    note.fill("Handle with care")
    ana.keyboard.press("Control+Enter")
    held.wait()
    comment.fill("It is on the way")
    comment.evaluate("each => each.setSelectionRange(2, 4)")
    dialog.get_by_label("Speed").select_option("normal")
    dialog.get_by_label("Express").check()
    dialog.get_by_role("combobox", name="Client", exact=True).click()
    ana.get_by_role("option", name="Beta").click()
    comment.focus()
    held.let_go()
    expect(dialog.get_by_text("Comment must be filled in.").first).to_be_visible()
    expect(comment).to_have_value("It is on the way")
    expect(comment).to_be_focused()
    assert caret(ana) == [2, 4]
    expect(note).to_have_value("Handle with care")
    expect(dialog.get_by_label("Speed")).to_have_value("normal")
    expect(dialog.get_by_label("Express")).to_be_checked()
    expect(dialog.get_by_role("combobox", name="Client", exact=True)).to_have_value("Beta")
    ana.keyboard.press("Control+Enter")
    expect(ana.get_by_role("status")).to_contain_text("is now Sent.")
    expect(ana.get_by_role("main")).to_contain_text("Beta")


def test_who_types_nothing_is_led_to_what_is_missing(desk: Engine, ana: Page, address: str) -> None:
    ana.goto(f"{address}/parcel/{parcel(desk, 'Untyped')}")
    ana.get_by_role("link", name="Send", exact=True).click()
    dialog = ana.get_by_role("dialog", name="Send")
    dialog.get_by_label("Note").fill("Handle with care")
    ana.keyboard.press("Control+Enter")
    expect(dialog.get_by_text("Comment must be filled in.").first).to_be_visible()
    expect(dialog.get_by_role("textbox", name="Comment")).to_be_focused()


def test_the_form_keeps_what_is_typed_while_the_type_changes(ana: Page, address: str) -> None:
    ana.goto(f"{address}/parcel/new")
    ana.get_by_label("Name").fill("Book")
    held = Held(ana, "**/parcel/new")
    ana.locator("[name=record_type]").select_option("box")
    held.wait()
    note = ana.get_by_label("Note")
    note.fill("Left at the door")
    note.evaluate("each => each.setSelectionRange(5, 7)")
    held.let_go()
    expect(ana.get_by_label("Weight")).to_be_visible()
    expect(ana.get_by_label("Stamp")).to_have_count(0)
    expect(note).to_have_value("Left at the door")
    expect(note).to_be_focused()
    assert caret(ana) == [5, 7]
    ana.locator("[name=record_type]").select_option("letter")
    expect(ana.get_by_label("Stamp")).to_be_visible()
    expect(ana.locator("[data-field=stamp] .required")).to_have_count(1)
    expect(ana.get_by_label("Weight")).to_have_count(0)


def test_what_is_chosen_while_the_form_reacts_stays(ana: Page, address: str) -> None:
    ana.goto(f"{address}/parcel/new")
    held = Held(ana, "**/parcel/new")
    ana.get_by_label("Name").fill("Hurry")
    ana.keyboard.press("Tab")
    held.wait()
    ana.get_by_label("Speed").select_option("slow")
    held.let_go()
    expect(ana.get_by_label("Speed")).to_have_value("slow")
    ana.wait_for_timeout(300)
    expect(ana.get_by_label("Speed")).to_have_value("slow")


def about(desk: Engine, number: int) -> object:
    with desk.gateway.read(SYSTEM, "cli") as context:
        return records.get(context, "parcel", number).values["about"]


def test_a_rich_text_that_nobody_touched_is_not_written_anew(desk: Engine, ana: Page, address: str) -> None:
    number = parcel(desk, "Rich")
    with desk.gateway.write(SYSTEM, "cli") as context:
        records.update(context, "parcel", number, {"about": "<p>First</p><p>Second</p>"})
    before = about(desk, number)
    ana.goto(f"{address}/parcel/{number}/edit")
    editor = ana.locator("trix-editor")
    expect(editor).to_contain_text("Second")
    ana.get_by_label("Name").fill("Rich and renamed")
    ana.get_by_role("button", name="Save parcel").click()
    expect(ana.get_by_role("heading", level=1)).to_have_text("Rich and renamed")
    assert about(desk, number) == before
    ana.goto(f"{address}/parcel/{number}/edit")
    editor.click()
    ana.keyboard.press("Control+End")
    ana.keyboard.type(" and more")
    ana.get_by_role("button", name="Save parcel").click()
    expect(ana.get_by_role("main")).to_contain_text("Second and more")
    assert about(desk, number) != before
