"""The page that makes the first administrator."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.app import Engine, open_app
from engine.identity import first_run
from tests.support.library import LIBRARY, PASSWORD
from tests.support.metadata import write
from tests.web.conftest import Visitor


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Engine]:
    write(tmp_path, LIBRARY)
    made = open_app(tmp_path, database=f"sqlite:///{tmp_path / 'app.db'}", apply=True, environment={})
    yield made
    made.close()


def test_the_first_visit_leads_to_the_set_up_and_from_there_in(empty: Engine) -> None:
    code = first_run.code_for(empty.gateway)
    anybody = Visitor(empty)
    asked = anybody.get("/", status=303)
    assert anybody.get(asked.location, status=303).location == "/sign-in/set-up"
    page = anybody.get("/sign-in/set-up")
    assert page.heading == "Set up"
    wrong = page.submit(anybody, code="x", login="root", password=PASSWORD, again=PASSWORD)
    assert wrong.status == 422
    assert "This is not the code that the server printed last" in wrong.words
    assert wrong.one("input", name="login").attributes["value"] == "root"
    assert (
        "value" not in wrong.one("input", name="password").attributes
        or not wrong.one("input", name="password").attributes["value"]
    )
    entered = page.submit(anybody, code=code, login="root", password=PASSWORD, again=PASSWORD)
    assert (entered.status, entered.location) == (303, "/")
    assert anybody.get("/settings/events").status == 200
    stranger = Visitor(empty)
    assert stranger.get("/sign-in/set-up", status=303).location == "/sign-in"
    assert stranger.get("/sign-in").heading == "Sign in"


def test_nothing_is_made_without_the_cookie_of_the_form(empty: Engine) -> None:
    code = first_run.code_for(empty.gateway)
    answered = Visitor(empty).post(
        "/sign-in/set-up", {"code": code, "login": "root", "password": PASSWORD, "again": PASSWORD}
    )
    assert answered.status == 400
    assert first_run.awaited(empty.gateway)
