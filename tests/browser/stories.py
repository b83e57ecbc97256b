"""What the stories share: a server of the library, and people at its pages."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from typing import Any

import uvicorn
from playwright.sync_api import Page

from engine.app import Engine
from tests.support.library import PASSWORD

LOOKED_AT = """() => {
  const dark = matchMedia('(prefers-color-scheme: dark)').matches;
  const all = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
  return axe.run(document, {runOnly: dark ? ['color-contrast'] : all, resultTypes: ['violations']})
    .then(found => found.violations);
}"""
"""In the dark a page has other colours, and nothing else is another."""


@contextmanager
def served(engine: Engine) -> Iterator[str]:
    """The address of a running server; its port is whichever is free."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(engine.asgi, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.01)
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join(10)
    listening.close()


def sign_in(page: Page, address: str, login: str) -> None:
    """From the sign-in page to the start page."""
    page.goto(f"{address}/sign-in")
    page.get_by_label("Sign-in name").fill(login)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", level=1).wait_for()


def complaints(page: Page) -> list[str]:
    """What axe finds on a page, in short."""
    page.evaluate((files("axe_playwright_python") / "axe.min.js").read_text("utf-8"))
    found: list[dict[str, Any]] = page.evaluate(LOOKED_AT)
    return [
        f"{each['impact']} {each['id']}: {node['html'][:160]}" for each in found for node in each["nodes"]
    ]


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than the window."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))
