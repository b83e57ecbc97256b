"""Signing on at a real OpenID provider: who gets in as whom, and every way in which nobody does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from joserfc.jwk import RSAKey

from engine.declared.settings import OidcSettings
from engine.identity import events, identity
from engine.identity.attempts import SignInRefused
from engine.identity.events import Origin
from engine.reading.query import Query
from engine.service import records
from engine.signon import oidc
from engine.work.context import SYSTEM, Actor
from engine.work.gateway import Gateway
from tests.identity.conftest import make_user
from tests.support.provider import CLIENT, SECRET, Provider, provider

HERE, BACK = Origin("here", ""), "http://testserver/sign-in/with/oidc/back"
ROLES = (("sellers", "seller"), ("admins", "administrator"))


@pytest.fixture(scope="module")
def running() -> Iterator[Provider]:
    with provider() as made:
        yield made


@pytest.fixture
def there(running: Provider, shop: Gateway, monkeypatch: pytest.MonkeyPatch) -> Provider:
    running.__dict__.update(
        person={"sub": "1", "preferred_username": "ann", "name": "Ann", "email": "ann@example.com"},
        claims={},
        more={"groups": ["sellers"]},
        signs_with=running.key,
    )
    monkeypatch.setenv(oidc.VARIABLE, SECRET)
    shop.clock = lambda: datetime.now(UTC)  # the provider's clock is the machine's
    return running


def settings(there: Provider, **more: Any) -> OidcSettings:
    return OidcSettings(issuer=there.issuer, client_id=CLIENT, **{"create": True, "roles": ROLES, **more})


def sign_on(shop: Gateway, there: Provider, **more: Any) -> Actor:
    how = settings(there, **more)
    begun = oidc.begin(shop, how, BACK, "/account")
    secret, target = oidc.finish(shop, how, begun.ticket, answer(there.authorize(begun.address)), HERE)
    assert isinstance(secret, str)
    assert target == "/account"
    found = identity.actor_of_session(shop, secret)
    assert found is not None
    return found[0]


def answer(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def test_somebody_new_gets_a_user_with_the_roles_of_their_groups(shop: Gateway, there: Provider) -> None:
    actor = sign_on(shop, there)
    assert (actor.login, actor.name, actor.roles) == ("ann", "Ann", frozenset({"seller"}))
    with shop.read(SYSTEM, "page") as context:
        assert actor.id is not None
        assert identity.row_of(context, actor.id).email == "ann@example.com"
        assert [each.kind for each in events.recent(context, 4)] == [
            "signed-in",
            "roles-changed",
            "account-joined",
            "user-created",
        ]
    with pytest.raises(SignInRefused):
        identity.sign_in(shop, "ann", "")


def test_they_are_known_by_their_subject_whatever_they_are_called(shop: Gateway, there: Provider) -> None:
    first = sign_on(shop, there)
    there.person["preferred_username"], there.more = "anna", {"groups": ["admins"]}
    again = sign_on(shop, there)
    assert (again.id, again.login, again.roles) == (first.id, "ann", frozenset({"administrator"}))
    there.more = {}
    assert sign_on(shop, there).roles == frozenset()


def test_a_name_that_somebody_has_here_is_not_taken_over(shop: Gateway, there: Provider) -> None:
    boss = make_user(shop, "ann", "administrator")
    with pytest.raises(SignInRefused, match="Somebody here has your sign-in name"):
        sign_on(shop, there)
    assert sign_on(shop, there, same_names=True, roles=()).id == boss
    there.person["sub"] = "2"
    assert sign_on(shop, there, same_names=True, roles=()).id == boss


def test_nobody_is_made_unless_the_settings_say_so(shop: Gateway, there: Provider) -> None:
    with pytest.raises(SignInRefused, match="Nobody here has your account"):
        sign_on(shop, there, create=False)
    with shop.read(SYSTEM, "page") as context:
        assert records.count(context, "user", Query()) == 0
        assert [each.login for each in events.recent(context, 9)] == ["ann"]


def test_who_is_switched_off_here_stays_out(shop: Gateway, there: Provider) -> None:
    user = sign_on(shop, there).id
    assert user is not None
    with shop.write(SYSTEM, "cli") as context:
        records.update(context, "user", user, {"active": False})
    with pytest.raises(SignInRefused, match="switched off"):
        sign_on(shop, there)


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"aud": "another"},
        {"aud": ["another", "third"]},
        {"iss": "https://evil.example"},
        {"exp": 1},
        {"azp": "another"},
        {"sub": None},
        {"preferred_username": ""},
    ],
)
def test_a_token_that_is_not_for_this_lets_nobody_in(
    shop: Gateway, there: Provider, claims: dict[str, Any]
) -> None:
    there.claims = claims
    with pytest.raises(SignInRefused, match="did not work"):
        sign_on(shop, there)


def test_a_token_that_somebody_else_signed_lets_nobody_in(shop: Gateway, there: Provider) -> None:
    there.signs_with = RSAKey.generate_key(2048, {"kid": "one"})
    with pytest.raises(SignInRefused, match="did not work"):
        sign_on(shop, there)


def test_userinfo_of_somebody_else_does_not_count(shop: Gateway, there: Provider) -> None:
    there.more = {"sub": "2", "groups": ["admins"]}
    assert sign_on(shop, there).roles == frozenset()


def test_state_ticket_and_code_are_for_one_sign_on(shop: Gateway, there: Provider) -> None:
    how = settings(there)
    mine, theirs = (oidc.begin(shop, how, BACK, "") for _ in range(2))
    planted = answer(there.authorize(theirs.address))
    with pytest.raises(SignInRefused, match="begun elsewhere"):
        oidc.finish(shop, how, mine.ticket, planted, HERE)
    with pytest.raises(SignInRefused, match="begun elsewhere"):
        oidc.finish(shop, how, "", planted, HERE)
    assert oidc.finish(shop, how, theirs.ticket, planted, HERE)
    with pytest.raises(SignInRefused, match="begun elsewhere"):
        oidc.finish(shop, how, theirs.ticket, planted, HERE)


def test_a_code_of_another_sign_on_does_not_fit_the_proof(shop: Gateway, there: Provider) -> None:
    how = settings(there)
    mine, theirs = (oidc.begin(shop, how, BACK, "") for _ in range(2))
    stolen = answer(there.authorize(theirs.address))["code"]
    state = answer(there.authorize(mine.address))["state"]
    with pytest.raises(SignInRefused, match="did not work"):
        oidc.finish(shop, how, mine.ticket, {"code": stolen, "state": state}, HERE)


def test_a_refusal_and_a_provider_that_is_away(
    shop: Gateway, there: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    how = settings(there)
    begun = oidc.begin(shop, how, BACK, "")
    refusal = {"error": "access_denied", "state": answer(begun.address)["state"]}
    with pytest.raises(SignInRefused, match="did not work"):
        oidc.finish(shop, how, begun.ticket, refusal, HERE)
    for issuer in ("http://127.0.0.1:9", there.issuer + "/"):
        with pytest.raises(SignInRefused, match="did not work"):
            oidc.begin(shop, replace(how, issuer=issuer), BACK, "")
    monkeypatch.setenv(oidc.VARIABLE, "another")
    with pytest.raises(SignInRefused, match="did not work"):
        sign_on(shop, there)


def test_a_provider_that_points_elsewhere_is_not_followed(
    shop: Gateway, there: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SSRF: what the provider answers with a redirect, to whatever inside our network, is asked for nowhere."""
    asked: list[str] = []

    def handled(request: httpx2.Request) -> httpx2.Response:
        asked.append(str(request.url))
        return httpx2.Response(302, headers={"Location": "http://127.0.0.1:9/latest/meta-data"})

    monkeypatch.setattr(httpx2.HTTPTransport, "handle_request", lambda self, request: handled(request))
    with pytest.raises(SignInRefused, match="did not work"):
        oidc.begin(shop, settings(there), BACK, "")
    assert asked == [there.issuer + oidc.WELL_KNOWN]


def test_a_sign_on_that_takes_too_long(shop: Gateway, there: Provider) -> None:
    how = settings(there)
    begun = oidc.begin(shop, how, BACK, "")
    back = answer(there.authorize(begun.address))
    shop.clock = lambda: datetime.now(UTC) + timedelta(minutes=16)
    with pytest.raises(SignInRefused, match="took too long"):
        oidc.finish(shop, how, begun.ticket, back, HERE)
