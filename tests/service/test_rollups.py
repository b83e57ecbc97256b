"""Stored computed values stay what they would be if they were computed anew, whatever is done to the records."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from engine.errors import RecordError
from engine.reading.query import Query
from engine.service import records
from engine.types.money import Money
from engine.work.context import SYSTEM, Context
from engine.work.gateway import Gateway


def euros(amount: str) -> Money:
    return Money(Decimal(amount), "EUR")


def do(claims: Gateway, work: Callable[[Context], Any]) -> Any:
    return claims.writing(SYSTEM, "api", work)


def create(claims: Gateway, entity: str, **values: Any) -> int:
    made: int = do(claims, lambda context: records.create(context, entity, values)).id
    return made


def update(claims: Gateway, entity: str, number: int, **values: Any) -> None:
    do(claims, lambda context: records.update(context, entity, number, values))


def values_of(claims: Gateway, entity: str, number: int, *names: str) -> tuple[Any, ...]:
    with claims.read(SYSTEM, "api") as context:
        record = records.get(context, entity, number)
    return tuple(record.values[name] for name in names)


@pytest.fixture
def town(claims: Gateway) -> dict[str, int]:
    """Two shops; one has two purchases, of a lamp and a pen."""
    ids = {"one": create(claims, "shop", name="One"), "two": create(claims, "shop", name="Two")}
    ids |= {"lamp": create(claims, "item", price=10), "pen": create(claims, "item", price=3)}
    lines = [{"item": ids["lamp"], "quantity": 2}, {"item": ids["pen"]}]
    ids["first"] = create(claims, "purchase", shop=ids["one"], lines=lines)
    ids["second"] = create(claims, "purchase", shop=ids["one"], lines=[{"item": ids["pen"]}], discount=50)
    return ids


def test_a_total_follows_through_three_levels(claims: Gateway, town: dict[str, int]) -> None:
    assert values_of(claims, "purchase", town["second"], "net", "total") == (euros("3.00"), euros("1.50"))
    assert values_of(claims, "shop", town["one"], "revenue", "large", "mood") == (euros("24.50"), 1, "fine")
    update(claims, "item", town["lamp"], price=5)
    assert values_of(claims, "shop", town["one"], "revenue", "large", "mood") == (euros("14.50"), 1, "slow")


def test_a_moved_record_leaves_one_total_and_comes_to_another(claims: Gateway, town: dict[str, int]) -> None:
    update(claims, "purchase", town["first"], shop=town["two"])
    assert values_of(claims, "shop", town["one"], "revenue") == (euros("1.50"),)
    assert values_of(claims, "shop", town["two"], "revenue") == (euros("23.00"),)
    update(claims, "purchase", town["first"], shop=None)
    assert values_of(claims, "shop", town["two"], "revenue") == (euros("0.00"),)


def test_deleted_and_restored_records_are_counted_out_and_in(claims: Gateway, town: dict[str, int]) -> None:
    do(claims, lambda context: records.delete(context, "purchase", town["first"]))
    assert values_of(claims, "shop", town["one"], "revenue") == (euros("1.50"),)
    assert values_of(claims, "item", town["lamp"], "sold") == (Decimal(0),)
    update(claims, "item", town["lamp"], price=20)
    do(claims, lambda context: records.restore(context, "purchase", town["first"]))
    assert values_of(claims, "purchase", town["first"], "total") == (euros("43.00"),)
    assert values_of(claims, "shop", town["one"], "revenue") == (euros("44.50"),)
    assert values_of(claims, "item", town["lamp"], "sold") == (Decimal(2),)


def test_links_are_counted(claims: Gateway, town: dict[str, int]) -> None:
    update(claims, "purchase", town["first"], gifts=[town["pen"], town["lamp"]])
    assert values_of(claims, "item", town["pen"], "given") == (1,)
    update(claims, "purchase", town["first"], gifts=[town["lamp"]])
    assert values_of(claims, "item", town["pen"], "given") == (0,)
    assert values_of(claims, "item", town["lamp"], "given") == (1,)


def test_a_derived_value_is_nobodys_edit(claims: Gateway, town: dict[str, int]) -> None:
    with claims.read(SYSTEM, "api") as context:
        before = records.get(context, "shop", town["one"])
    update(claims, "item", town["lamp"], price=1)
    with claims.read(SYSTEM, "api") as context:
        after = records.get(context, "shop", town["one"])
        assert len(records.history(context, "shop", town["one"])) == 1
    assert after.version == before.version
    assert after.values["updated_at"] == before.values["updated_at"]
    assert after.values["revenue"] != before.values["revenue"]


def test_many_at_once_compute_each_total_once(claims: Gateway, town: dict[str, int]) -> None:
    several = [{"shop": town["two"], "lines": [{"item": town["pen"]}]} for _ in range(20)]
    made = do(claims, lambda context: records.create_many(context, "purchase", several))
    assert {record.values["total"] for record in made} == {euros("3.00")}
    assert values_of(claims, "shop", town["two"], "revenue") == (euros("60.00"),)
    do(claims, lambda context: records.delete_many(context, "purchase", [record.id for record in made[:5]]))
    assert values_of(claims, "shop", town["two"], "revenue") == (euros("45.00"),)


# ---- whatever is done


def living(claims: Gateway, entity: str, *, trash: bool = False) -> list[int]:
    with claims.read(SYSTEM, "api") as context:
        page = records.find(context, entity, Query(limit=500, trash=trash))
    return [row.id for row in page.rows]


def step(claims: Gateway, random: Random) -> None:
    """Something that could change a total."""
    shops, items, purchases = (living(claims, name) for name in ("shop", "item", "purchase"))
    lines = living(claims, "purchase_line")

    def some_lines() -> list[dict[str, Any]]:
        return [
            {"item": random.choice([*items, None]), "quantity": random.choice([1, 2, "0.5", None])}
            for _ in range(random.randint(0, 3))
        ]

    match random.randint(0, 8):
        case 0:
            create(claims, "purchase", shop=random.choice([*shops, None]), lines=some_lines())
        case 1 if purchases:
            update(claims, "purchase", random.choice(purchases), shop=random.choice([*shops, None]))
        case 2 if purchases:
            number = random.choice(purchases)
            update(claims, "purchase", number, lines=some_lines(), discount=random.choice([0, 10, None]))
        case 3 if purchases:
            chosen = random.sample(purchases, min(2, len(purchases)))
            do(claims, lambda context: records.delete_many(context, "purchase", chosen))
        case 4 if gone := living(claims, "purchase", trash=True):
            do(claims, lambda context: records.restore(context, "purchase", random.choice(gone)))
        case 5:
            update(claims, "item", random.choice(items), price=random.choice([1, "2.50", None]))
        case 6 if lines:
            item = random.choice([*items, None])
            update(claims, "purchase_line", random.choice(lines), item=item, quantity=random.randint(0, 9))
        case 7 if lines:
            do(claims, lambda context: records.delete(context, "purchase_line", random.choice(lines)))
        case 8 if purchases:
            chosen = random.sample(items, random.randint(0, len(items)))
            update(claims, "purchase", random.choice(purchases), gifts=chosen)


def wrong_totals(claims: Gateway) -> list[str]:
    """The stored values that are not what they would be now, computed from the records by hand."""
    with claims.read(SYSTEM, "api") as context:
        purchases = {n: records.get(context, "purchase", n) for n in living(claims, "purchase")}
        items = {n: records.get(context, "item", n) for n in living(claims, "item")}
        shops = {n: records.get(context, "shop", n) for n in living(claims, "shop")}
    wrong = []
    for number, purchase in purchases.items():
        net = Decimal(0)
        for line in purchase.children["lines"]:
            item, quantity = line.values["item"], line.values["quantity"]
            price = items[item.id].values["price"] if item else None
            if price is not None and quantity is not None:
                net += (price.amount * quantity).quantize(Decimal("0.01"), "ROUND_HALF_UP")
        discount = purchase.values["discount"]
        total = (
            None
            if discount is None
            else Money((net * (100 - discount) / 100).quantize(Decimal("0.01"), "ROUND_HALF_UP"), "EUR")
        )
        if (purchase.values["net"], purchase.values["total"]) != (Money(net, "EUR"), total):
            wrong.append(f"purchase {number}: {purchase.values['net']} {purchase.values['total']}")
    for number, shop in shops.items():
        own = [
            p.values["total"]
            for p in purchases.values()
            if p.values["shop"] and p.values["shop"].id == number
        ]
        revenue = sum((total.amount for total in own if total), Decimal(0))
        if shop.values["revenue"] != Money(revenue, "EUR"):
            wrong.append(f"shop {number}: {shop.values['revenue']} is not {revenue}")
    for number, item in items.items():
        rows = [
            line
            for p in purchases.values()
            for line in p.children["lines"]
            if line.values["item"] and line.values["item"].id == number
        ]
        sold = sum((line.values["quantity"] or Decimal(0) for line in rows), Decimal(0))
        given = sum(number in {link.id for link in p.many["gifts"]} for p in purchases.values())
        if (item.values["sold"], item.values["given"]) != (sold, given):
            wrong.append(f"item {number}: {item.values['sold']} {item.values['given']}, not {sold} {given}")
    return wrong


@pytest.mark.parametrize("seed", range(3))
def test_totals_are_right_after_anything(claims: Gateway, town: dict[str, int], seed: int) -> None:
    random = Random(seed)
    for number in range(40):
        with suppress(RecordError):  # a restore whose parent is in the trash
            step(claims, random)
        if number % 8 == 7:
            assert wrong_totals(claims) == [], f"after step {number}"
