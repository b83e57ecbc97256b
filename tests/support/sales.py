"""A small sales office as metadata: orders that react while they are filled in, and pickers that offer what fits."""

from __future__ import annotations

from pathlib import Path

from engine.app import Engine, open_app
from engine.identity import identity
from engine.service import records
from engine.work.context import SYSTEM
from tests.support.library import PASSWORD
from tests.support.metadata import write

SALES = """
# metadata/app.yaml
app: sales
label: Sales Office
settings: {currency: EUR, timezone: Europe/Bucharest}

# entities/customer.yaml
entity: customer
properties:
  name: {type: text, required: true, search: high}

# entities/person.yaml
entity: person
properties:
  name: {type: text, required: true, search: high}
relations:
  customer: {to: customer, inverse: people}

# entities/product.yaml
entity: product
properties:
  name:  {type: text, required: true, search: high}
  price: {type: money, required: true}

# entities/order.yaml
entity: order
title: "{name}"
properties:
  name:
    type: text
    required: true
    default: {cel: "record.customer.name + ' - ' + record.status"}
  status:   {type: choice, required: true, default: open, options: [open, shipped, refunded]}
  currency: {type: choice, required: true, default: EUR, options: [EUR, USD], readonly_if: old.status == 'shipped'}
  discount: {type: percent, min: 0, max: 100, default: 0, readonly_if: old.status == 'shipped'}
  due_on:   {type: date}
  overdue:  {type: boolean, computed: "has(record.due_on) && record.due_on < today()"}
  total:
    type: money
    currency: currency
    computed: "record.lines.map(l, l.amount).sum() * (1 - coalesce(record.discount, 0) / 100)"
    stored: true
  refund:
    type: money
    currency: currency
    visible_if: record.total > 0
    required_if: record.status == 'refunded'
relations:
  customer: {to: customer, inverse: orders}
  person:   {to: person, inverse: orders, options_where: option.customer == record.customer}
  lines:    {to: order_line, kind: composition, inverse: order, readonly_if: old.status == 'shipped'}

# entities/order_line.yaml
entity: order_line
properties:
  what:     {type: text, required: true}
  quantity: {type: integer, required: true, default: 1, min: 1}
  price:
    type: money
    currency: order.currency
    required: true
    default: {cel: "record.product.price.currency == record.order.currency ? record.product.price : null"}
  amount:   {type: money, currency: order.currency, computed: record.quantity * record.price, stored: true}
relations:
  product: {to: product, inverse: lines}

# ui_schema/order.yaml
grid: order
columns: [name, customer, status, due_on, overdue, total]
sort: [name]
views:
  late: {label: Overdue, where: record.overdue}
---
form: order
layout:
  - section: Order
    columns: 2
    fields: [name, customer, person, status, currency, discount, due_on, refund]
  - related: lines
    columns: [product, what, quantity, price, amount]
  - section: Total
    columns: 2
    fields: [total]
"""

PRODUCTS = {"Lamp": "19.99", "Desk": "240.00"}
PEOPLE = {"Acme": ("Ann", "Adam"), "Bolt": ("Bea", "Bob")}


def open_sales(folder: Path) -> Engine:
    """The sales office on a fresh SQLite database, with the user `admin`, two customers and two people of each."""
    write(folder, SALES)
    engine = open_app(folder, database=f"sqlite:///{folder / 'sales.db'}", apply=True, environment={})
    with engine.gateway.write(SYSTEM, "cli") as context:
        identity.create_user(context, "admin", PASSWORD, ["administrator"], "Ada Min")
        for name, price in PRODUCTS.items():
            records.create(context, "product", {"name": name, "price": price})
        for customer, people in PEOPLE.items():
            number = records.create(context, "customer", {"name": customer}).id
            for person in people:
                records.create(context, "person", {"name": person, "customer": number})
    return engine
