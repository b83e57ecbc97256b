"""A help desk as metadata with every kind of grant, and the people who work there: for the tests of access."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from engine.identity.groups import declare_groups
from engine.identity.identity import actor_named
from engine.service import records
from engine.work.context import SYSTEM, Context
from engine.work.gateway import Gateway
from tests.support.shop import opened

DESK = """
app: desk
capabilities:
  send_mailings: {label: Send mailings}
---
role: director
profiles: [staff]
---
role: manager
parent: director
profiles: [staff]
capabilities: [send_mailings]
---
role: agent
parent: manager
profiles: [staff]
---
role: trainee
profiles: [staff, learner]
---
role: customer
---
role: outsider
---
profile: staff
grants:
  customer: {create: true, read: all, update: all}
  user:     {read: all}
---
profile: learner
fields:
  case: {money: hidden, subject: read, channel: create}
---
group: first_line
members: {roles: [trainee], groups: [night]}
---
group: night
---
entity: customer
properties:
  name: {type: text, required: true}
relations:
  login: {to: user}
---
entity: case
ownership: group
features: {tags: true}
properties:
  subject:  {type: text, required: true}
  channel:  {type: choice, options: [mail, phone]}
  status:   {type: choice, options: [open, closed], default: open, required: true}
  urgent:   {type: boolean}
  cost:     {type: integer, group: money}
  refund:   {type: integer, group: money, access: {read: [manager, director, agent, trainee], write: [manager]}}
relations:
  customer: {to: customer, inverse: cases}
access:
  director: {read: own, audit: none}
  manager:  {create: true, read: unit_tree, update: unit_tree, delete: own, assign: unit_tree, share: unit_tree}
  agent:    {create: own, read: group, update: group, share: own}
  trainee:  {create: true, read: group, update: {level: group, where: "record.status == 'open'"}}
  customer: {read: {where: "record.customer.login == user"}, create: {where: "record.channel == 'mail'"}}
sharing:
  rules:
    - {from: {role: manager}, to: {group: first_line}, level: read}
    - {to: {roles_below: manager}, level: edit, where: record.urgent}
---
entity: remark
access_through: case
properties:
  text: {type: text, required: true}
relations:
  case: {to: case, required: true, on_delete: cascade, inverse: remarks}
---
entity: region
ownership: organization
properties: {name: {type: text}}
access:
  agent: {read: organization}
---
entity: plan
ownership: unit
record_types: {small: {}, large: {}}
properties: {name: {type: text}}
access:
  manager: {create: true, read: unit_tree, update: {record_types: [small]}}
  agent:   {read: organization}
---
entity: note
ownership: user
sharing: read
properties: {text: {type: text}}
access:
  agent:    {create: true, read: own, update: own}
  trainee:  {create: true, read: own}
"""

PEOPLE: dict[str, tuple[str, str | None]] = {
    "dora": ("director", "head"),
    "mara": ("manager", "north"),
    "milo": ("manager", "south"),
    "ana": ("agent", "north"),
    "alin": ("agent", "north_east"),
    "sorin": ("agent", "south"),
    "tia": ("trainee", "north"),
    "carl": ("customer", None),
    "cleo": ("customer", None),
    "otto": ("outsider", "north"),
}
"""Who works at the desk (or writes to it): role and unit, by sign-in name."""

UNITS = {"head": None, "north": "head", "north_east": "north", "south": "head"}


@dataclass
class Desk:
    """The open application with the ids of what stands in it."""

    gateway: Gateway
    ids: dict[str, int] = field(default_factory=dict)

    @contextmanager
    def as_(self, login: str, *, writing: bool = True) -> Iterator[Context]:
        """A unit of work of somebody."""
        actor = SYSTEM if login == "system" else actor_named(self.gateway, login)
        unit = self.gateway.write(actor, "cli") if writing else self.gateway.read(actor, "cli")
        with unit as context:
            yield context

    def make(self, entity: str, known_as: str, **values: Any) -> int:
        """A new record, whose id is kept under a name of the test's own."""
        with self.as_("system") as context:
            number = records.create(context, entity, values).id
        self.ids[known_as] = number
        return number

    def seen(self, login: str, entity: str) -> set[str]:
        """The names of the records somebody finds in the list, each of which they can open too."""
        known = {number: name for name, number in self.ids.items() if name.startswith(f"{entity}:")}
        with self.as_(login, writing=False) as context:
            page = records.find(context, entity, records.Query(limit=500))
            for row in page.rows:
                records.get(context, entity, row.id)
        return {known[row.id].partition(":")[2] for row in page.rows if row.id in known}


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Iterator[Desk]:
    """The desk with its people and units, on SQLite and on PostgreSQL."""
    made = Desk(opened(tmp_path, database_url, DESK))
    made.ids["org"] = made.make("organization", "org", name="Desk")
    for name, above in UNITS.items():
        parent = made.ids[above] if above else None
        made.make("unit", name, name=name, parent=parent, organization=made.ids["org"])
    for login, (role, unit) in PEOPLE.items():
        place = {"unit": made.ids[unit], "organization": made.ids["org"]} if unit else {}
        made.make("user", login, login=login, name=login.title(), roles=[role], **place)
    declare_groups(made.gateway)
    for label, name in (("First line", "first_line"), ("Night", "night")):
        with made.as_("system", writing=False) as context:
            (row,) = records.find(context, "group", records.Query(text=label)).rows
        made.ids[name] = row.id
    yield made
    made.gateway.close()
