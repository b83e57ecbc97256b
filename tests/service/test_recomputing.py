"""Stored values when the metadata computes them otherwise: all records have the new ones once it is applied."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from engine.app import open_app
from engine.service import records
from engine.work.context import SYSTEM
from tests.support.metadata import write

SHOP = """
# metadata/app.yaml
app: shop
settings: {{timezone: {zone}}}

# entities/order.yaml
entity: customer
properties:
  bought: {{type: integer, computed: "record.orders.map(o, o.total).sum()", stored: true}}
{more}
---
entity: order
properties:
  price: {{type: integer}}
  pieces: {{type: integer, default: 1}}
  fee:   {{type: integer, computed: "{fee}"}}
  total: {{type: integer, computed: "{total}", stored: true}}
relations:
  customer: {{to: customer, inverse: orders}}
"""


class Shop:
    """The shop as it is written at the moment."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.url = folder, url

    def apply(
        self,
        total: str = "record.price + record.fee",
        fee: str = "1",
        more: str = "",
        *,
        apply: bool = True,
        zone: str = "UTC",
    ) -> tuple[str, ...]:
        """Write the metadata and open the application; answers what was computed."""
        write(self.folder, SHOP.format(total=total, fee=fee, more=more, zone=zone))
        engine = open_app(self.folder, database=self.url, apply=apply, environment={})
        engine.close()
        return engine.computed

    def fill(self) -> None:
        engine = open_app(self.folder, database=self.url, environment={})
        with engine.gateway.write(SYSTEM, "cli") as context:
            customer = records.create(context, "customer", {}).id
            for price in (10, 20):
                records.create(context, "order", {"price": price, "pieces": 2, "customer": customer})
        engine.close()

    def values(self) -> list[int]:
        """The totals of the orders, then what the customer bought."""
        engine = open_app(self.folder, database=self.url, environment={})
        with engine.gateway.read(SYSTEM) as context:
            order, customer = (context.runtime.table(name).table for name in ("order", "customer"))
            totals = context.connection.execute(sa.select(order.c.total).order_by(order.c.id)).scalars()
            found = [*totals, *context.connection.execute(sa.select(customer.c.bought)).scalars()]
        engine.close()
        return found


@pytest.fixture
def shop(tmp_path: Path, database_url: str) -> Shop:
    made = Shop(tmp_path / "shop", database_url)
    assert made.apply() == ()
    made.fill()
    assert made.values() == [11, 21, 32]
    return made


def test_another_expression_is_carried_out_for_all_records_and_what_hangs_on_them(shop: Shop) -> None:
    assert shop.apply(total="record.price * record.pieces") == ("order.total: computed of 2 records",)
    assert shop.values() == [20, 40, 60]


def test_nothing_is_computed_twice(shop: Shop) -> None:
    assert shop.apply() == ()
    assert shop.apply(total="record.price + record.fee ") == ()


def test_what_it_reads_may_be_what_changed(shop: Shop) -> None:
    assert shop.apply(fee="5") == ("order.total: computed of 2 records",)
    assert shop.values() == [15, 25, 40]


def test_a_new_property_is_computed_for_the_records_there_are(shop: Shop) -> None:
    more = "  many: {type: integer, computed: record.orders.size(), stored: true}"
    assert shop.apply(more=more) == ("customer.many: computed of 1 record",)


def test_without_apply_nothing_is_written(shop: Shop) -> None:
    assert shop.apply(total="record.price", apply=False) == ()
    assert shop.values() == [11, 21, 32]


MORNING = "day(timestamp('2026-03-31T22:30:00Z')) * record.pieces"


def test_the_days_of_stored_values_are_those_of_the_application(shop: Shop) -> None:
    assert shop.apply(total=MORNING) == ("order.total: computed of 2 records",)
    assert shop.values() == [62, 62, 124]


def test_another_zone_of_the_application_is_carried_out_where_days_are_read(shop: Shop) -> None:
    shop.apply(total=MORNING)
    assert shop.apply(total=MORNING, zone="Europe/Bucharest") == ("order.total: computed of 2 records",)
    assert shop.values() == [2, 2, 4]
    assert shop.apply(total=MORNING, zone="Europe/Bucharest") == ()


def test_another_zone_does_not_matter_where_no_day_is_read(shop: Shop) -> None:
    assert shop.apply(zone="Europe/Bucharest") == ()
