"""Two databases that differ only in what somebody may not see answer them with the same bytes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from engine.api.app import api
from engine.identity.identity import create_token
from engine.service import records
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
  chief: {read: all, create: true, update: all}
  head:  {read: all, create: true, update: all}
  clerk: {read: all, create: true, update: all}
  guest: {read: all, create: true, update: all}
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


SEEDS = int(os.environ.get("ENGINE_TEST_LEAKS", "2"))
"""Worlds of a run; more on request."""


@pytest.mark.parametrize("seed", range(200, 200 + SEEDS))
def test_what_one_may_not_see_changes_no_answer(seed: int, tmp_path: Path) -> None:
    world = draw(Random(seed))
    for login in world.users:
        answers = [list(_answers(world, login, tmp_path / f"{login}{n}", other=bool(n))) for n in range(2)]
        for one, another in zip(*answers, strict=True):
            assert one == another, (seed, login)


def _answers(world: World, login: str, folder: Path, *, other: bool) -> Iterator[tuple[str, int, str]]:
    """Everything asked, and what came back. In the `other` database what is hidden from `login` is another."""
    folder.mkdir()
    text = world.yaml().replace("  size: {type: integer}", "  size: {type: integer}\n" + HUSHED.rstrip())
    gateway = opened(folder, f"sqlite:///{folder / 'x.db'}", text + MORE)
    try:
        ids = _filled(gateway, world, login, other=other)
        token = create_token(gateway, login, "t")
        client = TestClient(Starlette(routes=[*api(gateway)]), headers={"Authorization": f"Bearer {token}"})
        asked = [f"/api/thing?{query}" for query in LISTS]
        asked += [f"/api/remark?{query}" for query in REMARKS]
        asked += [
            f"/api/thing/{number}{part}" for number in ids for part in ("", "/history", "/related/remarks")
        ]
        asked += [f"/api/remark/{number}" for number in range(1, 15)]
        asked += ["/api/openapi.json", "/api/me"]
        for path in asked:
            answer = client.get(path)
            yield path, answer.status_code, _plain(answer.text)
        for number in (*ids, 999):
            answer = client.post("/api/remark", json={"text": "x", "thing": number})
            yield f"remark on {number}", answer.status_code, _plain(answer.text).replace(str(number), "N")
    finally:
        gateway.close()


def _plain(text: str) -> str:
    """Without the numbers of decisions, which are drawn anew for each refusal."""
    head, found, rest = text.partition("Decision ")
    return head + rest[12:].replace(rest[:12], "") if found else text


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
