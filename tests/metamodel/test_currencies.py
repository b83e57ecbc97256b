"""The path of a currency is checked: where it leads, and that a currency can stand there."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.declared.currencies import currency_sources
from tests.support.metadata import application, complaints

ACCOUNT = """entity: account
properties:
  name:     {type: text}
  currency: {type: text, max_length: 3}
  trade:    {type: choice, options: {EUR: {}, RON: {}}}
  mood:     {type: choice, options: [good, bad]}
  since:    {type: date}
"""
ORDER = """---
entity: order
properties:
  currency: {type: choice, options: [eur, ron, usd]}
  total:    {type: money, currency: CURRENCY}
relations:
  account: {to: account, inverse: orders}
  other:   {to: [account, line]}
  lines:   {to: line, kind: composition, inverse: order}
---
entity: line
properties:
  amount: {type: money, currency: order.account.currency}
"""


@pytest.mark.parametrize("path", ["currency", "account.currency", "account.trade"])
def test_a_sibling_and_a_path_are_fine(tmp_path: Path, path: str) -> None:
    assert complaints(tmp_path, ACCOUNT + ORDER.replace("CURRENCY", path)) == []


@pytest.mark.parametrize(
    ("path", "complaint"),
    [
        (
            "curency",
            "37 error[unknown-property] no property 'curency' on order -- did you mean 'currency'?",
        ),
        (
            "account.curency",
            "45 error[unknown-property] no property 'curency' on account -- did you mean 'currency'?",
        ),
        (
            "acount.currency",
            "37 error[unknown-property] no property 'acount' on order -- did you mean 'account'?",
        ),
        (
            "eur",
            "37 error[unknown-property] no property 'eur' on order -- a currency is written in capitals: EUR",
        ),
        (
            "account",
            (
                "37 error[bad-path] 'account' leads to account, not to a currency"
                " -- go on to a property, as in account.currency"
            ),
        ),
        (
            "account.since",
            (
                "45 error[bad-path] 'account.since' is a date, which holds no currency"
                " -- name a text or a choice that holds codes such as EUR"
            ),
        ),
        (
            "total",
            (
                "37 error[bad-path] 'total' is a money, which holds no currency"
                " -- name a text or a choice that holds codes such as EUR"
            ),
        ),
        (
            "account.mood",
            (
                "37 error[unknown-currency] 'good', an option of 'account.mood', is no currency"
                " -- options that say a currency are codes such as EUR"
            ),
        ),
        (
            "account.orders.currency",
            (
                "45 error[to-many-path] 'orders' leads to many records"
                " -- 'orders' are many records of order: show them as a related list"
            ),
        ),
        (
            "lines.amount",
            (
                "37 error[to-many-path] 'lines' leads to many records: a path can't go through it"
                " -- show it as a related list instead"
            ),
        ),
        (
            "other.currency",
            (
                "37 error[bad-path] 'other' leads to several entities: a path can't go through it"
                " -- it may be account, line"
            ),
        ),
    ],
)
def test_what_leads_to_no_currency_is_complained_of_at_the_word(
    tmp_path: Path, path: str, complaint: str
) -> None:
    found = complaints(tmp_path, ACCOUNT + ORDER.replace("CURRENCY", path))
    assert [each.partition(":")[2].partition(":")[2] for each in found] == [complaint]


def test_what_says_currencies_is_known(tmp_path: Path) -> None:
    found = application(tmp_path, ACCOUNT + ORDER.replace("CURRENCY", "currency"))
    assert set(currency_sources(found.entities)) == {("order", "currency"), ("account", "currency")}
