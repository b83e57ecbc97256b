"""Processes may what the configurator wrote; what they tell the person who led to it is what that person may read.

Two databases that differ only in what somebody may not see answer them with the same bytes, whatever they fire.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from engine.api.app import api
from engine.identity.identity import actor_named, create_token
from engine.process import firing, telling
from engine.service import records
from engine.work.context import SYSTEM
from engine.work.gateway import Gateway
from tests.support.shop import opened

CASES = """
app: cases
---
role: agent
---
role: boss
---
entity: vault
title: "{name}"
properties:
  name:   {type: text, required: true, unique: true}
  amount: {type: integer, max: 100}
  state:  {type: state, workflow: keeping}
validations: [{check: record.amount != 13, message: Thirteen brings bad luck., at: amount}]
access: {boss: {read: all, update: all, transition: all}}
---
workflow: keeping
entity: vault
property: state
initial: open
states: {open: {}, shut: {freeze: [amount], forbid: [delete]}, sealed: {final: true, freeze: all, forbid: [delete]}}
transitions:
  shut: {from: open, to: shut, guard: {check: record.amount < 5, message: "It is too full."}}
  seal: {from: shut, to: sealed, guard: {check: record.amount < 0, message: "It is too full."}}
---
entity: paper
properties: {text: {type: text}}
relations: {of: {to: vault, required: true, on_delete: restrict}}
---
entity: matter
title: "{name}"
ownership: user
properties:
  name:  {type: text, required: true}
  cost:  {type: integer, max: 1000, access: {read: [boss], write: [boss]}}
  state: {type: state, workflow: handling}
  mood:  {type: state, workflow: feeling, access: {read: [boss], write: [boss]}}
relations: {vault: {to: vault}}
access:
  agent: {create: true, read: all, update: all, transition: all, delete: all}
  boss:  {create: true, read: all, update: all, transition: all}
---
workflow: handling
entity: matter
property: state
initial: new
states: {new: {}, told: {}, dear: {require: [cost]}}
transitions:
  note:    {from: all, to: same, do: [{comment: "It costs {cost}, see {vault} with {vault.amount}."}]}
  tell:
    from: all
    to: same
    do: [{notify: {roles: [agent, boss], subject: "{name} costs {cost}", text: "It is in {vault}."}}]
  charge:  {from: all, to: same, do: [{update: {record: record.vault, with: {amount: 13}}}]}
  seal:    {from: all, to: same, do: [{transition: {name: seal, record: record.vault}}]}
  drop:    {from: all, to: same, do: [{delete: record.vault}]}
  another: {from: all, to: same, do: [{create: {entity: vault, with: {name: Gold}}}]}
  raise:   {from: all, to: same, do: [{set: {cost: {cel: record.cost + 1000}}}]}
  later:   {from: all, to: same, do: [{comment: x}, {set: {cost: {cel: record.cost + 1000}}}]}
  dear:    {from: all, to: dear, do: [{set: {cost: {cel: "1000 + 1"}}}]}
---
workflow: feeling
entity: matter
property: mood
initial: calm
states: {calm: {}, cross: {}}
transitions:
  anger: {from: calm, to: cross}
  soothe: {from: cross, to: calm}
---
automation: follow
on: matter.updated
changed: [name]
do: [{update: {record: record.vault, with: {amount: 13}}}]
"""

FIRED = ("note", "tell", "charge", "seal", "drop", "another", "raise", "later", "dear", "anger", "soothe")


@pytest.mark.parametrize("login", ["ana", "bob"])
def test_what_one_may_not_see_changes_no_answer_to_a_transition(login: str, tmp_path: Path) -> None:
    answers = [list(_answers(login, tmp_path / f"{n}", other=bool(n))) for n in range(2)]
    differing = [pair for pair in zip(*answers, strict=True) if pair[0] != pair[1]]
    if login == "ana":
        assert differing == []
    else:
        assert len(differing) > 8, "who may read it all sees the difference"


def _answers(login: str, folder: Path, *, other: bool) -> Iterator[tuple[str, int, str]]:
    folder.mkdir()
    gateway = opened(folder, f"sqlite:///{folder / 'x.db'}", CASES)
    try:
        _fill(gateway, other=other)
        headers = {"Authorization": f"Bearer {create_token(gateway, login, 't')}"}
        client = TestClient(Starlette(routes=api(gateway)), headers=headers)
        for name in FIRED:
            answer = client.post(f"/api/matter/1/transitions/{name}", json={})
            yield name, answer.status_code, _plain(answer.text)
        answer = client.patch("/api/matter/1", json={"name": "Renamed"})
        yield "renamed", answer.status_code, _plain(answer.text)
        for path in (
            "/api/matter/1/transitions",
            "/api/matter/1/history",
            "/api/matter/1",
            "/api/openapi.json",
        ):
            answer = client.get(path)
            yield path, answer.status_code, _plain(answer.text)
        with gateway.read(actor_named(gateway, "amy" if login == "ana" else "bea"), "api") as context:
            yield "told", 200, str([(each.subject, each.text) for each in telling.told(context, 9)])
    finally:
        gateway.close()


def _plain(text: str) -> str:
    """Without the numbers of decisions, which are drawn anew for each refusal, and of entries in all histories."""
    text = re.sub(r'"id":\d+,"at"', "", text)
    return re.sub(r"Decision \w{12}|\"decision\":\s*\"\w+\"", "", text)


def _fill(gateway: Gateway, *, other: bool) -> None:
    with gateway.write(SYSTEM, "cli") as context:
        for name, role in (("ana", "agent"), ("amy", "agent"), ("bob", "boss"), ("bea", "boss")):
            records.create(context, "user", {"login": name, "name": name, "roles": [role]})
        for name in ("Gold", "Iron")[:: -1 if other else 1]:
            records.create(context, "vault", {"name": name, "amount": 2 if other else 3})
        hidden = {"name": "Green" if other else "Blue", "amount": 70 if other else 8}
        vault = records.create(context, "vault", hidden).id
        made = {"name": "Matter", "vault": vault, "cost": 7 if other else 9}
        matter = records.create(context, "matter", made).id
        if not other:
            records.create(context, "paper", {"of": vault})
    with gateway.write(SYSTEM, "cli") as context:
        if not other:
            records.update(context, "matter", matter, {"cost": 10})
        else:
            records.update(context, "vault", vault, {"amount": 1})
            firing.fire(context, "vault", vault, "shut", {})
            firing.fire(context, "matter", matter, "anger", {})
