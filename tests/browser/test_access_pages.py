"""The pages of access and identity keep nobody out: axe, in both schemes, and no page wider than a telephone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from engine.app import Engine, open_app
from engine.identity.identity import create_user
from engine.service import records, sharing
from engine.work.context import SYSTEM
from tests.browser.stories import complaints, overflow, served, sign_in
from tests.support.desk import DESK
from tests.support.library import PASSWORD

PATHS = {
    "root": (
        "/preferences",
        "/preferences/second-factor",
        "/settings/access",
        "/settings/access?user=ana&action=update&entity=case&id=1",
        "/settings/access?user=ana&action=read&entity=case&id=1&list=/case%3Fq%3Dparcel",
        "/settings/access?user=nobody&entity=case",
        "/settings/impersonation",
        "/settings/invitations",
        "/settings/events",
        "/settings/sessions",
        "/settings/problems",
    ),
    "ana": (
        "/case/1",
        "/case/1/share",
        "/case/1/why",
        "/case/1/why?action=delete",
        "/case/1/history",
        "/case/1/delete",
        "/settings/access",
    ),
}
OUTSIDE = (
    "/sign-in",
    "/sign-in/forgotten",
    "/sign-in/welcome/none",
    "/sign-in/reset/none",
    "/sign-in/set-up",
)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    engine = _opened(tmp_path_factory)
    with served(engine) as found:
        yield found
    engine.close()


def _opened(folders: pytest.TempPathFactory) -> Engine:
    folder = folders.mktemp("desk")
    (folder / "metadata").mkdir()
    (folder / "metadata" / "app.yaml").write_text(DESK, encoding="utf-8")
    engine = open_app(folder, apply=True, environment={})
    with engine.gateway.write(SYSTEM, "cli") as context:
        ana = create_user(context, "ana", PASSWORD, ["agent"], "Ana")
        create_user(context, "root", PASSWORD, ["administrator"], "Root")
        records.create(context, "case", {"subject": "Broken lamp", "owner": ana})
        sharing.share(context, "case", 1, {"role": "manager"})
    return engine


@pytest.fixture(params=["light", "dark"])
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(
        color_scheme=request.param, bypass_csp=True, viewport={"width": 1280, "height": 2400}
    )
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("login", PATHS)
def test_nothing_keeps_anybody_out(page: Page, address: str, login: str) -> None:
    sign_in(page, address, login)
    for path in PATHS[login]:
        page.goto(address + path)
        assert complaints(page) == [], path


def test_the_pages_before_signing_in_keep_nobody_out(page: Page, address: str) -> None:
    for path in OUTSIDE:
        page.goto(address + path)
        assert complaints(page) == [], path
    page.goto(f"{address}/sign-in")
    page.get_by_label("Sign-in name").fill("ana")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("alert").wait_for()
    assert complaints(page) == []


def test_a_share_that_is_refused_is_told_to_everybody(page: Page, address: str) -> None:
    sign_in(page, address, "ana")
    page.goto(f"{address}/case/1/share")
    page.get_by_role("button", name="Share", exact=True).click()
    page.get_by_text("Choose with whom it is shared.").wait_for()
    assert complaints(page) == []


def test_on_a_telephone_nothing_is_wider_than_it(browser: Browser, address: str) -> None:
    for login, paths in PATHS.items():
        context = browser.new_context(viewport={"width": 390, "height": 844})
        page = context.new_page()
        sign_in(page, address, login)
        for path in paths:
            page.goto(address + path)
            assert overflow(page) <= 0, path
        context.close()
