"""What checking says of names that lead nowhere, word for word, and where."""

from __future__ import annotations

import pytest

from tests.expressions.desk import cases, told

CASES = r"""
record.«stauts» == 'open'
  unknown-property: no property 'stauts' on ticket
      -- did you mean 'status'?
«foo» == 1
  unknown-name: nothing is called 'foo'
      -- here there are old, option, record, settings, user
«status» == 'open'
  unknown-name: nothing is called 'status'
      -- write record.status
«recrd».status == 'open'
  unknown-name: nothing is called 'recrd'
      -- did you mean 'record'?
«form».x == 1
  wrong-root: 'form' does not exist in 'check'
      -- here there are old, option, record, settings, user
«parent».x == 1
  wrong-root: ticket is not the row of one parent
      -- walk a relation: record.customer
«settings» == 1
  wrong-root: settings is not a value by itself
      -- write settings. and one of limit, word
settings.«limt» > 1
  unknown-property: there is no settings.limt
      -- did you mean 'limit'?
«today» > record.due
  unknown-name: nothing is called 'today'
      -- it is a function: today(…)
record.about.«name» == 'a'
  several-entities: record.about leads to account or user
      -- compare it with a record or with null; its properties depend on which it is
record.lines.«amount» > 1
  to-many-as-one: record.lines leads to many records
      -- say which: .exists(x, x.amount …), .map(x, x.amount), .first().amount
record.lines.«amount».sum() > 1
  to-many-as-one: record.lines leads to many records
      -- say which: .exists(x, x.amount …), .map(x, x.amount), .first().amount
record.lines.exists(l, l.«amont» > 1)
  unknown-property: no property 'amont' on line
      -- did you mean 'amount'?
record.subject.«size»
  unknown-property: a text has no part 'size'
      -- it is a function: size()
feature(«'biling'»)
  unknown-feature: there is no feature 'biling'
      -- did you mean 'billing'?
user.has_role(«'agnt'»)
  unknown-role: there is no role 'agnt'
      -- did you mean 'agent'?
user.can(«'exprt'»)
  unknown-capability: there is no capability 'exprt'
      -- did you mean 'export'?
user.«nme» == 'a'
  unknown-property: no property 'nme' on user
      -- did you mean 'name'?
record.payload.«a» == 1
  unknown-property: JSON has no part 'a'
record.place.«cty» == 'a'
  unknown-property: an address has no part 'cty'
      -- did you mean 'city'?
record.price.«amunt» > 1
  unknown-property: an amount of money has no part 'amunt'
      -- did you mean 'amount'?
record.«egg» > 1
  computed-cycle: this is computed from itself: ticket.egg → ticket.hen → ticket.egg
      -- take one of these out of the circle
record.customer.head.head.head.head.head.«head».name == 'a'
  path-too-long: this path has more than 6 steps
      -- keep a part of it in a computed property
record.«stauts» == 'a' && record.«prioriti» == 'b' && «foo»
  unknown-property: no property 'stauts' on ticket
      -- did you mean 'status'?
  unknown-property: no property 'prioriti' on ticket
      -- did you mean 'priority'?
  unknown-name: nothing is called 'foo'
      -- here there are old, option, record, settings, user
«record.note == record.count» || record.«cuont» > 1 || «contians»(record.note, 'a')
  type-mismatch: can't compare a text with a whole number
  unknown-property: no property 'cuont' on ticket
      -- did you mean 'count'?
  unknown-function: there is no function 'contians'
      -- did you mean 'contains'?
record.status.«foo»
  unknown-property: a state has no part 'foo'
null.«foo»
  unknown-property: null has no part 'foo'
record.count.«foo»
  unknown-property: a whole number has no part 'foo'
record.note == «None»
  unknown-name: nothing is called 'None'
      -- here it is written null
record.closed == «True»
  unknown-name: nothing is called 'True'
      -- here it is written true
record.closed ? record.«egg» : 1
  computed-cycle: this is computed from itself: ticket.egg → ticket.hen → ticket.egg
      -- take one of these out of the circle
"""


@pytest.mark.parametrize(("marked", "expected"), cases(CASES))
def test_names(marked: str, expected: list[str]) -> None:
    assert told(marked) == (expected, True)
