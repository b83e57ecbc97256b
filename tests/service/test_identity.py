"""Signing in and out, sessions and tokens: who gets in, who does not, and what is never stored."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher, Type

from engine.errors import Invalid, UsageError
from engine.identity import attempts, identity
from engine.identity.attempts import SignInRefused, TooManyAttempts
from engine.service import records
from engine.store import identity as store
from engine.store.database import Database
from engine.work.context import SYSTEM, Actor
from engine.work.gateway import Gateway
from tests.conftest import HASHER
from tests.support.shop import Clock

PASSWORD = "correct horse"


@pytest.fixture
def ann(shop: Gateway) -> int:
    return user(shop, "ann", name="Ann", roles=["seller"])


def user(shop: Gateway, login: str, password: str | None = PASSWORD, roles: Any = (), **more: Any) -> int:
    return shop.writing(
        SYSTEM, "cli", lambda context: identity.create_user(context, login, password, list(roles), **more)
    )


def clock(shop: Gateway) -> Clock:
    assert isinstance(shop.clock, Clock)
    return shop.clock


def everything(shop: Gateway) -> str:
    """All that the database holds, as text."""
    metadata = shop.runtime.tables.metadata
    with shop.database.read() as connection:
        return "".join(repr(connection.execute(sa.select(table)).all()) for table in metadata.tables.values())


def statements(shop: Gateway) -> list[str]:
    """Every statement that reads from now on, those that begin and end transactions left out."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith(("BEGIN", "COMMIT")):
            sent.append(statement)

    sa.event.listen(shop.database._reader, "before_cursor_execute", note)
    return sent


def actor(shop: Gateway, secret: str) -> Actor | None:
    found = identity.actor_of_session(shop, secret)
    return found[0] if found else None


# ---- signing in


def test_a_session_says_who_one_is(shop: Gateway, ann: int) -> None:
    secret = identity.sign_in(shop, " ann ", PASSWORD, "1.2.3.4", "Browser")
    found = identity.actor_of_session(shop, secret)
    assert found is not None
    who, csrf = found
    assert (who.id, who.login, who.name, who.roles) == (ann, "ann", "Ann", frozenset({"seller"}))
    assert who.display.zone == "Europe/Bucharest"
    assert len(secret) >= 43
    assert len(csrf) >= 32
    assert csrf != secret


def test_a_session_is_looked_up_with_one_statement(shop: Gateway, ann: int) -> None:
    secret = identity.sign_in(shop, "ann", PASSWORD)
    sent = statements(shop)
    assert actor(shop, secret)
    assert len(sent) == 1


@pytest.mark.parametrize(
    ("login", "password"),
    [
        ("ann", "wrong horse"),
        ("ann", ""),
        ("ann", PASSWORD.upper()),
        ("ann", PASSWORD + "\0"),
        ("bob", PASSWORD),
        ("", ""),
        ("ann\0x", PASSWORD),
        ("ann", "\ud800"),
        ("\ud800", PASSWORD),
        ("silent", ""),
        ("ann", "x" * 100_000),
        ("x" * 100_000, PASSWORD),
        ("' OR 1=1 --", PASSWORD),
    ],
)
def test_refusals_do_not_tell_a_wrong_name_from_a_wrong_password(
    shop: Gateway, ann: int, login: str, password: str
) -> None:
    user(shop, "silent", password=None)
    with pytest.raises(SignInRefused) as refused:
        identity.sign_in(shop, login, password)
    assert str(refused.value) == "The name or the password is wrong."
    with shop.database.read() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(store.session)).scalar() == 0


def test_passwords_are_hashed_as_dearly_as_is_recommended() -> None:
    """RFC 9106's second recommendation: 64 MB, three passes."""
    assert (HASHER.type, HASHER.memory_cost, HASHER.time_cost) == (Type.ID, 64 * 1024, 3)


def test_an_unknown_name_takes_a_hash_as_well(shop: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []

    class Counting(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # noqa: A002
            tried.append(str(hash))
            return super().verify(hash, password)

    monkeypatch.setattr(store, "HASHER", Counting(time_cost=1, memory_cost=8, parallelism=1))
    with pytest.raises(SignInRefused):
        identity.sign_in(shop, "nobody", PASSWORD)
    assert len(tried) == 1


def test_a_password_is_the_same_however_its_letters_are_composed(shop: Gateway) -> None:
    user(shop, "zoe", password="cafe\u0301 noir")
    assert identity.sign_in(shop, "zoe", "café noir")


def test_a_longer_password_is_another_one(shop: Gateway) -> None:
    user(shop, "max", password="0123456789" * 20)
    with pytest.raises(SignInRefused):
        identity.sign_in(shop, "max", "0123456789" * 20 + "y")


def test_a_hash_of_old_parameters_is_replaced_and_the_record_is_not_changed(shop: Gateway, ann: int) -> None:
    table = shop.runtime.table("user").table
    weaker = PasswordHasher(time_cost=1, memory_cost=16, parallelism=1).hash(PASSWORD)
    with shop.database.write() as connection:
        connection.execute(sa.update(table).where(table.c.id == ann).values(password=weaker))
    identity.sign_in(shop, "ann", PASSWORD)
    with shop.database.read() as connection:
        row = connection.execute(sa.select(table).where(table.c.id == ann)).one()
    assert row.password != weaker
    assert row.version == 1
    assert identity.sign_in(shop, "ann", PASSWORD)


# ---- too many attempts


def fail(shop: Gateway, times: int, login: str = "ann", remote: str = "here") -> None:
    for _ in range(times):
        with pytest.raises(SignInRefused):
            identity.sign_in(shop, login, "wrong", remote)


FREE = 5


def test_after_some_failures_one_waits_and_only_there(shop: Gateway, ann: int) -> None:
    fail(shop, FREE)
    with pytest.raises(TooManyAttempts, match="Try again in 28 seconds"):
        identity.sign_in(shop, "ann", PASSWORD, "here")
    assert identity.sign_in(shop, "ann", PASSWORD, "elsewhere")
    clock(shop).now += timedelta(seconds=30)
    assert identity.sign_in(shop, "ann", PASSWORD, "here")


def test_each_further_failure_doubles_the_wait_up_to_the_longest(shop: Gateway, ann: int) -> None:
    fail(shop, FREE)
    waits = []
    for _ in range(10):
        with pytest.raises(TooManyAttempts) as refused:
            identity.sign_in(shop, "ann", PASSWORD, "here")
        waits.append(round(refused.value.wait.total_seconds()) + 2)
        clock(shop).now = refused.value.until
        fail(shop, 1)
    assert waits == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]


def test_an_unknown_name_waits_like_a_known_one(shop: Gateway) -> None:
    fail(shop, FREE, login="nobody")
    with pytest.raises(TooManyAttempts, match="Try again in 28 seconds"):
        identity.sign_in(shop, "nobody", PASSWORD, "here")


def test_who_is_refused_does_not_wait_longer_for_asking_again(shop: Gateway, ann: int) -> None:
    fail(shop, FREE)
    ends = set()
    for _ in range(5):
        with pytest.raises(TooManyAttempts) as refused:
            identity.sign_in(shop, "ann", PASSWORD, "here")
        ends.add(refused.value.until)
    assert len(ends) == 1


def test_who_signs_in_begins_anew(shop: Gateway, ann: int) -> None:
    fail(shop, FREE - 1)
    identity.sign_in(shop, "ann", PASSWORD, "here")
    fail(shop, FREE - 1)
    assert identity.sign_in(shop, "ann", PASSWORD, "here")


def test_an_address_that_tries_many_names_waits(
    shop: Gateway, ann: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, "AT_LARGE", 1)
    for number in range(FREE):
        fail(shop, 1, login=f"guess{number}")
    with pytest.raises(TooManyAttempts):
        identity.sign_in(shop, "ann", PASSWORD, "here")


def test_attempts_from_everywhere_are_counted_by_name(
    shop: Gateway, ann: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, "AT_LARGE", 1)
    for number in range(FREE):
        fail(shop, 1, remote=f"10.0.0.{number}")
    with pytest.raises(TooManyAttempts):
        identity.sign_in(shop, "ann", PASSWORD, "yet another")


def test_a_hundred_attempts_at_once_are_not_more_than_allowed(shop: Gateway, ann: int) -> None:
    said: list[str] = []
    shop.clock = lambda: Clock().now  # it stands still: nobody's wait ends meanwhile

    def attempt() -> None:
        try:
            identity.sign_in(shop, "ann", "wrong", "here")
        except SignInRefused as refused:
            said.append(str(refused))

    threads = [threading.Thread(target=attempt) for _ in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(said) == 100
    tried = sum("wrong" in message for message in said)
    assert tried == FREE


def test_two_processes_count_together(shop: Gateway, ann: int) -> None:
    other = Gateway(
        Database.open(shop.database.url.render_as_string(False)), shop.runtime, shop.files, shop.clock
    )
    try:
        fail(shop, FREE)
        with pytest.raises(TooManyAttempts):
            identity.sign_in(other, "ann", PASSWORD, "here")
    finally:
        other.close()


# ---- the end of a session


def test_signing_out_ends_this_session_only(shop: Gateway, ann: int) -> None:
    first, second = identity.sign_in(shop, "ann", PASSWORD), identity.sign_in(shop, "ann", PASSWORD)
    identity.sign_out(shop, identity.actor_named(shop, "ann"), first)
    assert actor(shop, first) is None
    assert actor(shop, second) is not None


def test_a_session_ends_after_the_hours_of_the_settings_even_when_used(shop: Gateway, ann: int) -> None:
    secret = identity.sign_in(shop, "ann", PASSWORD)
    for _ in range(11):
        clock(shop).now += timedelta(hours=1)
        assert actor(shop, secret) is not None
    clock(shop).now += timedelta(hours=1)
    assert actor(shop, secret) is None


def test_a_long_session_ends_when_nobody_uses_it(shop: Gateway, ann: int) -> None:
    with shop.database.write() as connection:
        secret = store.open_session(connection, ann, clock(shop).now, timedelta(days=365), "", "")
    clock(shop).now += identity.UNUSED - timedelta(hours=1)
    assert actor(shop, secret) is not None
    clock(shop).now += identity.UNUSED - timedelta(hours=1)
    assert actor(shop, secret) is not None
    clock(shop).now += identity.UNUSED + timedelta(hours=1)
    assert actor(shop, secret) is None


@pytest.mark.parametrize("how", ["disabled", "deleted", "password"])
def test_what_ends_every_session_of_a_user(shop: Gateway, ann: int, how: str) -> None:
    secret = identity.sign_in(shop, "ann", PASSWORD)
    with shop.write(SYSTEM, "cli") as context:
        if how == "disabled":
            records.update(context, "user", ann, {"active": False})
        elif how == "deleted":
            records.delete(context, "user", ann)
        else:
            identity.set_password(context, ann, "battery staple")
    assert actor(shop, secret) is None
    with pytest.raises(SignInRefused):
        identity.sign_in(shop, "ann", PASSWORD)
    if how == "password":
        assert identity.sign_in(shop, "ann", "battery staple")


def test_a_login_is_free_again_once_its_user_is_deleted(shop: Gateway, ann: int) -> None:
    with shop.write(SYSTEM, "cli") as context:
        records.delete(context, "user", ann)
    again = user(shop, "ann", password="battery staple")
    found = actor(shop, identity.sign_in(shop, "ann", "battery staple"))
    assert found is not None
    assert found.id == again != ann


@pytest.mark.parametrize("secret", ["", "x", "\0", "\ud800", "é" * 500])
def test_a_secret_that_was_not_issued_is_nobody(shop: Gateway, ann: int, secret: str) -> None:
    assert identity.actor_of_session(shop, secret) is None
    assert identity.actor_of_token(shop, secret) is None
    identity.sign_out(shop, identity.actor_named(shop, "ann"), secret)


# ---- tokens


def test_a_token_says_who_one_is_until_it_expires(shop: Gateway, ann: int) -> None:
    expires = clock(shop).now + timedelta(days=1)
    token = identity.create_token(shop, "ann", "nightly", expires)
    assert token.startswith("ee_")
    found = identity.actor_of_token(shop, token)
    assert found is not None
    assert (found.id, found.roles) == (ann, frozenset({"seller"}))
    clock(shop).now += timedelta(days=1)
    assert identity.actor_of_token(shop, token) is None


def test_a_token_ends_with_its_user(shop: Gateway, ann: int) -> None:
    token = identity.create_token(shop, "ann", "nightly")
    with shop.write(SYSTEM, "cli") as context:
        records.update(context, "user", ann, {"active": False})
    assert identity.actor_of_token(shop, token) is None


def test_a_token_is_not_a_session_nor_a_session_a_token(shop: Gateway, ann: int) -> None:
    token, session = identity.create_token(shop, "ann", "x"), identity.sign_in(shop, "ann", PASSWORD)
    assert identity.actor_of_session(shop, token) is None
    assert identity.actor_of_token(shop, session) is None


def test_no_token_for_nobody(shop: Gateway) -> None:
    with pytest.raises(UsageError, match="there is no user 'bob'"):
        identity.create_token(shop, "bob", "x")


# ---- what is stored, and what is refused


def test_no_secret_is_stored_in_clear(shop: Gateway, ann: int) -> None:
    secret, token = identity.sign_in(shop, "ann", PASSWORD), identity.create_token(shop, "ann", "x")
    with pytest.raises(SignInRefused):
        identity.sign_in(shop, "ann", "my other password")
    with shop.write(SYSTEM, "cli") as context:
        identity.set_password(context, ann, "battery staple")
    stored = everything(shop)
    assert "ann" in stored
    for hidden in (PASSWORD, "my other password", "battery staple", secret, token, token.removeprefix("ee_")):
        assert hidden not in stored


def test_the_history_of_a_password_does_not_hold_it(shop: Gateway, ann: int) -> None:
    with shop.write(SYSTEM, "cli") as context:
        identity.set_password(context, ann, "battery staple")
        entries = records.history(context, "user", ann)
    assert "argon2" not in repr(entries)
    assert [change.name for change in entries[0].changes] == ["password"]


@pytest.mark.parametrize("password", ["short", "x" * 201, ""])
def test_a_password_has_a_length(shop: Gateway, password: str) -> None:
    with pytest.raises(Invalid, match="between 8 and 200 characters"):
        user(shop, "bob", password=password)
    with pytest.raises(UsageError):
        identity.actor_named(shop, "bob")


def test_a_user_has_a_login_of_their_own_and_roles_that_exist(shop: Gateway, ann: int) -> None:
    with pytest.raises(Invalid) as twice:
        user(shop, "ann")
    assert [(each.at, each.code) for each in twice.value.errors] == [("login", "unique")]
    with pytest.raises(Invalid) as unknown:
        user(shop, "bob", roles=["emperor"])
    assert {each.at.partition(".")[0] for each in unknown.value.errors} == {"roles"}


def test_a_language_or_zone_that_is_none_does_not_lock_one_out(shop: Gateway) -> None:
    user(shop, "mars", language="klingon!", timezone="Mars/Olympus")
    found = identity.actor_named(shop, "mars").display
    assert (found.language, found.zone) == ("en", "Europe/Bucharest")
