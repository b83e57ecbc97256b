"""Two databases that differ only in what somebody may not see answer them with the same bytes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
import sqlalchemy as sa
from starlette.applications import Starlette
from starlette.testclient import TestClient

from engine.api.app import api
from engine.identity.csrf import csrf_token
from engine.identity.identity import SESSION_COOKIE, actor_named, create_token
from engine.service import records
from engine.site.app import pages
from engine.store.identity import open_session
from engine.store.system import session
from engine.work.context import SYSTEM
from engine.work.gateway import Gateway
from tests.access.test_agreement import fill
from tests.support.model import World, draw
from tests.support.shop import opened

MORE = """
---
entity: remark
title: "{text}"
properties: {text: {type: text}}
relations: {thing: {to: thing, on_delete: cascade, inverse: remarks}}
access:
  chief: {read: all, create: true, update: all, export: all, import: all}
  head:  {read: all, create: true, update: all, export: all, import: all}
  clerk: {read: all, create: true, update: all, export: all, import: all}
  guest: {read: all, create: true, update: all, export: all, import: all}
"""
HUSHED = "  label: {type: text, search: high}\n  hush: {type: integer, access: {read: [], write: []}}\n"

LISTS = (
    "",
    "count=exact&limit=3",
    "sort=label",
    "sort=-label&limit=2&count=capped",
    "sort=-size,label",
    "fields=label,owner.name,owner_group.name",
    "q=plain",
    "q=secret",
    "label=secret",
    "where=record.label%20%3D%3D%20'secret'",
    "where=record.remarks.size()%20%3E%200",
    "sort=hush",
    "fields=hush",
    "hush=1",
    "where=record.hush%20%3E%201",
)
REMARKS = (
    "fields=text,thing.label&sort=thing.label",
    "fields=text,thing&sort=thing",
    "fields=text,thing&q=secret",
    "fields=text,thing.label&q=secret",
    "fields=text,thing.owner&q=e",
    "where=record.thing.label%20%3D%3D%20'secret'",
    "where=record.thing%20%3D%3D%20null",
    "thing=1&count=exact",
    "q=secret",
)


PAGES = (
    "/",
    "/settings",
    "/user",
    "/group",
    "/thing/new",
    "/remark/new",
    "/thing/options/owner?q=",
    "/thing/options/owner_group?q=n",
    "/remark/options/thing?q=",
    "/remark/options/thing?q=secret",
    "/thing/names?path=record.",
    "/thing/names?path=record.remarks.",
    "/settings/access?user=chief&entity=thing&id=1",
)
GRIDS = (
    "",
    "?q=secret",
    "?q=plain",
    "?sort=label&limit=25",
    "?sort=-size,label",
    "?sort=hush",
    "?filter.flag=true",
    "?filter.owner=1&offer=1",
    "?filter.owner=-",
    "?filter.hush=1",
    "?trash=1",
    "?where=record.label%20%3D%3D%20'secret'",
    "?where=record.remarks.size()%20%3E%200",
    "?where=record.hush%20%3E%201",
)
PARTS = ("", "/edit", "/history", "/delete", "/share", "/why", "/why?action=delete", "/related/remarks")

SEEDS = int(os.environ.get("ENGINE_TEST_LEAKS", "2"))
"""Worlds of a run; more on request, and then everybody in each of them."""

MOST_PEOPLE = 2


@pytest.fixture(autouse=True)
def drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """What pages and refusals draw at random is always the same here, so that nothing else may differ."""
    monkeypatch.setattr("engine.web.visit.csrf_token", lambda secret: "token")
    monkeypatch.setattr("engine.web.visit.new_nonce", lambda: "nonce")
    for module in ("engine.access.access", "engine.web.faults"):
        monkeypatch.setattr(f"{module}.token_hex", lambda length: "0" * 2 * length)


@pytest.mark.parametrize("seed", range(200, 200 + SEEDS))
def test_what_one_may_not_see_changes_no_answer(seed: int, tmp_path: Path) -> None:
    world = draw(Random(seed))
    people = list(world.users)
    if SEEDS <= 2:
        people = Random(seed).sample(people, min(MOST_PEOPLE, len(people)))
    for login in people:
        answers = [list(_answers(world, login, tmp_path / f"{login}{n}", other=bool(n))) for n in range(2)]
        for one, another in zip(*answers, strict=True):
            assert one == another, (seed, login, one[0], _first_difference(one[2], another[2]))


def _answers(world: World, login: str, folder: Path, *, other: bool) -> Iterator[tuple[str, int, str]]:
    """Everything asked, and what came back. In the `other` database what is hidden from `login` is another."""
    folder.mkdir()
    text = world.yaml().replace("  size: {type: integer}", "  size: {type: integer}\n" + HUSHED.rstrip())
    gateway = opened(folder, f"sqlite:///{folder / 'x.db'}", text + MORE)
    try:
        ids = _filled(gateway, world, login, other=other)
        yield from _of_api(gateway, login, ids)
        yield from _of_pages(gateway, login, ids)
    finally:
        gateway.close()


def _first_difference(one: str, another: str) -> str:
    pairs = enumerate(zip(one, another, strict=False))
    place = next((number for number, (left, right) in pairs if left != right), 0)
    return f"{one[max(place - 200, 0) : place + 100]} <> {another[place : place + 100]}"


def _of_api(gateway: Gateway, login: str, ids: list[int]) -> Iterator[tuple[str, int, str]]:
    token = create_token(gateway, login, "t")
    client = TestClient(Starlette(routes=[*api(gateway)]), headers={"Authorization": f"Bearer {token}"})
    asked = [f"/api/thing?{query}" for query in LISTS]
    asked += [f"/api/remark?{query}" for query in REMARKS]
    parts = (
        "",
        "/history",
        "/related/remarks",
        "/shares",
        "/why",
        "/why?action=update",
        "/why?list=q%3Dsecret",
    )
    asked += [f"/api/thing/{number}{part}" for number in (*ids, 999) for part in parts]
    asked += [f"/api/remark/{number}" for number in range(1, 15)]
    asked += [
        "/api/remark/export",
        "/api/remark/export?format=jsonl&fields=text,thing.label",
        "/api/thing/export",
    ]
    asked += ["/api/openapi.json", "/api/me", "/api/thing/why", "/api/thing/why?property=hush"]
    for path in asked:
        answer = client.get(path)
        assert answer.status_code < 500, path
        yield path, answer.status_code, answer.text
    for number in (*ids, 999):
        answer = client.post("/api/remark", json={"text": "x", "thing": number})
        yield f"remark on {number}", answer.status_code, answer.text
    rows = (
        "text,thing\nx,secret",
        "text,thing.label\nx,secret",
        *(f"text,thing.id\nx,{each}" for each in (*ids, 999)),
    )
    for sent in (*rows, "text,thing.hush\nx,1"):
        answer = client.post("/api/remark/import", content=sent, headers={"Content-Type": "text/csv"})
        assert answer.status_code < 500, sent
        yield f"import {sent}", answer.status_code, answer.text


def _of_pages(gateway: Gateway, login: str, ids: list[int]) -> Iterator[tuple[str, int, str]]:
    user = actor_named(gateway, login).id
    assert user is not None
    with gateway.database.write() as connection:
        secret = open_session(connection, user, gateway.clock(), timedelta(hours=1), "", "")
        connection.execute(sa.update(session).values(csrf="secret"))
    client = TestClient(Starlette(routes=[*pages(gateway)]), follow_redirects=False)
    client.cookies.set(SESSION_COOKIE, secret)
    asked = [*PAGES, *(f"/thing{query}" for query in GRIDS), "/remark", "/remark?sort=thing&q=secret"]
    asked += ["/remark/export", "/remark/export?q=secret", "/thing/export"]
    asked += [f"/thing/{number}{part}" for number in (*ids, 999) for part in PARTS]
    asked += [f"/remark/{number}" for number in range(1, 8)]
    for path in asked:
        answer = client.get(path)
        assert answer.status_code < 500, path
        yield path, answer.status_code, answer.headers.get("location", "") + answer.text
    sent = {"_csrf": csrf_token("secret"), "text": "x", "action": "delete"}
    for number in (*ids, 999):
        answer = client.post("/remark/new", data={**sent, "thing": str(number)})
        yield f"remark on {number}", answer.status_code, answer.headers.get("location", "") + answer.text
    answer = client.post("/thing/bulk", data={**sent, "id": [str(number) for number in (*ids, 999)]})
    yield "delete all", answer.status_code, answer.headers.get("location", "") + answer.text


def _filled(gateway: Gateway, world: World, login: str, *, other: bool) -> list[int]:
    """The world's records with labels: of those `login` may not read another one, of all another `hush`."""
    ids = fill(gateway, world)
    for number, record in zip(ids, world.records, strict=True):
        hidden = other and not world.reaches(login, "read", record)
        with gateway.write(SYSTEM, "cli") as context:
            values = {"label": "secret" if hidden else f"plain {number % 3}", "hush": 7 if other else 1}
            records.update(context, "thing", number, values)
            records.create(context, "remark", {"text": f"r{number}", "thing": number})
    return ids
