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
role: clerk
---
extend: user
access: {agent: {read: all}, manager: {read: all}}
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
calendar_of_work: office
timezone: Europe/Bucharest
hours:
  mon: "09:00-17:00"
  tue: ["09:00-12:00", "13:00-17:00"]
  wed: "09:00-17:00"
  thu: "09:00-17:00"
  fri: "09:00-15:00"
holidays: [2026-12-25, {from: 2026-12-28, to: 2027-01-01}]
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
  give_up:  {from: escalated, to: new, after: 10h, calendar: office}
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
  sort:    {from: new, to: {cel: "record.moves > 9 ? 'assigned' : 'new'"}, roles: [manager]}
  rated:   {from: closed, to: new, on: updated, changed: [priority]}
---
entity: offer
properties:
  name:  {type: text, required: true}
  state: {type: state, workflow: signing}
relations:
  keeper: {to: user}
access:
  agent:   {create: true, read: all, transition: all}
  manager: {read: all}
  clerk:   {read: all}
---
workflow: signing
entity: offer
property: state
initial: draft
states:
  draft: {}
  review: {}
  checked: {}
  signed: {final: true}
transitions:
  submit: {from: draft, to: review}
  approve:
    from: review
    to: checked
    guard: {check: record.name != 'bad', message: Not this one.}
    form: [comment]
    approval: {roles: [agent, manager], at_least: 2, reject_to: draft, remind_after: 24h}
  sign:
    from: checked
    to: signed
    approval: {roles: [manager, agent], users: record.keeper, at_least: all, one_after_another: true}
---
entity: plan
ownership: user
properties:
  name:  {type: text, required: true}
  state: {type: state, workflow: planning}
access:
  agent:   {create: true, read: all}
  manager: {read: all}
---
workflow: planning
entity: plan
property: state
initial: draft
states:
  draft: {}
  agreed: {final: true}
transitions:
  approve: {from: draft, to: agreed, approval: {roles: [manager]}}
  discuss: {from: draft, to: same, approval: {roles: [manager, agent], at_least: 2}}
---
entity: basket
properties:
  note:  {type: text}
  state: {type: state, workflow: buying}
relations:
  client: {to: client}
  things: {to: thing, kind: composition}
---
entity: thing
properties:
  name:   {type: text, required: true}
  amount: {type: integer, default: 1}
---
entity: order
properties:
  title:   {type: text, required: true}
  address: {type: text, required: true}
relations:
  client: {to: client}
  parts:  {to: part, kind: composition}
---
entity: part
properties:
  name:   {type: text, required: true}
  pieces: {type: integer}
---
entity: remark
properties: {text: {type: text, required: true}}
relations: {about: {to: [basket, order], inverse: remarks}}
---
mapping: basket_to_order
from: basket
to: order
with: {title: "Order of {client}", address: {cel: record.note}, client: {cel: record.client}}
rows:
  parts: {each: "record.things.filter(t, t.amount > 0)", with: {name: {cel: item.name}, pieces: {cel: item.amount}}}
move: [remarks]
---
workflow: buying
entity: basket
property: state
initial: open
states:
  open: {}
  bought: {final: true, freeze: all}
transitions:
  buy:
    from: open
    to: bought
    do:
      - find_or_create: {entity: client, by: {name: Known}, as: someone}
      - convert: {mapping: basket_to_order, as: order}
      - when: order.client == null
        update: {record: order, with: {client: {cel: someone}}}
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
            made = firing.fire(context, "ticket", number, name, values or {})
        assert isinstance(made, Record)
        return made

    def agree(self, login: str, number: int, name: str, **values: Any) -> Record | firing.Pending:
        """An agreement to a transition of an offer."""
        with self.as_(login) as context:
            return firing.fire(context, "offer", number, name, values)

    def refuse(self, login: str, number: int, name: str, comment: str) -> Record:
        with self.as_(login) as context:
            return firing.reject(context, "offer", number, name, comment)

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
