"""Pictures of the pages of the reference application, into `screenshots/`: to look at with one's own eyes.

    .venv/bin/python -m tools.screenshots [ENTITY ...]

It serves the application on a database of its own with sample data, signs in, and takes the start page, and
the grid, view and form of each entity, on a desktop and a phone, in light and dark.
"""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from tools import chromium

ROOT = Path(__file__).resolve().parent.parent
ENGINE = Path(sys.executable).with_name("engine")
TARGET = ROOT / "screenshots"

LOGIN = "screenshots"
RECORDS = 200
ENTITIES = ("account", "contact", "ticket", "sales_order")

SIZES = {
    "desktop": ViewportSize(width=1440, height=900),
    "phone": ViewportSize(width=390, height=844),
}
SCHEMES = ("light", "dark")


def main(entities: list[str]) -> int:
    """Take them all; the exit status is 0, or 1 where there is no browser."""
    binary = chromium.find()
    if binary is None:
        print("screenshots: no Chromium here; `make screenshots` installs one where it can", file=sys.stderr)
        return 1
    TARGET.mkdir(exist_ok=True)
    password = secrets.token_urlsafe(16)
    with (
        tempfile.TemporaryDirectory() as folder,
        _served(Path(folder), password) as address,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(
            executable_path=str(binary),
            args=list(chromium.FLAGS),
            env=dict(chromium.environment(binary)),
        )
        for size in SIZES:
            for scheme in SCHEMES:
                _take_all(browser, address, password, size, scheme, entities or list(ENTITIES))
        browser.close()
    print(f"screenshots: {len(list(TARGET.glob('*.png')))} pictures in {TARGET.name}/")
    return 0


@contextmanager
def _served(folder: Path, password: str) -> Iterator[str]:
    """The reference application with sample data and an administrator, at the address given."""
    environment = {
        **os.environ,
        "ENGINE_DATABASE_URL": f"sqlite:///{folder / 'screenshots.db'}",
        "ENGINE_FILES_URL": f"file://{folder / 'files'}",
    }
    for command, given in (
        (["apply"], None),
        (["sample", "--records", str(RECORDS)], None),
        (["user", "create", LOGIN, "--role", "administrator", "--password-stdin"], password),
    ):
        subprocess.run(
            [ENGINE, *command],
            cwd=ROOT,
            env=environment,
            input=given,
            text=True,
            check=True,
            stdout=sys.stderr,
        )
    port = _free_port()
    server = subprocess.Popen(
        [ENGINE, "serve", "--port", str(port)], cwd=ROOT, env=environment, stdout=sys.stderr
    )
    try:
        _wait_for(port, server)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _wait_for(port: int, server: subprocess.Popen[bytes], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and server.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit("screenshots: the application did not start; its messages stand above")


def _take_all(
    browser: Browser, address: str, password: str, size: str, scheme: str, entities: list[str]
) -> None:
    context = browser.new_context(
        base_url=address,
        viewport=SIZES[size],
        color_scheme="dark" if scheme == "dark" else "light",
        device_scale_factor=2 if size == "phone" else 1,
    )
    page = context.new_page()

    def take(name: str, path: str | None) -> None:
        if path is not None:
            page.goto(path)
        page.screenshot(path=TARGET / f"{name}-{size}-{scheme}.png")

    take("sign-in", "/sign-in")
    _sign_in(page, password)
    take("start", "/")
    for entity in entities:
        take(f"{entity}-grid", f"/{entity}")
        record = _first_record(page, entity)
        if record:
            take(f"{entity}-view", record)
            take(f"{entity}-edit", f"{record}/edit")
        take(f"{entity}-new", f"/{entity}/new")
    context.close()


def _sign_in(page: Page, password: str) -> None:
    page.fill("input:not([type=hidden]):not([type=password])", LOGIN)
    page.fill("input[type=password]", password)
    page.press("input[type=password]", "Enter")
    page.wait_for_url(lambda url: "/sign-in" not in url)


def _first_record(page: Page, entity: str) -> str | None:
    """The path of the first record of a grid."""
    links = page.locator(f"a[href^='/{entity}/']").evaluate_all("links => links.map(a => a.pathname)")
    return next((path for path in links if path.rpartition("/")[2].isdecimal()), None)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
