"""From the button on the sign-in page to the provider, back, and in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pyotp
import pytest

from engine.app import Engine, open_app
from engine.identity import second_factor
from engine.identity.events import Origin
from engine.identity.identity import actor_named
from engine.service import records
from engine.signon import oidc
from engine.work.context import SYSTEM
from tests.support.library import LIBRARY, PASSWORD, open_library
from tests.support.metadata import write
from tests.support.provider import CLIENT, SECRET, Provider, provider
from tests.web.browsing import Page
from tests.web.conftest import Visitor


@pytest.fixture(scope="module")
def there() -> Iterator[Provider]:
    with provider() as made:
        yield made


@pytest.fixture
def joined(tmp_path: Path, there: Provider, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """A library that the provider's people may sign on to."""
    open_library(tmp_path).close()
    who = "create: true, label: City account, roles: {readers: visitor}"
    how = f"oidc: {{issuer: '{there.issuer}', client_id: {CLIENT}, {who}}}"
    write(tmp_path, LIBRARY.replace("settings: {", f"settings: {{{how}, "))
    monkeypatch.setenv(oidc.VARIABLE, SECRET)
    made = open_app(tmp_path, database=f"sqlite:///{tmp_path / 'library.db'}", environment={})
    yield made
    made.close()


def test_there_and_back_and_in(joined: Engine, there: Provider) -> None:
    there.person, there.more = {"sub": "7", "preferred_username": "zoe"}, {"groups": ["readers"]}
    anybody = Visitor(joined)
    link = anybody.get("/sign-in?next=/book").one("a", css="btn-outline")
    assert link.text == "City account"
    away = anybody.get(link.attributes["href"], status=303)
    back = urlsplit(there.authorize(away.location))
    entered = anybody.get(f"{back.path}?{back.query}", status=303)
    assert entered.location == "/book"
    assert anybody.get("/book").heading == "Books"
    assert Visitor(joined).get(f"{back.path}?{back.query}", status=403).heading == "Sign in"


def test_the_second_factor_of_here_is_asked_for_where_the_settings_say_so(
    tmp_path: Path, there: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    how = f"oidc: {{issuer: '{there.issuer}', client_id: {CLIENT}, create: true, second_factor: true}}"
    factor = "second_factor: {required_for: [visitor]}"
    write(tmp_path, LIBRARY.replace("settings: {", f"settings: {{{how}, {factor}, "))
    monkeypatch.setenv(oidc.VARIABLE, SECRET)
    made = open_app(tmp_path, database=f"sqlite:///{tmp_path / 'library.db'}", apply=True, environment={})
    there.person = {"sub": "9", "preferred_username": "mia"}
    try:
        assert _came_back(made, there).location == "/book"  # no factor yet, and no role that requires one
        with made.gateway.write(SYSTEM, "cli") as context:
            user = records.find(context, "user", records.Query(text="mia")).rows[0].id
            records.update(context, "user", user, {"roles": ["visitor"]})
        assert _came_back(made, there).location == "/sign-in/second-factor?next=%2Fbook"
        with made.gateway.write(actor_named(made.gateway, "mia"), "cli") as context:
            second_factor.begin(context, user)
            code = pyotp.TOTP(second_factor.secret_of(context, user)).at(context.now)
            codes = second_factor.switch_on(context, user, "mia", code, Origin("", ""))
        anybody = Visitor(made)
        asked = _came_back(made, there, anybody)
        assert asked.location == "/sign-in/code?next=%2Fbook"
        assert "engine_session" not in anybody.client.cookies
        assert anybody.get(asked.location).submit(anybody, code=codes[0]).location == "/book"
    finally:
        made.close()


def _came_back(made: Engine, there: Provider, anybody: Visitor | None = None) -> Page:
    visitor = anybody or Visitor(made)
    away = visitor.get("/sign-in/with/oidc?next=/book", status=303)
    back = urlsplit(there.authorize(away.location))
    return visitor.get(f"{back.path}?{back.query}", status=303)


def test_next_never_leads_elsewhere(joined: Engine, there: Provider) -> None:
    anybody = Visitor(joined)
    away = anybody.get("/sign-in/with/oidc?next=//evil.example", status=303)
    back = urlsplit(there.authorize(away.location))
    assert anybody.get(f"{back.path}?{back.query}", status=303).location == "/"


def test_a_refusal_is_a_page_and_others_still_sign_in(joined: Engine, there: Provider) -> None:
    there.person = {"sub": "8", "preferred_username": "lib"}
    anybody = Visitor(joined)
    away = anybody.get("/sign-in/with/oidc", status=303)
    back = urlsplit(there.authorize(away.location))
    refused = anybody.get(f"{back.path}?{back.query}", status=403)
    assert "Somebody here has your sign-in name already" in refused.words
    assert anybody.sign_in("lib", PASSWORD).status == 303


def test_without_the_setting_there_is_nothing(anybody: Visitor) -> None:
    assert anybody.get("/sign-in/with/oidc", status=404).status == 404
    assert "City account" not in anybody.get("/sign-in").words
