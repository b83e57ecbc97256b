"""Mails brought over HTTP: by who may deliver them, each once, of a size that can be meant."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from engine.api.app import api
from engine.app import Engine, duties
from engine.identity import identity
from engine.outbox.running import Runner
from engine.work.context import SYSTEM, Scope
from tests.support.post_office import all_of, letter, open_office

POST = "/api/settings/mail/desk"
MAIL = {"content-type": "message/rfc822"}
POSTMAN = "---\nrole: postman\ncapabilities: [deliver_mail]\n"


@pytest.fixture
def office(tmp_path: Path, database_url: str) -> Iterator[Engine]:
    small = ("label: Desk\n", "label: Desk\nmax_mb: 1\n")
    engine = open_office(tmp_path / "office", database_url, POSTMAN, [small])
    with engine.gateway.write(SYSTEM, "cli") as context:
        for login, role in (("pat", "postman"), ("ann", "agent")):
            identity.create_user(context, login, "correct horse", [role])
    yield engine
    engine.close()


def client_of(office: Engine, login: str, scope: Scope | None = None) -> TestClient:
    token = identity.create_token(office.gateway, login, "tests", scope=scope)
    routes = Starlette(routes=api(office.gateway))
    return TestClient(routes, headers={"Authorization": f"Bearer {token}"})


def test_a_mail_is_kept_once_and_becomes_a_record(office: Engine) -> None:
    pat = client_of(office, "pat")
    first = pat.post(POST, content=letter().as_bytes(), headers=MAIL)
    assert (first.status_code, first.json()) == (202, {"id": 1, "new": True})
    again = pat.post(POST, content=letter().as_bytes(), headers=MAIL)
    assert (again.status_code, again.json()) == (200, {"id": 1, "new": False})
    Runner(office.gateway, duties(office.gateway).handlers).run_due()
    assert [each["subject"] for each in all_of(office, "case", "subject")] == ["The lamp"]


def test_what_is_no_mail_is_refused(office: Engine) -> None:
    pat = client_of(office, "pat")
    answers = [
        pat.post("/api/settings/mail/dsk", content=b"x", headers=MAIL),
        pat.post(POST, json={"a": 1}),
        pat.post(POST, content=b" \n", headers=MAIL),
        pat.post(POST, content=b"x" * 1_100_000, headers=MAIL),
        pat.post(POST, content=(b"x" * 1000 for _ in range(1100)), headers=MAIL),
        pat.get(POST),
    ]
    assert [each.status_code for each in answers] == [404, 415, 400, 413, 413, 404]


def test_it_is_described_to_who_may(office: Engine) -> None:
    pat, ann = client_of(office, "pat"), client_of(office, "ann")
    told = pat.get("/api/openapi.json").json()["paths"][POST]["post"]
    answers = [
        pat.post(POST, content=letter().as_bytes(), headers=MAIL),
        pat.post(POST, content=letter().as_bytes(), headers=MAIL),
        pat.post(POST, content=b"", headers=MAIL),
        pat.post(POST, content=b"x" * 1_100_000, headers=MAIL),
        pat.post(POST, json={"a": 1}),
        ann.post(POST, content=letter().as_bytes(), headers=MAIL),
    ]
    assert {str(each.status_code) for each in answers} | {"401"} == told["responses"].keys()
    reader = client_of(office, "pat", Scope(read_only=True))
    narrow = client_of(office, "pat", Scope(entities=frozenset({"case"})))
    for other in (ann, reader, narrow):
        assert POST not in other.get("/api/openapi.json").json()["paths"]


def test_nobody_else_delivers(office: Engine) -> None:
    refused = client_of(office, "ann").post(POST, content=letter().as_bytes(), headers=MAIL)
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert client_of(office, "ann").post("/api/settings/mail/dsk", headers=MAIL).status_code == 403
    reader = client_of(office, "pat", Scope(read_only=True))
    assert reader.post(POST, content=letter().as_bytes(), headers=MAIL).status_code == 403
    narrow = client_of(office, "pat", Scope(entities=frozenset({"case"})))
    assert narrow.post(POST, content=letter().as_bytes(), headers=MAIL).status_code == 403
    nobody = TestClient(Starlette(routes=api(office.gateway)))
    assert nobody.post(POST, content=letter().as_bytes(), headers=MAIL).status_code == 401
