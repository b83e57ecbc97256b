"""Sharing and explaining by the API: what they answer to whom."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from engine.api.app import api
from engine.identity.identity import create_token
from engine.service import records
from engine.work.context import Scope
from tests.support.desk import Desk, desk

__all__ = ["desk"]

As = Callable[..., TestClient]


@pytest.fixture
def as_(desk: Desk) -> As:
    """A client of somebody at the desk, where Sorin has the case 1 and Ana the case 2."""
    for owner, subject in (("sorin", "Broken lamp"), ("ana", "Late parcel")):
        desk.make("case", subject, subject=subject, owner=desk.ids[owner], channel="mail")
    desk.make("user", "root", login="root", name="Root", roles=["administrator"])

    def client(login: str, scope: Scope | None = None) -> TestClient:
        token = create_token(desk.gateway, login, "t", None, scope or Scope())
        headers = {"Authorization": f"Bearer {token}"}
        return TestClient(Starlette(routes=api(desk.gateway)), headers=headers)

    return client


def test_a_share_is_made_changed_and_ended(desk: Desk, as_: As) -> None:
    sorin, ana, number = as_("sorin"), as_("ana"), desk.ids["ana"]
    shares = "/api/case/1/shares"
    assert ana.get("/api/case/1").status_code == 404
    made = sorin.post(shares, json={"user": {"id": number}, "level": "edit"})
    assert made.status_code == 201
    assert made.json()["user"] == {"id": number, "title": "Ana"}
    assert made.json()["ends_at"] is None
    assert ana.patch("/api/case/1", json={"channel": "phone"}).status_code == 200
    here = made.headers["Location"]
    changed = sorin.patch(here, json={"level": "read", "ends_at": "2030-01-01T00:00:00Z"})
    assert (changed.json()["level"], changed.json()["ends_at"]) == ("read", "2030-01-01T00:00:00Z")
    assert sorin.patch(here, json={"ends_at": None}).json()["level"] == "read"
    assert sorin.get(shares).json()["items"][0]["ends_at"] is None
    assert ana.patch("/api/case/1", json={"channel": "mail"}).status_code == 403
    assert sorin.post(shares, json={"user": number, "level": "edit"}).json()["id"] == made.json()["id"]
    assert sorin.delete(here).status_code == 204
    assert sorin.get(shares).json() == {"items": []}
    assert sorin.patch(here, json={"level": "read"}).status_code == 404
    assert sorin.delete(here).status_code == 404
    assert ana.get("/api/case/1").status_code == 404
    with desk.as_("system") as context:
        told = [entry.action for entry in _history(context, 1)]
    assert told[:5] == ["unshare", "share", "share", "share", "update"]


def _history(context: Any, number: int) -> Any:
    return records.history(context, "case", number)


WRONG: tuple[tuple[Any, str, str], ...] = (
    ({}, "to", "bad-share"),
    ({"user": 1, "role": "agent"}, "to", "bad-share"),
    ({"user": "1"}, "user", "bad-share"),
    ({"user": True}, "user", "bad-share"),
    ({"user": 2**70}, "user", "bad-share"),
    ({"user": {"id": [1]}}, "user", "bad-share"),
    ({"group": 999}, "group", "bad-share"),
    ({"role": ["agent"]}, "role", "bad-share"),
    ({"role": "nobody"}, "role", "bad-share"),
    ({"role": "agent", "level": "full"}, "level", "not-allowed"),
    ({"role": "agent", "level": ["read"]}, "level", "bad-share"),
    ({"role": "agent", "ends_at": "2001-01-01T00:00:00Z"}, "ends_at", "bad-share"),
    ({"role": "agent", "ends_at": "soon"}, "ends_at", "bad-date"),
    ({"role": "agent", "created_by": 1}, "created_by", "unknown-property"),
)


def test_a_share_that_can_not_be_is_refused_at_its_place(as_: As) -> None:
    sorin = as_("sorin")
    for body, at, code in WRONG:
        refused = sorin.post("/api/case/1/shares", json=body)
        assert refused.status_code == 422, body
        assert [(each["at"], each["code"]) for each in refused.json()["errors"]] == [(at, code)], body


def test_sharing_is_for_who_may_share(as_: As) -> None:
    assert as_("mara").get("/api/case/1/shares").status_code == 403
    assert as_("otto").get("/api/case/1/shares").status_code == 404
    assert as_("otto").post("/api/case/1/shares", json={"role": "agent"}).status_code == 404
    reading = as_("sorin", Scope(read_only=True))
    assert reading.post("/api/case/1/shares", json={"role": "agent"}).status_code == 403


# ---- why


def test_one_is_told_about_oneself_without_what_conditions_read(as_: As) -> None:
    told = as_("tia").get("/api/case/why?action=update").json()
    assert told["answer"] is True
    assert "under a condition" in str(told["reasons"])
    assert "status" not in str(told)
    assert {each["file"] for each in told["reasons"]} == {None}
    assert told["facts"] == []


def test_what_one_may_not_see_is_not_explained_to_one(as_: As) -> None:
    ana = as_("ana")
    assert ana.get("/api/case/1/why").status_code == 404
    assert ana.get("/api/case/99/why").status_code == 404
    assert ana.get("/api/case/2/why?user=sorin").status_code == 403
    assert as_("otto").get("/api/case/why").status_code == 404
    tia = as_("tia")
    hidden, missing = (tia.get(f"/api/case/why?property={name}") for name in ("cost", "cosd"))
    assert hidden.status_code == missing.status_code == 400
    assert hidden.text.replace("cost", "cosd") == missing.text


def test_administrators_are_told_everything(as_: As) -> None:
    root = as_("root")
    told = root.get("/api/case/1/why?user=ana&action=update").json()
    assert told["answer"] is False
    assert told["words"] == "ana may not update case 1"
    assert {each["file"] for each in told["reasons"]} >= {"metadata/app.yaml"}
    assert told["change"]["words"].startswith("widen to role agent")
    told = root.get("/api/case/2/why?user=tia&property=cost").json()
    assert "cost" in told["words"]
    assert "administrator" in told["roles"]
    assert root.get("/api/case/1/why").json()["answer"] is True


def test_what_can_not_be_asked_is_refused(as_: As) -> None:
    root = as_("root")
    for query in (
        "action=fly",
        "user=nobody",
        "property=nix",
        "colour=red",
        "action=read&action=read",
        "list=nix%3D1",
    ):
        assert root.get(f"/api/case/1/why?{query}").status_code == 400, query


def test_why_a_list_has_not_a_record(as_: As) -> None:
    ask = "/api/case/2/why?list="
    told = as_("ana").get(ask + "q%3Dparcel%26status%3Dclosed").json()
    assert told["answer"] is False
    assert told["words"] == "ana does not find case 2 in this list"
    assert [(each["words"], each["holds"], each["values"]) for each in told["reasons"][-2:]] == [
        ("the filter: status is closed", False, {}),
        ("every word of 'parcel' stands in what is searched", True, {}),
    ]
    told = as_("root").get(ask + "q%3Dlamp&user=ana").json()
    assert told["reasons"][-1]["values"] == {"subject": "'Late parcel'"}
    assert told["change"]["words"] == "leave this out: every word of 'lamp' stands in what is searched"


# ---- the description


def test_the_description_is_what_a_token_is_good_for(as_: As) -> None:
    def paths(login: str, scope: Scope | None = None) -> dict[str, set[str]]:
        found = as_(login, scope).get("/api/openapi.json").json()["paths"]
        return {path: set(each) - {"parameters"} for path, each in found.items()}

    whole = paths("sorin")
    assert whole["/api/case/{id}/shares"] == {"get", "post"}
    assert whole["/api/case/{id}/shares/{share}"] == {"patch", "delete"}
    assert whole["/api/case/{id}/why"] == {"get"}
    assert "/api/case/{id}/shares" not in paths("tia")
    reading = paths("sorin", Scope(read_only=True))
    assert set().union(*reading.values()) == {"get"}
    assert "/api/case" in reading
    single = paths("sorin", Scope(entities=frozenset({"customer"})))
    assert {path.split("/")[2] for path in single} == {"customer", "me"}
