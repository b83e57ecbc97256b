"""Many writers on the children of one parent, and on what the children are computed of: every total is exact."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from random import Random

from engine.reading.query import Query
from engine.service import records
from engine.types.money import Money
from engine.work.context import SYSTEM
from engine.work.gateway import Gateway
from tests.support.claims import claims

__all__ = ["claims"]

WRITERS = 8
WRITES = 8


def test_totals_of_one_parent_under_many_writers(claims: Gateway) -> None:
    with claims.write(SYSTEM, "api") as context:
        shops = [records.create(context, "shop", {"name": name}).id for name in ("one", "two")]
        items = [records.create(context, "item", {"price": price}).id for price in (1, 2, 3)]
        one = records.create(context, "purchase", {"shop": shops[0], "lines": [{"item": items[0]}]}).id

    def write(seed: int) -> None:
        random = Random(seed)
        for _ in range(WRITES):
            item, shop = random.choice(items), random.choice(shops)
            price, quantity = random.randint(1, 9), random.randint(1, 5)
            several = [{"shop": shop, "lines": [{"item": item, "quantity": quantity}]} for _ in range(2)]
            match random.randint(0, 5):
                case 0:
                    row = {"item": item, "quantity": quantity, "purchase": one}
                    claims.writing(SYSTEM, "api", lambda c, row=row: records.create(c, "purchase_line", row))
                case 1:
                    new = {"shop": shop, "lines": [{"item": item, "quantity": quantity}]}
                    claims.writing(SYSTEM, "api", lambda c, new=new: records.create(c, "purchase", new))
                case 2:
                    change = {"price": price}
                    claims.writing(SYSTEM, "api", lambda c, n=item, v=change: records.update(c, "item", n, v))
                case 3:
                    moved = {"shop": shop}
                    claims.writing(SYSTEM, "api", lambda c, v=moved: records.update(c, "purchase", one, v))
                case 4:
                    own = claims.writing(
                        SYSTEM, "api", lambda c, n=several: records.create_many(c, "purchase", n)
                    )
                    gone = [record.id for record in own]
                    claims.writing(SYSTEM, "api", lambda c, n=gone: records.delete_many(c, "purchase", n))
                    claims.writing(SYSTEM, "api", lambda c, n=gone: records.restore(c, "purchase", n[0]))
                case 5:
                    row = {"item": item, "quantity": quantity, "purchase": one}
                    line = claims.writing(
                        SYSTEM, "api", lambda c, row=row: records.create(c, "purchase_line", row)
                    ).id
                    claims.writing(SYSTEM, "api", lambda c, n=line: records.delete(c, "purchase_line", n))

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write, range(WRITERS)))

    with claims.read(SYSTEM, "api") as context:
        prices = {n: records.get(context, "item", n).values["price"].amount for n in items}
        revenue = dict.fromkeys(shops, Decimal(0))
        page = records.find(context, "purchase", Query(limit=500))
        for row in page.rows:
            purchase = records.get(context, "purchase", row.id)
            lines = purchase.children["lines"]
            net = sum(
                (line.values["quantity"] * prices[line.values["item"].id] for line in lines), Decimal(0)
            )
            assert purchase.values["net"] == Money(net, "EUR")
            revenue[purchase.values["shop"].id] += net
        for number, wanted in revenue.items():
            assert records.get(context, "shop", number).values["revenue"] == Money(wanted, "EUR")
