"""A small firm whose records are imported, on each database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.service import records
from engine.work.context import SYSTEM
from engine.work.gateway import Gateway
from tests.support.shop import opened

METADATA = """
app: imports
settings: {currency: EUR}
---
role: clerk
---
role: intern
---
role: reader
---
workflow: sale
entity: deal
property: state
initial: new
states: {new: {label: New}, won: {label: Won}, lost: {label: Lost, final: true}, paid: {label: Paid, final: true}}
transitions:
  win:  {from: new, to: won}
  lose: {from: new, to: lost, form: [reason]}
  pay:  {from: won, to: paid}
---
entity: firm
ownership: user
properties:
  name: {type: text, required: true}
  code: {type: text, unique: true}
  total: {type: decimal, computed: "record.deals.map(d, d.amount).sum()", stored: true}
relations:
  parent: {to: firm, kind: tree}
access:
  clerk:  {create: true, read: all, update: all, import: all}
  intern: {create: true, read: own, update: own, import: own}
  reader: {read: all}
---
entity: person
title: "{first_name} {last_name}"
properties:
  first_name: {type: text}
  last_name:  {type: text, required: true}
access: {clerk: {create: true, read: all}, intern: {read: all}}
---
entity: deal
ownership: user
properties:
  name:   {type: text, required: true, label: Name of the deal}
  number: {type: autonumber, pattern: "D-{seq:03}"}
  ref:    {type: text, unique: true}
  state:  {type: state, workflow: sale}
  reason: {type: text}
  amount: {type: decimal, min: 0}
  due:    {type: date}
  memo:   {type: text, import: false}
  margin: {type: integer, access: {read: [clerk], write: []}}
  key:    {type: secret}
relations:
  firm:   {to: firm, inverse: deals}
  about:  {to: [firm, person]}
  people: {to: person, kind: many_to_many}
access:
  clerk:  {create: true, read: all, update: all, import: all, transition: all}
  intern: {create: true, read: own, update: own, import: own}
  reader: {create: true, read: all, update: all}
"""


@pytest.fixture
def firm(tmp_path: Path, database_url: str) -> Iterator[Gateway]:
    gateway = opened(tmp_path, database_url, METADATA)
    with gateway.write(SYSTEM, "cli") as context:
        for login in ("clerk", "intern", "reader"):
            records.create(context, "user", {"login": login, "name": login, "roles": [login]})
        records.create(context, "firm", {"name": "Acme", "code": "A1"})
        records.create(context, "firm", {"name": "Acme", "code": "A2"})
        records.create(context, "firm", {"name": "Borg", "code": "B"})
        records.create(context, "person", {"first_name": "Ana", "last_name": "Pop"})
        records.create(context, "person", {"first_name": "Ion", "last_name": "Popa"})
    yield gateway
    gateway.close()
