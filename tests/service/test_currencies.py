"""Amounts follow what says their currency: a sibling, a related record, the parent, exactly and never silently."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from engine.errors import Invalid
from engine.reading.query import Record
from engine.sampling.order import portions
from engine.sampling.sampler import Sampler
from engine.service import records
from engine.types.money import Money
from engine.work.context import SYSTEM
from engine.work.gateway import Gateway
from tests.support.shop import opened

METADATA = """app: trade
settings: {currency: EUR}
---
entity: account
properties:
  name:     {type: text, required: true}
  currency: {type: text, max_length: 40}
---
entity: invoice
properties:
  note:     {type: text}
  currency: {type: choice, options: [EUR, ron, JPY, KWD]}
  total:    {type: money, currency: currency}
  fee:      {type: money, currency: currency, default: 5, max: 1000}
  credit:   {type: money, currency: account.currency}
relations:
  account: {to: account}
  lines:   {to: invoice_line, kind: composition, inverse: invoice}
---
entity: invoice_line
properties:
  label:  {type: text}
  amount: {type: money, currency: invoice.currency}
  limit:  {type: money, currency: invoice.account.currency}
"""


@pytest.fixture
def trade(tmp_path: Path, database_url: str) -> Iterator[Gateway]:
    gateway = opened(tmp_path, database_url, METADATA)
    yield gateway
    gateway.close()


def create(trade: Gateway, entity: str, **values: Any) -> Record:
    return trade.writing(SYSTEM, "api", lambda context: records.create(context, entity, values))


def update(trade: Gateway, record: Record, **values: Any) -> Record:
    return trade.writing(
        SYSTEM, "api", lambda context: records.update(context, record.entity, record.id, values)
    )


def refused(work: Any, *args: Any, **values: Any) -> list[tuple[str, str, str]]:
    with pytest.raises(Invalid) as error:
        work(*args, **values)
    return [(each.at, each.code, each.message) for each in error.value.errors]


def money(amount: str, currency: str) -> Money:
    return Money(Decimal(amount), currency)


def test_an_amount_without_a_currency_is_in_the_siblings(trade: Gateway) -> None:
    made = create(trade, "invoice", currency="ron", total="10.50")
    assert made.values["total"] == money("10.50", "RON")
    assert made.values["fee"] == money("5", "RON")  # the default too
    exact = create(trade, "invoice", currency="KWD", total="10.505", fee=None)
    assert exact.values["total"] == money("10.505", "KWD")


def test_an_amount_without_a_currency_is_in_the_related_records(trade: Gateway) -> None:
    account = create(trade, "account", name="Acme", currency="usd")
    made = create(trade, "invoice", account=account.id, credit=7)
    assert made.values["credit"] == money("7", "USD")


def test_where_nothing_says_one_the_writers_stands_else_the_applications(trade: Gateway) -> None:
    assert create(trade, "invoice", total=3).values["total"] == money("3", "EUR")
    said = create(trade, "invoice", total={"amount": "3", "currency": "CHF"})
    assert said.values["total"] == money("3", "CHF")
    nameless = create(trade, "account", name="Acme")
    assert create(trade, "invoice", account=nameless.id, credit=1).values["credit"] == money("1", "EUR")


def test_what_the_writer_says_may_not_contradict_it(trade: Gateway) -> None:
    same = create(trade, "invoice", currency="JPY", total={"amount": "3", "currency": "JPY"})
    assert same.values["total"] == money("3", "JPY")
    said = {"amount": "3", "currency": "EUR"}
    assert refused(create, trade, "invoice", currency="JPY", total=said) == [
        ("total.currency", "other-currency", "This is in JPY, as Currency says, not in EUR.")
    ]


def test_an_amount_is_as_exact_as_its_currency(trade: Gateway) -> None:
    assert refused(create, trade, "invoice", currency="JPY", total="10.50", fee=None) == [
        ("total", "too-many-decimals", "An amount in JPY has no decimals.")
    ]
    assert refused(create, trade, "invoice", currency="KWD", total="0.12345", fee=None)[0][1] == (
        "too-many-decimals"
    )
    assert refused(create, trade, "invoice", currency="JPY", fee=1001)[0][0] == "fee"


def test_a_text_that_is_no_currency_is_an_error_at_the_amount(trade: Gateway) -> None:
    account = create(trade, "account", name="Acme", currency="Euro")
    assert refused(create, trade, "invoice", account=account.id, credit=7) == [
        ("credit", "unknown-currency", "“Euro” is no currency: Account › Currency says so.")
    ]


def test_an_amount_keeps_its_currency_until_the_record_itself_changes_it(trade: Gateway) -> None:
    account = create(trade, "account", name="Acme", currency="USD")
    made = create(trade, "invoice", account=account.id, credit=7)
    update(trade, account, currency="GBP")
    assert update(trade, made, note="x").values["credit"] == money("7", "USD")
    assert update(trade, made, credit=8).values["credit"] == money("8", "USD")
    back = update(trade, made, credit={"amount": "8", "currency": "USD"})
    assert back.values["credit"] == money("8", "USD")
    now = update(trade, made, credit={"amount": "8", "currency": "GBP"})
    assert now.values["credit"] == money("8", "GBP")
    other = create(trade, "account", name="Other", currency="RON")
    assert update(trade, made, account=other.id).values["credit"] == money("8", "RON")


def test_another_currency_of_the_record_takes_its_amounts_along(trade: Gateway) -> None:
    made = create(trade, "invoice", currency="EUR", total="10.50", fee=2)
    moved = update(trade, made, currency="ron")
    assert (moved.values["total"], moved.values["fee"]) == (money("10.50", "RON"), money("2", "RON"))
    with trade.read(SYSTEM) as context:
        newest = records.history(context, "invoice", made.id)[0]
    assert {change.name for change in newest.changes} == {"currency", "total", "fee"}
    assert refused(update, trade, made, currency="JPY") == [
        ("total", "too-many-decimals", "An amount in JPY has no decimals.")
    ]
    assert update(trade, made, currency="JPY", total=11).values["total"] == money("11", "JPY")
    assert update(trade, made, total=None).values["total"] is None


def test_rows_follow_their_parent(trade: Gateway) -> None:
    account = create(trade, "account", name="Acme", currency="USD")
    lines = [{"label": "a", "amount": 1, "limit": 9}, {"label": "b", "amount": 2}, {"label": "c"}]
    made = create(trade, "invoice", currency="ron", account=account.id, lines=lines)
    rows = made.children["lines"]
    assert [row.values["amount"] for row in rows] == [money("1", "RON"), money("2", "RON"), None]
    assert rows[0].values["limit"] == money("9", "USD")
    moved = update(trade, made, currency="EUR", lines=[{"id": rows[0].id, "amount": 4}])
    assert [row.values["amount"] for row in moved.children["lines"]] == [
        money("4", "EUR"),
        money("2", "EUR"),
        None,
    ]
    assert moved.children["lines"][0].values["limit"] == money("9", "USD")
    more = update(trade, made, lines=[{"label": "d", "amount": "0.50"}])
    assert more.children["lines"][3].values["amount"] == money("0.50", "EUR")
    assert [row.values["label"] for row in more.children["lines"]] == ["a", "b", "c", "d"]


def test_a_row_that_can_not_follow_stops_the_change(trade: Gateway) -> None:
    made = create(trade, "invoice", currency="EUR", lines=[{"amount": "0.50"}])
    (error,) = refused(update, trade, made, currency="JPY")
    assert error == ("lines.0.amount", "too-many-decimals", "An amount in JPY has no decimals.")
    with trade.read(SYSTEM) as context:
        kept = records.get(context, "invoice", made.id)
    assert kept.values["currency"] == "EUR"


def test_samples_are_in_the_currency_that_is_said(trade: Gateway) -> None:
    sampler = Sampler(trade.runtime, lambda: trade.write(SYSTEM, "sample"), 1, trade.clock(), lambda *_: None)
    sampler.run(portions(trade.runtime, 40))
    checked = 0
    with trade.read(SYSTEM) as context:
        found = context.connection.exec_driver_sql(
            "SELECT i.currency, i.total$currency, a.currency, i.credit$currency, l.amount$currency"
            " FROM invoice i JOIN account a ON a.id = i.account JOIN invoice_line l ON l.invoice = i.id"
        )
        for own, total, accounts, credit, amount in found:
            assert total in (None, own.upper() if own else "EUR")
            assert credit in (None, accounts)
            assert amount in (None, own.upper() if own else "EUR")
            checked += bool(own and total and credit and amount)
    assert checked > 5
