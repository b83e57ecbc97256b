"""The other side of a one_to_one leads to one record, wherever paths are walked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from engine.api.app import api
from engine.errors import BadQuery, RecordError
from engine.identity import identity
from engine.reading.query import Filter, Link, Query
from engine.service import records
from engine.work.context import SYSTEM, Actor
from engine.work.gateway import Gateway
from tests.support.shop import opened

GARAGE = """
app: garage
---
role: clerk
---
entity: car
title: "{name}"
properties:
  name:    {type: text, required: true}
  secret:  {type: text}
  insured: {type: boolean, computed: record.policy != null}
  insurer: {type: text, computed: record.policy.insurer}
  kept:    {type: text, computed: record.policy.insurer, stored: true}
  state:   {type: text, visible_if: record.policy.active}
validations:
  - check: record.policy.insurer != 'Nobody' || record.name != 'Sold'
    message: Nobody insures what is sold.
    at: name
access:
  clerk: {read: all}
---
entity: policy
title: "{insurer}"
properties:
  insurer: {type: text}
  active:  {type: boolean}
relations:
  car: {to: car, kind: one_to_one, inverse: policy}
---
entity: trip
title: "{to}"
properties:
  to: {type: text}
relations:
  car: {to: car, inverse: trips}
"""


@pytest.fixture
def garage(tmp_path: Path, database_url: str) -> Iterator[Gateway]:
    gateway = opened(tmp_path, database_url, GARAGE)
    yield gateway
    gateway.close()


def create(garage: Gateway, entity: str, **values: Any) -> int:
    return garage.writing(SYSTEM, "api", lambda context: records.create(context, entity, values)).id


@pytest.fixture
def cars(garage: Gateway) -> dict[str, int]:
    """Two insured cars and one that is not."""
    ids = {name: create(garage, "car", name=name) for name in ("Beetle", "Mini", "Trabant")}
    for name, insurer in (("Beetle", "Zeta"), ("Mini", "Alpha")):
        ids[insurer] = create(garage, "policy", insurer=insurer, car=ids[name], active=True)
    return ids


def found(garage: Gateway, entity: str = "car", **query: Any) -> list[Any]:
    with garage.read(SYSTEM, "api") as context:
        page = records.find(context, entity, Query(**query))
    return [(row.title, *row.cells) for row in page.rows]


def test_computed_values_walk_it(garage: Gateway, cars: dict[str, int]) -> None:
    rows = found(garage, fields=("insured", "insurer", "kept"), sort=("name",))
    assert rows == [
        ("Beetle", True, "Zeta", "Zeta"),
        ("Mini", True, "Alpha", "Alpha"),
        ("Trabant", False, None, None),
    ]


def test_what_is_kept_follows_the_other_side(garage: Gateway, cars: dict[str, int]) -> None:
    with garage.write(SYSTEM, "api") as context:
        records.update(context, "policy", cars["Zeta"], {"insurer": "Omega"})
        records.delete(context, "policy", cars["Alpha"])
    rows = found(garage, fields=("insured", "kept"), sort=("name",))
    assert rows == [("Beetle", True, "Omega"), ("Mini", False, None), ("Trabant", False, None)]


def test_what_is_in_the_trash_is_not_the_one(garage: Gateway, cars: dict[str, int]) -> None:
    with garage.write(SYSTEM, "api") as context:
        records.delete(context, "policy", cars["Alpha"])
    create(garage, "policy", insurer="Beta", car=cars["Mini"])
    rows = found(garage, fields=("policy.insurer", "insurer", "kept"), sort=("name",))
    assert rows[1] == ("Mini", "Beta", "Beta", "Beta")
    assert len(rows) == 3


def test_conditions_ask_it(garage: Gateway, cars: dict[str, int]) -> None:
    assert found(garage, where=("record.policy.insurer == 'Zeta'",)) == [("Beetle",)]
    assert found(garage, where=("record.policy == null",)) == [("Trabant",)]
    assert found(garage, "trip", where=("record.car.policy.active",)) == []
    create(garage, "trip", to="Sea", car=cars["Mini"])
    assert found(garage, "trip", where=("record.car.policy.active",)) == [("Sea",)]


def test_a_draft_is_judged_by_it(garage: Gateway, cars: dict[str, int]) -> None:
    with garage.write(SYSTEM, "api") as context:
        records.update(context, "policy", cars["Zeta"], {"insurer": "Nobody"})
    with pytest.raises(RecordError, match="Nobody insures"), garage.write(SYSTEM, "api") as context:
        records.update(context, "car", cars["Beetle"], {"name": "Sold"})
    with garage.write(SYSTEM, "api") as context:
        records.update(context, "car", cars["Mini"], {"name": "Sold", "state": "fine"})


def test_lists_show_sort_and_filter_by_it(garage: Gateway, cars: dict[str, int]) -> None:
    rows = found(garage, fields=("policy", "policy.insurer"), sort=("policy",))
    assert rows == [
        ("Trabant", None, None),
        ("Mini", Link("policy", cars["Alpha"], "Alpha"), "Alpha"),
        ("Beetle", Link("policy", cars["Zeta"], "Zeta"), "Zeta"),
    ]
    assert found(garage, filters=(Filter("policy", "eq", cars["Zeta"]),)) == [("Beetle",)]
    assert found(garage, filters=(Filter("policy", "empty"),)) == [("Trabant",)]
    assert found(garage, filters=(Filter("policy.insurer", "eq", "Alpha"),)) == [("Mini",)]
    assert found(garage, "trip", fields=("car.policy.insurer",)) == []


def test_a_record_tells_it(garage: Gateway, cars: dict[str, int]) -> None:
    with garage.read(SYSTEM, "api") as context:
        assert records.get(context, "car", cars["Mini"]).values["policy"] == Link(
            "policy", cars["Alpha"], "Alpha"
        )
        assert records.get(context, "car", cars["Trabant"]).values["policy"] is None


def test_who_may_not_read_the_other_side_does_not_meet_it(garage: Gateway, cars: dict[str, int]) -> None:
    clerk = Actor(id=None, login="clerk", name="Clerk", roles=frozenset({"clerk"}))
    with garage.read(clerk, "api") as context:
        assert "policy" not in records.get(context, "car", cars["Mini"]).values
        with pytest.raises(BadQuery, match="no property or relation 'policy'"):
            records.find(context, "car", Query(fields=("policy.insurer",)))
        with pytest.raises(BadQuery):
            records.find(context, "car", Query(where=("record.policy == null",)))


def test_the_api_answers_and_describes_it(garage: Gateway, cars: dict[str, int]) -> None:
    with garage.write(SYSTEM, "cli") as context:
        identity.create_user(context, "admin", "correct horse", ["administrator"])
    token = identity.create_token(garage, "admin", "tests")
    with TestClient(Starlette(routes=api(garage)), headers={"Authorization": f"Bearer {token}"}) as client:
        policy = {"id": cars["Alpha"], "title": "Alpha"}
        assert client.get(f"/api/car/{cars['Mini']}").json()["policy"] == policy
        fields = client.get("/api/car?fields=name,policy,policy.insurer&sort=-policy.insurer").json()["items"]
        assert [each["policy.insurer"] for each in fields] == ["Zeta", "Alpha", None]
        assert fields[1]["policy"] == policy
        assert client.get("/api/car?sort=name").json()["items"][1]["policy"] == policy
        described = client.get("/api/openapi.json").json()["components"]["schemas"]
    assert described["car"]["properties"]["policy"]["anyOf"][1] == {"type": "null"}
    assert "policy" not in described["car_values"]["properties"]
    assert "trips" not in described["car"]["properties"]
