"""The page of what belongs to oneself: password, sessions, tokens."""

from __future__ import annotations

from itertools import count

import pytest
from starlette.testclient import TestClient

from engine.app import Engine
from engine.identity import identity
from engine.site.account import device_of
from engine.work.context import SYSTEM
from tests.support.library import PASSWORD
from tests.web.browsing import Page
from tests.web.conftest import Visitor

NEW = "a new one, longer"
NUMBERS = count(1)


@pytest.fixture
def login(engine: Engine) -> str:
    """Somebody who may do nothing at all but what is theirs."""
    name = f"own{next(NUMBERS)}"
    with engine.gateway.write(SYSTEM, "cli") as context:
        identity.create_user(context, name, PASSWORD, [])
    return name


@pytest.fixture
def own(engine: Engine, login: str) -> Visitor:
    made = Visitor(engine)
    assert made.sign_in(login).status == 303
    return made


def send(visitor: Visitor, path: str, **data: str) -> Page:
    token = visitor.get("/preferences").one("meta", name="csrf").attributes["content"]
    return visitor.post(path, {"_csrf": token, **data})


def test_the_page_is_in_the_profile_menu_and_closed_to_others(own: Visitor, anybody: Visitor) -> None:
    assert own.get("/").one("a", href="/preferences").text == "Password and tokens"
    assert anybody.get("/preferences", status=303).location == "/sign-in?next=/preferences"


def test_a_password_is_changed_and_other_places_signed_out(engine: Engine, login: str, own: Visitor) -> None:
    other = Visitor(engine)
    other.sign_in(login)
    answered = send(own, "/preferences/password", current=PASSWORD, new=NEW, again=NEW)
    shown = own.follow(answered)
    assert "Your password is changed. You are signed out in 1 other place." in shown.words
    assert other.get("/", status=303).location == "/sign-in"
    assert other.sign_in(login, PASSWORD).status == 422
    assert other.sign_in(login, NEW).status == 303


def test_mistakes_stand_at_their_fields_and_nothing_typed_comes_back(own: Visitor) -> None:
    refused = send(own, "/preferences/password", current="wrong", new="short", again="other")
    assert refused.status == 422
    for name, message in (
        ("current", "This is not your password."),
        ("new", "A password has between 8 and 200 characters."),
        ("again", "The two passwords differ."),
    ):
        field = refused.one("input", name=name)
        assert field.attributes["aria-invalid"] == "true"
        assert refused.one("p", id=field.attributes["aria-describedby"]).text == message
        assert "value" not in field.attributes
    assert "autofocus" in refused.one("input", name="current").attributes


def test_one_signs_out_everywhere_else(engine: Engine, login: str, own: Visitor) -> None:
    assert "Sign out everywhere else" not in own.get("/preferences").words
    other = Visitor(engine)
    other.sign_in(login)
    assert "Sign out everywhere else" in own.get("/preferences").words
    shown = own.follow(send(own, "/preferences/sessions"))
    assert "You are signed out in 1 other place." in shown.words
    assert other.get("/", status=303).location == "/sign-in"
    assert "You are signed in nowhere else." in own.follow(send(own, "/preferences/sessions")).words


def test_a_token_is_shown_once_works_and_is_revoked(engine: Engine, own: Visitor) -> None:
    made = send(own, "/preferences/tokens", name="The <web> site", lasts="30")
    assert (made.status, made.headers["cache-control"]) == (201, "no-store")
    secret = made.one("input", id="f-token").attributes["value"]
    asking = TestClient(engine.asgi, headers={"Authorization": f"Bearer {secret}"})
    assert asking.get("/api/me").status_code == 200
    page = own.get("/preferences")
    assert secret not in page.text
    assert "The <web> site" in page.words
    assert "good until " in page.words
    handle = page.one("button", name="id").attributes["value"]
    shown = own.follow(send(own, "/preferences/tokens/revoke", id=handle))
    assert "The token “The <web> site” is revoked." in shown.words
    assert asking.get("/api/me").status_code == 401
    assert (
        "That token is gone already." in own.follow(send(own, "/preferences/tokens/revoke", id=handle)).words
    )


def test_a_token_needs_a_name(own: Visitor) -> None:
    refused = send(own, "/preferences/tokens", name=" ", lasts="")
    assert refused.status == 422
    assert "Say what it is for." in refused.words
    assert refused.one("option", selected="").attributes["value"] == ""


def test_sessions_are_ended_one_by_one(engine: Engine, login: str, own: Visitor, admin: Visitor) -> None:
    others = [Visitor(engine), Visitor(engine)]
    for other in others:
        other.sign_in(login)
    named = [each.attributes["value"] for each in own.get("/preferences").all("button", name="id")]
    assert len(named) == 2
    theirs = admin.get("/preferences").all("button", name="id")
    assert not {each.attributes["value"] for each in theirs} & set(named)
    assert (
        "You are not signed in there."
        in admin.follow(send(admin, "/preferences/sessions", id=named[0])).words
    )
    assert "You are signed out there." in own.follow(send(own, "/preferences/sessions", id=named[0])).words
    left = [other for other in others if other.get("/", status=None).status == 200]
    assert len(left) == 1
    ended = admin.follow(send(admin, "/settings/sessions", id=named[1]))
    assert "The session is ended." in ended.words
    assert left[0].get("/", status=303).location == "/sign-in"
    assert own.get("/").status == 200
    assert (
        "That session is over already." in admin.follow(send(admin, "/settings/sessions", id=named[1])).words
    )
    assert "signed out" in admin.get("/settings/events").words.lower()


def test_only_administrators_end_the_sessions_of_others(
    engine: Engine, own: Visitor, librarian: Visitor
) -> None:
    session = own.get("/preferences")
    assert session.status == 200
    assert send(librarian, "/settings/sessions", id="x").status == 403
    librarian.get("/settings/sessions", 403)


@pytest.mark.parametrize("path", ["password", "sessions", "tokens", "tokens/revoke"])
def test_nothing_happens_without_a_csrf_token(own: Visitor, path: str) -> None:
    assert own.post(f"/preferences/{path}", {"current": PASSWORD, "new": NEW, "again": NEW}).status == 403
    assert own.get("/preferences").status == 200


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36 Edg/140",
            "Edge on Windows",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18.0 Safari/604.1",
            "Safari on iPhone",
        ),
        ("curl/8", "Another program"),
        ("", "Another program"),
    ],
)
def test_a_browser_is_told_in_words(agent: str, words: str) -> None:
    assert device_of(agent) == words
