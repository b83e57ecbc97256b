"""The reference application's rules: its totals, defaults and conditions do what a salesperson expects."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from engine.errors import Invalid
from engine.process import firing
from engine.reading.query import Query, Record
from engine.sampling.order import portions
from engine.sampling.sampler import Sampler
from engine.service import records
from engine.service.refreshing import refresh
from engine.types.money import Money
from engine.work.context import SYSTEM
from engine.work.gateway import Gateway
from tests.support.crm import open_crm


@pytest.fixture
def crm(tmp_path: Path, database_url: str) -> Iterator[Gateway]:
    made = open_crm(tmp_path, database_url)
    yield made
    made.close()


class Desk:
    """Somebody who enters records."""

    def __init__(self, crm: Gateway) -> None:
        self.gateway = crm
        self.account = self.create("account", name="Acme", currency="USD")
        self.product = self.create("product", name="Lamp", sku="L-1", price=10, cost=4)

    def create(self, entity: str, **values: Any) -> Record:
        with self.gateway.write(SYSTEM, "api") as context:
            return records.create(context, entity, values)

    def update(self, record: Record, **values: Any) -> Record:
        with self.gateway.write(SYSTEM, "api") as context:
            return records.update(context, record.entity, record.id, values)

    def fire(self, record: Record, name: str, **values: Any) -> Record:
        with self.gateway.write(SYSTEM, "api") as context:
            made = firing.fire(context, record.entity, record.id, name, values)
        assert isinstance(made, Record)
        return made

    def against(self, record: Record, name: str, **values: Any) -> list[tuple[str, str]]:
        """What refuses a transition: where, and with which code."""
        with pytest.raises(Invalid) as error:
            self.fire(record, name, **values)
        return [(each.at, each.code) for each in error.value.errors]

    def now(self, record: Record) -> dict[str, Any]:
        with self.gateway.read(SYSTEM) as context:
            return dict(records.get(context, record.entity, record.id).values)

    def refused(self, entity: str, **values: Any) -> dict[str, str]:
        try:
            self.create(entity, **values)
        except Invalid as invalid:
            return {error.at: error.code for error in invalid.errors}
        return {}

    def line(self, quantity: str, price: str, **more: Any) -> dict[str, Any]:
        return {"product": self.product.id, "quantity": quantity, "unit_price": price, **more}


@pytest.fixture
def desk(crm: Gateway) -> Desk:
    return Desk(crm)


def usd(amount: str) -> Money:
    return Money(Decimal(amount), "USD")


def test_an_order_adds_up_with_discounts_and_tax_and_its_customer_with_it(desk: Desk) -> None:
    lines = [desk.line("3", "9.99", discount=10), desk.line("1.5", "100", tax_rate=11)]
    order = desk.create(
        "sales_order", customer={"entity": "account", "id": desk.account.id}, currency="USD",
        ordered_on="2026-01-10", discount=5, shipping_cost="4.90", lines=lines,
    )  # fmt: skip
    values = desk.now(order)
    assert [values[name] for name in ("subtotal", "net", "tax", "total")] == [
        usd("176.97"),  # 26.97 + 150.00
        usd("168.12"),  # less 5 %: 168.1215
        usd("21.06"),  # (26.97 × 21 % + 150 × 11 %) less 5 %: 21.0555…
        usd("194.08"),
    ]
    assert desk.now(desk.account)["lifetime_value"] == usd("0.00")  # nobody has confirmed it yet
    desk.fire(order, "confirm")
    assert desk.now(desk.account)["lifetime_value"] == usd("194.08")
    desk.fire(order, "cancel", comment="Ordered twice.")
    assert desk.now(desk.account)["lifetime_value"] == usd("0.00")


def test_a_cart_counts_and_a_bought_one_is_closed(desk: Desk) -> None:
    shopper = desk.create(
        "web_customer", record_type="b2c", first_name="Ann", last_name="Lee", email="a@b.example"
    )
    cart = desk.create(
        "cart", web_customer=shopper.id, currency="USD", items=[desk.line("2", "10", discount=50)]
    )
    values = desk.now(cart)
    assert (values["items_count"], values["subtotal"], values["tax"]) == (1, usd("10.00"), usd("2.10"))
    assert (values["total"], values["purchased"]) == (usd("12.10"), False)
    empty = desk.create("cart", web_customer=shopper.id, currency="USD")
    assert desk.against(empty, "order") == [("", "guard")]
    assert desk.fire(cart, "order").values["purchased"] is True
    with pytest.raises(Invalid) as error:
        desk.update(cart, discount=20)
    assert [(each.at, each.code) for each in error.value.errors] == [("discount", "frozen")]


def test_an_opportunity_names_and_weighs_itself(desk: Desk) -> None:
    found = desk.create("opportunity", account=desk.account.id, estimated_amount="1999.99", probability=30)
    assert found.values["name"] == "Acme - new business"
    assert found.values["initial_stage"] == "prospecting"
    assert found.values["weighted_amount"] == usd("600.00")
    assert desk.now(desk.account)["open_opportunities"] == usd("1999.99")
    assert desk.against(found, "lose") == [("lost_because", "required")]
    assert desk.against(found, "win") == [("", "not-open")]
    desk.fire(found, "analyse", needs="Light.")
    assert desk.against(found, "propose") == [("", "guard")]
    desk.update(found, products=[desk.product.id])
    desk.fire(found, "propose")
    assert desk.fire(found, "win").values["probability"] == 100
    assert desk.now(desk.account)["open_opportunities"] == usd("0.00")
    with pytest.raises(Invalid):
        desk.update(found, estimated_amount=5)
    with pytest.raises(Invalid):
        desk.update(desk.account, currency="EUR")


def test_a_tickets_contact_is_of_its_account_and_its_due_date_follows_the_priority(desk: Desk) -> None:
    other = desk.create("account", name="Bolt")
    contact = desk.create("contact", first_name="Bea", last_name="Bolt", account=other.id)
    wanted = {"subject": "Help", "account": desk.account.id}
    assert desk.refused("ticket", **wanted, contact=contact.id) == {"contact": "not-offered"}
    ticket = desk.create("ticket", **wanted, priority="urgent")
    assert ticket.values["due_at"] - ticket.values["created_at"] == timedelta(hours=4)
    assert desk.now(desk.account)["open_tickets"] == 1
    agent = desk.create("user", login="ana", name="Ana", roles=["support_agent"])
    desk.fire(ticket, "assign", owner=agent.id)
    assert desk.against(ticket, "resolve") == [("resolution", "required")]
    desk.fire(ticket, "resolve", resolution="Switched on.")
    assert desk.now(desk.account)["open_tickets"] == 0
    desk.fire(ticket, "close", satisfaction=5)


def test_sample_data_is_consistent_and_every_view_answers(crm: Gateway) -> None:
    gateway = crm
    sampler = Sampler(
        gateway.runtime, lambda: gateway.write(SYSTEM, "sample"), 1, gateway.clock(), lambda *told: None
    )
    sampler.run(portions(gateway.runtime, 60))
    with gateway.write(SYSTEM, "cli") as context:
        for entity, rules in context.runtime.rules.items():
            table = context.runtime.table(entity).table
            ids = set(context.connection.execute(sa.select(table.c.id)).scalars())
            stored = {each.member: ids for each in rules.stored}
            assert not stored or refresh(context, entity, stored) == {}, entity
    with gateway.read(SYSTEM) as context:
        for grid in context.runtime.application.grids.values():
            for view in grid.views.values():
                if view.where is not None:
                    records.find(context, grid.entity, Query(where=(view.where.text,), limit=5))
