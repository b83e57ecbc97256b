"""Buttons over the API: which are open, using them, every refusal with its status, and their description."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from engine.api.app import api
from engine.identity import identity
from tests.support.buttons import ButtonHouse, buttons

__all__ = ["buttons"]

As = Callable[[str], TestClient]


@pytest.fixture
def as_(buttons: ButtonHouse) -> Iterator[As]:
    """A client of the API for somebody; there is one ticket."""
    client_of = buttons.make("client", name="Acme").id
    buttons.make("ticket", "ana", subject="Help", client=client_of)
    with TestClient(Starlette(routes=api(buttons.gateway))) as client:

        def signed_in(login: str) -> TestClient:
            token = identity.create_token(buttons.gateway, login, "tests")
            client.headers["Authorization"] = f"Bearer {token}"
            return client

        yield signed_in


def test_they_are_told_used_described_and_kept(as_: As) -> None:
    client = as_("ana")
    found = {each["name"]: each for each in client.get("/api/ticket/2/actions").json()["items"]}
    assert [name for name, each in found.items() if each["open"]] == [
        "call_back",
        "rename",
        "raise_it",
        "stamp",
    ]
    assert found["call_back"]["form"]["required"] == ["minutes"]
    assert found["go_on"]["obstacles"][0]["kind"] == "rights"
    version = client.get("/api/ticket/2").headers["etag"]
    answer = client.post(
        "/api/ticket/2/actions/call_back", json={"minutes": 5}, headers={"If-Match": version}
    )
    assert (answer.status_code, answer.json()["moves"]) == (200, 5)
    newest = client.get("/api/ticket/2/history").json()["items"]
    assert ("action", "Call back") in [(entry["action"], entry["transition"]) for entry in newest]
    paths = client.get("/api/openapi.json").json()["paths"]
    assert {path.rpartition("/")[2] for path in paths if "{id}/actions/" in path} == {
        "call_back",
        "rename",
        "raise_it",
        "stamp",
    }


@pytest.mark.parametrize(
    ("login", "name", "body", "headers", "status", "code"),
    [
        ("ana", "call_back", {}, {}, 422, "required"),
        ("vera", "stamp", {}, {}, 403, "forbidden"),
        ("ana", "nothing", {}, {}, 404, "not-found"),
        ("ana", "stamp", [], {}, 400, "not-an-object"),
        ("ana", "stamp", {"version": 7}, {}, 409, "conflict"),
        ("ana", "stamp", {}, {"If-Match": '"7"'}, 412, "precondition-failed"),
    ],
)
def test_refusals_have_their_status(
    as_: As, login: str, name: str, body: object, headers: dict[str, str], status: int, code: str
) -> None:
    answer = as_(login).post(f"/api/ticket/2/actions/{name}", json=body, headers=headers)
    found = answer.json()
    assert answer.status_code == status
    assert code in {found["code"], *(error["code"] for error in found.get("errors", ()))}


def test_one_of_several_at_once(as_: As, buttons: ButtonHouse) -> None:
    other = buttons.make("ticket", "ana", subject="Whose?").id
    body = {"ids": [2, other], "form": {"minutes": 5}}
    client = as_("ana")
    answer = client.post("/api/ticket/bulk/actions/call_back", json=body)
    assert answer.json() == {
        "done": [2],
        "refused": [{"id": other, "message": "Say whose ticket it is."}],
    }
    paths = client.get("/api/openapi.json").json()["paths"]
    assert "/api/ticket/bulk/actions/call_back" in paths
    assert "/api/ticket/bulk/actions/go_on" not in paths
    assert client.post("/api/ticket/bulk/actions/assign", json=body).status_code == 404
    assert client.post("/api/ticket/bulk/actions/call_back", json={"ids": "2"}).status_code == 400
