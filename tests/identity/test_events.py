"""What is written down of signing in, passwords, tokens and roles; and what is not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.identity import account, events, identity
from engine.identity.attempts import SignInRefused
from engine.service import records
from engine.work.context import SYSTEM, Actor
from engine.work.gateway import Gateway
from tests.identity.conftest import PASSWORD, make_user
from tests.support.shop import Clock


def told(shop: Gateway, **only: str) -> list[tuple[str, str, str, str]]:
    """Every event, the oldest first: kind, whom, by whom, and the rest in words."""
    with shop.read(SYSTEM, "cli") as context:
        found = events.recent(context, 1000, **only)  # type: ignore[arg-type]
    return [(each.kind, each.login, each.actor_name, events.in_words(each)) for each in reversed(found)]


def test_getting_in_and_out(shop: Gateway, ann: int) -> None:
    secret = identity.sign_in(shop, "ann", PASSWORD, "1.2.3.4", "Browser")
    identity.sign_out(shop, identity.actor_named(shop, "ann"), secret)
    assert told(shop) == [
        ("user-created", "ann", "System", ""),
        ("signed-in", "ann", "ann", ""),
        ("signed-out", "ann", "ann", ""),
    ]
    with shop.read(SYSTEM, "cli") as context:
        entered = events.recent(context, 1, kind="signed-in")[0]
    assert (entered.user_id, entered.actor_id, entered.remote, entered.agent) == (
        ann,
        ann,
        "1.2.3.4",
        "Browser",
    )


def test_failures_and_the_wait_they_end_in(shop: Gateway, ann: int) -> None:
    for name in ("ann", "nobody"):
        for _ in range(8):
            with pytest.raises(SignInRefused):
                identity.sign_in(shop, name, "wrong horse", "here")
    failed, locked = (
        ("sign-in-failed", "ann", "System", ""),
        ("locked-out", "ann", "System", "for 30 seconds"),
    )
    assert told(shop, login="ann")[1:] == [failed] * 5 + [locked]
    assert [each[0] for each in told(shop, login="nobody")] == ["sign-in-failed"] * 5 + ["locked-out"]
    assert "horse" not in repr(told(shop))


def test_failures_are_forgotten_after_a_while_and_nothing_else_is(shop: Gateway, ann: int) -> None:
    def fail() -> None:
        with pytest.raises(SignInRefused):
            identity.sign_in(shop, "ann", "wrong", "here")

    fail()
    assert isinstance(shop.clock, Clock)
    shop.clock.now += events.FAILURES_KEPT + timedelta(days=1)
    fail()
    assert [each[0] for each in told(shop)] == ["user-created", "sign-in-failed"]


def test_passwords_sessions_and_tokens(shop: Gateway, ann: int) -> None:
    here, _there = identity.sign_in(shop, "ann", PASSWORD), identity.sign_in(shop, "ann", PASSWORD)
    who = identity.actor_named(shop, "ann")
    account.change_password(shop, who, here, PASSWORD, "battery staple", "battery staple", "1.2.3.4")
    with shop.write(who, "page") as context:
        handle = account.handle_of(account.create_token(context, "nightly", None))
        account.revoke(context, [handle], ann)
        account.sign_out_elsewhere(context, here)
    with shop.write(SYSTEM, "cli") as context:
        identity.set_password(context, ann, "yet another one")
    assert told(shop)[3:] == [
        ("password-changed", "ann", "ann", "1 sessions ended"),
        ("token-created", "ann", "ann", "“nightly”"),
        ("token-revoked", "ann", "ann", "“nightly”"),
        ("password-set", "ann", "System", ""),
    ]


def test_roles_and_the_switch_by_whichever_way(shop: Gateway, ann: int) -> None:
    boss = Actor(make_user(shop, "boss", "administrator"), "boss", "Boss", frozenset({"administrator"}))
    for values in (
        {"roles": ["seller"]},
        {"name": "Ann"},
        {"active": False},
        {"active": True},
        {"login": "anna"},
    ):
        with shop.write(boss, "api") as context:
            records.update(context, "user", ann, values)
    assert told(shop)[2:] == [
        ("roles-changed", "ann", "Boss", "none → seller"),
        ("user-disabled", "ann", "Boss", ""),
        ("user-enabled", "ann", "Boss", ""),
        ("login-changed", "anna", "Boss", "ann → anna"),
    ]


def test_a_change_that_is_refused_is_no_event(shop: Gateway, ann: int) -> None:
    with pytest.raises(Exception, match="emperor"), shop.write(SYSTEM, "cli") as context:
        records.update(context, "user", ann, {"roles": ["emperor"]})
    assert [each[0] for each in told(shop)] == ["user-created"]


def test_other_roles_end_the_sessions_of_a_user_unless_they_do_it_themselves(shop: Gateway, ann: int) -> None:
    secret = identity.sign_in(shop, "ann", PASSWORD)
    with shop.write(SYSTEM, "cli") as context:
        records.update(context, "user", ann, {"name": "Ann"})
    assert identity.actor_of_session(shop, secret)
    with shop.write(SYSTEM, "cli") as context:
        records.update(context, "user", ann, {"roles": ["administrator"]})
    assert identity.actor_of_session(shop, secret) is None
    secret = identity.sign_in(shop, "ann", PASSWORD)
    with shop.write(identity.actor_named(shop, "ann"), "page") as context:
        records.update(context, "user", ann, {"roles": ["administrator", "seller"]})
    assert identity.actor_of_session(shop, secret)
