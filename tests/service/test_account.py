"""What belongs to a user alone: another password, sessions ended, tokens made and revoked."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from engine.errors import Invalid
from engine.identity import account, identity
from engine.identity.attempts import SignInRefused
from engine.reading.query import Link
from engine.service import records
from engine.work.context import SYSTEM, Actor
from engine.work.gateway import Gateway
from tests.support.shop import Clock

OLD, NEW = "correct horse", "battery staple"


@pytest.fixture
def ann(shop: Gateway) -> Actor:
    shop.writing(SYSTEM, "cli", lambda context: identity.create_user(context, "ann", OLD, ["seller"], "Ann"))
    shop.writing(SYSTEM, "cli", lambda context: identity.create_user(context, "bob", OLD, []))
    return identity.actor_named(shop, "ann")


def refused(shop: Gateway, ann: Actor, *typed: str) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as error:
        account.change_password(shop, ann, "", *typed)
    return [(each.at, each.code) for each in error.value.errors]


def test_a_new_password_ends_the_other_sessions_of_this_user_only(shop: Gateway, ann: Actor) -> None:
    here, there = identity.sign_in(shop, "ann", OLD), identity.sign_in(shop, "ann", OLD)
    bobs = identity.sign_in(shop, "bob", OLD)
    token = identity.create_token(shop, "ann", "nightly")
    assert account.change_password(shop, ann, here, OLD, NEW, NEW) == 1
    assert identity.actor_of_session(shop, here) is not None
    assert identity.actor_of_session(shop, there) is None
    assert identity.actor_of_session(shop, bobs) is not None
    assert identity.actor_of_token(shop, token) is not None
    assert identity.sign_in(shop, "ann", NEW)
    with pytest.raises(SignInRefused):
        identity.sign_in(shop, "ann", OLD)


def test_the_history_says_who_changed_it_and_not_to_what(shop: Gateway, ann: Actor) -> None:
    account.change_password(shop, ann, "", OLD, NEW, NEW)
    assert ann.id is not None
    with shop.read(SYSTEM) as context:
        newest = records.history(context, "user", ann.id)[0]
    assert isinstance(newest.actor, Link)
    assert (newest.actor.id, newest.actor.title) == (ann.id, "Ann")
    assert [change.name for change in newest.changes] == ["password"]
    assert "argon2" not in repr(newest)


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        (("wrong", NEW, NEW), [("current", "wrong-password")]),
        (("", NEW, NEW), [("current", "wrong-password")]),
        ((OLD, "short", "short"), [("new", "bad-password")]),
        ((OLD, "x" * 201, "x" * 201), [("new", "bad-password")]),
        ((OLD, NEW, "battery stable"), [("again", "passwords-differ")]),
        ((OLD, OLD, OLD), [("new", "same-password")]),
        (
            ("wrong", "short", ""),
            [("current", "wrong-password"), ("new", "bad-password"), ("again", "passwords-differ")],
        ),
    ],
)
def test_each_mistake_is_said_at_its_field_and_nothing_changes(
    shop: Gateway, ann: Actor, typed: tuple[str, str, str], errors: list[tuple[str, str]]
) -> None:
    session = identity.sign_in(shop, "ann", OLD)
    assert refused(shop, ann, *typed) == errors
    assert identity.actor_of_session(shop, session) is not None
    assert identity.sign_in(shop, "ann", OLD)


def test_passwords_can_not_be_tried_without_end(shop: Gateway, ann: Actor) -> None:
    for _ in range(5):
        assert refused(shop, ann, "wrong", NEW, NEW) == [("current", "wrong-password")]
    assert refused(shop, ann, OLD, NEW, NEW) == [("current", "too-many-attempts")]


def test_signing_out_elsewhere_leaves_this_session(shop: Gateway, ann: Actor) -> None:
    here, there = identity.sign_in(shop, "ann", OLD), identity.sign_in(shop, "ann", OLD, "10.0.0.7", "curl")
    with shop.read(ann) as context:
        found = account.sessions(context, here, context.actor.id)
    assert sorted((each.current, each.remote, each.agent) for each in found) == [
        (False, "10.0.0.7", "curl"),
        (True, "", ""),
    ]
    assert shop.writing(ann, "page", lambda context: account.sign_out_elsewhere(context, here)) == 1
    assert identity.actor_of_session(shop, there) is None
    with shop.read(ann) as context:
        assert [each.current for each in account.sessions(context, here, context.actor.id)] == [True]


def test_a_token_is_listed_with_its_last_use_and_revoked(shop: Gateway, ann: Actor) -> None:
    secret = shop.writing(
        ann, "page", lambda context: account.create_token(context, "  the\tweb  site\0 ", timedelta(days=1))
    )
    with shop.read(ann) as context:
        (token,) = account.tokens(context, ann.id)
    assert (token.id, token.name, token.login) == (account.handle_of(secret), "the web site", "ann")
    assert token.used is None
    assert identity.actor_of_token(shop, secret) is not None
    assert isinstance(shop.clock, Clock)
    shop.clock.now += timedelta(days=2)
    with shop.read(ann) as context:
        (token,) = account.tokens(context)
        assert token.used is not None
        assert token.expired(context.now)
    gone = shop.writing(ann, "page", lambda context: account.revoke(context, [token.id], ann.id))
    assert [each.name for each in gone] == ["the web site"]
    with shop.read(ann) as context:
        assert account.tokens(context) == []


def test_nobody_revokes_what_is_not_theirs(shop: Gateway, ann: Actor) -> None:
    secret = identity.create_token(shop, "bob", "nightly")
    handle = account.handle_of(secret)
    assert shop.writing(ann, "page", lambda context: account.revoke(context, [handle], ann.id)) == []
    assert identity.actor_of_token(shop, secret) is not None


@pytest.mark.parametrize(("name", "code"), [("", "required"), (" \0", "required"), ("x" * 101, "too-long")])
def test_a_token_says_what_it_is_for(shop: Gateway, ann: Actor, name: str, code: str) -> None:
    with pytest.raises(Invalid) as error:
        shop.writing(ann, "page", lambda context: account.create_token(context, name, None))
    assert [(each.at, each.code) for each in error.value.errors] == [("name", code)]


def test_the_right_to_change_ones_password_is_no_right_to_users(shop: Gateway, ann: Actor) -> None:
    account.change_password(shop, ann, "", OLD, NEW, NEW)
    assert identity.actor_named(shop, "ann") == replace(ann)
    assert ann.roles == frozenset({"seller"})
