"""Made-up records: the same for the same seed, in every entity, and each of them a valid record."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from engine.build.runtime import build_runtime
from engine.errors import Forbidden, UsageError
from engine.identity import identity
from engine.loading.load import load
from engine.plugins import Hooks
from engine.reading.query import Query
from engine.sampling import demonstration
from engine.sampling.order import Portion, portions, portions_for
from engine.sampling.sampler import Sampler
from engine.service import bulk, records
from engine.store import migration
from engine.store.database import Database
from engine.store.files import FileStore
from engine.store.system import add_system_tables
from engine.types.registry import default_registry
from engine.work.context import SYSTEM, Actor
from engine.work.gateway import Gateway
from tests.support.crm import open_crm

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)

EVERY_TYPE = {
    name: {**cls.example, "required": True}
    for name in default_registry().names()
    if (cls := default_registry().get(name)) is not None and name != "state"
}
LIMITED = {
    "subject": {"type": "text", "required": True, "max_length": 5, "unique": True},
    "name": {"type": "text", "required": True, "pattern": "[A-Z]{2}[0-9]{3}"},
    "email": {"type": "email", "unique": True, "required": True},
    "price": {"type": "money", "currency": "JPY", "min": 10, "max": 20, "required": True},
    "quantity": {"type": "integer", "min": 500, "max": 510, "required": True},
    "due": {"type": "date", "min": "2020-01-01", "max": "2020-12-31", "required": True},
    "order": {"type": "choice", "options": ["select", "from"], "required": True},
    "first_name": {"type": "integer", "required": True},
    "address": {"type": "text", "required": True},
    "country": {"type": "choice", "options": ["here", "there"], "required": True},
}
ODD = [
    {"app": "odd"},
    {"entity": "every", "title": "{id}", "properties": EVERY_TYPE},
    {"entity": "limited", "properties": LIMITED},
    {"entity": "only", "singleton": True, "properties": {"value": {"type": "text"}}},
    {
        "entity": "pair",
        "title": "{id}",
        "relations": {
            "one": {"to": "limited", "required": True},
            "other": {"to": "limited", "required": True},
            "single": {"to": "every", "kind": "one_to_one"},
            "same": {"to": "pair", "kind": "many_to_many"},
        },
        "unique": [["one", "other"]],
    },
    {
        "entity": "letter",
        "properties": {
            "from": {"type": "text", "required": True},
            "start": {"type": "time", "required": True},
            "to": {"type": "datetime", "required": True},
            "until": {"type": "date", "required": True},
        },
        "relations": {"targets": {"to": "target", "kind": "composition"}},
    },
    {
        "entity": "parcel",
        "properties": {"name": {"type": "text"}},
        "relations": {
            "targets": {"to": "target", "kind": "composition"},
            "others": {"to": "target", "kind": "composition", "inverse": "other_parcel"},
        },
    },
    {"entity": "target", "properties": {"amount": {"type": "integer"}}},
    {"entity": "country", "relations": {"capital": {"to": "city"}, "regions": {"to": "region", "kind": "composition"}}},
    {"entity": "city", "relations": {"country": {"to": "country", "required": True}}},
    {"entity": "region", "relations": {"largest": {"to": "city"}, "mayor": {"to": "mayor", "required": True}}},
    {"entity": "mayor", "relations": {"city": {"to": "city", "required": True}}},
]  # fmt: skip


@contextmanager
def opened_crm(url: str, folder: Path) -> Iterator[Gateway]:
    gateway = open_crm(folder, url, lambda: NOW)
    try:
        yield gateway
    finally:
        gateway.close()


@contextmanager
def opened(folder: Path, url: str, files: Path) -> Iterator[Gateway]:
    database = Database.open(url)
    runtime = build_runtime(load(folder), Hooks(), database.dialect, b"s" * 32)
    add_system_tables(runtime.tables.metadata)
    migration.ensure(database, runtime.tables, apply=True)
    gateway = Gateway(database, runtime, FileStore(str(files)), lambda: NOW)
    try:
        yield gateway
    finally:
        gateway.close()


@pytest.fixture
def crm(tmp_path: Path, sqlite_url: str) -> Iterator[Gateway]:
    with opened_crm(sqlite_url, tmp_path) as gateway:
        yield gateway


@pytest.fixture
def crm_on_each(tmp_path: Path, database_url: str) -> Iterator[Gateway]:
    with opened_crm(database_url, tmp_path) as gateway:
        yield gateway


@pytest.fixture
def odd(tmp_path: Path, database_url: str) -> Iterator[Gateway]:
    (tmp_path / "metadata").mkdir()
    documents = "\n---\n".join(json.dumps(document) for document in ODD)
    (tmp_path / "metadata" / "app.yaml").write_text(documents, encoding="utf-8")
    with opened(tmp_path, database_url, tmp_path / "files") as gateway:
        yield gateway


def sample(gateway: Gateway, count: int, seed: int = 1, only: str = "") -> dict[str, int]:
    wanted = portions_for(gateway.runtime, only, count) if only else portions(gateway.runtime, count)
    sampler = Sampler(gateway.runtime, lambda: gateway.write(SYSTEM, "sample"), seed, NOW, lambda *told: None)
    return sampler.run(wanted)


def contents(gateway: Gateway) -> dict[str, list[Any]]:
    """Every row of every table of the application."""
    tables = gateway.runtime.tables
    every = {name: made.table for name, made in tables.entities.items()}
    every |= {table.name: table for table in tables.links.values()}
    with gateway.read(SYSTEM) as context:
        return {
            name: [
                tuple(row)
                for row in context.connection.execute(sa.select(table).order_by(*table.primary_key))
            ]
            for name, table in every.items()
        }


def check_every_record(gateway: Gateway, *only: str) -> None:
    """Each record takes its own values again, and that changes nothing."""
    with gateway.write(SYSTEM, "api") as context:
        for name, entity in context.runtime.entities.items():
            if only and name not in only:
                continue
            table = context.runtime.table(name).table
            for number in context.connection.execute(sa.select(table.c.id)).scalars().all():
                before = records.get(context, name, number)
                values: dict[str, Any] = {}
                for prop in entity.properties.values():
                    value = before.values[prop.name]
                    if (
                        not prop.system
                        and prop.type.writable
                        and not prop.type.secret
                        and prop.readonly != "always"
                    ):
                        values[prop.name] = None if value is None else prop.type.to_json(value)
                for relation in entity.relations.values():
                    if relation.holds_key and relation.name not in ("created_by", "updated_by"):
                        link = before.values[relation.name]
                        values[relation.name] = (
                            None if link is None else {"entity": link.entity, "id": link.id}
                        )
                after = records.update(context, name, number, values)
                assert after.version == before.version == 1, (name, number, before.values, after.values)


def test_every_entity_of_the_crm_is_filled_with_valid_records(crm_on_each: Gateway) -> None:
    sample(crm_on_each, 5)
    rows = contents(crm_on_each)
    empty = [name for name in crm_on_each.runtime.entities if not rows[name]]
    assert empty == ["ticket_file"]  # nobody can make up a file that could be opened
    check_every_record(crm_on_each)


def test_awkward_definitions_are_obeyed(odd: Gateway) -> None:
    made = sample(odd, 30)
    assert made["every"] == made["limited"] == made["pair"] == made["letter"] == made["parcel"] == 30
    assert (
        made["country"] == made["city"] == made["mayor"] == 30
    )  # each needs the one before, which may have it
    owners = {"letter", "parcel", "other_parcel"}
    with odd.read(SYSTEM) as context:
        rows = records.find(context, "target", Query(fields=tuple(owners), limit=500)).rows
    assert len(rows) >= 90
    assert all(sum(cell is not None for cell in row.cells) == 1 for row in rows)
    assert made["only"] == 1
    check_every_record(odd)


def test_the_same_seed_makes_the_same_rows_and_another_other_ones(tmp_path: Path) -> None:
    def made(name: str, seed: int) -> dict[str, list[Any]]:
        with opened_crm(f"sqlite:///{tmp_path / name}", tmp_path) as gateway:
            sample(gateway, 8, seed)
            return contents(gateway)

    first = made("one.db", 3)
    assert first == made("two.db", 3)
    assert first["account"] != made("three.db", 4)["account"]


def test_a_second_run_adds_to_the_first(crm: Gateway) -> None:
    sample(crm, 6)
    sample(crm, 6)
    rows = contents(crm)
    assert (len(rows["account"]), len(rows["organization"])) == (12, 2)


def test_one_entity_comes_with_what_it_needs(crm: Gateway) -> None:
    made = sample(crm, 20, only="sales_order")
    assert made["sales_order"] == 20
    assert {"account", "web_customer", "product"} <= set(made)
    assert "ticket" not in made
    again = sample(crm, 20, only="sales_order")
    assert again == {**dict.fromkeys(made, 0), "sales_order": 20}
    with pytest.raises(UsageError, match="there is no entity 'tickets'"):
        portions_for(crm.runtime, "tickets", 1)
    with pytest.raises(UsageError, match="sales_order_line are rows of sales_order: sample that"):
        portions_for(crm.runtime, "sales_order_line", 1)


def test_a_person_fits_to_their_company_and_a_tickets_contact_to_its_account(crm: Gateway) -> None:
    sample(crm, 40)
    with crm.read(SYSTEM) as context:
        table = {name: made.table for name, made in crm.runtime.tables.entities.items()}
        account, contact, ticket = table["account"], table["contact"], table["ticket"]
        pairs = sa.select(contact.c.email, account.c.website).join(account, contact.c.account == account.c.id)
        employed = [row for row in context.connection.execute(pairs) if row.email and row.website]
        told = sa.select(ticket.c.account, contact.c.account).join(contact, ticket.c.contact == contact.c.id)
        accounts = list(context.connection.execute(told))
    assert employed
    assert all(row.website == f"https://www.{row.email.partition('@')[2]}" for row in employed)
    assert accounts
    assert all(mine == theirs for mine, theirs in accounts)


def test_an_orders_total_is_that_of_its_lines(crm: Gateway) -> None:
    sample(crm, 10)
    with crm.read(SYSTEM) as context:
        order, line = (crm.runtime.table(name).table for name in ("sales_order", "sales_order_line"))
        sums = sa.select(order.c.subtotal, sa.func.sum(line.c.amount)).join(
            line, line.c.sales_order == order.c.id
        )
        found = list(context.connection.execute(sums.group_by(order.c.id, order.c.subtotal)))
    assert found
    assert all(subtotal == total for subtotal, total in found)


def test_chunks_that_were_written_stay_when_the_run_is_stopped(
    crm: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.sampling.sampler.CHUNK", 5)

    def stop(name: str, done: int, total: int) -> None:
        if done == 10:
            raise KeyboardInterrupt

    sampler = Sampler(crm.runtime, lambda: crm.write(SYSTEM, "sample"), 1, NOW, stop)
    with pytest.raises(KeyboardInterrupt):
        sampler.run([Portion(crm.runtime.entities["tag"], 40)])
    assert len(contents(crm)["tag"]) == 10


def test_numbers_given_in_bulk_go_on_where_others_stopped(crm_on_each: Gateway) -> None:
    sample(crm_on_each, 5, only="product")
    sample(crm_on_each, 5)
    with crm_on_each.write(SYSTEM, "api") as context:
        made = records.create(context, "account", {"name": "Acme"})
    assert made.values["number"] == "A-00006"
    assert made.id == 6


def test_only_the_system_writes_in_bulk(crm: Gateway) -> None:
    somebody = Actor(1, "a", "A", frozenset({"administrator"}))
    with crm.write(somebody, "api") as context, pytest.raises(Forbidden):
        bulk.insert_many(context, "tag", [bulk.NewRow(1, {"name": "x"}, {})])


def test_the_history_tells_of_a_creation_up_to_a_number(
    crm: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "AUDITED_AT_MOST", 3)
    sample(crm, 5, only="tag")
    with crm.read(SYSTEM) as context:
        told = [len(records.history(context, "tag", number)) for number in range(1, 6)]
    assert told == [1, 1, 1, 0, 0]


def test_the_demonstration_has_a_user_for_each_role_who_can_sign_in(tmp_path: Path, sqlite_url: str) -> None:
    with opened_crm(sqlite_url, tmp_path) as gateway:
        password = demonstration.prepare(gateway, lambda *told: None)
        assert password is not None
        assert demonstration.logins(gateway)[0] == "administrator"
        assert identity.sign_in(gateway, "sales_rep", password)
        rows = contents(gateway)
        assert (len(rows["user"]), len(rows["organization"]), len(rows["unit"])) == (13, 1, 3)
        assert len(rows["account"]) == len(rows["ticket"]) == 200
        assert demonstration.prepare(gateway, lambda *told: None) == password
        assert contents(gateway) == rows


def test_an_application_with_users_is_left_alone(tmp_path: Path, sqlite_url: str) -> None:
    with opened_crm(sqlite_url, tmp_path) as gateway:
        with gateway.write(SYSTEM, "cli") as context:
            records.create(context, "user", {"login": "sue", "name": "Sue"})
        assert demonstration.prepare(gateway, lambda *told: None) is None
        assert contents(gateway)["account"] == []
