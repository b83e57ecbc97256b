"""What a process did step by step: kept with the entry that tells of it, and told as far as the reader may know."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from engine.documents.schemas.actions import KINDS
from engine.pages import run_log
from engine.process import firing, pressing
from engine.process.timers import fire_due
from engine.reading.query import HistoryEntry, RunStep
from engine.service import records
from engine.store.system import audit
from tests.support.shop import opened
from tests.support.statements import counted
from tests.support.tickets import House

RULES = """
app: rules
---
role: agent
---
role: guest
---
extend: user
access: {agent: {read: all}}
---
entity: firm
title: "{name}"
properties: {name: {type: text, required: true}}
access: {agent: {create: true, read: own, update: own}}
ownership: user
---
entity: task
title: "{subject}"
properties: {subject: {type: text, required: true}, done: {type: boolean, default: false}}
relations: {file: {to: file, inverse: tasks}}
access: {agent: {read: all}}
---
entity: file
title: "{name}"
ownership: user
properties:
  name:   {type: text, required: true}
  state:  {type: state, workflow: life, access: {read: [agent]}}
  secret: {type: integer, access: {read: [agent], write: [agent]}}
  count:  {type: integer, default: 0}
  stamp:  {type: text}
relations:
  firm: {to: firm}
actions:
  mark:
    label: Mark
    do:
      - set: {stamp: marked}
      - create: {entity: task, with: {subject: "Marked {name}", file: {cel: record}}}
access:
  agent: {create: true, read: all, update: all, transition: all, mark: all}
  guest: {read: all}
---
workflow: life
entity: file
property: state
initial: new
states: {new: {}, open: {}, late: {}}
transitions:
  begin:
    from: new
    to: open
    do:
      - set: {count: 1}
      - when: record.secret > 5
        set: {stamp: rich}
      - find_or_create: {entity: firm, by: {name: Acme}, as: found}
      - create: {entity: task, with: {subject: "Do {name}", file: {cel: record}}}
      - when: record.secret > 5
        comment: Rich
      - for_each: record.tasks
        when: "!item.done"
        update: {record: item, with: {done: true}}
      - for_each: record.tasks.filter(t, t.subject == 'none')
        delete: item
      - notify: {roles: [agent], subject: "{name} began", mail: true}
      - webhook: {url: "https://example.org/hook"}
  again:
    from: open
    to: same
    do:
      - create: {entity: task, with: {subject: Before, file: {cel: record}}}
      - transition: quiet
  quiet: {from: open, to: late, hidden: true, do: [{set: {count: 5}}, {comment: Late}]}
  plain: {from: late, to: new, do: [{set: {stamp: plain}}]}
  tick: {from: new, to: late, after: 24h, do: [{set: {stamp: ticked}}, {comment: Ticked}]}
---
automation: rule
label: The rule
on: file.updated
changed: [secret]
do:
  - create: {entity: task, with: {subject: Seen, file: {cel: record}}}
---
automation: stamp
label: Stamps
on: file.updated
changed: [name]
do:
  - set: {stamp: renamed}
  - when: record.secret > 5
    comment: Rich
---
automation: idle
label: Idle
on: file.updated
changed: [secret]
do:
  - when: record.secret > 1000
    comment: Very rich
"""


@pytest.fixture
def house(tmp_path: Path, database_url: str) -> Iterator[House]:
    made = House(opened(tmp_path, database_url, RULES))
    for login, role in (("ana", "agent"), ("alin", "agent"), ("gus", "guest")):
        values = {"login": login, "name": login.title(), "roles": [role], "email": f"{login}@example.org"}
        made.users[login] = made.make("user", **values).id
    yield made
    made.gateway.close()


def history(house: House, number: int, login: str = "system") -> list[HistoryEntry]:
    with house.as_(login) as context:
        return records.history(context, "file", number)


def newest(house: House, number: int, login: str = "system", action: str = "transition") -> HistoryEntry:
    return next(entry for entry in history(house, number, login) if entry.action == action)


def fire(house: House, login: str, number: int, name: str) -> None:
    with house.as_(login) as context:
        firing.fire(context, "file", number, name, {})


def told(step: RunStep) -> tuple[Any, ...]:
    wrote = [
        (each.did, each.record.title if each.record else "own" if each.own else None) for each in step.records
    ]
    return step.kind, step.done, step.skipped, wrote


def test_a_transition_tells_each_step_in_its_one_entry(house: House) -> None:
    number = house.make("file", "ana", name="A", secret=9).id
    fire(house, "ana", number, "begin")
    entry = newest(house, number)
    assert [told(step) for step in entry.steps] == [
        ("set", 1, 0, []),
        ("set", 1, 0, []),
        ("find_or_create", 1, 0, [("create", "Acme")]),
        ("create", 1, 0, [("create", "Do A")]),
        ("comment", 1, 0, [("comment", "own")]),
        ("update", 1, 0, [("update", "Do A")]),
        ("delete", 0, 0, []),
        ("notify", 1, 0, []),
        ("webhook", 1, 0, []),
    ]
    tells, calls = entry.steps[-2:]
    assert [link.title for link in tells.told] == ["Alin"]
    assert tells.jobs == {"mail": 1}
    assert calls.jobs == {"webhook": 1}
    assert [entry.action for entry in history(house, number)] == ["comment", "transition", "create"]
    again = house.make("file", "ana", name="B", secret=1).id
    fire(house, "ana", again, "begin")
    steps = newest(house, again).steps
    assert [told(step) for step in steps[1:5]] == [
        ("set", 0, 1, []),
        ("find_or_create", 1, 0, [("found", "Acme")]),
        ("create", 1, 0, [("create", "Do B")]),
        ("comment", 0, 1, []),
    ]


def test_only_administrators_are_told_where_a_step_is_declared(house: House) -> None:
    number = house.make("file", "ana", name="A").id
    fire(house, "ana", number, "begin")
    file, _, line = newest(house, number).steps[0].place.rpartition(":")
    assert file.endswith(".yaml")
    assert RULES.splitlines()[int(line) - 1].strip() == "- set: {count: 1}"
    assert {step.place for step in newest(house, number, "ana").steps} == {""}


def test_a_run_without_further_steps_costs_no_statement_more(house: House) -> None:
    number = house.make("file", "ana", name="A").id
    with house.as_("ana") as context:
        firing.fire(context, "file", number, "begin", {})
    fire(house, "ana", number, "again")
    with house.as_("ana") as context, counted() as found:
        firing.fire(context, "file", number, "plain", {})
    written = [each for each in found if "_engine_audit" in each]
    assert len(written) == 1
    assert [told(step) for step in newest(house, number).steps] == [("set", 1, 0, [])]


def test_a_run_is_kept_by_one_statement_more_however_many_steps_it_has(house: House) -> None:
    number = house.make("file", "ana", name="A").id
    with house.as_("ana") as context, counted() as found:
        firing.fire(context, "file", number, "begin", {})
    assert len([each for each in found if each.startswith("UPDATE") and "_engine_audit" in each]) == 1


def test_a_step_that_fires_has_a_run_of_its_own(house: House) -> None:
    number = house.make("file", "ana", name="A").id
    fire(house, "ana", number, "begin")
    fire(house, "ana", number, "again")
    runs = [entry for entry in history(house, number) if entry.action == "transition"]
    assert [(run.transition, [told(step) for step in run.steps]) for run in runs[:2]] == [
        ("Quiet", [("set", 1, 0, []), ("comment", 1, 0, [("comment", "own")])]),
        ("Again", [("create", 1, 0, [("create", "Before")]), ("transition", 1, 0, [("transition", "own")])]),
    ]


def test_a_button_tells_its_steps(house: House) -> None:
    number = house.make("file", "ana", name="A").id
    with house.as_("ana") as context:
        pressing.press(context, "file", number, "mark", {})
    entry = newest(house, number, action="action")
    assert [told(step) for step in entry.steps] == [
        ("set", 1, 0, []),
        ("create", 1, 0, [("create", "Marked A")]),
    ]


def test_an_automation_that_writes_elsewhere_has_an_entry_of_its_own(house: House) -> None:
    number = house.make("file", "ana", name="A").id
    house.update("file", number, "ana", secret=3)
    entries = history(house, number)
    assert [(entry.action, entry.cause) for entry in entries] == [
        ("automation", "The rule"),
        ("update", ""),
        ("create", ""),
    ]
    assert [told(step) for step in entries[0].steps] == [("create", 1, 0, [("create", "Seen")])]
    assert entries[0].actor_name == "Ana"


def test_an_automation_that_writes_to_the_record_tells_it_there(house: House) -> None:
    number = house.make("file", "ana", name="A").id
    house.update("file", number, "ana", name="B")
    entries = history(house, number)
    assert [(entry.action, entry.cause) for entry in entries] == [
        ("update", "Stamps"),
        ("update", ""),
        ("create", ""),
    ]
    assert [told(step) for step in entries[0].steps] == [
        ("set", 1, 0, [("update", "own")]),
        ("comment", 0, 1, []),
    ]


def test_what_time_does_is_told_too(house: House) -> None:
    number = house.make("file", "ana", name="A").id
    now = house.gateway.clock
    house.gateway.clock = lambda: now() + timedelta(days=2)
    assert fire_due(house.gateway) == 1
    assert [told(step) for step in newest(house, number).steps] == [
        ("set", 1, 0, []),
        ("comment", 1, 0, [("comment", "own")]),
    ]


# ---- readers


def test_who_may_not_read_a_record_is_told_neither_its_title_nor_its_id(house: House) -> None:
    number = house.make("file", "ana", name="A").id
    fire(house, "ana", number, "begin")  # who then owns the firm
    mine = {step.kind: step for step in newest(house, number, "ana").steps}
    assert mine["find_or_create"].records[0].record is not None
    theirs = {step.kind: step for step in newest(house, number, "alin").steps}
    assert told(theirs["find_or_create"]) == ("find_or_create", 1, 0, [("create", None)])
    assert told(theirs["create"]) == ("create", 1, 0, [("create", "Do A")])
    assert theirs["notify"].told == mine["notify"].told


def test_who_may_not_read_what_a_condition_asks_is_not_told_of_its_step(house: House) -> None:
    number = house.make("file", "ana", name="A", secret=3).id
    house.update("file", number, "ana", name="B")
    (entry,) = [each for each in history(house, number, "gus") if each.cause == "Stamps"]
    assert [told(step) for step in entry.steps] == [("set", 1, 0, [("update", "own")])]
    with house.as_("gus") as context:
        seen = records.history(context, "file", number)
    assert all(step.kind != "comment" for each in seen for step in each.steps)


def test_who_may_not_read_a_state_is_told_of_no_run_that_moved_it(house: House) -> None:
    number = house.make("file", "ana", name="A").id
    fire(house, "ana", number, "begin")
    assert [entry.steps for entry in history(house, number, "gus") if entry.action == "update"] == [()]


def test_people_whom_a_reader_may_not_see_are_counted(house: House) -> None:
    number = house.make("file", "ana", name="A").id
    house.update("file", number, "ana", secret=3)
    with house.as_() as context:
        (row,) = context.connection.execute(
            sa.select(audit.c.id, audit.c.changes).where(audit.c.action == "automation")
        )
        step = {"kind": "notify", "at": ["a.yaml", 1], "done": 1, "told": [house.users["ana"]]}
        changed = {**row.changes, "_steps": [step]}
        context.connection.execute(sa.update(audit).where(audit.c.id == row.id).values(changes=changed))
    (entry,) = [each for each in history(house, number, "gus") if each.action == "automation"]
    assert entry.steps[0].told == ()
    assert entry.steps[0].others_told == 1


def test_reading_runs_costs_the_same_however_much_they_did(house: House) -> None:
    def cost(number: int) -> int:
        with house.as_("ana") as context, counted() as found:
            assert any(entry.steps for entry in records.history(context, "file", number))
        return len(found)

    few = house.make("file", "ana", name="A").id
    fire(house, "ana", few, "begin")
    cost(few)
    many = house.make("file", "ana", name="B").id
    for each in range(20):
        house.make("task", subject=f"{each}", file=many)
    fire(house, "ana", many, "begin")
    step = next(each for each in newest(house, many).steps if each.kind == "update")
    assert (step.done, len(step.records)) == (21, 21)
    assert cost(many) == cost(few)


def test_of_a_long_run_the_first_records_are_kept(house: House) -> None:
    number = house.make("file", "ana", name="B").id
    for each in range(60):
        house.make("task", subject=f"{each}", file=number)
    fire(house, "ana", number, "begin")
    step = next(each for each in newest(house, number).steps if each.kind == "update")
    assert (step.done, len(step.records), step.more_records) == (61, 50, 11)


def test_every_action_has_its_words() -> None:
    assert run_log.KINDS.keys() == KINDS.keys()
