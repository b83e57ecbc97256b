"""Made-up records of the CRM stand in believable states, and belong together as its processes would have it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from engine.sampling import demonstration
from engine.work.context import SYSTEM
from engine.work.gateway import Gateway
from tests.service.test_sampling import check_every_record, opened_crm, sample


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    folder = tmp_path_factory.mktemp("demo")
    with opened_crm(f"sqlite:///{folder / 'demo.db'}", folder) as gateway:
        demonstration.prepare(gateway, lambda *told: None)
        yield gateway


def rows(gateway: Gateway, statement: sa.Select[Any]) -> list[Any]:
    with gateway.read(SYSTEM) as context:
        return list(context.connection.execute(statement))


def test_every_record_with_a_state_keeps_its_rules(tmp_path: Path, sqlite_url: str) -> None:
    with opened_crm(sqlite_url, tmp_path) as gateway:
        sample(gateway, 25)
        processes = gateway.runtime.processes.of_entity
        assert len(processes) >= 12
        check_every_record(gateway, *processes, "absence")


def test_an_order_of_a_quote_has_its_customer_and_its_lines(demo: Gateway) -> None:
    table = {name: made.table for name, made in demo.runtime.tables.entities.items()}
    quote, order = table["quote"], table["sales_order"]
    of_quotes = sa.select(
        quote.c.status,
        quote.c.customer,
        quote.c.subtotal,
        quote.c.created_at,
        order.c["customer$account"].label("ordering"),
        order.c.subtotal.label("ordered"),
        order.c.created_at.label("ordered_at"),
    ).join(order, order.c.quote == quote.c.id)
    found = rows(demo, of_quotes)
    assert len(found) > 20
    for row in found:
        assert row.status == "accepted"
        assert (row.customer, row.subtotal) == (row.ordering, row.ordered)
        assert row.created_at < row.ordered_at
    carts = sa.select(table["cart"].c.status).join(order, order.c.cart == table["cart"].c.id)
    assert {row.status for row in rows(demo, carts)} == {"converted"}
    assert not rows(demo, sa.select(order.c.id).where(order.c.cart.is_not(None), order.c.quote.is_not(None)))
    invoice = table["invoice"]
    charged = sa.select(order.c.status, sa.func.count()).join(invoice, invoice.c.order == order.c.id)
    assert {row.status for row in rows(demo, charged.group_by(order.c.status))} <= {
        "confirmed", "shipped", "delivered"
    }  # fmt: skip
    twice = sa.select(invoice.c.order).group_by(invoice.c.order).having(sa.func.count() > 1)
    assert not rows(demo, twice)


def test_records_belong_to_people_who_work_with_them(demo: Gateway) -> None:
    user = demo.runtime.table("user").table
    roles = {row.id: row.roles[0] for row in rows(demo, sa.select(user.c.id, user.c.roles))}
    expected = {
        "lead": {"sales_rep", "sales_manager", "marketing"},
        "quote": {"sales_rep", "sales_manager"},
        "ticket": {"support_agent", "support_manager"},
    }
    for entity, wanted in expected.items():
        table = demo.runtime.table(entity).table
        owners = rows(demo, sa.select(table.c.owner).where(table.c.owner.is_not(None)).distinct())
        assert {roles[row.owner] for row in owners} == wanted, entity
    ticket = demo.runtime.table("ticket").table
    assert {row.status for row in rows(demo, sa.select(ticket.c.status).where(ticket.c.owner.is_(None)))} == {
        "new"
    }
    absence = demo.runtime.table("absence").table
    assert not rows(demo, sa.select(absence).where(absence.c.user == absence.c.deputy))


def test_customers_of_the_demonstration_find_what_is_theirs(demo: Gateway) -> None:
    table = {name: made.table for name, made in demo.runtime.tables.entities.items()}
    contact, user = table["contact"], table["user"]
    people = rows(demo, sa.select(contact, user.c.name).join(user, contact.c.portal_user == user.c.id))
    assert len(people) == 2
    for person in people:
        assert person.name == f"{person.first_name} {person.last_name}"
        assert person.account is not None
        for entity in ("ticket", "quote", "sales_order"):
            mine = rows(demo, sa.select(table[entity]).where(table[entity].c.contact == person.id))
            assert len(mine) >= 3, entity


def test_somebody_waits_for_everybody_who_approves(demo: Gateway) -> None:
    for entity, state in (("quote", "review"), ("purchase_order", "review"), ("contract", "signing")):
        table = demo.runtime.table(entity).table
        assert len(rows(demo, sa.select(table.c.id).where(table.c.status == state))) >= 3, entity


def test_sections_are_done_where_their_offer_went_out(demo: Gateway) -> None:
    offer, section = demo.runtime.table("offer").table, demo.runtime.table("offer_section").table
    out = (
        sa.select(section.c.status)
        .join(offer, section.c.offer == offer.c.id)
        .where(offer.c.status != "drafting")
    )
    assert {row.status for row in rows(demo, out.distinct())} == {"validated"}
