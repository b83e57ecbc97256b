"""Acting as somebody else: who may, what it lets one do, and what the histories say."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from engine.errors import Forbidden, Invalid
from engine.identity import events, identity, impersonation
from engine.identity.events import Origin
from engine.service import records
from engine.store.system import audit
from engine.work.context import SYSTEM, Actor
from engine.work.gateway import Gateway
from tests.identity.conftest import PASSWORD, make_user

HERE = Origin("here", "")


@pytest.fixture
def sue(shop: Gateway) -> int:
    return make_user(shop, "sue", "seller", name="Sue")


@pytest.fixture
def boss(shop: Gateway) -> int:
    return make_user(shop, "boss", "administrator", name="Boss")


def who(shop: Gateway, secret: str) -> Actor | None:
    found = identity.actor_of_session(shop, secret)
    return found[0] if found else None


def acting(shop: Gateway, login: str = "sue") -> str:
    secret = identity.sign_in(shop, "boss", PASSWORD)
    actor = who(shop, secret)
    assert actor is not None
    with shop.write(actor, "page") as context:
        return impersonation.begin(context, secret, login, HERE)[0]


def test_one_is_the_user_and_the_history_says_who_really_acts(shop: Gateway, sue: int, boss: int) -> None:
    actor = who(shop, acting(shop))
    assert actor is not None
    assert (actor.id, actor.login, actor.roles, actor.behind) == (sue, "sue", frozenset({"seller"}), boss)
    assert not actor.administrator
    with pytest.raises(Forbidden), shop.write(actor, "page") as context:
        records.create(context, "fair", {"name": "May"})
    with shop.write(actor, "page") as context:
        made = records.create(context, "account", {"name": "Acme"})
    with shop.read(SYSTEM, "page") as context:
        entry = records.history(context, "account", made.id)[0]
        row = context.connection.execute(sa.select(audit).where(audit.c.entity == "account")).one()
    assert (entry.actor, entry.actor_name) == (None, "Boss as Sue")
    assert (row.actor_id, row.behind_id) == (sue, boss)


def test_the_secret_of_before_is_good_no_more_and_neither_is_that_of_acting(
    shop: Gateway, sue: int, boss: int
) -> None:
    secret = identity.sign_in(shop, "boss", PASSWORD)
    actor = who(shop, secret)
    assert actor is not None
    with shop.write(actor, "page") as context:
        acted, _ = impersonation.begin(context, secret, "sue", HERE)
    assert who(shop, secret) is None
    pretending = who(shop, acted)
    assert pretending is not None
    with shop.write(pretending, "page") as context:
        back, _ = impersonation.end(context, acted, HERE)
    assert who(shop, acted) is None
    again = who(shop, back)
    assert again is not None
    assert (again.id, again.behind, again.administrator) == (boss, None, True)
    with shop.read(SYSTEM, "page") as context:
        found = [
            (each.kind, each.login, each.actor_id, each.actor_name) for each in events.recent(context, 2)
        ]
    assert found == [
        ("impersonation-ended", "sue", boss, "Boss as Sue"),
        ("impersonation-begun", "sue", boss, "Boss"),
    ]


@pytest.mark.parametrize("login", ["boss", "other", "nobody", "", "off"])
def test_whom_nobody_acts_as(shop: Gateway, sue: int, boss: int, login: str) -> None:
    make_user(shop, "other", "administrator")
    off = make_user(shop, "off")
    with shop.write(SYSTEM, "cli") as context:
        records.update(context, "user", off, {"active": False})
    with pytest.raises(Invalid):
        acting(shop, login)


@pytest.mark.parametrize("values", [{"active": False}, {"roles": ["seller"]}])
def test_it_ends_with_the_right_to_it(shop: Gateway, sue: int, boss: int, values: dict[str, object]) -> None:
    secret = acting(shop)
    with shop.write(SYSTEM, "cli") as context:
        records.update(context, "user", boss, values)
    assert who(shop, secret) is None


def test_it_ends_with_the_user(shop: Gateway, sue: int, boss: int) -> None:
    secret = acting(shop)
    with shop.write(SYSTEM, "cli") as context:
        records.update(context, "user", sue, {"active": False})
    assert who(shop, secret) is None
