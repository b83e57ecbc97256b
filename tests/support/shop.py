"""A small shop as metadata, opened on each database: what the tests of the record service and its faces act on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from engine.build.runtime import Runtime, build_runtime
from engine.build.table import Dialect
from engine.identity.watching import watched
from engine.loading.load import load
from engine.plugins import Hooks
from engine.process.following import react
from engine.service import records
from engine.store.database import Database
from engine.store.files import FileStore
from engine.store.system import add_system_tables
from engine.work.context import SYSTEM, Actor
from engine.work.gateway import Gateway
from tests.support.spares import SPARES

SHOP = """
app: shop
settings: {currency: EUR, timezone: Europe/Bucharest}
---
role: seller
---
role: reader
---
entity: account
ownership: user
features: {tags: true}
properties:
  name:   {type: text, required: true, search: high}
  code:   {type: text, unique: true}
  credit: {type: money, currency: EUR, access: {read: [seller], write: [seller]}}
relations:
  parent: {to: account, kind: tree, on_delete: restrict, inverse: branches}
access:
  seller: {create: true, read: all, update: own, delete: own}
  reader: {read: all}
---
entity: contact
title: "{first_name} {last_name}"
properties:
  first_name: {type: text}
  last_name:  {type: text, required: true}
  email:      {type: email}
relations:
  account: {to: account, required: true, on_delete: cascade, inverse: contacts}
access:
  seller: {create: true, read: all, update: all}
---
entity: order
title: "{number}"
properties:
  number: {type: autonumber, pattern: "O-{yyyy}-{seq:04}"}
  status: {type: choice, options: [open, done], default: open, required: true}
  note:   {type: long_text}
  due:    {type: date}
relations:
  account: {to: account, on_delete: restrict, inverse: orders}
  referrer: {to: contact, on_delete: clear, inverse: referred}
  about:   {to: [account, contact], on_delete: clear, inverse: mentions}
  lines:   {to: order_line, kind: composition, inverse: order}
access:
  seller: {create: true, read: all, update: all, delete: all}
---
entity: order_line
properties:
  what:     {type: text, required: true}
  quantity: {type: integer, min: 1, required: true, default: 1}
---
entity: claim
relations: {line: {to: order_line, required: true, on_delete: restrict}}
---
entity: fair
properties: {name: {type: text, required: true}}
relations:
  visitors: {to: account, kind: many_to_many, through: visit, inverse: fairs}
---
entity: visit
properties: {stand: {type: text}}
relations:
  fair:    {to: fair, required: true, on_delete: cascade}
  account: {to: account, required: true, on_delete: cascade}
---
entity: setting_of_one
singleton: true
features: {trash: false}
properties: {value: {type: text}}
"""


KIOSK = """
app: kiosk
---
entity: account
properties: {name: {type: text, required: true}}
"""


class Clock:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@pytest.fixture
def shop(tmp_path: Path, database_url: str) -> Iterator[Gateway]:
    """The shop's gateway, on SQLite and on PostgreSQL."""
    gateway = opened(tmp_path, database_url, SHOP)
    yield gateway
    gateway.close()


@pytest.fixture(name="shop")
def kiosk(tmp_path: Path, database_url: str) -> Iterator[Gateway]:
    """The smallest shop, where what is sold does not matter."""
    gateway = opened(tmp_path, database_url, KIOSK)
    yield gateway
    gateway.close()


def opened(folder: Path, url: str, metadata: str) -> Gateway:
    """The gateway of an application over an empty database."""
    (folder / "metadata").mkdir()
    (folder / "metadata" / "app.yaml").write_text(metadata, encoding="utf-8")
    runtime = built(metadata, "sqlite" if url.startswith("sqlite") else "postgresql")
    SPARES.prepare(url, metadata, lambda: runtime.tables)
    return Gateway(Database.open(url), runtime, FileStore(str(folder / "files")), Clock())


@lru_cache(maxsize=16)
def built(metadata: str, dialect: Dialect) -> Runtime:
    """The runtime of an application: many tests open the same."""
    with TemporaryDirectory() as folder:
        (Path(folder) / "metadata").mkdir()
        (Path(folder) / "metadata" / "app.yaml").write_text(metadata, encoding="utf-8")
        runtime = build_runtime(load(Path(folder)), watched(Hooks()), dialect, b"s" * 32, react=react)
    add_system_tables(runtime.tables.metadata)
    return runtime


@pytest.fixture
def seller(shop: Gateway) -> Actor:
    """A user with the role `seller`."""
    with shop.write(SYSTEM, "cli") as context:
        user = records.create(context, "user", {"login": "sue", "name": "Sue", "roles": ["seller"]})
    return Actor(user.id, "sue", "Sue", frozenset({"seller"}))
