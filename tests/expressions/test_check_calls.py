"""What checking says of calls that can't be, word for word, and where."""

from __future__ import annotations

import pytest

from tests.expressions.desk import cases, told

CASES = r"""
record.count.«sum»() > 1
  not-a-list: record.count is a whole number, not a list
      -- sum takes many values or records
record.lines.map(l, l.amount).«sum»(1) > 1
  wrong-arguments: sum takes no argument here
      -- write .map(x, x.amount).sum()
record.lines.«exists»(l.amount > 1)
  wrong-arguments: exists takes a variable and an expression
      -- it is written exists(x, …)
record.lines.exists(«1», true)
  wrong-arguments: a plain name is expected here
      -- it is written exists(x, …)
record.lines.exists(«record», record.done)
  wrong-arguments: 'record' is a root already
      -- call the variable something else
«record.count[0]» > 1
  not-a-list: record.count is a whole number, not a list
record.count in «5»
  not-a-list: 5 is a whole number, not a list
      -- write a list: [a, b]
«contians»(record.subject, 'a')
  unknown-function: there is no function 'contians'
      -- did you mean 'contains'?
record.subject.«contians»('a')
  unknown-function: there is no function 'contians'
      -- did you mean 'contains'?
record.subject.«startswith»('a')
  unknown-function: there is no function 'startswith'
      -- it is called startsWith
record.subject.«length»() > 1
  unknown-function: there is no function 'length'
      -- it is called size(x)
«len»(record.subject) > 1
  unknown-function: there is no function 'len'
      -- it is called size(x)
record.subject.«includes»('a')
  unknown-function: there is no function 'includes'
      -- write value in list, or text.contains(…)
record.lines.«some»(l, l.done)
  unknown-function: there is no function 'some'
      -- it is called exists(x, …)
«if»(record.closed, 1, 2)
  expression-syntax: 'if' is a reserved word
      -- here it is written condition ? a : b
record.customer.«name»()
  unknown-function: there is no function 'name'
      -- name is a property: leave out the parentheses
record.«subject»()
  unknown-function: there is no function 'subject'
      -- subject is a property: leave out the parentheses
record.subject.contains(«1»)
  wrong-arguments: part of contains is a text, not a whole number
      -- it is written x.contains(part)
record.subject.«contains»()
  wrong-arguments: contains does not take 0 arguments
      -- it is written x.contains(part)
«record.count».contains('a')
  wrong-arguments: x of contains is a text, not a whole number
      -- it is written x.contains(part)
abs(«'a'»)
  wrong-arguments: x of abs is a number or a floating number, not a text
      -- it is written abs(x)
round(record.hours, «'a'»)
  wrong-arguments: n of round is a whole number, not a text
      -- it is written round(x, n)
round(record.hours, «record.count»)
  wrong-arguments: n of round has to be written out
      -- it is written round(x, n)
«coalesce»(record.count)
  wrong-arguments: coalesce does not take 1 argument
      -- it is written coalesce(a, b)
«has»()
  wrong-arguments: has does not take 0 arguments
      -- it is written has(x)
«has»(1, 2)
  wrong-arguments: has does not take 2 arguments
      -- it is written has(x)
«now»(1)
  wrong-arguments: now does not take 1 argument
      -- it is written now()
«date('2026-02-30')»
  bad-literal: there is no day 2026-02-30
«date('31.1.2026')»
  bad-literal: '31.1.2026' is no date: write it as '2026-01-31'
date(«2026»)
  wrong-arguments: x of date is a moment or a text, not a whole number
      -- it is written date(x)
«timestamp('2026-01-31T12:00:00')»
  bad-literal: '2026-01-31T12:00:00' has no zone: write 2026-01-31T12:00:00Z
«duration('2 days')»
  bad-literal: '2 days' is no length of time: write '48h', '1h30m', '90s', '500ms'
«decimal('1,5')»
  bad-literal: '1,5' is no decimal number: write it as '10.50'
«money('1', 'EUX')»
  bad-literal: there is no currency 'EUX': did you mean 'EUR'?
«money('1.234', 'EUR')»
  bad-literal: amounts of EUR have at most 2 decimals, not 1.234
«money»('1')
  wrong-arguments: money takes texts that are written out
      -- it is written money('10.50', 'EUR')
record.subject.matches(«'('»)
  wrong-arguments: a ( is not closed
record.subject.matches(«record.note»)
  wrong-arguments: pattern of matches has to be written out
      -- it is written matches(x, pattern)
record.note.matches(«'a\\bc'»)
  wrong-arguments: \b is not portable: there are \d \w \s \D \W \S, \n \t \r, \x41, and signs after a backslash
changed(«record.lines»)
  wrong-arguments: this is no property of the record
      -- it is written changed(record.x)
changed(«record.survey»)
  wrong-arguments: 'survey' is kept by the other record: no change of this one changes it
      -- ask it in a rule of that record
changed_to(«record.survey».name, 'x')
  wrong-arguments: 'survey' is kept by the other record: no change of this one changes it
      -- ask it in a rule of that record
changed(«1»)
  wrong-arguments: this is no property of the record
      -- it is written changed(record.x)
«changed»()
  wrong-arguments: changed does not take 0 arguments
      -- it is written changed(record.x)
«changed_to»(record.status)
  wrong-arguments: changed_to does not take 1 argument
      -- it is written changed_to(record.x, value)
«is_new»(1)
  wrong-arguments: is_new does not take 1 argument
      -- it is written is_new()
feature(«record.subject»)
  wrong-arguments: feature takes the name of a feature
      -- it is written feature('name')
user.has_role(«record.subject»)
  wrong-arguments: has_role takes the name of a role
      -- it is written has_role('name')
record.lines.exists(a, record.lines.exists(b, record.lines.exists(c, record.lines.«exists»(d, d.done))))
  expression-too-deep: lists are nested more than 3 deep
      -- use a computed property for a part
math.abs(«'a'»)
  wrong-arguments: x of abs is a number or a floating number, not a text
      -- it is written math.abs(x)
math.«foo»(1)
  unknown-function: there is no function 'math.foo'
      -- did you mean 'math.floor'?
strings.«foo»('a')
  unknown-function: there is no function 'strings.foo'
      -- did you mean 'string'?
record.starts < «time('25:00')»
  bad-literal: there is no time 25:00
«time»(record.note) == record.starts
  wrong-arguments: time takes a text that is written out
      -- it is written time('10:00')
record.starts < «time('10')»
  bad-literal: '10' is no time of day: write it as '10:00'
record.subject.matches(«'a{2000}'»)
  wrong-arguments: nothing is repeated more than 255 times
"""


@pytest.mark.parametrize(("marked", "expected"), cases(CASES))
def test_calls(marked: str, expected: list[str]) -> None:
    assert told(marked) == (expected, True)
