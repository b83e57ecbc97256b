"""Metadata read again while the application runs: what is good serves at once, what is wrong never does."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from engine.app import Engine, open_app
from engine.identity import identity
from engine.reading.query import Query
from engine.service import records
from engine.work.context import SYSTEM
from tests.support.metadata import write

PRODUCT = "entity: product\nproperties:\n  name: {type: text, required: true}\n  size: {type: integer}\n"
WARRANTY = """entity: warranty
properties:
  number: {type: autonumber, pattern: "W-{seq}"}
  until: {type: date}
relations:
  product: {to: product, required: true, on_delete: restrict, inverse: warranties}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path, PRODUCT, "entities/product.yaml")


@pytest.fixture
def engine(folder: Path, database_url: str) -> Iterator[Engine]:
    opened = open_app(folder, database=database_url, apply=True)
    yield opened
    opened.close()


@pytest.fixture
def client(engine: Engine) -> TestClient:
    with engine.gateway.write(SYSTEM, "cli") as context:
        identity.create_user(context, "admin", "correct horse", ["administrator"])
    token = identity.create_token(engine.gateway, "admin", "proofs")
    return TestClient(engine.asgi, headers={"Authorization": f"Bearer {token}"})


def test_a_new_file_serves_at_once(engine: Engine, folder: Path, client: TestClient) -> None:
    product = client.post("/api/product", json={"name": "Lamp"}).json()
    assert client.get("/api/warranty").status_code == 404
    write(folder, WARRANTY, "entities/warranty.yaml")
    assert engine.reload()
    made = client.post("/api/warranty", json={"product": product["id"]})
    assert (made.status_code, made.json()["number"]) == (201, "W-1")
    assert "/api/warranty" in client.get("/api/openapi.json").json()["paths"]
    assert client.delete(f"/api/product/{product['id']}").status_code == 422


def test_a_wrong_file_changes_nothing_and_is_told(engine: Engine, folder: Path, client: TestClient) -> None:
    before = engine.gateway.runtime
    write(folder, WARRANTY.replace("to: product", "to: prodcut"), "entities/warranty.yaml")
    assert not engine.reload()
    assert engine.gateway.runtime is before
    (problem,) = engine.gateway.problems
    assert (problem.place.file, problem.place.line) == ("entities/warranty.yaml", 6)
    assert client.post("/api/product", json={"name": "Lamp"}).status_code == 201
    write(folder, WARRANTY, "entities/warranty.yaml")
    assert engine.reload()
    assert engine.gateway.problems == ()


@pytest.mark.parametrize(
    "text", ["", "\x00", "entity: [", "a: &a [*a]\n", "entity: product\n", "- 1\n", "\ufeff"]
)
def test_nonsense_keeps_the_last_good_one(engine: Engine, folder: Path, text: str) -> None:
    before = engine.gateway.runtime
    (folder / "entities" / "nonsense.yaml").write_text(text, encoding="utf-8")
    assert not engine.reload()
    assert engine.gateway.runtime is before
    assert engine.gateway.problems


def test_a_wrong_plugin_keeps_the_last_good_one(engine: Engine, folder: Path) -> None:
    (folder / "plugins").mkdir()
    (folder / "plugins" / "wrong.py").write_text("import nothing_like_it\n", encoding="utf-8")
    assert not engine.reload()
    assert [problem.place.file for problem in engine.gateway.problems] == ["plugins/wrong.py"]


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("  size: {type: integer}\n", "", "size"),
        ("{type: integer}", "{type: date}", "size"),
        ("{type: integer}", "{type: integer, required: true}", "size"),
        ("entity: product", "entity: article", "product"),
    ],
)
def test_what_does_not_only_add_is_refused_by_name(
    engine: Engine, folder: Path, client: TestClient, old: str, new: str, named: str
) -> None:
    client.post("/api/product", json={"name": "Lamp"})
    write(folder, PRODUCT.replace(old, new), "entities/product.yaml")
    served = engine.reload()
    if served:  # an entity or property that is taken out stays in the database, and may be ignored
        assert new == "" or named == "product"
    else:
        (problem,) = engine.gateway.problems
        assert problem.code == "schema-differs"
        assert named in problem.message
        assert client.get("/api/product").json()["items"][0]["name"] == "Lamp"
    write(folder, PRODUCT, "entities/product.yaml")
    assert engine.reload()
    assert client.get("/api/product").json()["items"][0]["name"] == "Lamp"


def test_a_reader_keeps_the_runtime_it_began_with(engine: Engine, folder: Path, client: TestClient) -> None:
    client.post("/api/product", json={"name": "Lamp"})
    with engine.gateway.read(SYSTEM) as context:
        write(folder, "entity: lamp\nproperties: {name: {type: text}}\n", "entities/lamp.yaml")
        assert engine.reload()
        assert "lamp" not in context.runtime.entities
        assert len(records.find(context, "product", Query()).rows) == 1
    assert client.get("/api/lamp").status_code == 200


def test_a_writer_is_waited_for(engine: Engine, folder: Path, client: TestClient) -> None:
    """A record is written while a column is added to its table: neither fails, and the record stands."""
    text = PRODUCT + "  price: {type: money, currency: EUR}\n  stars: {type: integer, default: 3}\n"
    answers: list[bool] = []
    with engine.gateway.write(SYSTEM) as context:
        records.create(context, "product", {"name": "Lamp"})
        write(folder, text, "entities/product.yaml")
        reloading = threading.Thread(target=lambda: answers.append(engine.reload()))
        reloading.start()
        records.create(context, "product", {"name": "Desk"})
    reloading.join()
    assert answers == [True]
    assert [item["stars"] for item in client.get("/api/product?sort=name").json()["items"]] == [3, 3]
    assert client.post("/api/product", json={"name": "Chair", "price": "5"}).status_code == 201


def test_requests_are_answered_throughout(engine: Engine, folder: Path, client: TestClient) -> None:
    """Entities are added one by one under a stream of requests: each is answered, by one runtime or the next."""
    stop = threading.Event()
    statuses: set[int] = set()

    def ask() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            statuses.add(client.post("/api/product", json={"name": f"P{number}"}).status_code)
            statuses.add(client.get("/api/product?count=exact").status_code)

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        for number in range(4):
            write(
                folder,
                WARRANTY.replace("warranty", f"warranty_{number}").replace("warranties", f"w{number}"),
                f"entities/warranty_{number}.yaml",
            )
            assert engine.reload(), engine.gateway.problems
    finally:
        stop.set()
        asking.join()
    assert statuses == {200, 201}
