"""An application of rules: claims with conditions, and shops whose totals are computed through three levels."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.work.gateway import Gateway
from tests.support.shop import opened

CLAIMS = """
app: claims
settings: {currency: EUR, timezone: Europe/Bucharest}
---
entity: claim
properties:
  title:    {type: text, required: true}
  status:   {type: choice, options: [open, refunded, closed], default: open}
  cost:     {type: money, currency: EUR}
  refund:
    type: money
    currency: EUR
    visible_if: record.cost > 0
    required_if: record.status == 'refunded'
  note:     {type: text, readonly_if: record.status == 'closed'}
  reason:   {type: text, required_if: "changed(record.cost) && !is_new()"}
  due:      {type: datetime, default: {cel: "now() + duration('48h')"}}
  label:    {type: text, default: {cel: "record.title + ' (' + record.status + ')'"}}
  overdue:  {type: boolean, computed: "record.due < now() && record.status != 'closed'"}
  doubled:  {type: money, currency: EUR, computed: record.cost * 2}
relations:
  lines:    {to: claim_line, kind: composition, inverse: claim}
  keeper:   {to: user, default: {cel: user}}
  previous: {to: claim, options_where: option.status == record.status, inverse: next}
validations:
  - {check: record.due > record.created_at, message: The due date must come after the creation date., at: due}
  - {check: "record.cost < 1000 || record.lines.size() > 0", message: A claim so high needs lines.}
---
entity: claim_line
properties:
  what:     {type: text, required: true}
  share:    {type: percent}
  hint:     {type: text, required_if: parent.status == 'refunded'}
validations:
  - {check: record.share <= 100, message: A share is at most 100., at: share}
---
entity: shop
properties:
  name:    {type: text, required: true}
  revenue: {type: money, currency: EUR, computed: "record.orders.map(o, o.total).sum()", stored: true}
  large:   {type: integer, computed: "record.orders.filter(o, o.total > 10).size()", stored: true}
  mood:    {type: text, computed: "record.revenue > 20 ? 'fine' : 'slow'", stored: true}
---
entity: purchase
properties:
  name:     {type: text}
  discount: {type: percent, default: 0}
  net:      {type: money, currency: EUR, computed: "record.lines.map(l, l.amount).sum()", stored: true}
  total:    {type: money, currency: EUR, computed: record.net * (1 - record.discount / 100), stored: true}
relations:
  shop:  {to: shop, inverse: orders}
  lines: {to: purchase_line, kind: composition, inverse: purchase}
  gifts: {to: item, kind: many_to_many, inverse: given_with}
---
entity: item
properties:
  price: {type: money, currency: EUR}
  sold:  {type: decimal, computed: "record.uses.map(u, u.quantity).sum()", stored: true}
  given: {type: integer, computed: record.given_with.size(), stored: true}
---
entity: purchase_line
properties:
  quantity: {type: decimal, default: 1}
  amount:   {type: money, currency: EUR, computed: record.quantity * record.item.price, stored: true}
relations:
  item: {to: item, inverse: uses}
"""


@pytest.fixture
def claims(tmp_path: Path, database_url: str) -> Iterator[Gateway]:
    """The gateway of the claims, on SQLite and on PostgreSQL."""
    gateway = opened(tmp_path, database_url, CLAIMS)
    yield gateway
    gateway.close()
