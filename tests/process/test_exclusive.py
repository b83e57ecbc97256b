"""Workflows that exclude each other: a record is under way in one of them at most, on every way in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from engine.api.app import api
from engine.errors import Invalid
from engine.identity.identity import create_token
from engine.process import firing
from engine.process.explaining import accounts
from engine.process.opening import openings
from engine.process.several import fire_many
from tests.support.metadata import complaints
from tests.support.shop import opened
from tests.support.tickets import House

DEVICES = """
app: devices
---
role: keeper
---
role: looker
---
entity: device
title: "{name}"
properties:
  name:   {type: text, required: true}
  repair: {type: state, workflow: repairing}
  loan:   {type: state, workflow: lending, access: {read: [keeper]}}
  check:  {type: state, workflow: checking}
  life:   {type: state, workflow: living}
access:
  keeper: {create: true, read: all, transition: all}
  looker: {read: all, transition: all}
---
workflow: repairing
label: Repair
entity: device
property: repair
initial: whole
exclusive: where_it_is
states: {whole: {}, sent: {label: At the workshop}, back: {}, scrapped: {final: true}}
transitions:
  send:    {from: whole, to: sent, do: [{when: "record.name == 'Odd'", transition: lend}]}
  ask:     {from: whole, to: same}
  scrap:   {from: [whole, sent], to: scrapped}
  return:  {from: sent, to: back}
  settle:  {from: back, to: whole}
  rebuild: {from: scrapped, to: back}
  melt:    {from: scrapped, to: whole}
---
workflow: lending
label: Loan
entity: device
property: loan
initial: here
exclusive: where_it_is
states: {here: {}, away: {label: Lent}, lost: {final: true}}
transitions:
  lend:      {from: here, to: away}
  give_back: {from: away, to: here}
  lose:      {from: away, to: lost}
  vanish:    {from: here, to: lost}
---
workflow: checking
entity: device
property: check
initial: due
exclusive: where_it_is
states: {due: {}, checked: {}, done: {final: true}}
transitions:
  check: {from: due, to: {cel: "record.name == 'Good' ? 'done' : 'checked'"}}
  pass:  {from: checked, to: done}
  redo:  {from: done, to: due}
---
workflow: living
entity: device
property: life
initial: bought
states: {bought: {}, used: {}, sold: {final: true}}
transitions:
  use:  {from: bought, to: used}
  sell: {from: used, to: sold}
"""


@pytest.fixture
def devices(tmp_path: Path, database_url: str) -> Iterator[House]:
    made = House(opened(tmp_path, database_url, DEVICES))
    for login, role in (("kim", "keeper"), ("lou", "looker")):
        made.users[login] = made.make("user", login=login, name=login.title(), roles=[role]).id
    yield made
    made.gateway.close()


def go(devices: House, number: int, *names: str, login: str = "kim") -> None:
    for name in names:
        with devices.as_(login) as context:
            firing.fire(context, "device", number, name, {})


def client_of(devices: House) -> TestClient:
    """The API, as the keeper asks it."""
    headers = {"Authorization": f"Bearer {create_token(devices.gateway, 'kim', 'tests')}"}
    return TestClient(Starlette(routes=api(devices.gateway)), headers=headers)


def refused(devices: House, number: int, name: str, login: str = "kim") -> str:
    with pytest.raises(Invalid) as caught:
        go(devices, number, name, login=login)
    (error,) = caught.value.errors
    assert error.code == "not-open"
    return error.message


def test_what_is_under_way_elsewhere_stands_in_the_way(devices: House) -> None:
    number = devices.make("device", name="Drill").id
    go(devices, number, "send", "use")  # which is in no group
    words = "Lend is not open: Repair is under way, where the device is At the workshop."
    assert refused(devices, number, "lend") == words
    assert "Repair is under way" in refused(devices, number, "vanish")  # to an end, in one step
    go(devices, number, "return")
    assert refused(devices, number, "lend").endswith("where the device is Back.")
    go(devices, number, "settle", "lend")
    assert refused(devices, number, "send").endswith("Loan is under way, where the device is Lent.")
    go(devices, number, "ask", "lose", "send")  # what stays where it is goes nowhere


def test_who_comes_back_from_an_end_sets_out_again(devices: House) -> None:
    number = devices.make("device", name="Drill").id
    go(devices, number, "scrap", "lend")
    assert "Loan is under way" in refused(devices, number, "rebuild")
    go(devices, number, "melt")  # from an end to where it begins: at rest both times


def test_nobody_is_told_what_they_may_not_read(devices: House) -> None:
    number = devices.make("device", name="Drill").id
    go(devices, number, "lend")
    assert refused(devices, number, "send", "lou") == "Send is not open: something else is under way."


def test_it_binds_what_follows_by_itself(devices: House) -> None:
    number = devices.make("device", name="Odd").id
    with pytest.raises(Invalid, match="Repair is under way"):
        go(devices, number, "send")
    assert devices.get("device", number).values["repair"] == "whole"


def test_the_api_and_many_at_once_are_bound_too(devices: House) -> None:
    numbers = [devices.make("device", name="Drill").id for _ in range(2)]
    go(devices, numbers[0], "send")
    with devices.as_("kim") as context:
        report = fire_many(context, "device", numbers, "lend", {})
    assert (report.done, list(report.refused)) == ((numbers[1],), [numbers[0]])
    client = client_of(devices)
    answer = client.post(f"/api/device/{numbers[0]}/transitions/lend", json={})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] == "not-open"
    told = {
        each["name"]: each for each in client.get(f"/api/device/{numbers[0]}/transitions").json()["items"]
    }
    assert told["lend"]["obstacles"][0]["kind"] == "exclusive"
    assert not told["lend"]["open"]


def test_it_is_explained(devices: House) -> None:
    number = devices.make("device", name="Drill").id

    def ground(name: str) -> list[tuple[bool | None, str]]:
        with devices.as_("kim") as context:
            (found,) = accounts(context, "device", number, name)
        return [(each.holds, each.words) for each in found.grounds if each.kind == "exclusive"]

    assert ground("lend") == [(True, "Nothing else of 'where_it_is' is under way.")]
    go(devices, number, "send")
    assert ground("lend") == [
        (False, "Lend is not open: Repair is under way, where the device is At the workshop.")
    ]
    assert ground("return") == ground("use") == []


# ---- the same as a plain model says


WAYS = {
    "send": ("repair", ("whole",), "sent"),
    "ask": ("repair", ("whole",), None),
    "scrap": ("repair", ("whole", "sent"), "scrapped"),
    "return": ("repair", ("sent",), "back"),
    "settle": ("repair", ("back",), "whole"),
    "rebuild": ("repair", ("scrapped",), "back"),
    "melt": ("repair", ("scrapped",), "whole"),
    "lend": ("loan", ("here",), "away"),
    "give_back": ("loan", ("away",), "here"),
    "lose": ("loan", ("away",), "lost"),
    "vanish": ("loan", ("here",), "lost"),
    "check": ("check", ("due",), "checked"),
    "pass": ("check", ("checked",), "done"),
    "redo": ("check", ("done",), "due"),
    "use": ("life", ("bought",), "used"),
    "sell": ("life", ("used",), "sold"),
}
AT_REST = {"repair": ("whole", "scrapped"), "loan": ("here", "lost"), "check": ("due", "done")}


@dataclass
class Model:
    """Devices as a plain model has them: a state for each workflow."""

    states: dict[str, str] = field(
        default_factory=lambda: {"repair": "whole", "loan": "here", "check": "due", "life": "bought"}
    )

    def open(self, name: str) -> bool:
        member, sources, target = WAYS[name]
        if self.states[member] not in sources:
            return False
        if member not in AT_REST or target is None or self.states[member] not in AT_REST[member]:
            return True
        if self.states[member] != AT_REST[member][0] and target in AT_REST[member]:
            return True
        others = {each: at for each, at in AT_REST.items() if each != member}
        return all(self.states[each] in at for each, at in others.items())

    def move(self, name: str) -> None:
        member, _, target = WAYS[name]
        self.states[member] = target or self.states[member]

    @property
    def under_way(self) -> int:
        return sum(self.states[each] not in at for each, at in AT_REST.items())


def by_service(devices: House, number: int, name: str) -> bool:
    try:
        go(devices, number, name)
        return True
    except Invalid:
        return False


def by_api(devices: House, number: int, name: str) -> bool:
    answer = client_of(devices).post(f"/api/device/{number}/transitions/{name}", json={})
    assert answer.status_code in (200, 422)
    return answer.status_code == 200


def among_several(devices: House, number: int, name: str) -> bool:
    with devices.as_("kim") as context:
        return fire_many(context, "device", [number], name, {}).done == (number,)


@pytest.mark.parametrize("seed", range(4))
def test_random_walks_do_what_the_model_says(devices: House, seed: int) -> None:
    random, model = Random(seed), Model()
    number = devices.make("device", name="Drill").id
    for step in range(60):
        with devices.as_("kim") as context:
            told = {each.transition.name for each in openings(context, "device", number) if each.open}
        assert told == {name for name in WAYS if model.open(name)}, (seed, step)
        name = random.choice([*WAYS, *told, *told])
        done = random.choice((by_service, by_api, among_several))(devices, number, name)
        assert done == (name in told), (seed, step, name)
        if done:
            model.move(name)
        values = devices.get("device", number).values
        assert {each: values[each] for each in model.states} == model.states
        assert model.under_way <= 1


# ---- what is wrong with a group

GROUPED = """
entity: device
properties: {repair: {type: state, workflow: repairing}, loan: {type: state, workflow: lending}}
---
entity: room
properties: {use: {type: state, workflow: using}}
---
workflow: repairing
entity: device
property: repair
initial: whole
states: {whole: {}, sent: {}}
transitions: {send: {from: whole, to: sent}, back: {from: sent, to: whole}}
exclusive: one
---
workflow: lending
entity: device
property: loan
initial: here
states: {here: {}, away: {}}
transitions: {lend: {from: here, to: away}, give: {from: away, to: here}}
exclusive: one
---
workflow: using
entity: room
property: use
initial: free
states: {free: {}, taken: {}}
transitions: {take: {from: free, to: taken}, leave: {from: taken, to: free}}
"""


def test_two_of_one_entity_are_a_group(tmp_path: Path) -> None:
    assert complaints(tmp_path, GROUPED) == []


def test_a_group_of_one_excludes_nothing(tmp_path: Path) -> None:
    text = GROUPED.replace("exclusive: one", "exclusive: two", 1)
    found = complaints(tmp_path, text)
    assert [each.partition("] ")[2] for each in found] == [
        f"nothing else is in the group {name!r}: it excludes nothing -- "
        "name it at another workflow of the entity too, or take it out"
        for name in ("two", "one")
    ]
    assert all(" warning[lone-exclusive-group]" in each for each in found)


def test_a_group_is_of_one_entity(tmp_path: Path) -> None:
    found = complaints(tmp_path, GROUPED + "exclusive: one\n")
    assert len(found) == 1
    assert (
        "error[bad-exclusive-group] 'one' is a group of workflows of device: repairing is in it" in found[0]
    )
