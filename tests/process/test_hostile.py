"""Processes that go wrong: a refusal that says so, and nothing left behind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.errors import Invalid
from engine.process import firing
from engine.service import records
from tests.support.shop import opened
from tests.support.tickets import House

CIRCLES = """
app: circles
---
entity: note
properties: {text: {type: text, required: true}, thing: {type: integer}}
---
entity: thing
properties:
  name:  {type: text, required: true}
  size:  {type: integer, default: 0}
  seen:  {type: integer, default: 0}
  state: {type: state, workflow: life}
relations: {box: {to: box, inverse: things, on_delete: clear}}
---
entity: box
properties:
  name:  {type: text, required: true}
  total: {type: integer, computed: "record.things.map(t, t.size).sum()", stored: true}
  told:  {type: integer}
  state: {type: state, workflow: packing}
---
workflow: life
entity: thing
property: state
initial: raw
states: {raw: {}, cut: {}, gone: {}}
transitions:
  turn: {from: all, to: same, do: [{transition: turn}]}
  left: {from: raw, to: cut, do: [{transition: right}]}
  right: {from: cut, to: raw, do: [{transition: left}]}
  cut:   {from: raw, to: cut, do: [{set: {size: {cel: record.size + 1}}}]}
  pack:
    from: [raw, cut]
    to: gone
    do:
      - set: {seen: {cel: record.seen + 1}}
      - transition: {name: fill, record: record.box}
      - set: {seen: {cel: record.seen + 10}}
  vanish: {from: all, to: same, do: [{delete: record}, {set: {size: 1}}]}
  go:     {from: all, to: same, do: [{delete: record}]}
---
workflow: packing
entity: box
property: state
initial: empty
states: {empty: {}, full: {}}
transitions:
  fill:
    from: empty
    to: full
    do:
      - for_each: "record.things.filter(t, t.state == 'raw')"
        transition: {name: cut, record: item}
---
entity: slip
features: {trash: false}
properties: {text: {type: text, required: true}}
---
automation: shred
on: slip.created
do: [{delete: record}]
---
automation: ping
on: note.created
when: record.text == 'circle'
do: [{create: {entity: note, with: {text: circle}}}]
---
automation: grow
on: thing.updated
changed: [size]
do:
  - when: record.size == 13
    create: {entity: note, with: {text: ""}}
  - create: {entity: note, with: {text: "{name} is {size}", thing: {cel: record.size}}}
---
automation: tell
on: thing.updated
changed: [size]
order: 2
do:
  - when: record.box != null
    update: {record: record.box, with: {told: {cel: record.box.total}}}
---
automation: burn
on: thing.created
when: record.name == 'paper'
do: [{delete: record}]
---
automation: burnt
on: thing.updated
changed: [name]
when: record.name == 'ash'
do: [{delete: record}, {create: {entity: note, with: {text: burnt}}}]
"""


@pytest.fixture
def house(tmp_path: Path, database_url: str) -> Iterator[House]:
    made = House(opened(tmp_path, database_url, CIRCLES))
    yield made
    made.gateway.close()


def fire(house: House, entity: str, number: int, name: str, **values: Any) -> Any:
    with house.as_() as context:
        return firing.fire(context, entity, number, name, values)


def refused(house: House, entity: str, number: int, name: str) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as found:
        fire(house, entity, number, name)
    return [(error.code, error.message) for error in found.value.errors]


def test_a_circle_of_automations_is_refused_by_name_and_leaves_nothing(house: House) -> None:
    with pytest.raises(Invalid) as found:
        house.make("note", text="circle")
    (error,) = found.value.errors
    assert error.code == "endless-process"
    assert "ping → ping" in error.message
    assert house.rows("note") == []


def test_a_transition_that_fires_itself_is_refused_by_name(house: House) -> None:
    number = house.make("thing", name="Wood").id
    ((code, message),) = refused(house, "thing", number, "turn")
    assert code == "endless-process"
    assert "thing.turn → thing.turn" in message


def test_transitions_that_fire_each_other_are_refused_and_nothing_has_moved(house: House) -> None:
    number = house.make("thing", name="Wood").id
    ((code, message),) = refused(house, "thing", number, "left")
    assert code == "endless-process"
    assert "thing.left → thing.right" in message
    assert house.get("thing", number).values["state"] == "raw"
    assert house.get("thing", number).version == 1


def test_a_transition_within_a_transition_within_one(house: House) -> None:
    box = house.make("box", name="Box").id
    one = house.make("thing", name="One", box=box).id
    two = house.make("thing", name="Two", box=box).id
    fire(house, "thing", one, "pack")
    assert house.get("box", box).values["state"] == "full"
    assert house.get("thing", two).values["state"] == "cut"
    assert house.get("thing", one).values["state"] == "gone"
    assert house.get("thing", one).values["seen"] == 11
    assert house.get("box", box).values["total"] == 1


def test_of_many_the_one_whose_automation_fails_is_refused_and_the_others_are_done(house: House) -> None:
    ids = [house.make("thing", name=f"{number}", size=0).id for number in range(3)]
    odd = house.make("thing", name="bad").id
    with house.as_() as context:
        report = records.update_many(context, "thing", [ids[0], odd, *ids[1:]], {"size": 12})
    assert report.done == (ids[0], odd, *ids[1:])
    assert len(house.rows("note")) == 4
    with house.as_() as context:
        report = records.update_many(context, "thing", [odd], {"size": 13})
    assert report.done == ()
    assert list(report.refused) == [odd]
    assert len(house.rows("note")) == 4
    assert house.get("thing", odd).values["size"] == 12


def test_what_happened_to_one_that_is_refused_is_forgotten(house: House) -> None:
    """Its automation wrote, and failed then: nothing follows on what was taken back."""
    one = house.make("thing", name="Paper").id
    two = house.make("thing", name="Stone").id
    with house.as_() as context:
        report = records.update_many(context, "thing", [one, two], {"size": 13})
        assert context.events == []
    assert list(report.refused) == [one, two]
    assert house.rows("note") == []


def test_automations_of_many_see_what_automations_of_one_would(house: House) -> None:
    box = house.make("box", name="Box").id
    ids = [house.make("thing", name=f"{number}", box=box).id for number in range(4)]
    with house.as_() as context:
        records.update_many(context, "thing", ids, {"size": 5})
    assert house.get("box", box).values["total"] == 20
    assert house.get("box", box).values["told"] == 20


def test_an_automation_may_delete_what_it_is_about(house: House) -> None:
    made = house.make("thing", name="paper")
    assert made.deleted_at is not None
    number = house.make("thing", name="wood").id
    assert house.update("thing", number, name="ash").deleted_at is not None
    assert [note.values["text"] for note in house.rows("note")] == ["burnt"]
    assert house.rows("thing") == []


def test_a_transition_may_delete_what_it_is_about(house: House) -> None:
    number = house.make("thing", name="Wood").id
    assert fire(house, "thing", number, "go").deleted_at is not None
    other = house.make("thing", name="Wood").id
    assert [code for code, _ in refused(house, "thing", other, "vanish")] == ["gone"]
    assert house.get("thing", other).deleted_at is None


def test_what_has_no_trash_is_not_deleted_by_what_follows_on_it(house: House) -> None:
    with pytest.raises(Invalid) as found:
        house.make("slip", text="burn")
    assert [error.code for error in found.value.errors] == ["gone"]
    assert house.rows("slip") == []
