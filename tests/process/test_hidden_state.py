"""A state that somebody may not read: no refusal and no list of transitions tells it."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import Forbidden
from engine.identity.identity import actor_named
from engine.process import firing
from engine.process.opening import openings
from engine.service import records
from engine.work.context import SYSTEM
from tests.support.shop import opened

CASES = """
app: cases
---
role: clerk
---
role: chief
---
entity: case
properties:
  name:  {type: text, required: true}
  state: {type: state, workflow: life, access: {read: [chief]}}
access:
  clerk: {create: true, read: all, transition: all}
---
workflow: life
entity: case
property: state
initial: secret
states: {secret: {}, done: {final: true}}
transitions:
  finish: {from: secret, to: done}
"""


def test_what_stands_in_the_way_does_not_tell_the_state(tmp_path: Path, database_url: str) -> None:
    gateway = opened(tmp_path, database_url, CASES)
    with gateway.write(SYSTEM, "cli") as context:
        records.create(context, "user", {"login": "kai", "name": "Kai", "roles": ["clerk"]})
        number = records.create(context, "case", {"name": "A"}).id
        firing.fire(context, "case", number, "finish", {})
    with gateway.write(actor_named(gateway, "kai"), "page") as context:
        (found,) = openings(context, "case", number)
        assert [each.message for each in found.obstacles] == ["You may not see what moves this case."]
        with pytest.raises(Forbidden):
            firing.fire(context, "case", number, "finish", {})
    gateway.close()
