"""Transitions over the API: what is open and why not, making them, and every refusal with its status."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from engine.api.app import api
from engine.identity import identity
from tests.support.tickets import House, house

__all__ = ["house"]

As = Callable[[str], TestClient]


@pytest.fixture
def as_(house: House) -> Iterator[As]:
    """A client of the API for somebody."""
    with TestClient(Starlette(routes=api(house.gateway))) as client:

        def signed_in(login: str) -> TestClient:
            token = identity.create_token(house.gateway, login, "tests")
            client.headers["Authorization"] = f"Bearer {token}"
            return client

        yield signed_in


@pytest.fixture
def ticket(house: House) -> int:
    client = house.make("client", name="Acme").id
    return house.make("ticket", "ana", subject="Help", client=client).id


def test_it_tells_which_are_open_and_why_others_are_not(as_: As, ticket: int, house: House) -> None:
    house.update("ticket", ticket, client=None)
    found = {
        each["name"]: each for each in as_("ana").get(f"/api/ticket/{ticket}/transitions").json()["items"]
    }
    assert found["note"]["open"]
    assert found["assign"]["obstacles"] == [{"kind": "guard", "message": "Say whose ticket it is."}]
    assert found["solve"]["obstacles"][0]["kind"] == "state"
    assert found["assign"]["form"]["required"] == ["comment"]
    assert "call_in" not in found


def test_a_transition_is_made(as_: As, ticket: int) -> None:
    client = as_("ana")
    version = client.get(f"/api/ticket/{ticket}").headers["etag"]
    answer = client.post(
        f"/api/ticket/{ticket}/transitions/assign", json={"comment": "Mine"}, headers={"If-Match": version}
    )
    assert (answer.status_code, answer.json()["status"]) == (200, "assigned")
    newest = client.get(f"/api/ticket/{ticket}/history").json()["items"]
    assert "Assign" in [entry["transition"] for entry in newest]


@pytest.mark.parametrize(
    ("login", "name", "body", "status", "code"),
    [
        ("ana", "assign", {}, 422, "required"),
        ("mara", "close", {}, 422, "not-open"),
        ("mara", "escalate", {}, 403, "forbidden"),
        ("vera", "note", {"comment": "x"}, 403, "forbidden"),
        ("ana", "no_such", {}, 404, "not-found"),
        ("ana", "assign", [], 400, "not-an-object"),
        ("ana", "assign", {"comment": "x", "version": 7}, 409, "conflict"),
    ],
)
def test_refusals_have_their_status(
    as_: As, ticket: int, login: str, name: str, body: object, status: int, code: str
) -> None:
    answer = as_(login).post(f"/api/ticket/{ticket}/transitions/{name}", json=body)
    found = answer.json()
    assert answer.status_code == status
    assert code in {found["code"], *(error["code"] for error in found.get("errors", ()))}


def test_a_record_begins_by_a_transition(as_: As, house: House) -> None:
    answer = as_("ana").post("/api/ticket/transitions/call_in", json={"subject": "By phone"})
    assert answer.status_code == 201
    assert house.get("ticket", answer.json()["id"]).values["status"] == "assigned"


def test_the_description_has_what_somebody_might_do(as_: As) -> None:
    paths = as_("ana").get("/api/openapi.json").json()["paths"]
    assert "/api/ticket/{id}/transitions/assign" in paths
    assert "/api/ticket/transitions/call_in" in paths
    assert "/api/ticket/{id}/transitions/close" not in paths
    assert "/api/ticket/{id}/transitions/escalate" not in paths


def test_several_are_moved_at_once(as_: As, ticket: int, house: House) -> None:
    other = house.make("ticket", "ana", subject="Whose?").id
    body = {"ids": [ticket, other], "form": {"comment": "Mine"}}
    answer = as_("ana").post("/api/ticket/bulk/transitions/assign", json=body)
    assert answer.json() == {
        "done": [ticket],
        "refused": [{"id": other, "message": "Say whose ticket it is."}],
    }
    assert "/api/ticket/bulk/transitions/assign" in as_("ana").get("/api/openapi.json").json()["paths"]


@pytest.mark.parametrize(
    ("name", "body", "status"),
    [
        ("assign", {"ids": "1"}, 400),
        ("assign", {"ids": [True]}, 400),
        ("assign", {"ids": [1], "form": []}, 400),
        ("assign", {"ids": list(range(1, 1100))}, 400),
        ("call_in", {"ids": [1]}, 404),
        ("nothing", {"ids": [1]}, 404),
    ],
)
def test_what_can_t_be_done_of_several(as_: As, ticket: int, name: str, body: object, status: int) -> None:
    assert as_("ana").post(f"/api/ticket/bulk/transitions/{name}", json=body).status_code == status


def test_what_begins_a_record_is_not_made_of_one(as_: As, ticket: int) -> None:
    assert as_("ana").post(f"/api/ticket/{ticket}/transitions/call_in", json={}).status_code == 404
