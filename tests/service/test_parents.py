"""Rows that several compositions hold: each belongs to exactly one record, and is reached through that one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from engine.errors import Forbidden, Invalid, NotFound, SchemaDiffers
from engine.reading.query import Query, Record
from engine.service import records
from engine.store import migration
from engine.store.database import Database
from engine.store.definition import Definition, from_text
from engine.store.system import meta
from engine.work.context import SYSTEM, Actor
from engine.work.gateway import Gateway
from tests.store.applications import tables_of
from tests.support.shop import opened

METADATA = """app: trade
---
role: seller
---
role: buyer
---
role: clerk
---
entity: client
properties: {name: {type: text}}
relations: {addresses: {to: address, kind: composition}}
access:
  seller: {create: true, read: all, update: all}
  clerk:  {read: all}
---
entity: supplier
ownership: user
properties: {name: {type: text}}
relations: {addresses: {to: address, kind: composition}}
access:
  buyer: {create: true, read: own, update: own}
  clerk: {read: all}
---
entity: address
properties: {city: {type: text}}
"""


@pytest.fixture
def trade(tmp_path: Path, database_url: str) -> Iterator[Gateway]:
    gateway = opened(tmp_path, database_url, METADATA)
    yield gateway
    gateway.close()


def create(trade: Gateway, entity: str, **values: Any) -> Record:
    return trade.writing(SYSTEM, "api", lambda context: records.create(context, entity, values))


def actor(trade: Gateway, role: str) -> Actor:
    user = create(trade, "user", login=role, name=role, roles=[role])
    return Actor(user.id, role, role, frozenset({role}))


def refused(trade: Gateway, entity: str, **values: Any) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as error:
        create(trade, entity, **values)
    return [(each.at, each.code) for each in error.value.errors]


def test_a_row_of_its_own_names_exactly_one_parent(trade: Gateway) -> None:
    client, supplier = create(trade, "client").id, create(trade, "supplier").id
    assert refused(trade, "address", city="Iași") == [("client", "required")]
    assert refused(trade, "address", client=client, supplier=supplier) == [("supplier", "several-parents")]
    made = create(trade, "address", city="Iași", supplier=supplier)
    assert made.values["client"] is None


def test_a_row_written_with_its_parent_names_no_other(trade: Gateway) -> None:
    client = create(trade, "client").id
    rows = [{"city": "Cluj"}, {"city": "Iași", "client": client}]
    assert refused(trade, "supplier", addresses=rows) == [("addresses.1.client", "several-parents")]
    made = create(trade, "supplier", addresses=rows[:1])
    assert [row.values["city"] for row in made.children["addresses"]] == ["Cluj"]

    def add(context: Any) -> Record:
        return records.update(
            context, "supplier", made.id, {"addresses": [{"city": "Arad", "supplier": made.id}]}
        )

    assert [row.values["city"] for row in trade.writing(SYSTEM, "api", add).children["addresses"]] == [
        "Cluj",
        "Arad",
    ]


@pytest.mark.parametrize("keys", [{}, {"client": 1, "supplier": 1}])
def test_the_database_keeps_it_too(trade: Gateway, keys: dict[str, int]) -> None:
    create(trade, "client")
    create(trade, "supplier")
    table = trade.runtime.table("address").table
    row = {"version": 1, "created_at": trade.clock(), "updated_at": trade.clock(), "_position": 0, **keys}
    with pytest.raises(sa.exc.IntegrityError), trade.database.write() as connection:
        connection.execute(sa.insert(table).values(row))


def test_rows_are_reached_through_the_parent_they_have(trade: Gateway) -> None:
    seller, buyer, clerk = actor(trade, "seller"), actor(trade, "buyer"), actor(trade, "clerk")
    clients = create(trade, "client", addresses=[{"city": "Cluj"}])
    own = create(trade, "supplier", owner=buyer.id, addresses=[{"city": "Iași"}])
    create(trade, "supplier", owner=seller.id, addresses=[{"city": "Arad"}])

    def cities(who: Actor) -> list[str]:
        with trade.read(who) as context:
            page = records.find(context, "address", Query(fields=("city",), sort=("city",)))
        return [row.cells[0] for row in page.rows]

    assert cities(seller) == ["Cluj"]
    assert cities(buyer) == ["Iași"]
    assert cities(clerk) == ["Arad", "Cluj", "Iași"]

    def update(who: Actor, number: int) -> Record:
        return trade.writing(
            who, "api", lambda context: records.update(context, "address", number, {"city": "X"})
        )

    assert update(buyer, own.children["addresses"][0].id).values["city"] == "X"
    with pytest.raises(NotFound):
        update(buyer, clients.children["addresses"][0].id)
    with pytest.raises(Forbidden):
        update(clerk, clients.children["addresses"][0].id)


TWICE = """app: trade
---
entity: order
properties: {name: {type: text}}
relations:
  lines:  {to: line, kind: composition, inverse: order}
  extras: {to: line, kind: composition, inverse: order_as_extra}
---
entity: line
properties: {text: {type: text}}
"""


def test_two_compositions_of_one_entity_keep_their_rows_apart(tmp_path: Path, database_url: str) -> None:
    trade = opened(tmp_path, database_url, TWICE)
    made = create(trade, "order", lines=[{"text": "a"}], extras=[{"text": "b"}, {"text": "c"}])

    def rows(record: Record) -> dict[str, list[str]]:
        return {name: [row.values["text"] for row in found] for name, found in record.children.items()}

    assert rows(made) == {"lines": ["a"], "extras": ["b", "c"]}
    extras = made.children["extras"]

    def change(context: Any) -> Record:
        values = {"extras": [{"id": extras[0].id, "text": "B"}, {"text": "d"}]}
        return records.update(context, "order", made.id, values)

    assert rows(trade.writing(SYSTEM, "api", change)) == {"lines": ["a"], "extras": ["B", "c", "d"]}
    with pytest.raises(Invalid, match="There is no row"):
        trade.writing(
            SYSTEM,
            "api",
            lambda context: records.update(context, "order", made.id, {"lines": [{"id": extras[0].id}]}),
        )
    with trade.read(SYSTEM) as context:
        page = records.related(context, "order", made.id, "extras", Query(fields=("text",)))
    assert [row.cells[0] for row in page.rows] == ["B", "c", "d"]
    trade.close()


def test_a_database_made_without_the_rule_is_refused_in_words(tmp_path: Path, database_url: str) -> None:
    """SQLite adds no rule to a table, and nobody knows whether the rows there are keep to it."""
    database = Database.open(database_url)
    tables = tables_of(tmp_path, database.dialect, METADATA)
    migration.ensure(database, tables, apply=True)
    with database.write() as connection:
        known = from_text(
            connection.execute(sa.select(meta.c.value).where(meta.c.key == "table:address")).scalar_one()
        )
        assert known is not None
        checks = {name: rule for name, rule in known.checks.items() if not name.endswith("$_parent")}
        assert len(checks) < len(known.checks)
        old = Definition(known.kind, known.columns, checks, known.indexes).as_text()
        connection.execute(sa.update(meta).where(meta.c.key == "table:address").values(value=old))
    with pytest.raises(SchemaDiffers) as error:
        migration.ensure(database, tables, apply=True)
    words = (
        "exactly one of client, supplier for each row in the metadata, nothing sure of the parents of a row"
    )
    assert error.value.refused == (f"address: {words} in the database",)
    database.close()
