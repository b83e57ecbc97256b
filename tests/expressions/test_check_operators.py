"""What checking says of operands that do not go together, word for word, and where."""

from __future__ import annotations

import pytest

from tests.expressions.desk import cases, checked, told

CASES = r"""
record.status == «'opne'»
  unknown-choice: can't compare state 'status' with 'opne'
      -- its values are open, pending, closed; did you mean 'open'?
record.status == «'xyz'»
  unknown-choice: can't compare state 'status' with 'xyz'
      -- its values are open, pending, closed
record.status in ['open', «'opne'», «'clsed'»]
  unknown-choice: can't compare state 'status' with 'opne'
      -- its values are open, pending, closed; did you mean 'open'?
  unknown-choice: can't compare state 'status' with 'clsed'
      -- its values are open, pending, closed; did you mean 'closed'?
record.status == «record.priority»
  unknown-choice: can't compare state 'status' with record.priority
      -- its values are open, pending, closed
record.priority == «''»
  unknown-choice: can't compare choice 'priority' with ''
      -- its values are low, normal, high; where nothing is chosen it is null
«record.status» < 'open'
  type-mismatch: a state is neither less nor more than a text
      -- compare it with == or in
«record.status» > record.status
  type-mismatch: a state is neither less nor more than a state
      -- compare it with == or in
«now() > record.due»
  type-mismatch: can't compare a moment with a date
      -- write date(…) around the moment
«today() > record.opened»
  type-mismatch: can't compare a date with a moment
      -- write date(…) around the moment
«record.due == '2026-01-31'»
  type-mismatch: can't compare a date with a text
      -- write date('2026-01-31')
«record.opened < '2026-01-31'»
  type-mismatch: can't compare a moment with a text
      -- write timestamp('2026-01-31T12:00:00Z')
«record.lasts > '48h'»
  type-mismatch: can't compare a length of time with a text
      -- write duration('48h')
«record.count == '1'»
  type-mismatch: can't compare a whole number with a text
      -- write the number without quotes
«record.subject == 1»
  type-mismatch: can't compare a text with a whole number
      -- write it in quotes: '1'
«record.count + 'a'»
  type-mismatch: can't add a whole number and a text
      -- write string(…) around what is no text
«record.subject + record.count»
  type-mismatch: can't add a text and a whole number
      -- write string(…) around what is no text
«record.due + 1»
  type-mismatch: can't add a date and a whole number
      -- write duration('24h'), or add_days(…)
«record.due - record.opened»
  type-mismatch: can't subtract a date and a moment
      -- write date(…) around the moment
«record.count - null»
  type-mismatch: can't subtract a whole number and null
      -- an operation on null gives nothing: use coalesce(…)
«record.count» && true
  type-mismatch: record.count is a whole number, and && takes a condition
      -- for example has(record.count), truthy(…) or a comparison
«record.subject» || record.closed
  type-mismatch: record.subject is a text, and || takes a condition
      -- for example has(record.subject), truthy(…) or a comparison
!«record.count»
  type-mismatch: record.count is a whole number, and ! takes a condition
      -- for example has(record.count), truthy(…) or a comparison
«record.count» ? 1 : 2
  type-mismatch: record.count is a whole number, and ? takes a condition
      -- for example has(record.count), truthy(…) or a comparison
«record.closed ? 1 : 'a'»
  type-mismatch: this is either a whole number or a text
      -- both sides of the : need one kind
«null» && record.closed
  type-mismatch: null is no condition
      -- write a comparison
«record.agent == user.id»
  type-mismatch: record.agent is a record of user, not a number
      -- compare record.agent.id, or a record with a record
«record.agent == 5»
  type-mismatch: record.agent is a record of user, not a number
      -- compare record.agent.id, or a record with a record
«record.customer == user»
  type-mismatch: can't compare a record of account with a record of user
«record.lines == null»
  constant-condition: record.lines is never null
      -- write empty(record.lines)
record.lines.«sum»() > 1
  type-mismatch: sum of a record of line makes no sense
      -- say of what: .map(x, x.…).sum()
record.lines.map(l, l.name).«sum»() > 1
  type-mismatch: sum of a text makes no sense
record.lines.exists(l, «l.amount»)
  type-mismatch: l.amount is a whole number, and exists takes a condition
      -- for example has(l.amount), truthy(…) or a comparison
record.lines[«'a'»].done
  type-mismatch: an index is a whole number, not a text
«record.topics == 'bug'»
  type-mismatch: can't compare a list with a text
      -- a list holds values: write x in list, or list.exists(x, …)
«'bgu'» in record.topics
  unknown-choice: can't compare a choice with 'bgu'
      -- its values are bug, wish, question; did you mean 'bug'?
record.topics.exists(t, t == «'bgu'»)
  unknown-choice: can't compare a choice with 'bgu'
      -- its values are bug, wish, question; did you mean 'bug'?
record.count in [1, «'a'»]
  type-mismatch: a list of a whole number can't hold a text
record.count in [«'a'»]
  type-mismatch: can't compare a whole number with a text
      -- write the number without quotes
record.customer in [«user»]
  type-mismatch: can't compare a record of account with a record of user
«record.price > '100'»
  type-mismatch: can't compare an amount of money with a text
      -- write the number without quotes
«record.price == money('5', 'USD')»
  type-mismatch: can't compare an amount of money with an amount of money
      -- one is in EUR, the other in USD
«record.price + money('5', 'USD')»
  type-mismatch: can't add an amount of money and an amount of money
      -- one is in EUR, the other in USD
«record.price + record.count»
  type-mismatch: can't add an amount of money and a whole number
      -- take the number out of an amount with .amount
«record.price * record.price»
  type-mismatch: can't multiply an amount of money and an amount of money
record.fee + «5»
  type-mismatch: it is not known in which currency this number is meant
      -- write money('5.00', 'EUR')
record.count / «0»
  division-by-zero: this divides by zero
record.count % «0»
  division-by-zero: this divides by zero
record.hours / «0.0»
  division-by-zero: this divides by zero
«9223372036854775808»
  number-too-large: this number does not fit 64 bits
      -- write it with a point
«-9223372036854775809»
  number-too-large: this number does not fit 64 bits
      -- write it with a point
«record.limit == null»
  constant-condition: record.limit is required, and never null
      -- take this condition out
«record.subject == null»
  constant-condition: record.subject is required, and never null
      -- take this condition out
«record.subject != null» && record.closed
  constant-condition: record.subject is required, and never null
      -- take this condition out
«size(record.subject) == null»
  constant-condition: size(record.subject) is never null
      -- take this condition out
coalesce(record.count, «'a'»)
  type-mismatch: this is either a whole number or a text
      -- all need one kind
changed_to(record.status, «'opne'»)
  unknown-choice: can't compare state 'status' with 'opne'
      -- its values are open, pending, closed; did you mean 'open'?
«record.payload == 'a'»
  type-mismatch: can't compare JSON with a text
      -- JSON is compared with null only
«record.key == 'a'»
  type-mismatch: can't compare a UUID with a text
      -- 'a' is no UUID
«record.ratio + record.hours»
  type-mismatch: can't add a floating number and a decimal number
      -- write double(…) around the other one
«record.ratio > record.count»
  type-mismatch: can't compare a floating number with a whole number
      -- write double(…) around the other one
«-record.subject»
  type-mismatch: a text can't be negative
«-record.closed»
  type-mismatch: a condition can't be negative
«-record.due»
  type-mismatch: a date can't be negative
«record.closed == 'true'»
  type-mismatch: can't compare a condition with a text
      -- write true or false, without quotes
«record.starts < '10:00'»
  type-mismatch: can't compare a time of day with a text
      -- write time('10:00')
record.due in [«'2026-01-01'»]
  type-mismatch: can't compare a date with a text
      -- write date('2026-01-31')
«null + 1»
  type-mismatch: can't add null and a whole number
      -- an operation on null gives nothing: use coalesce(…)
[1, «'a'»]
  type-mismatch: a list of a whole number can't hold a text
«[1] == ['a']»
  type-mismatch: can't compare a list of a whole number with a list of a text
«record.id == 'a'»
  type-mismatch: can't compare a whole number with a text
      -- write the number without quotes
«record.closed == 1»
  type-mismatch: can't compare a condition with a whole number
      -- a condition is true or false
«1 < 2 < 3»
  type-mismatch: can't compare a condition with a whole number
      -- compare two values at a time: a < b && b < c
«record.due - 5»
  type-mismatch: can't subtract a date and a whole number
      -- write duration('24h'), or add_days(…)
«5 * record.due»
  type-mismatch: can't multiply a whole number and a date
"""


@pytest.mark.parametrize(("marked", "expected"), cases(CASES))
def test_operators(marked: str, expected: list[str]) -> None:
    assert told(marked) == (expected, True)


RIGHT = r"""
option.name == 'a'
settings.limit > 1
record.closed ? record.price : 5
record
record.count
record.subject
record.customer
record.agent.id == user.id
record.agent == user
record.about == user
record.about.id == 1
record.customer.owner.name == 'x'
record.lines.map(l, l.amount)[0] > 1
'bug' in record.topics
'VIP' in record.tags
record.price > 100
record.price + 5
record.price * 2
record.fee > 5
1 == 1
true
record.closed || true
record.closed && 1 < 2
changed(record.status)
'agent' in user.roles
record.agent in user.subordinates
record.payload == null
record.place == null
record.price.amount > 1
record.key == '8a6e0804-2bd0-4672-b79d-d97027f9071a'
record.ratio > 1
record.double > 1
record.late
record.customer.head.head.head.head.head.name == 'a'
user.limit > settings.limit
old.status == 'open'
[1, 2.5]
[record.count, null]
[] == [1]
record.status == "open" ? 'a' : null
record.closed == true
record.note == null ? 1 : null
"""


@pytest.mark.parametrize("text", RIGHT.strip().splitlines())
def test_what_is_right(text: str) -> None:
    assert checked(text).text == text
