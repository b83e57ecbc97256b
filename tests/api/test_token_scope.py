"""Tokens that are good for less than their user."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from engine.app import Engine
from engine.identity import identity
from engine.work.context import Scope
from tests.support.library import open_library


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    made = open_library(tmp_path_factory.mktemp("library"))
    yield made
    made.close()


def client(library: Engine, scope: Scope) -> TestClient:
    token = identity.create_token(library.gateway, "lib", "test", None, scope)
    return TestClient(library.asgi, headers={"Authorization": f"Bearer {token}"})


READING = Scope(read_only=True)
AUTHORS = Scope(entities=frozenset({"author"}))


@pytest.mark.parametrize(
    ("scope", "method", "path", "status"),
    [
        (READING, "GET", "/api/author", 200),
        (READING, "GET", "/api/book?where=record.lent&sort=author.last_name", 200),
        (READING, "POST", "/api/author", 403),
        (READING, "PATCH", "/api/author/1", 403),
        (READING, "DELETE", "/api/author/1", 403),
        (AUTHORS, "GET", "/api/author?sort=last_name&last_name=x", 200),
        (AUTHORS, "GET", "/api/me", 200),
        (AUTHORS, "POST", "/api/author", 201),
        (AUTHORS, "GET", "/api/book", 403),
        (AUTHORS, "GET", "/api/nothing", 403),
        (AUTHORS, "GET", "/api/author/1/related/books", 403),
        (AUTHORS, "GET", "/api/author?fields=last_name,books.name", 403),
        (AUTHORS, "GET", "/api/author?sort=-created_by.login", 403),
        (AUTHORS, "GET", "/api/author?created_by.login=x", 403),
        (AUTHORS, "GET", "/api/author?where=true", 403),
        (Scope(), "POST", "/api/author", 201),
    ],
)
def test_what_a_scope_lets_through(
    library: Engine, scope: Scope, method: str, path: str, status: int
) -> None:
    body = {"last_name": "Atwood"} if method in ("POST", "PATCH") else None
    answered = client(library, scope).request(method, path, json=body)
    assert answered.status_code == status, answered.text
    if status == 403:
        assert answered.json()["code"] == "token-scope"
