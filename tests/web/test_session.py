"""Signing in and out, CSRF, headers: what every page relies on."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from engine.app import Engine
from engine.identity.csrf import csrf_fits, csrf_token
from engine.store.system import session
from engine.web.security import safe_next
from tests.support.library import PASSWORD
from tests.web.conftest import Visitor


def test_a_page_asks_to_sign_in_and_comes_back(anybody: Visitor) -> None:
    asked = anybody.get("/book?q=sea", status=303)
    assert asked.location == "/sign-in?next=/book%3Fq%3Dsea"
    entered = anybody.get(asked.location).submit(anybody, login="lib", password=PASSWORD)
    assert entered.location == "/book?q=sea"
    assert anybody.get("/book").heading == "Books"


def test_a_wrong_password_says_so_and_keeps_the_name(anybody: Visitor) -> None:
    refused = anybody.sign_in("lib", "wrong")
    assert refused.status == 422
    assert "The name or the password is wrong." in refused.words
    assert refused.one("input", name="login").attributes["value"] == "lib"
    assert "value" not in refused.one("input", name="password").attributes
    assert anybody.get("/", status=303).location == "/sign-in"


def test_an_unknown_name_is_refused_in_the_same_words(anybody: Visitor) -> None:
    assert "The name or the password is wrong." in anybody.sign_in("nobody", "wrong").words


def test_signing_in_needs_the_cookie_of_its_form(anybody: Visitor) -> None:
    page = anybody.get("/sign-in")
    anybody.client.cookies.clear()
    refused = page.submit(anybody, login="lib", password=PASSWORD)
    assert refused.status == 400
    assert anybody.get("/", status=303).location == "/sign-in"


def test_the_session_cookie_is_out_of_reach(anybody: Visitor) -> None:
    cookie = anybody.sign_in("lib").headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie


def test_over_https_cookies_are_secure_and_hsts_is_sent(anybody: Visitor) -> None:
    anybody.client.base_url = "https://testserver"  # type: ignore[assignment]
    entered = anybody.sign_in("lib")
    assert "Secure" in entered.headers["set-cookie"]
    assert entered.headers["strict-transport-security"] == "max-age=31536000"


def test_that_a_session_is_used_is_noted_before_its_page_is_read(engine: Engine, anybody: Visitor) -> None:
    anybody.sign_in("lib")
    later = engine.gateway.clock() + timedelta(hours=1)
    engine.gateway.clock = lambda: later
    assert anybody.get("/book").heading == "Books"
    with engine.gateway.database.read() as connection:
        assert later in connection.execute(sa.select(session.c.last_seen_at)).scalars().all()


def test_signing_out_ends_the_session(anybody: Visitor) -> None:
    anybody.sign_in("lib")
    cookies = dict(anybody.client.cookies)
    token = anybody.get("/").one("meta", name="csrf").attributes["content"]
    out = anybody.post("/sign-out", {"_csrf": token})
    assert out.location == "/sign-in"
    anybody.client.cookies.update(cookies)
    assert anybody.get("/", status=303).location == "/sign-in"


@pytest.mark.parametrize(
    ("target", "leads_to"),
    [
        ("/book/3?x=1", "/book/3?x=1"),
        ("https://evil.example", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("/a\nb", "/"),
        ("", "/"),
        (None, "/"),
        ("book", "/"),
    ],
)
def test_next_never_leads_elsewhere(target: str | None, leads_to: str) -> None:
    assert safe_next(target) == leads_to


@pytest.mark.parametrize("token", ["", "x", "not a token", "ÄÖ", "A" * 36])
def test_what_is_no_token_does_not_fit(token: str) -> None:
    assert not csrf_fits("secret", token)


def test_a_token_of_another_secret_does_not_fit() -> None:
    assert not csrf_fits("secret", csrf_token("another secret"))


def test_every_token_differs_and_fits() -> None:
    first, second = csrf_token("secret"), csrf_token("secret")
    assert first != second
    assert csrf_fits("secret", first)
    assert csrf_fits("secret", second)


@pytest.mark.parametrize(
    "path",
    [
        "/author/new",
        "/author/1/edit",
        "/author/1/delete",
        "/author/1/restore",
        "/author/1/purge",
        "/author/bulk",
        "/preferences",
        "/sign-out",
    ],
)
def test_nothing_is_done_without_a_token(librarian: Visitor, path: str) -> None:
    for data in ({"last_name": "X"}, {"last_name": "X", "_csrf": csrf_token("another secret")}):
        refused = librarian.post(path, data)
        assert refused.status == 403
        assert "did not come from here" in refused.words
    assert librarian.get("/").heading.startswith("Welcome")


def test_a_request_from_another_site_is_refused(librarian: Visitor) -> None:
    token = librarian.get("/").one("meta", name="csrf").attributes["content"]
    response = librarian.client.post(
        "/author/new", data={"_csrf": token, "last_name": "X"}, headers={"sec-fetch-site": "cross-site"}
    )
    assert response.status_code == 403


def test_the_token_may_come_as_a_header(librarian: Visitor) -> None:
    token = librarian.get("/").one("meta", name="csrf").attributes["content"]
    response = librarian.client.post("/preferences", data={"theme": "dark"}, headers={"x-csrf-token": token})
    assert response.status_code == 303


@pytest.mark.parametrize("path", ["/sign-in", "/", "/book", "/nothing-here", "/static/app.css"])
def test_headers_are_strict_everywhere(librarian: Visitor, path: str) -> None:
    headers = librarian.get(path, status=None).headers
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert "camera=()" in headers["permissions-policy"]


@pytest.mark.parametrize(
    "path", ["/", "/book", "/book/new", "/author/new", "/settings", "/settings/problems", "/book?trash=1"]
)
def test_no_page_has_inline_styles_or_scripts(admin: Visitor, path: str) -> None:
    page = admin.get(path)
    assert not [each for each in page.all() if "style" in each.attributes]
    assert not [each for each in page.all() if any(name.startswith("on") for name in each.attributes)]
    assert not page.all("style")
    assert all("src" in script.attributes for script in page.all("script"))


def test_only_the_editor_may_add_a_style_sheet(librarian: Visitor) -> None:
    with_editor = librarian.get("/book/new")
    nonce = with_editor.one("meta", name="trix-csp-nonce").attributes["content"]
    assert f"'nonce-{nonce}'" in with_editor.headers["content-security-policy"]
    assert "nonce" not in librarian.get("/author/new").headers["content-security-policy"]


def test_static_files_are_kept_by_their_hash(anybody: Visitor) -> None:
    sheet = anybody.get("/sign-in").one("link", rel="stylesheet").attributes["href"]
    assert anybody.get(sheet).headers["cache-control"] == "public, max-age=31536000, immutable"
    assert anybody.get("/static/app.css").headers["cache-control"] == "public, max-age=3600"


def test_pages_are_never_kept_by_others(librarian: Visitor) -> None:
    assert librarian.get("/book").headers["cache-control"] == "private, no-cache"


def test_preferences_are_remembered(librarian: Visitor) -> None:
    page = librarian.get("/book")
    token = page.one("meta", name="csrf").attributes["content"]
    done = librarian.post(
        "/preferences", {"_csrf": token, "theme": "dark", "density": "compact", "_next": "/book"}
    )
    assert done.location == "/book"
    assert all("HttpOnly" in each for each in done.headers.get_list("set-cookie"))
    shown = librarian.get("/book").one("html").attributes
    assert (shown["data-theme"], shown["data-density"]) == ("dark", "compact")
    librarian.post("/preferences", {"_csrf": token, "theme": "system", "density": "comfortable"})
    assert "data-theme" not in librarian.get("/book").one("html").attributes


def test_a_preference_nobody_offers_is_ignored(librarian: Visitor) -> None:
    token = librarian.get("/").one("meta", name="csrf").attributes["content"]
    librarian.post("/preferences", {"_csrf": token, "theme": '"><script>'})
    assert "data-theme" not in librarian.get("/").one("html").attributes


def test_too_many_attempts_are_answered_with_when_to_come_back(engine: Engine) -> None:
    anybody = Visitor(engine)
    page = anybody.get("/sign-in")
    for _ in range(5):
        assert page.submit(anybody, login="late", password="wrong").status == 422
    refused = page.submit(anybody, login="late", password="wrong")
    assert refused.status == 429
    assert 25 <= int(refused.headers["retry-after"]) <= 30
    assert "Too many attempts. Try again in " in refused.words
    assert "That is at " in refused.words
    assert refused.one("time").attributes["datetime"]


def test_a_form_of_another_site_does_not_sign_in(anybody: Visitor) -> None:
    token = anybody.get("/sign-in").one("input", name="_csrf").attributes["value"]
    response = anybody.client.post(
        "/sign-in",
        data={"_csrf": token, "login": "lib", "password": PASSWORD},
        headers={"sec-fetch-site": "cross-site"},
    )
    assert response.status_code == 400
    assert "engine_session" not in response.headers.get("set-cookie", "")


def test_a_session_that_somebody_planted_is_not_the_one_signed_in_with(anybody: Visitor) -> None:
    planted = "a-secret-the-stranger-knows"
    anybody.client.cookies.set("engine_session", planted)
    anybody.sign_in("lib")
    assert anybody.client.cookies.get("engine_session", domain="testserver.local") != planted
    stranger = Visitor.__new__(Visitor)
    stranger.client = type(anybody.client)(anybody.client.app, follow_redirects=False)
    stranger.client.cookies.set("engine_session", planted)
    assert stranger.get("/", status=303).location == "/sign-in"


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example", "/\\evil.example", "/a%0d%0aX:1"]
)
def test_signing_in_never_leads_elsewhere(engine: Engine, target: str) -> None:
    entered = Visitor(engine).sign_in("lib", next_path=target)
    assert entered.location == "/"
    assert "x" not in {name.lower() for name in entered.headers}
