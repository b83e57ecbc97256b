"""A delete that is refused, or takes others along, neither names nor counts what one may not see."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.errors import Invalid
from engine.identity.identity import actor_named
from engine.pages.actions import told_along
from engine.service import records
from engine.service.delete import consequences
from engine.work.context import SYSTEM, Context
from engine.work.gateway import Gateway
from tests.support.shop import opened

METADATA = """
app: deleting
---
role: agent
---
role: clerk
---
entity: account
properties: {name: {type: text, required: true}}
access:
  agent: {read: all, delete: all}
  clerk: {read: all, delete: all}
---
entity: deal
ownership: user
properties: {name: {type: text}}
relations:
  account: {to: account, on_delete: restrict}
  second:  {to: account, on_delete: restrict, access: {read: [clerk]}}
access:
  agent: {read: own, update: own}
---
entity: visit
ownership: user
properties: {name: {type: text}}
relations:
  account: {to: account, on_delete: cascade}
access:
  agent: {read: own}
"""


@pytest.fixture
def house(tmp_path: Path, database_url: str) -> Iterator[Gateway]:
    gateway = opened(tmp_path, database_url, METADATA)
    with gateway.write(SYSTEM, "cli") as context:
        for login, role in (("ana", "agent"), ("otto", "agent"), ("cleo", "clerk")):
            records.create(context, "user", {"login": login, "name": login.title(), "roles": [role]})
    yield gateway
    gateway.close()


def _account(house: Gateway, owners: tuple[str, ...], relation: str = "account") -> int:
    """An account with a deal of each of some people."""
    with house.write(SYSTEM, "cli") as context:
        account = records.create(context, "account", {"name": "Acme"}).id
        for login in owners:
            owner = actor_named(house, login).id
            records.create(context, "deal", {"name": "d", "owner": owner, relation: account})
    return account


def _refused(house: Gateway, login: str, account: int) -> list[str]:
    with (
        pytest.raises(Invalid) as error,
        house.write(actor_named(house, login), "api") as context,
    ):
        records.delete(context, "account", account)
    assert {each.code for each in error.value.errors} == {"in-use"}
    return [each.message for each in error.value.errors]


HIDDEN = ["Other records that you may not see refer to it: ask somebody who may change them."]


def test_what_one_may_see_is_counted_and_hidden_records_change_nothing(house: Gateway) -> None:
    told = _refused(house, "ana", _account(house, ("ana", "ana")))
    assert told == ["2 deals refer to it as account: change or delete them first."]
    assert _refused(house, "ana", _account(house, ("ana", "otto", "ana", "otto"))) == told


def test_of_hidden_records_alone_no_number_and_no_name_is_told(house: Gateway) -> None:
    assert _refused(house, "ana", _account(house, ("otto",))) == HIDDEN
    assert _refused(house, "ana", _account(house, ("otto", "otto", "otto"))) == HIDDEN
    assert _refused(house, "cleo", _account(house, ("ana",))) == HIDDEN  # no grant on deals at all


def test_a_relation_that_one_may_not_read_is_not_named(house: Gateway) -> None:
    assert _refused(house, "ana", _account(house, ("ana",), "second")) == HIDDEN


def test_an_administrator_is_told_all(house: Gateway) -> None:
    with (
        pytest.raises(Invalid) as error,
        house.write(SYSTEM, "cli") as context,
    ):
        records.delete(context, "account", _account_of(context))
    assert [each.message for each in error.value.errors] == [
        "2 deals refer to it as account: change or delete them first."
    ]


def _account_of(context: Context) -> int:
    """An account with two deals, made in this unit of work."""
    account = records.create(context, "account", {"name": "Acme"}).id
    for _ in range(2):
        records.create(context, "deal", {"name": "d", "account": account})
    return account


def test_of_what_goes_along_only_what_one_may_see_is_counted(house: Gateway) -> None:
    with house.write(SYSTEM, "cli") as context:
        account = records.create(context, "account", {"name": "Acme"}).id
        for login in ("ana", "otto", "otto"):
            owner = actor_named(house, login).id
            records.create(context, "visit", {"name": "v", "owner": owner, "account": account})
    told = []
    for login in ("ana", "cleo"):
        with house.write(actor_named(house, login), "page") as context:
            found = consequences(context, "account", {account})
            told.append(told_along(context, context.runtime.entities["account"], found, {account}))
    assert told == [["1 visit", "other records that you may not see"], ["other records that you may not see"]]
