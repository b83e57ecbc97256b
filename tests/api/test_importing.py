"""A file of rows by the API: what it answers, and what it refuses before and after the rows are looked at."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from starlette.applications import Starlette
from starlette.testclient import TestClient

from engine.api import importing
from engine.api.app import api
from engine.identity.identity import create_token
from engine.service import records
from engine.store.system import event
from engine.work.context import SYSTEM, Scope
from engine.work.gateway import Gateway

CSV = {"Content-Type": "text/csv; charset=utf-8"}
LINES = {"Content-Type": "application/x-ndjson"}


def sent(client: TestClient, text: str, query: str = "", kind: dict[str, str] = CSV) -> Any:
    return client.post(f"/api/account/import{query}", content=text.encode(), headers=kind)


def names(client: TestClient) -> list[str]:
    return [each["name"] for each in client.get("/api/account?sort=id").json()["items"]]


def test_a_file_becomes_records(client: TestClient) -> None:
    answer = sent(client, "name;code;parent\nAcme;A;\nBranch;B;Acme\n")
    assert (answer.status_code, answer.json()["created"], answer.json()["written"]) == (200, 2, True)
    assert client.get("/api/account/2").json()["parent"]["title"] == "Acme"
    assert client.get("/api/account/2/history").json()["items"][0]["source"] == "import"
    tried = sent(client, '{"code": "A", "name": "Acme Ltd"}\n', "?mode=update&key=code&dry_run=true", LINES)
    assert (tried.json()["updated"], tried.json()["written"]) == (1, False)
    assert names(client) == ["Acme", "Branch"]
    sent(client, '{"code": "A", "name": "Acme Ltd"}\n', "?mode=upsert&key=code", LINES)
    assert names(client) == ["Acme Ltd", "Branch"]


def test_rows_that_are_refused_are_told_and_stop_the_others(client: TestClient) -> None:
    answer = sent(client, "name,code\nAcme,A\n,A\n")
    assert (answer.status_code, answer.json()["code"]) == (422, "not-imported")
    assert answer.headers["content-type"] == "application/problem+json"
    errors = answer.json()["report"]["errors"]
    assert [(each["line"], each["column"], each["code"]) for each in errors] == [
        (3, "name", "required"),
        (3, "code", "unique"),
    ]
    assert names(client) == []
    skipped = sent(client, "name,code\nAcme,A\n,A\n", "?on_error=skip").json()
    assert (skipped["created"], skipped["refused"], skipped["written"]) == (1, 1, True)


@pytest.mark.parametrize(
    ("query", "kind", "text", "status", "code"),
    [
        ("?mode=replace", CSV, "name\nA\n", 400, "bad-parameter"),
        ("?dry_run=1", CSV, "name\nA\n", 400, "bad-parameter"),
        ("?on_error=never", CSV, "name\nA\n", 400, "bad-parameter"),
        ("?keys=name", CSV, "name\nA\n", 400, "bad-parameter"),
        ("?key=a&key=b", CSV, "name\nA\n", 400, "bad-parameter"),
        ("?mode=update", CSV, "name\nA\n", 422, "invalid"),
        ("", CSV, "nmae\nA\n", 422, "invalid"),
        ("", CSV, "", 422, "invalid"),
        ("", {"Content-Type": "application/json"}, "[]", 415, "unsupported-media-type"),
        ("", CSV, "name\n" + "A\n" * 6, 422, "invalid"),
        ("", CSV, "name\n" + "A" * 1024 * 1024, 413, "too-large"),
    ],
)
def test_what_cant_be_meant_is_refused(
    client: TestClient,
    shop: Gateway,
    monkeypatch: pytest.MonkeyPatch,
    query: str,
    kind: dict[str, str],
    text: str,
    status: int,
    code: str,
) -> None:
    monkeypatch.setattr(importing, "MOST_AT_ONCE", 5)
    object.__setattr__(shop.runtime.application.settings, "max_upload_mb", 1)
    answer = sent(client, text, query, kind)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert names(client) == []


def test_a_token_for_one_entity_looks_into_no_other(shop: Gateway, token: str) -> None:
    with shop.write(SYSTEM, "cli") as context:
        records.create(context, "account", {"name": "Acme", "code": "A"})
    scoped = create_token(shop, "admin", "t", None, Scope(False, frozenset({"contact"})))
    client = TestClient(Starlette(routes=api(shop)), headers={"Authorization": f"Bearer {scoped}"})
    for column, cell, status in (
        ("account", "Acme", 403),
        ("account.code", "A", 403),
        ("account.id", "1", 200),
    ):
        answer = client.post("/api/contact/import", content=f"last_name,{column}\nPop,{cell}\n", headers=CSV)
        assert answer.status_code == status, answer.text
    assert client.post("/api/account/import", content="name\nA\n", headers=CSV).status_code == 403
    reading = create_token(shop, "admin", "t", None, Scope(True, frozenset()))
    client = TestClient(Starlette(routes=api(shop)), headers={"Authorization": f"Bearer {reading}"})
    assert client.post("/api/account/import", content="name\nA\n", headers=CSV).status_code == 403
    assert "/api/account/import" not in client.get("/api/openapi.json").json()["paths"]


def test_it_is_described_to_those_who_may(client: TestClient) -> None:
    described = client.get("/api/openapi.json").json()["paths"]["/api/account/import"]["post"]
    assert set(described["requestBody"]["content"]) == set(importing.FORMS)


@pytest.mark.parametrize("query", ["", "?on_error=skip"])
def test_a_file_sent_again_with_its_key_is_imported_once(client: TestClient, query: str) -> None:
    keyed = CSV | {"Idempotency-Key": "file-1"}
    first = sent(client, "name\nAcme\nBorg\n", query, keyed)
    again = sent(client, "name\nAcme\nBorg\n", query, keyed)
    assert (first.status_code, first.json()["created"], first.json()["written"]) == (200, 2, True)
    assert (again.status_code, again.json()) == (200, first.json())
    assert names(client) == ["Acme", "Borg"]
    for text, how in (("name\nOther\n", query), ("name\nAcme\nBorg\n", "?dry_run=true")):
        other = sent(client, text, how, keyed)
        assert (other.status_code, other.json()["code"]) == (422, "key-reused")
    assert sent(client, "name\nAcme\nBorg\n", query).json()["created"] == 2


def test_a_file_that_was_refused_or_tried_took_no_key(client: TestClient) -> None:
    keyed = CSV | {"Idempotency-Key": "file-2"}
    assert sent(client, "name\n\nAcme\nx,y\n", kind=keyed).status_code == 422
    assert sent(client, "name\nAcme\n", "?dry_run=true", keyed).json()["written"] is False
    assert sent(client, "name\nAcme\n", kind=keyed).json()["written"] is True
    assert names(client) == ["Acme"]


def test_only_what_is_kept_is_noted(client: TestClient, shop: Gateway) -> None:
    for _ in range(2):
        sent(client, "name\nAcme\n", kind=CSV | {"Idempotency-Key": "file-3"})
    with shop.read(SYSTEM, "cli") as context:
        kinds = list(context.connection.execute(sa.select(event.c.kind)).scalars())
    assert kinds.count("imported") == 1
