"""The pages of invitations and forgotten passwords."""

from __future__ import annotations

import pytest

from engine.app import Engine
from tests.support.library import PASSWORD
from tests.web.browsing import Page
from tests.web.conftest import Visitor


def send(visitor: Visitor, **data: object) -> Page:
    token = visitor.get("/settings/invitations").one("meta", name="csrf").attributes["content"]
    return visitor.post("/settings/invitations", {"_csrf": token, **data})


def test_somebody_is_invited_and_chooses_a_password(engine: Engine, admin: Visitor) -> None:
    made = send(admin, do="invite", login="newcomer", name="New Comer", roles=["visitor"])
    assert (made.status, made.headers["cache-control"]) == (201, "no-store")
    link = made.one("input", id="f-link").attributes["value"]
    assert link.startswith("http://testserver/sign-in/welcome/")
    anybody = Visitor(engine)
    page = anybody.get(link)
    assert page.heading == "Choose a password"
    short = page.submit(anybody, password="short", again="short")
    assert (short.status, short.heading) == (422, "Choose a password")
    assert "A password has between 8 and 200 characters." in short.words
    assert page.submit(anybody, password="a quiet harbour", again="a quiet harbour").location == "/"
    assert anybody.get("/book").heading == "Books"
    assert Visitor(engine).get(link, status=410).heading == "This link is no good"


def test_a_link_for_somebody_who_forgot(engine: Engine, admin: Visitor) -> None:
    send(admin, do="invite", login="oblivious")
    link = send(admin, do="link", login="oblivious").one("input", id="f-link").attributes["value"]
    assert "/sign-in/reset/" in link
    assert "Nobody has this sign-in name." in send(admin, do="link", login="nobody").words


def test_mistakes_stand_at_their_fields(admin: Visitor) -> None:
    refused = send(admin, do="invite", login="lib", email="nonsense", roles=["visitor"])
    assert refused.status == 422
    assert refused.one("input", id="f-email").attributes["aria-invalid"] == "true"
    assert refused.one("input", id="f-email").attributes["value"] == "nonsense"


def test_others_do_not_invite(librarian: Visitor) -> None:
    assert librarian.get("/settings/invitations", status=403).status == 403
    token = librarian.get("/").one("meta", name="csrf").attributes["content"]
    assert (
        librarian.post("/settings/invitations", {"_csrf": token, "login": "x", "do": "invite"}).status == 403
    )


def test_nothing_is_done_without_a_token(engine: Engine, admin: Visitor) -> None:
    assert admin.post("/settings/invitations", {"login": "x", "do": "invite"}).status == 403
    link = send(admin, do="invite", login="careful").one("input", id="f-link").attributes["value"]
    assert Visitor(engine).post(link, {"password": PASSWORD, "again": PASSWORD}).status == 400
    assert Visitor(engine).get(link).heading == "Choose a password"


@pytest.mark.parametrize("login", ["lib", "nobody", ""])
def test_who_forgot_gets_the_same_answer_known_or_not(engine: Engine, login: str) -> None:
    anybody = Visitor(engine)
    assert "sends no mail" in anybody.get("/sign-in/forgotten").words
    token = anybody.get("/sign-in").one("input", name="_csrf").attributes["value"]
    answered = anybody.post("/sign-in/forgotten", {"_csrf": token, "login": login})
    assert answered.status == 200
    assert "If somebody is known by that name" in answered.words


def test_a_link_in_a_mail_does_not_follow_the_host_of_the_request(engine: Engine) -> None:
    anybody = Visitor(engine)
    shown = anybody.get("/sign-in/forgotten", host="evil.example")
    assert "evil.example" not in shown.text
