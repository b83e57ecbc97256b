"""A desk whose offers go through a workflow with parameters, for the tests of those."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.process import firing
from engine.reading.query import Record
from engine.store.database import Database
from engine.store.files import FileStore
from engine.work.gateway import Gateway
from tests.support.shop import Clock, built, opened
from tests.support.tickets import House

OFFERS = """
app: offers
settings: {currency: EUR}
---
role: seller
---
role: chief
profiles: [chief]
---
profile: chief
capabilities: [set_parameters]
---
entity: offer
ownership: user
title: "{subject}"
properties:
  subject:  {type: text, required: true}
  discount: {type: percent, required: true, default: 0}
  worth:    {type: money, currency: EUR}
  level:    {type: choice, options: [low, high], default: low}
  status:   {type: state, workflow: sale}
  note:     {type: text}
access:
  seller: {create: true, read: all, update: all, transition: all}
  chief:  {read: all}
---
workflow: sale
label: Sale
entity: offer
property: status
initial: draft
parameters:
  limit:   {type: percent, required: true, default: 10, min: 0, max: 100, label: Free discount, help: Without asking.}
  least:   {type: money}
  level:   {type: choice, options: [low, high], default: high}
  since:   {type: date}
  levels:  {type: multi_choice, options: [low, high]}
  wish:    {type: text, max_length: 40, default: Good luck}
  patient: {type: boolean, default: false}
  pause:   {type: duration, default: 1h}
states:
  draft:  {}
  review: {enter: [{set: {note: {cel: parameters.wish}}}]}
  sent:   {}
  done:   {final: true}
transitions:
  submit:
    from: draft
    to: {cel: "record.discount > parameters.limit ? 'review' : 'sent'"}
    guard: {check: "parameters.least == null || record.worth >= parameters.least", message: It is worth too little.}
    do: [{comment: "Up to {parameters.limit}. {parameters.wish}, {subject}"}]
  agree:
    from: review
    to: sent
    hidden_if: parameters.patient
    guard: {check: record.level != parameters.level, message: Not for this level.}
  finish:
    from: sent
    to: done
    form: [{word: {type: text, init: {cel: parameters.wish}}}]
    do: [{set: {note: {cel: form.word}}}]
  retire: {from: sent, to: done, after: 1h, when: record.discount < parameters.limit}
---
workflow: other
entity: call
property: status
initial: no
parameters: {limit: {type: integer, default: 3}}
states: {no: {}, yes: {final: true}}
transitions: {make: {from: no, to: yes, guard: record.tries < parameters.limit}}
---
entity: call
properties:
  tries:  {type: integer, required: true, default: 0}
  status: {type: state, workflow: other}
access: {seller: {create: true, read: all, update: all, transition: all}}
"""


class Offers(House):
    """The open application and its people."""

    def go(self, number: int, name: str, login: str = "sam", **values: Any) -> Record:
        """A transition of an offer."""
        with self.as_(login) as context:
            made = firing.fire(context, "offer", number, name, values)
        assert isinstance(made, Record)
        return made


def reopened(folder: Path, url: str, old: str = "", new: str = "") -> Offers:
    """The same database opened by another process, with its metadata as it is, or with a part of it replaced."""
    assert old in OFFERS
    runtime = built(
        OFFERS.replace(old, new) if old else OFFERS, "sqlite" if url.startswith("sqlite") else "postgresql"
    )
    return Offers(Gateway(Database.open(url), runtime, FileStore(str(folder / "files")), Clock()))


@pytest.fixture
def offers(tmp_path: Path, database_url: str) -> Iterator[Offers]:
    """The desk with a seller and a chief, on both databases."""
    made = Offers(opened(tmp_path, database_url, OFFERS))
    for login, role in (("sam", "seller"), ("cora", "chief"), ("ada", "administrator")):
        made.users[login] = made.make("user", login=login, name=login.title(), roles=[role]).id
    yield made
    made.gateway.close()
