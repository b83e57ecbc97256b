"""A small desk whose tickets go through a workflow, for the tests of processes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from engine.identity.identity import actor_named
from engine.process import firing
from engine.reading.query import Record
from engine.service import records
from engine.work.context import SYSTEM, Context
from engine.work.gateway import Gateway
from tests.support.shop import opened

TICKETS = """
app: tickets
---
role: agent
---
role: manager
---
role: visitor
---
entity: client
properties:
  name:   {type: text, required: true}
  rating: {type: integer}
  open_tickets: {type: integer, computed: record.tickets.size(), stored: true}
access:
  agent: {read: all}
  manager: {read: all}
---
entity: call
properties:
  outcome: {type: choice, options: [answered, missed], required: true}
relations:
  ticket: {to: ticket, required: true, on_delete: cascade, inverse: calls}
---
entity: step
properties:
  text: {type: text, required: true}
  done: {type: boolean, default: false}
---
entity: job
properties:
  subject: {type: text, required: true}
  count:   {type: integer, default: 0}
relations:
  assignee: {to: user}
  ticket:   {to: ticket, inverse: jobs}
---
entity: ticket
title: "{number}"
ownership: user
features: {tags: true}
properties:
  number:   {type: autonumber, pattern: "T-{seq:05}"}
  subject:  {type: text, required: true}
  status:   {type: state, workflow: life}
  priority: {type: choice, options: [low, high], default: low}
  answer:   {type: text}
  solved_at: {type: datetime, readonly: true}
  moves:    {type: integer, default: 0}
  cost:     {type: money, currency: EUR}
relations:
  client: {to: client, inverse: tickets}
  steps:  {to: step, kind: composition, inverse: ticket}
  watchers: {to: user, kind: many_to_many}
access:
  agent:   {create: true, read: all, update: all, delete: all, transition: own, assign: all}
  manager: {create: true, read: all, update: all, delete: all, transition: all, assign: all}
  visitor: {read: all}
---
workflow: life
entity: ticket
property: status
initial: new
states:
  new:      {color: blue}
  assigned: {require: [owner], hide: [answer]}
  solved:   {freeze: [subject, steps], require: [answer], forbid: [delete], attributes: {weight: 3}}
  closed:   {final: true, freeze: all, enter: [{set: {moves: {cel: record.moves + 100}}}]}
  escalated: {leave: [{comment: "No longer escalated: {subject}"}]}
transitions:
  assign:
    from: new
    to: assigned
    roles: [agent, manager]
    guard: {check: record.client != null, message: Say whose ticket it is.}
    form: [owner, priority, {comment: required}]
    do:
      - set: {moves: {cel: record.moves + 1}}
      - create:
          entity: job
          as: job
          with: {subject: "Answer {number} of {client}", assignee: {cel: record.owner}, ticket: {cel: record}}
      - update: {record: job, with: {count: {cel: record.moves}}}
      - tag: [assigned]
  solve:
    from: assigned
    to: solved
    roles: {agent: own, manager: all}
    guard:
      - {check: "record.calls.exists(c, c.outcome == 'answered')", message: Call the client first.}
      - {check: "record.steps.all(s, s.done)", message: Some steps are not done.}
    form:
      - {answer: required}
      - hours: {type: integer, min: 0, label: Hours, init: 1}
    do:
      - set: {solved_at: {cel: now()}, moves: {cel: record.moves + form.hours}}
      - for_each: record.jobs
        update: {record: item, with: {subject: {cel: "'Done: ' + item.subject"}}}
  close:   {from: solved, to: closed, roles: [manager]}
  escalate: {from: assigned, to: escalated, after: 48h, when: record.priority == 'high'}
  back:    {from: escalated, to: assigned}
  reopen:
    from: [solved, closed]
    to: {cel: "record.owner != null ? 'assigned' : 'new'"}
    roles: [manager]
    do:
      - when: old.status == 'closed'
        tag: [reopened]
  note:    {from: all, to: same, form: [{comment: required}]}
  call_in:
    from: start
    to: assigned
    roles: [agent]
    form: [{subject: required}, {owner: {init: {cel: user}}}, client]
  sort:    {from: new, to: {cel: "record.moves > 9 ? 'assigned' : 'new'"}}
  rated:   {from: closed, to: new, on: updated, changed: [priority]}
---
automation: count_high
on: ticket.updated
changed: [priority]
when: record.priority == 'high' && old.priority != 'high'
do:
  - create: {entity: job, with: {subject: "High {number}", ticket: {cel: record}}}
---
automation: rate
on: ticket.transitioned
transitions: [solve]
do:
  - when: record.client != null
    update: {record: record.client, with: {rating: 5}}
---
automation: greet
on: client.created
do:
  - create: {entity: ticket, with: {subject: "Welcome {name}", client: {cel: record}}}
"""


@dataclass
class House:
    """The open application and its people."""

    gateway: Gateway
    users: dict[str, int] = field(default_factory=dict)

    @contextmanager
    def as_(self, login: str = "system") -> Iterator[Context]:
        actor = SYSTEM if login == "system" else actor_named(self.gateway, login)
        with self.gateway.write(actor, "api") as context:
            yield context

    def make(self, entity: str, login: str = "system", /, **values: Any) -> Record:
        with self.as_(login) as context:
            return records.create(context, entity, values)

    def get(self, entity: str, number: int) -> Record:
        with self.as_() as context:
            return records.get(context, entity, number)

    def update(self, entity: str, number: int, login: str = "system", /, **values: Any) -> Record:
        with self.as_(login) as context:
            return records.update(context, entity, number, values)

    def fire(self, login: str, number: int, name: str, values: Mapping[str, Any] | None = None) -> Record:
        """A transition of a ticket."""
        with self.as_(login) as context:
            return firing.fire(context, "ticket", number, name, values or {})

    def rows(self, entity: str) -> list[Record]:
        with self.as_() as context:
            page = records.find(context, entity, records.Query(limit=500))
            return [records.get(context, entity, row.id) for row in page.rows]


@pytest.fixture
def house(tmp_path: Path, database_url: str) -> Iterator[House]:
    """The desk with an agent, another agent, a manager and a visitor, on both databases."""
    made = House(opened(tmp_path, database_url, TICKETS))
    for login, role in (("ana", "agent"), ("alin", "agent"), ("mara", "manager"), ("vera", "visitor")):
        made.users[login] = made.make("user", login=login, name=login.title(), roles=[role]).id
    yield made
    made.gateway.close()
