"""The stories of people at the generated pages, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from engine.app import Engine
from engine.service import records
from engine.work.context import SYSTEM
from tests.browser.stories import complaints, overflow, served, sign_in
from tests.support.library import open_library


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = open_library(tmp_path_factory.mktemp("library"))
    with engine.gateway.write(SYSTEM, "cli") as context:
        author = records.create(context, "author", {"first_name": "Ursula", "last_name": "Le Guin"}).id
        records.create(context, "author", {"first_name": "Ismail", "last_name": "Kadare"})
        for number in range(60):
            records.create(
                context,
                "book",
                {
                    "name": f"Volume {number:02}",
                    "author": author,
                    "kind": ("novel", "poetry")[number % 2],
                    "due_at": "2026-05-01T10:30:00Z",
                },
            )
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def address(library: Engine) -> Iterator[str]:
    with served(library) as url:
        yield url


@pytest.fixture(scope="module")
def sessions(browser: Browser, address: str) -> dict[str, object]:
    """Signed-in sessions, one sign-in for each person."""
    found: dict[str, object] = {}
    for login in ("admin", "lib", "vis"):
        context = browser.new_context()
        sign_in(context.new_page(), address, login)
        found[login] = context.storage_state()
        context.close()
    return found


Visit = Callable[..., Page]


@pytest.fixture
def visit(browser: Browser, address: str, sessions: dict[str, object]) -> Iterator[Visit]:
    """Open a page as somebody; a refusal of the Content-Security-Policy or an error of a script fails the test."""
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def open_page(path: str = "/", login: str = "lib", **options: object) -> Page:
        context = browser.new_context(storage_state=sessions[login], locale="en-GB", **options)  # type: ignore[arg-type]
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


PHONE = {"width": 390, "height": 844}
TALL = {"width": 1280, "height": 2400}
"""No input lies half under what sticks to the bottom: to axe that is a small target."""


# ---- the main story


def test_an_author_with_a_book_and_copies_is_made_found_and_looked_up(page: Page, address: str) -> None:
    """From sign-in to the history of what was made, by a mouse."""
    page.goto(f"{address}/author/new")
    expect(page).to_have_url(re.compile("/sign-in\\?next="))
    page.get_by_label("Sign-in name").fill("lib")
    page.get_by_label("Password").fill("correct horse")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("First name").fill("Elena")
    page.get_by_label("Last name").fill("Ferrante")
    page.get_by_role("button", name="Save author").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Elena Ferrante")
    expect(page.get_by_role("status")).to_contain_text("Author Elena Ferrante was created.")
    page.get_by_role("link", name="Add book").first.click()
    expect(page.get_by_role("combobox", name="Author", exact=False).first).to_have_value("Elena Ferrante")
    page.get_by_label("Name", exact=False).first.fill("My Brilliant Friend")
    page.get_by_role("button", name="Add copy").click()
    page.get_by_label("Label, row 1").fill("shelf 3")
    page.get_by_role("button", name="Add copy").click()
    page.get_by_label("Label, row 2").fill("shelf 4")
    page.get_by_label("Amount, row 2").fill("2")
    page.get_by_role("button", name="Save book").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Elena Ferrante")
    page.get_by_role("link", name="My Brilliant Friend").click()
    expect(
        page.get_by_role("cell", name="shelf 4").or_(page.get_by_role("rowheader", name="shelf 4"))
    ).to_be_visible()
    page.get_by_role("link", name="Books", exact=True).first.click()
    page.get_by_label("Filter by text").fill("brilliant")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page).to_have_url(f"{address}/book?q=brilliant")
    page.get_by_role("link", name="My Brilliant Friend").click()
    expect(page.locator(".timeline")).to_contain_text("Libby Rarian")
    expect(page.locator(".timeline")).to_contain_text("created this")


def test_everything_without_scripts(visit: Visit) -> None:
    """Create with a child row, filter, edit, delete and undo, with JavaScript off."""
    page = visit("/book/new", java_script_enabled=False)
    page.get_by_label("Name", exact=False).first.fill("Plain HTML")
    page.locator("select[name=author]").select_option(label="Ismail Kadare")
    page.get_by_role("button", name="Add copy").click()
    page.get_by_label("Label, row 1").fill("only one")
    page.get_by_role("button", name="Save book").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Plain HTML")
    page.get_by_role("link", name="Edit").click()
    page.locator("[name=pages]").fill("many")
    page.get_by_role("button", name="Save book").click()
    expect(page.get_by_role("alert")).to_contain_text("1 thing to correct")
    page.locator("[name=pages]").fill("12")
    page.get_by_role("button", name="Save book").click()
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("link", name="Delete").click()
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("status")).to_contain_text("was deleted")
    page.get_by_role("button", name="Undo").click()
    page.get_by_label("Filter by text").fill("plain")
    page.get_by_role("button", name="Filter", exact=True).click()
    expect(page.locator("tbody tr")).to_have_count(1)


# ---- the grid


def test_filters_sorting_and_paging_change_the_address_and_come_back(visit: Visit, address: str) -> None:
    page = visit("/book")
    page.get_by_role("button", name="Kind").click()
    page.get_by_label("Poetry").check()
    expect(page.locator("#page-head .num")).to_have_text("30")
    expect(page).to_have_url(f"{address}/book?filter.kind=poetry")
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Name").click()
    expect(page.locator("tbody tr").first).to_contain_text("Volume 59")
    page.get_by_role("link", name="Remove filter Kind").click()
    expect(page.locator("#page-head .num")).not_to_have_text("30")
    page.get_by_role("link", name="Next").click()
    expect(page.locator(".grid-foot")).to_contain_text("Rows 51–")
    page.go_back()
    expect(page.locator(".grid-foot")).to_contain_text("Rows 1–50")
    page.go_back()
    expect(page.get_by_role("link", name="Remove filter Kind")).to_be_visible()


def test_a_filter_by_a_record_is_searched(visit: Visit) -> None:
    page = visit("/book")
    page.get_by_role("button", name="Author", exact=True).click()
    page.get_by_label("Search Author").fill("kad")
    expect(page.locator(".menu:popover-open label", has_text="Ursula")).to_have_count(0)
    page.get_by_label("Ismail Kadare").check()
    expect(page.locator(".chip.is-on")).to_contain_text("Author: Ismail Kadare")


def test_a_filter_is_set_by_a_slow_click_after_searching(visit: Visit) -> None:
    """A person holds the button for a while: what was typed in the search is left at its beginning."""
    page = visit("/book")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_role("button", name="Author", exact=True).click()
    page.get_by_label("Search Author").fill("kad")
    option = page.get_by_label("Ismail Kadare")
    expect(page.locator(".menu:popover-open label")).to_have_count(1)
    option.hover()
    asked.clear()
    page.mouse.down()
    expect(page.get_by_label("Search Author")).not_to_be_focused()
    page.evaluate(
        "() => new Promise((done) => setTimeout(done, 2))"
    )  # behind the millisecond that htmx waits
    assert asked == []
    page.mouse.up()
    expect(page.locator(".chip.is-on")).to_contain_text("Author: Ismail Kadare")


def test_a_condition_is_asked_for_when_it_is_applied(visit: Visit) -> None:
    page = visit("/book")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "where=" in request.url else None)
    page.get_by_role("button", name="Condition").click()
    dialog = page.get_by_role("dialog", name="Filter by a condition")
    dialog.get_by_label("Condition").fill("record.name == 'Volume 43'")
    dialog.get_by_label("Condition").blur()
    page.evaluate("() => new Promise((done) => setTimeout(done, 2))")
    assert asked == []
    dialog.get_by_role("button", name="Apply").click()
    expect(page.locator("#grid tbody tr")).to_have_count(1)


def test_shift_sorts_by_several(visit: Visit, address: str) -> None:
    page = visit("/book?sort=kind")
    page.get_by_role("link", name="Name").click(modifiers=["Shift"])
    expect(page).to_have_url(f"{address}/book?sort=kind%2Cname")


def test_the_keyboard_alone_selects_deletes_and_undoes(visit: Visit) -> None:
    page = visit("/book?q=Volume&sort=-name")
    for key in ("j", "x", "j", "x"):
        page.keyboard.press(key)
    expect(page.locator("[data-selected]")).to_have_text("2 selected")
    page.get_by_role("button", name="Delete").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Delete 2 books?")
    expect(dialog.get_by_role("button", name="Delete")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("2 books were deleted.")
    page.get_by_role("button", name="Undo").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("2 books are back.")


def test_keys_move_open_edit_and_filter(visit: Visit) -> None:
    page = visit("/book?sort=name")
    second = page.locator("tbody tr").nth(1).locator("th a").inner_text()
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(second)
    page.keyboard.press("e")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Edit")
    page.go_back()
    page.go_back()
    page.keyboard.press("/")
    expect(page.get_by_label("Filter by text")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    page.keyboard.type("new author")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("New author")


# ---- forms


def test_leaving_with_unsaved_changes_asks(visit: Visit, address: str) -> None:
    page = visit("/author/new")
    page.get_by_label("Last name").fill("Unsaved")
    page.get_by_role("link", name="Books", exact=True).click()
    question = page.get_by_role("dialog", name="Leave without saving?")
    question.get_by_role("button", name="Stay").click()
    expect(page.get_by_label("Last name")).to_have_value("Unsaved")
    page.get_by_role("link", name="Books", exact=True).click()
    question.get_by_role("button", name="Leave").click()
    expect(page).to_have_url(f"{address}/book")


def test_a_picker_searches_chooses_and_clears_by_keyboard(visit: Visit) -> None:
    page = visit("/book/new")
    picker = page.get_by_role("combobox", name="Sequel")
    picker.click()
    picker.fill("0008")
    expect(page.locator(".dropdown-menu [role=option]")).to_have_count(1)
    picker.press("Enter")
    expect(picker).to_have_value(re.compile("Volume 07"))
    page.get_by_role("button", name="Clear Sequel").click()
    expect(picker).to_have_value("")
    many = page.get_by_role("combobox", name="Readers")
    for text in ("kadare", "guin"):
        many.click()
        many.fill(text)
        expect(page.locator(".dropdown-menu [role=option]")).to_have_count(1)
        many.press("Enter")
    expect(page.locator(".picker-tag")).to_have_count(2)
    many.press("Backspace")
    expect(page.locator(".picker-tag")).to_have_text(["Ismail Kadare"])


def test_the_editor_writes_rich_text(visit: Visit) -> None:
    page = visit("/book/new")
    page.get_by_label("Name", exact=False).first.fill("Rich")
    page.locator("select[name=author]").evaluate("(each) => { each.value = each.options[1].value; }")
    page.locator("trix-editor").click()
    page.keyboard.press("Control+b")
    page.keyboard.type("Bold words")
    page.get_by_role("button", name="Save book").click()
    expect(page.locator(".prose strong")).to_have_text("Bold words")


def test_saving_untouched_changes_nothing(visit: Visit, address: str) -> None:
    """Browsers rewrite what they are given (seconds, line ends): that is no change."""
    page = visit("/book?q=Volume&sort=name")
    page.locator("tbody a").first.click()
    before = page.locator("[title]", has_text="2026").first.text_content()
    page.get_by_role("link", name="Edit").click()
    page.get_by_role("button", name="Save book").click()
    expect(page.get_by_role("status")).to_contain_text("Nothing was changed.")
    assert page.locator("[title]", has_text="2026").first.text_content() == before


def test_two_people_on_one_record(visit: Visit) -> None:
    mine, theirs = visit("/author/2/edit", "admin"), visit("/author/2/edit", "lib")
    theirs.get_by_label("First name").fill("Ismaíl")
    theirs.get_by_role("button", name="Save author").click()
    expect(theirs.get_by_role("status")).to_contain_text("was saved")
    mine.get_by_label("First name").fill("I.")
    mine.get_by_role("button", name="Save author").click()
    expect(mine.get_by_role("alert")).to_contain_text(
        "Libby Rarian changed this author while you were editing"
    )
    expect(mine.get_by_label("First name")).to_have_value("I.")
    mine.get_by_label("Take theirs").check()
    expect(mine.get_by_label("First name")).to_be_disabled()
    mine.get_by_role("button", name="Save author").click()
    expect(mine.get_by_role("heading", level=1)).to_have_text("Ismaíl Kadare")


def test_a_record_type_redraws_the_form(visit: Visit) -> None:
    page = visit("/member/new")
    page.get_by_label("Name").fill("Kept")
    page.locator("[name=record_type]").select_option("business")
    expect(page.get_by_label("Company")).to_be_visible()
    expect(page.get_by_label("Name")).to_have_value("Kept")


# ---- looks


def test_the_theme_is_chosen_and_kept(visit: Visit) -> None:
    page = visit("/book", "vis")
    page.get_by_role("button", name="Profile of Vic Itor").click()
    with page.expect_response("**/preferences"):
        page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(21, 22, 25)"


PATHS = (
    "/",
    "/book",
    "/book/1",
    "/book/1/edit",
    "/book/new",
    "/member/new",
    "/author/1",
    "/settings",
    "/book?q=none",
    "/nix",
)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_keeps_anybody_out(visit: Visit, path: str, scheme: str) -> None:
    page = visit(path, "admin", color_scheme=scheme, bypass_csp=True, viewport=TALL)
    page.wait_for_load_state("networkidle")
    assert complaints(page) == []


def test_open_menus_dialogs_and_errors_keep_nobody_out(visit: Visit, address: str) -> None:
    page = visit("/book", "admin", bypass_csp=True, viewport=TALL)
    page.get_by_role("button", name="Kind").click()
    assert complaints(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("dialog")).to_contain_text("Delete book")
    assert complaints(page) == []
    page.goto(address + "/book/new")
    page.get_by_role("button", name="Save book").click()
    expect(page.get_by_role("alert")).to_be_focused()
    assert complaints(page) == []


def test_the_sign_in_page_keeps_nobody_out(browser: Browser, address: str) -> None:
    context = browser.new_context(bypass_csp=True)
    page = context.new_page()
    page.goto(f"{address}/sign-in")
    assert complaints(page) == []
    context.close()


@pytest.mark.parametrize("width", [320, 390, 768, 1024])
def test_no_page_is_wider_than_its_window(visit: Visit, address: str, width: int) -> None:
    page = visit("/", "admin", viewport={"width": width, "height": 700})
    for path in PATHS:
        page.goto(address + path)
        assert overflow(page) <= 0, path


def test_the_navigation_is_a_drawer_on_a_phone(visit: Visit) -> None:
    page = visit("/book", viewport=PHONE)
    expect(page.get_by_role("navigation", name="Main")).to_be_hidden()
    page.get_by_role("button", name="Open navigation").click()
    page.get_by_role("link", name="Authors").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Authors")


def test_what_a_grid_page_loads_is_small(visit: Visit, tmp_path: Path) -> None:
    """At most 100 KB of scripts and styles, as they travel."""
    page = visit("/book")
    page.wait_for_load_state("networkidle")
    entries = "performance.getEntriesByType('resource').filter(each => /\\.(js|css)/.test(each.name))"
    size = page.evaluate(f"{entries}.reduce((sum, each) => sum + each.encodedBodySize, 0)")
    assert 0 < size < 100_000
