"""The pages of the second factor: set up, asked for, changed; and a session gets another secret each time."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from itertools import count
from unittest.mock import patch

import pyotp
import pytest

from engine.app import Engine
from engine.identity import identity
from engine.work.context import SYSTEM
from tests.support.library import PASSWORD
from tests.web.browsing import Page
from tests.web.conftest import Visitor

NUMBERS = count(1)


@pytest.fixture
def login(engine: Engine) -> str:
    name = f"two{next(NUMBERS)}"
    with engine.gateway.write(SYSTEM, "cli") as context:
        identity.create_user(context, name, PASSWORD, [])
    return name


@pytest.fixture
def own(engine: Engine, login: str) -> Visitor:
    made = Visitor(engine)
    assert made.sign_in(login).status == 303
    return made


def send(visitor: Visitor, **data: str) -> Page:
    token = visitor.get("/preferences").one("meta", name="csrf").attributes["content"]
    return visitor.post("/preferences/second-factor", {"_csrf": token, **data})


def cookie(visitor: Visitor) -> str:
    return str(visitor.client.cookies.get("engine_session"))


def test_from_off_to_asked_for_to_off(engine: Engine, login: str, own: Visitor) -> None:
    assert "Off: your password alone lets you in." in own.get("/preferences").words
    shown = send(own, do="begin")
    assert shown.one("svg", css="qr")
    totp = pyotp.TOTP(shown.one("figcaption").one("code").text)
    wrong = send(own, do="on", code="000000")
    assert (wrong.status, bool(wrong.all("svg", css="qr"))) == (422, True)
    assert "This is not the code that the app shows now." in wrong.words
    before = cookie(own)
    done = send(own, do="on", code=totp.now())
    codes = [each.text for each in done.one("ul", css="recovery").all("code")]
    assert (len(codes), done.headers["cache-control"]) == (10, "no-store")
    assert cookie(own) != before
    assert identity.actor_of_session(engine.gateway, before) is None
    assert "10 recovery codes are left" in own.get("/preferences/second-factor").words

    other = Visitor(engine)
    asked = other.sign_in(login, next_path="/preferences")
    assert asked.location == "/sign-in/code?next=%2Fpreferences"
    assert "engine_session" not in other.client.cookies
    page = other.get(asked.location)
    assert "nor a recovery code that is left" in page.submit(other, code="123").words
    entered = page.submit(other, code=codes[0])
    assert entered.location == "/preferences"
    assert other.get("/preferences").status == 200
    assert "9 recovery codes are left" in own.get("/preferences/second-factor").words

    assert send(own, do="off", code=codes[0]).status == 422
    assert own.follow(send(own, do="off", code=codes[1])).heading == "Preferences"
    assert Visitor(engine).sign_in(login).location == "/"


def test_a_changed_password_gives_the_session_another_secret(engine: Engine, own: Visitor) -> None:
    before = cookie(own)
    token = own.get("/preferences").one("meta", name="csrf").attributes["content"]
    words = {"current": PASSWORD, "new": "a new one, longer", "again": "a new one, longer"}
    own.post("/preferences/password", {"_csrf": token, **words})
    assert cookie(own) != before
    assert identity.actor_of_session(engine.gateway, before) is None
    assert own.get("/preferences").status == 200
    assert own.post("/preferences/sessions", {"_csrf": token}).status == 403  # a token of the session before


@pytest.mark.parametrize("path", ["/sign-in/code", "/sign-in/second-factor"])
def test_without_the_first_step_there_is_no_second(anybody: Visitor, path: str) -> None:
    assert anybody.get(path, status=303).location == "/sign-in"
    assert anybody.post(path, {"code": "123456"}).location == "/sign-in"
    token = anybody.get("/sign-in").one("input", name="_csrf").attributes["value"]
    assert anybody.post(path, {"code": "123456", "_csrf": token}).location == "/sign-in"


@pytest.mark.parametrize("do", ["begin", "on", "codes", "off"])
def test_nothing_happens_without_a_csrf_token(own: Visitor, do: str) -> None:
    assert own.post("/preferences/second-factor", {"do": do}).status == 403


def test_the_clock_of_codes_is_the_context_s(engine: Engine, own: Visitor) -> None:
    shown = send(own, do="begin")
    totp = pyotp.TOTP(shown.one("figcaption").one("code").text)
    with patch.object(engine.gateway, "clock", lambda: datetime.now(UTC) + timedelta(hours=1)):
        assert send(own, do="on", code=totp.at(int(time.time()))).status == 422
        assert send(own, do="on", code=totp.at(int(time.time()) + 3600)).status == 200
