"""The API: what it answers, in which form, and how it says no."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from engine.identity import identity
from engine.identity.csrf import csrf_token
from engine.work.context import SYSTEM
from engine.work.gateway import Gateway


def made(client: TestClient, entity: str, **values: Any) -> dict[str, Any]:
    answer = client.post(f"/api/{entity}", json=values)
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


def problem(answer: Any, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["status"] == status
    return body


def test_a_record_goes_in_and_comes_out(client: TestClient) -> None:
    account = made(client, "account", name="Acme", credit="10.5")
    assert account["credit"] == {"amount": "10.50", "currency": "EUR"}
    answer = client.post(
        "/api/order", json={"account": account["id"], "lines": [{"what": "Lamp", "quantity": 2}]}
    )
    order = answer.json()
    assert answer.headers["location"] == f"/api/order/{order['id']}"
    assert answer.headers["etag"] == '"1"'
    assert order["account"] == {"id": account["id"], "title": "Acme"}
    assert [(row["what"], row["quantity"]) for row in order["lines"]] == [("Lamp", 2)]
    assert client.get(f"/api/order/{order['id']}").json() == order
    not_changed = client.get(f"/api/order/{order['id']}", headers={"If-None-Match": '"1"'})
    assert (not_changed.status_code, not_changed.content) == (304, b"")


def test_a_list_is_created_whole_or_not_at_all(client: TestClient) -> None:
    answer = client.post("/api/account", json=[{"name": "A"}, {"name": "B"}])
    assert answer.status_code == 201
    assert [item["name"] for item in answer.json()["items"]] == ["A", "B"]
    errors = problem(client.post("/api/account", json=[{"name": "C"}, {}]), 422)["errors"]
    assert [(each["at"], each["code"]) for each in errors] == [("1.name", "required")]
    assert len(client.get("/api/account").json()["items"]) == 2


def test_lists_page_sort_filter_and_count(client: TestClient) -> None:
    account = made(client, "account", name="Acme")
    for number in range(5):
        made(client, "order", account=account["id"] if number % 2 else None, due=f"2026-01-0{number + 1}")
    body = client.get("/api/order?sort=-due&fields=due,account.name&limit=2&count=exact").json()
    assert [item["due"] for item in body["items"]] == ["2026-01-05", "2026-01-04"]
    assert body["items"][1]["account.name"] == "Acme"
    assert body["count"] == {"value": 5, "exact": True}
    after = client.get(
        "/api/order", params={"sort": "-due", "fields": "due", "limit": 2, "after": body["next"]}
    ).json()
    assert [item["due"] for item in after["items"]] == ["2026-01-03", "2026-01-02"]
    assert len(client.get(f"/api/order?account={account['id']}").json()["items"]) == 2
    assert len(client.get("/api/order?account=").json()["items"]) == 3
    assert len(client.get("/api/account?q=acm").json()["items"]) == 1


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("sort=nope", "nope"),
        ("fields=nope", "nope"),
        ("nope=1", "nope"),
        ("limit=0", "limit"),
        ("limit=x", "limit"),
        ("count=some", "count"),
        ("after=zzz", "after"),
        ("due=soon", "due"),
    ],
)
def test_what_cannot_be_answered_is_named(client: TestClient, query: str, name: str) -> None:
    assert problem(client.get(f"/api/order?{query}"), 400)["name"] == name


def test_versions_guard_against_lost_updates(client: TestClient) -> None:
    account = made(client, "account", name="Acme")
    url = f"/api/account/{account['id']}"
    assert client.patch(url, json={"name": "B"}, headers={"If-Match": '"1"'}).headers["etag"] == '"2"'
    stale = problem(client.patch(url, json={"name": "C", "version": 1}), 409)
    assert (stale["given"], stale["current"], stale["theirs"]["name"]) == (1, 2, "B")
    problem(client.patch(url, json={"name": "C"}, headers={"If-Match": '"1"'}), 412)
    problem(client.delete(url, headers={"If-Match": '"1"'}), 412)
    assert client.get(url).json()["name"] == "B"


def test_delete_restore_and_history(client: TestClient) -> None:
    account = made(client, "account", name="Acme")
    url = f"/api/account/{account['id']}"
    assert client.delete(url).status_code == 204
    problem(client.get(url), 404)
    assert len(client.get("/api/account?trash=1").json()["items"]) == 1
    assert client.post(f"{url}/restore").json()["name"] == "Acme"
    history = client.get(f"{url}/history").json()["items"]
    assert [entry["action"] for entry in history] == ["restore", "delete", "create"]
    made(client, "account", name="Another")
    assert [entry["number"] for entry in history] == [
        3,
        2,
        1,
    ]  # counted for this record, whatever else happens
    older = client.get(f"{url}/history?before=3").json()["items"]
    assert older == history[1:]
    problem(client.get(f"{url}/history?before=x"), 400)
    assert {"name": "name", "label": "Name", "old": None, "new": "Acme"} in history[-1]["changes"]


def test_related_records(client: TestClient) -> None:
    account = made(client, "account", name="Acme")
    made(client, "contact", last_name="Pop", account=account["id"])
    items = client.get(f"/api/account/{account['id']}/related/contacts").json()["items"]
    assert [item["title"] for item in items] == ["Pop"]
    problem(client.get(f"/api/account/{account['id']}/related/nope"), 400)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "not-json"),
        (b"\xff", 400, "not-json"),
        (b"1", 400, "not-an-object"),
        (b'[{"name": "A"}, 1]', 400, "not-an-object"),
        (b'{"nope": 1}', 422, "invalid"),
        (b'{"name": "\\u0000"}', 422, "invalid"),
        (b'{"name": "\\ud800"}', 400, "not-json"),
        (b'{"name": true}', 422, "invalid"),
    ],
)
def test_bad_bodies_are_told_apart(client: TestClient, body: bytes, status: int, code: str) -> None:
    answer = client.post("/api/account", content=body, headers={"Content-Type": "application/json"})
    assert problem(answer, status)["code"] == code
    assert client.get("/api/account").json()["items"] == []


def test_media_type_and_size_are_checked(client: TestClient) -> None:
    problem(client.post("/api/account", content=b"name=A", headers={"Content-Type": "text/plain"}), 415)
    large = b'{"name": "' + b"x" * 11_000_000 + b'"}'
    problem(client.post("/api/account", content=large, headers={"Content-Type": "application/json"}), 413)


def test_who_is_asking_is_asked_first(shop: Gateway, client: TestClient) -> None:
    for headers in ({"Authorization": "Bearer nope"}, {"Authorization": "Basic eDp5"}):
        assert problem(client.get("/api/nothing", headers=headers), 401)["code"] == "unauthorized"
    problem(client.get("/api/nothing"), 404)
    with shop.write(SYSTEM, "cli") as context:
        identity.create_user(context, "nobody", "correct horse", [])
    token = identity.create_token(shop, "nobody", "t")
    answer = problem(client.get("/api/account", headers={"Authorization": f"Bearer {token}"}), 403)
    assert answer["decision"]


def test_a_session_needs_its_csrf_header(shop: Gateway, client: TestClient) -> None:
    with shop.write(SYSTEM, "cli") as context:
        identity.create_user(context, "ann", "correct horse", ["administrator"])
    secret = identity.sign_in(shop, "ann", "correct horse")
    found = identity.actor_of_session(shop, secret)
    assert found is not None
    cookie = {"Cookie": f"{identity.SESSION_COOKIE}={secret}"}
    client.headers.pop("Authorization")
    assert client.get("/api/me", headers=cookie).json()["login"] == "ann"
    problem(client.post("/api/account", json={"name": "A"}, headers=cookie), 403)
    right = {**cookie, "X-CSRF-Token": csrf_token(found[1])}
    assert client.post("/api/account", json={"name": "A"}, headers=right).status_code == 201


def test_the_description_shows_what_one_may_see(shop: Gateway, client: TestClient) -> None:
    whole = client.get("/api/openapi.json").json()
    assert "/api/order/{id}/restore" in whole["paths"]
    assert "credit" in whole["components"]["schemas"]["account"]["properties"]
    with shop.write(SYSTEM, "cli") as context:
        identity.create_user(context, "reader", "correct horse", ["reader"])
    token = identity.create_token(shop, "reader", "t")
    part = client.get("/api/openapi.json", headers={"Authorization": f"Bearer {token}"}).json()
    assert "/api/order" not in part["paths"]
    assert "credit" not in part["components"]["schemas"]["account"]["properties"]
    assert "post" not in part["paths"]["/api/account"]


def test_health(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "alive"}
    assert client.get("/readyz").json()["status"] == "ready"


def test_a_create_sent_again_with_its_key_is_done_once(client: TestClient) -> None:
    key = {"Idempotency-Key": "order-4711"}
    first = client.post("/api/account", json={"name": "Acme"}, headers=key)
    again = client.post("/api/account", json={"name": "Acme"}, headers=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert len(client.get("/api/account").json()["items"]) == 1
    other = client.post("/api/account", json={"name": "Other"}, headers=key)
    assert problem(other, 422)["code"] == "key-reused"
    refused = client.post("/api/account", json={}, headers={"Idempotency-Key": "again"})
    assert problem(refused, 422)["code"] == "invalid"
    mended = client.post("/api/account", json={"name": "B"}, headers={"Idempotency-Key": "again"})
    assert mended.status_code == 201  # what was refused was not done, and took no key
