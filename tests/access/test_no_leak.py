"""Two databases that differ only in what somebody may not see answer them with the same bytes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from engine.service import records
from engine.work.context import SYSTEM
from engine.work.gateway import Gateway
from tests.access.test_agreement import fill
from tests.support.faces import Answer, of_api, of_commands, of_pages
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
---
entity: vault
features: {audit: false}
properties: {name: {type: text}}
---
automation: follow
on: remark.created
do:
  - when: record.thing.label == 'secret'
    create: {entity: vault, with: {name: Found}}
  - when: record.thing.hush > 5
    create: {entity: vault, with: {name: Loud}}
  - update: {record: record.thing, with: {touched: {cel: record.id}}}
"""
HUSHED = """
  size: {type: integer}
  label: {type: text, search: high}
  touched: {type: integer}
  hush: {type: integer, access: {read: [], write: []}}
"""

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


def _answers(world: World, login: str, folder: Path, *, other: bool) -> Iterator[Answer]:
    """Everything asked, and what came back. In the `other` database what is hidden from `login` is another."""
    folder.mkdir()
    gateway = opened(folder, f"sqlite:///{folder / 'x.db'}", _metadata(world))
    try:
        ids = _filled(gateway, world, login, other=other)
        yield from of_api(gateway, login, ids)
        yield from of_commands(gateway, login, ids, folder)
        yield from of_pages(gateway, login, ids)
    finally:
        gateway.close()


def _metadata(world: World) -> str:
    """The world's, with more of a thing, and everybody exporting what they reach."""
    text = world.yaml().replace("\n  size: {type: integer}\n", HUSHED)
    return text.replace("share: own", "share: own, export: all, import: all") + MORE


def _first_difference(one: str, another: str) -> str:
    pairs = enumerate(zip(one, another, strict=False))
    place = next((number for number, (left, right) in pairs if left != right), 0)
    return f"{one[max(place - 200, 0) : place + 100]} <> {another[place : place + 100]}"


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
