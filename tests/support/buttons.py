"""The desk of tickets with buttons, for the tests of what they do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from engine.process import pressing
from engine.reading.query import Record
from tests.support.shop import opened
from tests.support.tickets import TICKETS, House

BUTTONS = """
---
extend: ticket
actions:
  call_back:
    label: Call back
    icon: phone
    when: record.status != 'closed'
    guard: {check: record.client != null, message: Say whose ticket it is.}
    form:
      - subject
      - minutes: {type: integer, min: 1, label: Minutes, required: true}
    do:
      - set: {moves: {cel: record.moves + form.minutes}}
      - create: {entity: job, as: job, with: {subject: "Call {client}", ticket: {cel: record}}}
      - update: {record: record.client, with: {rating: 1}}
      - when: form.minutes > 60
        comment: "A long call"
  rename:  {form: [{subject: required}], roles: {agent: own}}
  raise_it:
    form: [priority]
    guard: {check: "record.priority != old.priority", message: It has this priority already.}
    do:
      - set: {moves: {cel: "old.moves + 10"}}
      - when: old.priority == 'low'
        create: {entity: job, with: {subject: "Was {number}, low", count: {cel: old.moves}}}
  stamp:   {guard: old.moves == record.moves, do: [{comment: Stamped}, {set: {answer: Stamped}}]}
  go_on:   {roles: [manager], do: [{transition: {name: note, with: {comment: By a button}}}]}
access:
  agent:   {call_back: all, rename: all, stamp: all, raise_it: all}
  manager: {call_back: own, go_on: all}
"""


class ButtonHouse(House):
    """The desk, whose tickets have buttons."""

    def press(
        self, login: str, number: int, name: str, values: Mapping[str, Any] | None = None, **more: Any
    ) -> Record:
        with self.as_(login) as context:
            return pressing.press(context, "ticket", number, name, values or {}, **more)


@pytest.fixture
def buttons(tmp_path: Path, database_url: str) -> Iterator[ButtonHouse]:
    """The desk with an agent, another agent, a manager and a visitor, on both databases."""
    made = ButtonHouse(opened(tmp_path, database_url, TICKETS + BUTTONS))
    for login, role in (("ana", "agent"), ("alin", "agent"), ("mara", "manager"), ("vera", "visitor")):
        made.users[login] = made.make("user", login=login, name=login.title(), roles=[role]).id
    yield made
    made.gateway.close()
