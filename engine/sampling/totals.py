"""Sums that hold in made-up records: a line's amount, and what an order says of its lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from engine.service.bulk import NewRow
from engine.types.base import PropertyType, Refused

Types = Mapping[str, PropertyType]

AMOUNT = ("amount", "line_total", "line_amount", "total")
PRICE = ("unit_price", "price")
QUANTITY = ("quantity", "qty")
SUBTOTAL = ("subtotal", "net_total", "net_amount")
TAX = ("tax", "tax_amount", "vat_amount")
SHIPPING = ("shipping_cost", "shipping", "delivery_cost")
TOTAL = ("total", "grand_total", "total_amount", "amount")
COUNT = ("items_count", "lines_count", "item_count", "line_count")
TAX_RATE = Decimal("0.21")
CENT = Decimal("0.01")


def add_up(parent: Types, child: Types, record: NewRow, rows: Sequence[NewRow]) -> None:
    """Make the amounts of the rows, and then those of the record, what they follow from."""
    price, quantity, amount = _first(child, PRICE), _first(child, QUANTITY), _first(child, AMOUNT)
    if not price or not quantity:
        return
    net = Decimal(0)
    for row in rows:
        discount = _number(row.values.get("discount"))
        exact = _number(row.values.get(quantity)) * _number(row.values.get(price)) * (1 - discount / 100)
        line = exact.quantize(CENT, ROUND_HALF_UP)
        net += line
        if amount:
            _put(child, row.values, amount, line)
    _sum(parent, record.values, net, len(rows))


def _sum(types: Types, values: dict[str, Any], net: Decimal, count: int) -> None:
    subtotal, tax, shipping, total = (_first(types, names) for names in (SUBTOTAL, TAX, SHIPPING, TOTAL))
    less = net * (1 - _number(values.get("discount")) / 100)
    taxes = (less * TAX_RATE).quantize(CENT, ROUND_HALF_UP) if tax else Decimal(0)
    carriage = _number(values.get(shipping)) if shipping else Decimal(0)
    for name, number in (
        (subtotal, net),
        (tax, taxes),
        (total, (less + taxes + carriage).quantize(CENT, ROUND_HALF_UP)),
        (_first(types, COUNT), Decimal(count)),
    ):
        if name:
            _put(types, values, name, number)


def _first(types: Types, names: Iterable[str]) -> str:
    return next((name for name in names if name in types), "")


def _number(value: Any) -> Decimal:
    """A number or an amount of money as a number; nothing is 0."""
    found = getattr(value, "amount", value)
    return Decimal(found) if isinstance(found, Decimal | int) else Decimal(0)


def _put(types: Types, values: dict[str, Any], name: str, number: Decimal) -> None:
    """Set a value where its type takes it (a whole number without decimals)."""
    for form in (f"{number.normalize():f}", int(number) if number == int(number) else None):
        try:
            values[name] = types[name].parse(form)
        except Refused:
            continue
        return
