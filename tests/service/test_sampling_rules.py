"""Made-up records keep the rules of the metadata, and the values computed of them are right."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from engine.sampling.order import portions
from engine.sampling.sampler import Sampler
from engine.service.refreshing import refresh
from engine.work.context import SYSTEM
from engine.work.gateway import Gateway
from tests.support.shop import opened

OFFICE = """
app: office
---
entity: customer
properties:
  name:  {type: text, required: true}
  email: {type: email}
  phone: {type: phone}
  open:  {type: integer, computed: "record.cases.filter(c, c.status == 'open').size()", stored: true}
  spent: {type: integer, computed: "record.cases.map(c, c.minutes).sum()", stored: true}
validations:
  - {check: has(record.email) || has(record.phone), message: Say how to reach them., at: email}
---
entity: case
properties:
  subject:  {type: text, required: true}
  status:   {type: choice, required: true, options: {open: {phase: start}, solved: {phase: done}}}
  solution: {type: long_text, visible_if: record.status == 'solved', required_if: record.status == 'solved'}
  minutes:  {type: integer, computed: "record.steps.map(s, s.minutes).sum()", stored: true}
  opened:   {type: date}
  checked:  {type: date}
relations:
  customer: {to: customer, required: true, inverse: cases}
  steps:    {to: step, kind: composition, inverse: case}
validations:
  - {check: record.checked >= record.opened, message: First opened then checked., at: checked}
---
entity: step
properties:
  minutes: {type: integer, min: 1, max: 60}
"""


@pytest.fixture
def office(tmp_path: Path, database_url: str) -> Iterator[Gateway]:
    gateway = opened(tmp_path, database_url, OFFICE)
    sampler = Sampler(
        gateway.runtime, lambda: gateway.write(SYSTEM, "sample"), 1, gateway.clock(), lambda *told: None
    )
    sampler.run(portions(gateway.runtime, 120))
    yield gateway
    gateway.close()


def count(office: Gateway, entity: str, *conditions: str) -> int:
    table = office.runtime.table(entity).table
    with office.read(SYSTEM) as context:
        where = [sa.text(condition) for condition in conditions]
        statement = sa.select(sa.func.count()).select_from(table).where(*where)
        return int(context.connection.execute(statement).scalar_one())


def test_what_does_not_apply_is_empty_and_what_is_required_is_there(office: Gateway) -> None:
    assert count(office, "case", "status = 'open'") > 10
    assert count(office, "case", "status = 'solved'") > 10
    assert count(office, "case", "status = 'open'", "solution IS NOT NULL") == 0
    assert count(office, "case", "status = 'solved'", "solution IS NULL") == 0


def test_validations_hold(office: Gateway) -> None:
    assert count(office, "customer", "email IS NULL", "phone IS NULL") == 0
    assert count(office, "case", "checked IS NOT NULL") > 10
    assert count(office, "case", "checked < opened") == 0


def test_stored_values_are_those_that_a_write_would_compute(office: Gateway) -> None:
    assert count(office, "customer", "spent > 0") > 10
    with office.write(SYSTEM, "cli") as context:
        for entity, members in {"customer": ("open", "spent"), "case": ("minutes",)}.items():
            table = context.runtime.table(entity).table
            ids = set(context.connection.execute(sa.select(table.c.id)).scalars())
            assert len(ids) == 120
            assert refresh(context, entity, dict.fromkeys(members, ids)) == {}
