"""The page and the banner of acting as somebody else."""

from __future__ import annotations

import pytest

from engine.app import Engine
from tests.web.browsing import Page
from tests.web.conftest import Visitor


def send(visitor: Visitor, path: str, **data: str) -> Page:
    token = visitor.get("/").one("meta", name="csrf").attributes["content"]
    return visitor.post(path, {"_csrf": token, **data})


@pytest.fixture
def boss(engine: Engine) -> Visitor:
    made = Visitor(engine)
    made.sign_in("admin")
    return made


def test_from_the_banner_to_oneself_again(boss: Visitor) -> None:
    assert boss.get("/settings").one("a", href="/settings/impersonation")
    shown = boss.follow(send(boss, "/settings/impersonation", login="vis"))
    assert "You act as vis until you end it." in shown.words
    assert "The history says so." in boss.get("/book").words
    assert boss.get("/settings/events", status=403).status == 403
    assert boss.get("/book/new", status=403).status == 403
    assert "The history says so." not in boss.follow(send(boss, "/impersonation/end")).words
    assert boss.get("/settings/events").status == 200


@pytest.mark.parametrize(
    "path",
    [
        "/preferences/password",
        "/preferences/tokens",
        "/preferences/tokens/revoke",
        "/preferences/sessions",
        "/preferences/second-factor",
    ],
)
def test_what_is_their_own_is_left_alone(boss: Visitor, path: str) -> None:
    send(boss, "/settings/impersonation", login="vis")
    refused = send(boss, path, name="x", do="begin")
    assert refused.status == 403
    assert "who acts as them leaves it alone" in refused.words


def test_others_do_not(librarian: Visitor) -> None:
    assert librarian.get("/settings/impersonation", status=403).status == 403
    assert send(librarian, "/settings/impersonation", login="vis").status == 403


def test_mistakes_and_forms_of_others(boss: Visitor) -> None:
    assert "Nobody acts as an administrator" in send(boss, "/settings/impersonation", login="admin").words
    assert boss.post("/settings/impersonation", {"login": "vis"}).status == 403
    assert boss.post("/impersonation/end").status == 403
