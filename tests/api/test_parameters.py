"""Parameters of workflows over the API: told, set, reset, described; with every refusal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from engine.api.app import api
from engine.identity import identity
from engine.work.context import Scope
from tests.support.parameters import Offers, offers

__all__ = ["offers"]

HERE = "/api/settings/parameters"
As = Callable[..., TestClient]


@pytest.fixture
def as_(offers: Offers) -> Iterator[As]:
    """A client of the API for somebody."""
    with TestClient(Starlette(routes=api(offers.gateway))) as client:

        def signed_in(login: str = "ada", scope: Scope | None = None) -> TestClient:
            token = identity.create_token(offers.gateway, login, "tests", None, scope)
            client.headers["Authorization"] = f"Bearer {token}"
            return client

        yield signed_in


def items(client: TestClient) -> dict[str, Any]:
    found = client.get(HERE)
    assert found.status_code == 200
    return {f"{each['workflow']}.{each['name']}": each for each in found.json()["items"]}


def test_they_are_told_set_and_reset(as_: As) -> None:
    client = as_("cora")
    assert list(items(client)) == [
        *(
            f"sale.{name}"
            for name in ("limit", "least", "level", "since", "levels", "wish", "patient", "pause")
        ),
        "other.limit",
    ]
    limit = items(client)["sale.limit"]
    assert limit == {
        "workflow": "sale",
        "name": "limit",
        "label": "Free discount",
        "help": "Without asking.",
        "type": "percent",
        "value": "10.00",
        "default": "10.00",
        "set": False,
        "unfit": None,
        "changed_at": None,
        "changed_by": None,
    }
    answer = client.patch(f"{HERE}/sale", json={"limit": 15, "wish": None})
    assert answer.status_code == 200
    told = {each["name"]: each for each in answer.json()["items"]}
    assert (told["limit"]["value"], told["limit"]["set"], told["limit"]["changed_by"]) == (
        "15.00",
        True,
        "Cora",
    )
    assert (told["wish"]["value"], told["wish"]["set"]) == (None, True)
    one = client.get(f"{HERE}/sale/limit").json()
    assert [(each["value"], each["by"], each["source"], each["reset"]) for each in one["history"]] == [
        ("15.00", "Cora", "api", False)
    ]
    assert client.delete(f"{HERE}/sale/limit").json()["set"] is False
    assert items(client)["sale.limit"]["value"] == "10.00"


def test_a_value_is_in_effect_at_the_next_request(as_: As, offers: Offers) -> None:
    number = offers.make("offer", "sam", subject="Lamps", discount=12).id
    as_("cora").patch(f"{HERE}/sale", json={"limit": 20})
    answer = as_("sam").post(f"/api/offer/{number}/transitions/submit", json={})
    assert answer.json()["status"] == "sent"


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("/sale", {"limit": 200}, 422, "invalid"),
        ("/sale", {"limti": 1}, 422, "invalid"),
        ("/sale", [], 400, "not-an-object"),
        ("/none", {"limit": 1}, 404, "not-found"),
    ],
)
def test_what_is_refused(as_: As, path: str, body: Any, status: int, code: str) -> None:
    answer = as_().patch(HERE + path, json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not any(each["set"] for each in items(as_()).values())


def test_who_may(as_: As) -> None:
    for login, scope, code in (
        ("sam", None, "forbidden"),
        ("cora", Scope(entities=frozenset({"offer"})), "token-scope"),
        ("cora", Scope(read_only=True), "token-scope"),
    ):
        client = as_(login, scope)
        for answer in (client.patch(f"{HERE}/sale", json={"limit": 1}), client.delete(f"{HERE}/sale/limit")):
            assert (answer.status_code, answer.json()["code"]) == (403, code)
    assert as_("sam").get(HERE).status_code == 403
    assert as_("cora", Scope(read_only=True)).get(HERE).status_code == 200
    assert as_("cora").get(f"{HERE}/sale/none").status_code == 404
    assert as_("cora").post(HERE, json={}).status_code == 404


def test_they_are_described_to_who_may_set_them(as_: As) -> None:
    paths = as_("cora").get("/api/openapi.json").json()["paths"]
    body = paths[f"{HERE}/sale"]["patch"]["requestBody"]["content"]["application/json"]["schema"]
    assert body["properties"]["limit"]["title"] == "Free discount"
    assert {"type": "null"} in body["properties"]["wish"]["anyOf"]
    assert {"type": "null"} not in body["properties"]["limit"]["anyOf"]
    assert {"get", "delete"} == set(paths[f"{HERE}/other/limit"])
    for client in (as_("sam"), as_("cora", Scope(entities=frozenset({"offer"})))):
        assert not any(path.startswith(HERE) for path in client.get("/api/openapi.json").json()["paths"])
