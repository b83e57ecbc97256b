"""A real Chromium for the tests: one process for all of them, a fresh context for each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, Page, sync_playwright

from tests.conftest import lacking
from tools import chromium


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What stands in this folder drives a browser: nobody has to mark it."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium_path() -> Path:
    """The Chromium of this machine."""
    found = chromium.find()
    if found is None:
        lacking("Chromium: run `make test`, which installs one where it can, or put one on the path")
    assert found is not None
    return found


@pytest.fixture(scope="session")
def browser(chromium_path: Path) -> Iterator[Browser]:
    """A running browser, shared by the tests of one worker."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=str(chromium_path),
            args=list(chromium.FLAGS),
            env=chromium.environment(chromium_path),
            headless=True,
        )
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page in a context of its own, English and in UTC; an error in a script fails the test."""
    context = browser.new_context(locale="en-GB", timezone_id="UTC")
    context.set_default_timeout(10_000)
    page = context.new_page()
    errors: list[Error] = []
    page.on("pageerror", lambda error: errors.append(error))
    yield page
    context.close()
    assert errors == [], f"errors in the page's scripts: {[error.message for error in errors]}"
