"""Transitions may be called like what grants speak of (`assign`, `share`): neither is taken for the other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.errors import Forbidden, Invalid
from engine.identity.identity import actor_named
from engine.metamodel.access import ACTIONS
from engine.process.firing import fire
from engine.process.opening import openings
from engine.service import records
from engine.service.sharing import share
from engine.service.why import explain
from engine.work.context import SYSTEM
from engine.work.gateway import Gateway
from tests.support.shop import opened

METADATA = f"""
app: names
---
role: mover
---
role: granted
---
extend: user
access: {{mover: {{read: all}}, granted: {{read: all}}}}
---
entity: thing
ownership: user
properties:
  name:  {{type: text}}
  state: {{type: state, workflow: moves}}
access:
  mover:   {{read: all, transition: all}}
  granted: {{read: all, update: all, delete: all, assign: all, share: all}}
---
workflow: moves
entity: thing
property: state
initial: new
states: {{new: {{}}, done: {{final: true}}}}
transitions:
{"".join(f"  {name}: {{from: new, to: done}}{chr(10)}" for name in ACTIONS)}"""


@pytest.fixture
def names(tmp_path: Path, sqlite_url: str) -> Iterator[Gateway]:
    gateway = opened(tmp_path, sqlite_url, METADATA)
    with gateway.write(SYSTEM, "cli") as context:
        for role in ("mover", "granted"):
            records.create(context, "user", {"login": role, "name": role, "roles": [role]})
    yield gateway
    gateway.close()


def _thing(names: Gateway) -> int:
    with names.write(SYSTEM, "cli") as context:
        return records.create(context, "thing", {"name": "t"}).id


@pytest.mark.parametrize("name", ACTIONS)
def test_who_may_make_transitions_makes_one_of_any_name_and_gets_no_grant_by_it(
    names: Gateway, name: str
) -> None:
    number, mover = _thing(names), actor_named(names, "mover")
    with names.read(mover, "api") as context:
        assert {each.transition.name for each in openings(context, "thing", number) if each.open} == {
            *ACTIONS
        }
    with names.write(mover, "api") as context:
        assert fire(context, "thing", number, name, {}).values["state"] == "done"
    with names.write(mover, "api") as context, pytest.raises(Forbidden):
        share(context, "thing", number, {"role": "granted"}, "read")
    with names.write(mover, "api") as context, pytest.raises((Forbidden, Invalid)):
        records.update(context, "thing", number, {"owner": mover.id})
    with names.read(SYSTEM, "cli") as context:
        granted = name in ("read", "transition", "audit")  # audit goes with read
        assert explain(context, mover, name, "thing", number).answer == granted


@pytest.mark.parametrize("name", ACTIONS)
def test_who_is_granted_an_action_makes_no_transition_of_its_name(names: Gateway, name: str) -> None:
    number, granted = _thing(names), actor_named(names, "granted")
    with names.read(granted, "api") as context:
        assert not [each for each in openings(context, "thing", number) if each.open]
    with names.write(granted, "api") as context, pytest.raises((Forbidden, Invalid)):
        fire(context, "thing", number, name, {})
    with names.write(granted, "api") as context:
        assert records.update(context, "thing", number, {"owner": granted.id}).version == 2
