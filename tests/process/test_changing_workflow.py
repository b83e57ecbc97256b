"""Records that come to follow another workflow: its timers are set and those of the former are gone, at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from engine.app import Engine, open_app
from engine.errors import Invalid
from engine.process import firing
from engine.process.timers import fire_due_in
from engine.service import records
from engine.store.system import stay, timer
from engine.work.context import SYSTEM

CASES = """
app: cases
---
entity: case
properties:
  name:   {type: text, required: true}
  status: {type: state, workflow: usual}
  check:  {type: state, workflow: checking}
record_types:
  plain:  {}
  urgent: {workflow: quick}
  odd:    {}
---
workflow: usual
entity: case
property: status
initial: new
states: {new: {}, work: {}, done: {final: true}}
transitions:
  begin:    {from: new, to: work}
  late:     {from: work, to: done, after: 3d}
  forget:   {from: new, to: done, after: 10d}
  raise_it: {from: work, to: same, do: [{comment: Raised}, {set: {record_type: urgent}}]}
  raise_up: {from: work, to: same, do: [{set: {record_type: urgent}}]}
---
workflow: quick
entity: case
property: status
initial: new
states: {new: {}, work: {}, done: {final: true}}
transitions:
  run:   {from: new, to: work}
  hurry: {from: work, to: done, after: 1h}
  drop:  {from: new, to: done, after: 2h}
---
workflow: checking
entity: case
property: check
initial: waiting
states: {waiting: {}, seen: {final: true}}
transitions: {look: {from: waiting, to: seen, after: 5d}}
---
automation: raised
on: case.updated
changed: [name]
when: record.name == 'Help!'
do: [{set: {record_type: urgent}}]
"""
OTHERWISE = CASES.replace("  plain:  {}\n", "  plain:  {workflow: quick}\n")
RENAMED = CASES.replace("workflow: usual", "workflow: ordinary")


class House:
    """A folder and a database, opened with one metadata after the other."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.url = folder, url
        self.engine: Engine | None = None
        (folder / "metadata").mkdir()

    def open(self, metadata: str) -> Engine:
        self.close()
        (self.folder / "metadata" / "app.yaml").write_text(metadata, encoding="utf-8")
        self.engine = open_app(self.folder, database=self.url, apply=True, environment={})
        return self.engine

    def close(self) -> None:
        if self.engine is not None:
            self.engine.close()

    def case(self, kind: str = "plain", *, begun: bool = True) -> int:
        assert self.engine is not None
        with self.engine.gateway.write(SYSTEM, "cli") as context:
            number = records.create(context, "case", {"name": "Case", "record_type": kind}).id
            if begun:
                firing.fire(context, "case", number, "begin", {})
        return number

    def timers(self, number: int) -> set[str]:
        assert self.engine is not None
        with self.engine.gateway.read(SYSTEM, "cli") as context:
            found = sa.select(timer.c.transition).where(timer.c.record_id == number)
            return set(context.connection.execute(found).scalars())

    def stays(self, number: int) -> set[tuple[str, str]]:
        """Where it is, by workflow."""
        assert self.engine is not None
        with self.engine.gateway.read(SYSTEM, "cli") as context:
            mine = sa.select(stay.c.workflow, stay.c.state).where(stay.c.record_id == number)
            rows = context.connection.execute(mine.where(stay.c.left_at.is_(None)))
            return {(row.workflow, row.state) for row in rows}

    def status(self, number: int, later: timedelta) -> Any:
        """What it comes to when time passes; nothing of that is kept."""
        assert self.engine is not None
        found: list[Any] = []
        with pytest.raises(RuntimeError, match="taken back"):
            self._pass(number, later, found)
        return found[0]

    def _pass(self, number: int, later: timedelta, found: list[Any]) -> None:
        assert self.engine is not None
        gateway, clock = self.engine.gateway, self.engine.gateway.clock
        gateway.clock = lambda: clock() + later
        try:
            with gateway.write(SYSTEM, "job") as context:
                fire_due_in(context)
                found.append(records.get(context, "case", number).values["status"])
                raise RuntimeError("taken back")
        finally:
            gateway.clock = clock


@pytest.fixture
def house(tmp_path: Path, database_url: str) -> Iterator[House]:
    made = House(tmp_path, database_url)
    made.open(CASES)
    yield made
    made.close()


def update(house: House, number: int, **values: Any) -> None:
    assert house.engine is not None
    with house.engine.gateway.write(SYSTEM, "cli") as context:
        records.update(context, "case", number, values)


def fire(house: House, number: int, name: str) -> None:
    assert house.engine is not None
    with house.engine.gateway.write(SYSTEM, "cli") as context:
        firing.fire(context, "case", number, name, {})


WAYS = ["update", "raise_it", "raise_up", "automation"]


@pytest.mark.parametrize("way", WAYS)
def test_whatever_changes_the_type_changes_the_timers(house: House, way: str) -> None:
    number = house.case()
    assert house.timers(number) == {"late", "look"}
    if way == "update":
        update(house, number, record_type="urgent")
    elif way == "automation":
        update(house, number, name="Help!")
    else:
        fire(house, number, way)
    assert house.timers(number) == {"hurry", "look"}
    assert house.stays(number) == {("quick", "work"), ("checking", "waiting")}
    assert house.status(number, timedelta(hours=2)) == "done"


def test_what_is_refused_changes_no_timer(house: House) -> None:
    number = house.case()
    assert house.engine is not None
    with pytest.raises(Invalid), house.engine.gateway.write(SYSTEM, "cli") as context:
        records.update(context, "case", number, {"record_type": "urgent", "name": ""})
    assert house.timers(number) == {"late", "look"}


def test_a_type_that_is_given_another_workflow_takes_its_records_along(house: House) -> None:
    begun, new, other, urgent = (
        house.case(),
        house.case(begun=False),
        house.case("odd"),
        house.case("urgent", begun=False),
    )
    assert house.engine is not None
    thrown = house.case(begun=False)
    with house.engine.gateway.write(SYSTEM, "cli") as context:
        records.delete(context, "case", thrown)
    engine = house.open(OTHERWISE)
    assert "case: 3 records follow 'quick' now" in engine.applied
    assert [house.timers(each) for each in (begun, new, other, urgent)] == [
        {"hurry", "look"},
        {"drop", "look"},
        {"late", "look"},
        {"drop", "look"},
    ]
    assert house.stays(begun) == {("quick", "work"), ("checking", "waiting")}
    assert house.stays(other) == {("usual", "work"), ("checking", "waiting")}
    assert house.status(begun, timedelta(hours=2)) == "done"
    assert house.open(OTHERWISE).applied == ()


def test_a_workflow_with_another_name_takes_its_records_along(house: House) -> None:
    number = house.case()
    engine = house.open(RENAMED)
    assert "case: 1 record follows 'ordinary' now" in engine.applied
    assert house.timers(number) == {"late", "look"}
    assert house.stays(number) == {("ordinary", "work"), ("checking", "waiting")}
    fire(house, number, "raise_up")
    assert house.timers(number) == {"hurry", "look"}


def test_reading_the_metadata_again_does_it_too(house: House) -> None:
    number = house.case()
    assert house.engine is not None
    (house.folder / "metadata" / "app.yaml").write_text(OTHERWISE, encoding="utf-8")
    assert house.engine.reload()
    assert house.timers(number) == {"hurry", "look"}
