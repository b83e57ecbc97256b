"""Killed without warning at any moment: what was acknowledged is there and whole, the rest is not there at all."""

from __future__ import annotations

import queue
import threading
import time
from pathlib import Path
from random import Random

import httpx2
import pytest

from engine.app import Engine, open_app
from engine.identity import identity
from engine.reading.query import Query, Record
from engine.service import records
from engine.store import migration
from engine.work.context import SYSTEM
from tests.support.metadata import write
from tests.support.serving import process
from tests.support.shop import SHOP
from tests.support.warm import PIPE, Process

ENTITY = """
entity: {name}
properties:
  name:  {{type: text, required: true, unique: true}}
  price: {{type: money, currency: EUR}}
  due:   {{type: date, index: true}}
{more}relations:
  before: {{to: {name}, kind: tree}}
  about:  {{to: [{name}, user], on_delete: clear, inverse: about_{name}}}
"""


def start(what: str, url: str, folder: Path) -> Process:
    """A process of writing.py that has begun."""
    process = Process("tests.proofs.writing", what, url, folder, stdout=PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"
    return process


def kill(process: Process) -> list[str]:
    """Kill a process; answers the lines it had said in full."""
    process.kill()
    said = process.communicate()[0]
    return said[: said.rfind("\n") + 1].splitlines()


@pytest.mark.parametrize("seed", range(4))
def test_acknowledged_records_are_there_whole(tmp_path: Path, database_url: str, seed: int) -> None:
    write(tmp_path, SHOP, "metadata/app.yaml")
    open_app(tmp_path, database=database_url, apply=True).close()
    process = start("records", database_url, tmp_path)
    assert process.stdout is not None
    first = process.stdout.readline().strip()
    time.sleep(Random(seed).uniform(0.0, 0.4))
    acknowledged = [first, *kill(process)]
    created = {int(line) for line in acknowledged if not line.endswith("done")}
    closed = {int(line.split()[0]) for line in acknowledged if line.endswith("done")}
    engine = open_app(tmp_path, database=database_url)
    try:
        found = everything(engine)
        assert created - found.keys() == set()
        assert all(found[number].values["status"] == "done" for number in closed)
        assert len(found) - len(created) in (0, 1), "one may be written and not yet acknowledged"
        for record in found.values():
            whole(engine, record)
        numbers = sorted(record.values["number"][-4:] for record in found.values())
        assert numbers == [f"{number:04}" for number in range(1, len(found) + 1)]
        one_more = engine.gateway.writing(SYSTEM, "api", lambda c: records.create(c, "order", {}))
        assert one_more.values["number"].endswith(f"{len(found) + 1:04}")
    finally:
        engine.close()


def test_a_killed_server_has_what_it_acknowledged(tmp_path: Path, database_url: str) -> None:
    """Three clients write until the server is gone; another one starts on the same database, and goes on."""
    write(tmp_path, SHOP, "metadata/app.yaml")
    headers = prepare(tmp_path, database_url)
    acknowledged: queue.SimpleQueue[tuple[int, str]] = queue.SimpleQueue()
    with process(tmp_path, database_url) as (server, address):
        clients = [
            threading.Thread(target=keep_writing, args=(address, headers, acknowledged)) for _ in range(3)
        ]
        for client in clients:
            client.start()
        told = [acknowledged.get(timeout=60) for _ in range(25)]
        server.kill()
        for client in clients:
            client.join()
    while not acknowledged.empty():
        told.append(acknowledged.get())
    with process(tmp_path, database_url) as (_, address):
        made = httpx2.post(f"{address}/api/order", json=ORDER, headers=headers)
        assert made.status_code == 201
        told.append((made.json()["id"], "open"))
    engine = open_app(tmp_path, database=database_url)
    try:
        found = everything(engine)
        assert {number for number, _ in told} - found.keys() == set()
        assert all(found[number].values["status"] == "done" for number, status in told if status == "done")
        assert len(found) - len({number for number, _ in told}) in range(len(clients) + 1)
        for record in found.values():
            whole(engine, record)
        assert len({record.values["number"] for record in found.values()}) == len(found)
    finally:
        engine.close()


def prepare(folder: Path, url: str) -> dict[str, str]:
    """Make the tables and an administrator; answers the headers of their requests."""
    engine = open_app(folder, database=url, apply=True)
    with engine.gateway.write(SYSTEM, "cli") as context:
        identity.create_user(context, "admin", "correct horse", ["administrator"])
    token = identity.create_token(engine.gateway, "admin", "proofs")
    engine.close()
    return {"Authorization": f"Bearer {token}"}


ORDER = {"lines": [{"what": what, "quantity": number} for number, what in enumerate("abc", 1)]}
CLOSED = {"status": "done", "lines": [{"what": "d"}]}


def keep_writing(
    address: str, headers: dict[str, str], acknowledged: queue.SimpleQueue[tuple[int, str]]
) -> None:
    """Create orders and close them until nobody answers; tell each answer."""
    with httpx2.Client(base_url=address, headers=headers, timeout=60) as client:
        try:
            while True:
                made = client.post("/api/order", json=ORDER)
                number = made.json()["id"]
                acknowledged.put((number, "open"))
                closed = client.patch(f"/api/order/{number}", json=CLOSED)
                acknowledged.put((number, closed.json()["status"]))
        except httpx2.TransportError:
            return


def everything(engine: Engine) -> dict[int, Record]:
    with engine.gateway.read(SYSTEM, "api") as context:
        found: dict[int, Record] = {}
        after: str | None = None
        while True:
            page = records.find(context, "order", Query(limit=500, after=after))
            found |= {row.id: records.get(context, "order", row.id) for row in page.rows}
            after = page.next
            if after is None:
                return found


def whole(engine: Engine, record: Record) -> None:
    """A record with its lines and its history, as one operation or two of the writer leave it."""
    lines = [(row.values["what"], row.values["quantity"]) for row in record.children["lines"]]
    with engine.gateway.read(SYSTEM, "api") as context:
        actions = [entry.action for entry in records.history(context, "order", record.id)]
    three = [("a", 1), ("b", 2), ("c", 3)]
    if record.values["status"] == "done":
        assert (record.version, lines, actions) == (2, [*three, ("d", 1)], ["update", "create"])
    else:
        assert (record.version, lines, actions) == (1, three, ["create"])


@pytest.mark.parametrize("seed", range(2))
def test_killed_while_tables_are_made(tmp_path: Path, database_url: str, seed: int) -> None:
    """Creating twenty tables, and then adding to each: killed somewhere in between, it starts again."""
    random = Random(seed)
    for more in ("", "  rank:  {type: integer, index: true}\n  stars: {type: integer, default: 3}\n"):
        for number in range(20):
            name = f"thing_{number}"
            write(tmp_path, ENTITY.format(name=name, more=more), f"entities/{name}.yaml")
        process = start("tables", database_url, tmp_path)
        time.sleep(random.uniform(0.1, 0.6))
        kill(process)
        engine = open_app(tmp_path, database=database_url, apply=True)
        try:
            left = migration.pending(engine.gateway.database, engine.gateway.runtime.tables)
            assert (left.additions, left.refused) == ((), ())
            values = {"name": f"Made {len(more)}"}
            engine.gateway.writing(SYSTEM, "api", lambda c: records.create(c, "thing_19", values))  # noqa: B023
        finally:
            engine.close()
