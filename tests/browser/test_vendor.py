"""The front-end packages that the build hook installed work in a browser."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page

VENDOR = Path(__file__).parents[2] / "engine" / "web" / "static" / "vendor"


@pytest.mark.parametrize(
    ("script", "expression", "expected"),
    [
        ("htmx.min.js", "htmx.version", "2.0.11"),
        ("trix.umd.min.js", "typeof customElements.get('trix-editor')", "function"),
    ],
)
def test_a_script_loads(page: Page, script: str, expression: str, expected: str) -> None:
    page.set_content("<!doctype html><title>empty</title>")
    page.add_script_tag(path=VENDOR / script)
    assert page.evaluate(expression) == expected


def test_idiomorph_keeps_the_element_and_changes_its_text(page: Page) -> None:
    page.set_content("<!doctype html><title>empty</title><p id=a>before</p>")
    page.add_script_tag(path=VENDOR / "htmx.min.js")
    page.add_script_tag(path=VENDOR / "idiomorph-ext.min.js")
    same = page.evaluate(
        "p = document.querySelector('p'); Idiomorph.morph(p, '<p id=a>after</p>'); p.isConnected"
    )
    assert same is True
    assert page.inner_text("p") == "after"


def test_an_icon_is_drawn(page: Page) -> None:
    icons = json.loads((VENDOR / "icons.json").read_text(encoding="utf-8"))
    page.set_content(f'<svg viewBox="0 0 24 24" width="24" height="24" stroke="red">{icons["ticket"]}</svg>')
    assert page.evaluate("document.querySelector('svg').getBBox().width") > 10
