"""What a form asks for, told in the texts of actions: notes, notifications, messages, values of new records."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from engine.process import firing, pressing
from engine.service import records
from engine.store.system import job, notification
from tests.support.shop import opened
from tests.support.tickets import House

APP = """
app: texts
---
role: agent
---
entity: task
title: "{subject}"
properties: {subject: {type: text, required: true}}
---
entity: case
title: "{name}"
properties: {name: {type: text, required: true}}
relations: {form: {to: task}}
actions:
  note: {form: [{minutes: {type: integer}}], do: [{comment: "About {form.subject}"}]}
access: {agent: {create: true, read: all, note: all}}
---
entity: plain
title: "{name}"
properties:
  name:  {type: text, required: true}
  state: {type: state, workflow: flow}
actions:
  note:
    form: [{minutes: {type: integer, required: true}}]
    do: [{comment: "{form.minutes} minutes"}]
access: {agent: {create: true, read: all, transition: all, note: all}}
---
workflow: flow
entity: plain
property: state
initial: new
states: {new: {}, done: {}}
transitions:
  close:
    from: new
    to: done
    form:
      - {comment: required}
      - why: {type: choice, options: {dear: {label: Too dear}, late: {label: Too late}}}
      - day: {type: date}
    do:
      - comment: "{name}: {form.comment} ({form.why}, {form.day})"
      - notify: {roles: [agent], subject: "{form.why}", text: "Since {form.comment}"}
      - create: {entity: task, with: {subject: "Look at {name}: {form.comment}"}}
      - webhook: {url: "https://example.org/hook", with: {why: "{form.why} {name}"}}
      - transition: {name: reopen, with: {comment: "After {form.comment}"}}
  reopen: {from: done, to: new, form: [comment], do: [{comment: "Again: {form.comment}"}]}
"""


@pytest.fixture
def house(tmp_path: Path, database_url: str) -> Iterator[House]:
    made = House(opened(tmp_path, database_url, APP))
    made.make("user", login="ana", name="Ana", roles=["agent"])
    yield made
    made.gateway.close()


def notes(house: House, entity: str, number: int) -> list[str]:
    with house.as_("ana") as context:
        return [entry.note for entry in records.history(context, entity, number) if entry.note][::-1]


def test_every_text_of_an_action_tells_what_the_form_was_given(house: House) -> None:
    number = house.make("plain", name="Lamp").id
    with house.as_() as context:
        given = {"comment": "it {burns}", "why": "dear", "day": "2026-03-01"}
        firing.fire(context, "plain", number, "close", given)
        (told,) = context.connection.execute(sa.select(notification.c.subject, notification.c.text)).all()
        (sent,) = context.connection.execute(sa.select(job.c.payload)).scalars()
    assert notes(house, "plain", number) == [
        "Lamp: it {burns} (Too dear, Mar 1, 2026)",
        "Again: After it {burns}",
    ]
    assert tuple(told) == ("Too dear", "Since it {burns}")
    assert [task.title for task in house.rows("task")] == ["Look at Lamp: it {burns}"]
    assert sent["body"]["values"] == {"why": "Too dear Lamp"}


def test_what_was_left_empty_is_an_empty_text(house: House) -> None:
    number = house.make("plain", name="Lamp").id
    with house.as_() as context:
        firing.fire(context, "plain", number, "close", {"comment": "x"})
    assert notes(house, "plain", number)[0] == "Lamp: x (, )"


def test_a_button_tells_what_its_form_was_given(house: House) -> None:
    number = house.make("plain", name="Lamp").id
    with house.as_("ana") as context:
        pressing.press(context, "plain", number, "note", {"minutes": 5})
    assert notes(house, "plain", number) == ["5 minutes"]


def test_a_member_called_form_is_that_member(house: House) -> None:
    task = house.make("task", subject="Paper").id
    number = house.make("case", name="Lamp", form=task).id
    with house.as_() as context:
        pressing.press(context, "case", number, "note", {"minutes": 5})
        (entry,) = [each for each in records.history(context, "case", number) if each.note]
    assert entry.note == "About Paper"
