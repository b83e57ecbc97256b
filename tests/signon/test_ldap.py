"""Signing in with the password of a real directory: who gets in as whom, and what does not let anybody in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from engine.declared.settings import LdapSettings
from engine.identity import identity
from engine.identity.attempts import SignInRefused, TooManyAttempts
from engine.identity.events import Origin
from engine.service import records
from engine.signon import ldap
from engine.work.context import SYSTEM, Actor
from engine.work.gateway import Gateway
from tests.conftest import lacking
from tests.identity.conftest import PASSWORD, make_user
from tests.support.directory import BASE, READER, READER_PASSWORD, Directory, NoDirectory, directory

LEA, KEN = "lea's long password", "ken's long password"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Directory]:
    try:
        with directory(tmp_path_factory.mktemp("directory")) as made:
            yield made
    except NoDirectory as reason:
        lacking(str(reason))


@pytest.fixture
def how(running: Directory, monkeypatch: pytest.MonkeyPatch) -> LdapSettings:
    monkeypatch.setenv(ldap.VARIABLE, READER_PASSWORD)
    return LdapSettings(
        url=running.url,
        base=f"ou=people,{BASE}",
        bind_dn=READER,
        ca_file=str(running.certificate),
        groups_base=BASE,
        create=True,
        roles=(("sellers", "seller"), ("admins", "administrator")),
    )


def joined(shop: Gateway, how: LdapSettings) -> Gateway:
    """The shop with a directory."""
    application = shop.runtime.application
    settings = replace(application.settings, ldap=how)
    shop.swap(replace(shop.runtime, application=replace(application, settings=settings)))
    return shop


def sign_in(shop: Gateway, login: str, password: str) -> Actor:
    elsewhere = ldap.elsewhere(shop, Origin("here", ""))
    found = identity.actor_of_session(shop, identity.sign_in(shop, login, password, "here", "", elsewhere))
    assert found is not None
    return found[0]


def test_somebody_of_the_directory_gets_a_user_with_the_roles_of_their_groups(
    shop: Gateway, how: LdapSettings
) -> None:
    joined(shop, how)
    lea = sign_in(shop, "lea", LEA)
    assert (lea.login, lea.name, lea.roles) == ("lea", "Lea Brown", frozenset({"seller"}))
    assert sign_in(shop, "LEA", LEA).id == lea.id
    assert sign_in(shop, "ken", KEN).administrator
    with shop.read(SYSTEM, "page") as context:
        assert lea.id is not None
        row = identity.row_of(context, lea.id)
    assert (row.email, row.password) == ("lea@shop.example", None)


@pytest.mark.parametrize(
    ("login", "password"),
    [
        ("lea", "wrong"),
        ("lea", ""),
        ("lea", KEN),
        ("nobody", LEA),
        ("l*", LEA),
        ("*", LEA),
        ("lea)(uid=*", LEA),
        ("lea)(|(uid=*", LEA),
        ("\\6c\\65\\61", LEA),
        ("lea\0", "wrong"),
        ("twin", "the same password"),
        ("", LEA),
        ("x" * 5000, LEA),
    ],
)
def test_who_does_not_get_in(shop: Gateway, how: LdapSettings, login: str, password: str) -> None:
    joined(shop, how)
    with pytest.raises(SignInRefused, match="The name or the password is wrong"):
        sign_in(shop, login, password)


def test_a_password_of_here_goes_first_and_a_name_of_here_is_not_taken_over(
    shop: Gateway, how: LdapSettings
) -> None:
    joined(shop, how)
    local = make_user(shop, "lea", "reader")
    assert sign_in(shop, "lea", PASSWORD).id == local
    with pytest.raises(SignInRefused, match="Somebody here has your sign-in name"):
        sign_in(shop, "lea", LEA)
    joined(shop, replace(how, same_names=True))
    assert sign_in(shop, "lea", LEA).roles == frozenset({"seller"})


def test_guessing_is_slowed_down_as_ever(shop: Gateway, how: LdapSettings) -> None:
    joined(shop, how)
    for _ in range(5):
        with pytest.raises(SignInRefused):
            sign_in(shop, "lea", "wrong")
    with pytest.raises(TooManyAttempts):
        sign_in(shop, "lea", LEA)


def test_who_is_switched_off_here_stays_out(shop: Gateway, how: LdapSettings) -> None:
    joined(shop, how)
    user = sign_in(shop, "lea", LEA).id
    assert user is not None
    with shop.write(SYSTEM, "cli") as context:
        records.update(context, "user", user, {"active": False})
    with pytest.raises(SignInRefused, match="switched off"):
        sign_in(shop, "lea", LEA)


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "ldap://127.0.0.1:9"},
        {"ca_file": ""},  # nobody vouches for its certificate
        {"bind_dn": "cn=stranger,dc=shop,dc=example"},
    ],
)
def test_a_directory_that_can_t_be_asked_keeps_nobody_of_here_out(
    shop: Gateway, how: LdapSettings, wrong: dict[str, Any]
) -> None:
    joined(shop, replace(how, **wrong))
    with pytest.raises(SignInRefused, match="The directory does not answer"):
        sign_in(shop, "lea", LEA)
    make_user(shop, "ann")
    assert sign_in(shop, "ann", PASSWORD)


def test_groups_may_be_found_by_the_sign_in_name_and_names_need_no_care(
    shop: Gateway, how: LdapSettings
) -> None:
    by_name = replace(how, groups_filter="(&(cn=admins)(member=uid={login},ou=people,dc=shop,dc=example))")
    found = ldap.person_of(by_name, "ken", KEN)
    assert found is not None
    assert (found.name, found.groups) == ("Ken (Kiosk) * Two", frozenset({"admins"}))
    assert len(found.subject) == 36
