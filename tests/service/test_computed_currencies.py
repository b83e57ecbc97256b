"""Sums of money whose currency another property says: also the sum of nothing is in that currency."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from engine.drafts.preview import preview
from engine.reading.query import Record
from engine.service import records
from engine.types.money import Money
from engine.work.context import SYSTEM
from engine.work.gateway import Gateway
from tests.support.shop import opened

SALES = """
app: sales
settings: {currency: EUR}
---
entity: customer
properties:
  name:     {type: text}
  currency: {type: choice, options: [EUR, USD], default: EUR}
  bought:   {type: money, currency: currency, computed: "record.orders.map(o, o.total).sum()", stored: true}
---
entity: order
properties:
  currency: {type: choice, options: [EUR, USD], default: EUR}
  postage:  {type: money, currency: currency}
  discount: {type: percent, default: 0}
  net:      {type: money, currency: currency, computed: "record.lines.map(l, l.amount).sum()", stored: true}
  total:
    type: money
    currency: currency
    computed: record.net * (1 - record.discount / 100) + coalesce(record.postage, 0)
    stored: true
relations:
  customer: {to: customer, inverse: orders}
  lines:    {to: line, kind: composition, inverse: order}
---
entity: line
properties:
  quantity: {type: decimal, default: 1}
  price:    {type: money, currency: order.currency}
  amount:   {type: money, currency: order.currency, computed: record.quantity * record.price, stored: true}
"""


@pytest.fixture
def sales(tmp_path: Path, database_url: str) -> Iterator[Gateway]:
    gateway = opened(tmp_path, database_url, SALES)
    yield gateway
    gateway.close()


def usd(amount: str) -> Money:
    return Money(Decimal(amount), "USD")


def create(sales: Gateway, entity: str, **values: object) -> Record:
    return sales.writing(SYSTEM, "api", lambda context: records.create(context, entity, values))


def test_the_sum_of_nothing_is_in_the_currency_of_the_record(sales: Gateway) -> None:
    order = create(sales, "order", currency="USD", postage=5)
    assert (order.values["net"], order.values["total"]) == (usd("0.00"), usd("5.00"))
    assert create(sales, "customer", currency="USD").values["bought"] == usd("0.00")


def test_totals_follow_when_the_last_line_goes(sales: Gateway) -> None:
    customer = create(sales, "customer", currency="USD")
    lines = [{"quantity": "1.5", "price": "9.99"}, {"price": 2}]
    order = create(sales, "order", currency="USD", discount=10, customer=customer.id, lines=lines)
    assert (order.values["net"], order.values["total"]) == (usd("16.99"), usd("15.29"))
    with sales.read(SYSTEM) as context:
        assert records.get(context, "customer", customer.id).values["bought"] == usd("15.29")
    for line in (1, 2):
        with sales.write(SYSTEM) as context:
            records.delete(context, "line", line)
    with sales.read(SYSTEM) as context:
        assert records.get(context, "order", order.id).values["total"] == usd("0.00")
        assert records.get(context, "customer", customer.id).values["bought"] == usd("0.00")


def test_a_preview_shows_the_sum_of_nothing_in_it_too(sales: Gateway) -> None:
    with sales.read(SYSTEM) as context:
        found = preview(context, "order", {"currency": "USD"})
    assert found.computed["net"] == usd("0.00")


def test_amounts_move_along_to_another_currency(sales: Gateway) -> None:
    order = create(sales, "order", currency="EUR", postage=5, lines=[{"price": 2}])
    moved = sales.writing(
        SYSTEM, "api", lambda context: records.update(context, "order", order.id, {"currency": "USD"})
    )
    assert (moved.values["net"], moved.values["total"]) == (usd("2.00"), usd("7.00"))
