"""What an expression is checked for beyond itself: the roots of its key, that it decides something, what keeps it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from engine.expressions.complaint import ExpressionError
from engine.expressions.kinds import (
    BOOL,
    DATE,
    DOUBLE,
    INT,
    STRING,
    DecimalKind,
    EnumKind,
    Kind,
    ListKind,
    MoneyKind,
    RecordKind,
)
from engine.expressions.nodes import Null
from engine.functions.standard import standard_functions
from engine.typecheck.check import check
from engine.typecheck.schema import MemberShape, Roots
from tests.expressions.desk import cases, checked, complaints, roots, said, unmarked
from tests.expressions.generate import expressions
from tests.expressions.world import ROOTS, World

FILTER = Roots(records={"record": ("ticket",)}, key="where")


def told(marked: str, **how: Any) -> tuple[list[str], bool]:
    text, spans = unmarked(marked)
    found = complaints(text, **how)
    return [said(each) for each in found], [tuple(each.span) for each in found] == spans


# ---- roots

ELSEWHERE = r"""
record.agent == «user»
  wrong-root: 'user' does not exist in 'where'
      -- here there are record
«old».count > 1
  wrong-root: 'old' does not exist in 'where'
      -- here there are record
«changed»(record.status)
  wrong-root: changed makes no sense in 'where': no change is judged
      -- it is for validations, guards and conditions of fields
«is_new»()
  wrong-root: is_new makes no sense in 'where': no change is judged
      -- it is for validations, guards and conditions of fields
feature(«'billing'»)
  unknown-feature: there is no feature 'billing'
"""


@pytest.mark.parametrize(("marked", "expected"), cases(ELSEWHERE))
def test_a_key_has_its_roots(marked: str, expected: list[str]) -> None:
    assert told(marked, roots=FILTER) == (expected, True)


def test_parent_is_a_path() -> None:
    of_line = Roots(records={"record": ("line",)})
    assert str(checked("parent.subject", roots=of_line).kind) == str(STRING)
    through = checked("parent.subject == record.ticket.subject", roots=of_line)
    assert through.node.null is Null.NEVER


def test_everything_wrong_is_said_at_once_in_order() -> None:
    text = "contians(record.note, 'a') || record.cuont > 1 || record.note == record.count || foo"
    found = complaints(text)
    assert [each.code for each in found] == [
        "unknown-function",
        "unknown-property",
        "type-mismatch",
        "unknown-name",
    ]
    assert [each.span.start for each in found] == sorted(each.span.start for each in found)


def test_one_mistake_is_said_once() -> None:
    """What could not be resolved fits anywhere, so that no complaint follows from another."""
    text = "record.cuont + 1 > record.hours * 2 && size(record.noet) in [1, record.cuont]"
    assert [said(each) for each in complaints(text)] == [
        "unknown-property: no property 'cuont' on ticket -- did you mean 'count'?",
        "unknown-property: no property 'noet' on ticket -- did you mean 'note'?",
        "unknown-property: no property 'cuont' on ticket -- did you mean 'count'?",
    ]


# ---- conditions

CONDITIONS = r"""
«record.count»
  type-mismatch: record.count is a whole number, and check takes a condition
      -- for example has(record.count), truthy(…) or a comparison
«record.customer»
  type-mismatch: record.customer is a record of account, and check takes a condition
      -- for example has(record.customer), truthy(…) or a comparison
«true»
  constant-condition: true is always the same
      -- take it out, or name a property
«1 == 1»
  constant-condition: 1 == 1 is always the same
      -- take it out, or name a property
record.closed || «true»
  constant-condition: true is always the same
      -- take it out, or name a property
(«1 == 1» || record.closed) && record.urgent
  constant-condition: 1 == 1 is always the same
      -- take it out, or name a property
record.urgent || «[1, 2].exists(x, x > 1)»
  constant-condition: [1, 2].exists(x, x > 1) is always the same
      -- take it out, or name a property
record.lines.exists(l, l.done && «2 > 1»)
  constant-condition: 2 > 1 is always the same
      -- take it out, or name a property
«true» ? record.closed : record.urgent
  constant-condition: true is always the same
      -- take it out, or name a property
"""


@pytest.mark.parametrize(("marked", "expected"), cases(CONDITIONS))
def test_a_condition_decides_something(marked: str, expected: list[str]) -> None:
    assert told(marked, roots=roots("check"), condition=True, constant=False) == (expected, True)


@pytest.mark.parametrize(
    "text",
    [
        "record.closed",
        "user.id == 1",
        "now() > timestamp('2026-01-01T00:00:00Z')",
        "feature('billing')",
        "is_new()",
        "settings.limit > 1",
        "[1, 2].exists(x, x == record.count)",
        "record.lines.all(l, [1].exists(x, x == l.amount))",
    ],
)
def test_what_can_be_one_or_the_other(text: str) -> None:
    assert complaints(text, condition=True, constant=False) == ()


# ---- values for properties

KEPT: list[tuple[str, Kind]] = [
    ("record.count", INT),
    ("record.count", DecimalKind(2)),
    ("record.hours * record.rate", DecimalKind(2)),
    ("record.priority", STRING),
    ("'low'", EnumKind(("low", "high"))),
    ("record.price", MoneyKind("EUR")),
    ("record.price", MoneyKind()),
    ("record.price / 3", MoneyKind("EUR")),
    ("10", MoneyKind("EUR")),
    ("10.50", MoneyKind("EUR")),
    ("null", DATE),
    ("record.customer.owner", RecordKind(("user",))),
    ("record.customer", RecordKind(("account", "user"))),
    ("record.count > 1", BOOL),
    ("record.closed ? 'low' : 'high'", STRING),
]


@pytest.mark.parametrize(("text", "wanted"), KEPT)
def test_what_a_property_keeps(text: str, wanted: Kind) -> None:
    assert complaints(text, wanted=wanted) == ()


REFUSED: list[tuple[str, Kind, str]] = [
    (
        "record.count",
        STRING,
        "this gives a whole number, and the property keeps a text -- write string(…) around it",
    ),
    (
        "record.hours",
        INT,
        (
            "this gives a decimal number, and the property keeps a whole number"
            " -- write int(…) around it, or make the property a decimal"
        ),
    ),
    ("record.subject", DATE, "this gives a text, and the property keeps a date"),
    (
        "record.hours",
        DOUBLE,
        "this gives a decimal number, and the property keeps a floating number -- write double(…) around it",
    ),
    (
        "record.price",
        DecimalKind(2),
        (
            "this gives an amount of money, and the property keeps a decimal number"
            " -- take the number out of an amount with .amount"
        ),
    ),
    (
        "record.fee",
        MoneyKind("EUR"),
        (
            "this gives an amount of money, and the property keeps an amount of money"
            " -- its currency can be any, and the property has EUR only"
        ),
    ),
    (
        "money('1', 'USD')",
        MoneyKind("EUR"),
        (
            "this gives an amount of money, and the property keeps an amount of money"
            " -- it is in USD, and the property has EUR only"
        ),
    ),
    (
        "1.234",
        MoneyKind("EUR"),
        (
            "this gives a decimal number, and the property keeps an amount of money"
            " -- amounts of EUR have at most 2 decimals"
        ),
    ),
    (
        "record.hours * 2",
        MoneyKind("EUR"),
        (
            "this gives a decimal number, and the property keeps an amount of money"
            " -- multiply an amount with it: money('1', 'EUR') * …"
        ),
    ),
    (
        "record.agent",
        RecordKind(("account",)),
        "this gives a record of user, and the property keeps a record of account",
    ),
    ("[1]", ListKind(STRING), "this gives a list, and the property keeps a list"),
]


@pytest.mark.parametrize(("text", "wanted", "expected"), REFUSED)
def test_what_a_property_does_not_keep(text: str, wanted: Kind, expected: str) -> None:
    (found,) = complaints(text, wanted=wanted)
    assert said(found) == f"type-mismatch: {expected}"
    assert tuple(found.span) == (0, len(text))


# ---- kinds and nulls

NULLS = [
    ("record.note", Null.VALUE),
    ("record.subject", Null.NEVER),
    ("record.customer.name", Null.VALUE),
    ("record.note == null", Null.NEVER),
    ("record.note == 'a'", Null.NEVER),
    ("record.count > 1", Null.UNKNOWN),
    ("record.limit > 1", Null.NEVER),
    ("record.limit + 1", Null.UNKNOWN),
    ("record.subject + 'a'", Null.NEVER),
    ("record.note + 'a'", Null.UNKNOWN),
    ("record.limit > 1 && record.closed", Null.NEVER),
    ("record.limit > 1 && record.urgent", Null.UNKNOWN),
    ("has(record.note)", Null.NEVER),
    ("coalesce(record.note, 'a')", Null.NEVER),
    ("coalesce(record.note, record.note)", Null.VALUE),
    ("record.closed ? 1 : null", Null.VALUE),
    ("record.urgent ? 1 : 2", Null.UNKNOWN),
    ("record.lines.exists(l, l.done)", Null.NEVER),
    ("record.lines.exists(l, l.amount > 1)", Null.UNKNOWN),
    ("record.lines.size()", Null.NEVER),
    ("record.lines.map(l, l.amount).max()", Null.VALUE),
    ("record.lines.map(l, l.amount).sum()", Null.UNKNOWN),
    ("record.lines.map(l, l.amount).first()", Null.VALUE),
    ("old.subject", Null.VALUE),
]


@pytest.mark.parametrize(("text", "null"), NULLS)
def test_what_a_missing_value_means(text: str, null: Null) -> None:
    assert checked(text).node.null is null


def test_nothing_is_required_of_a_draft() -> None:
    """`old` is null while a record is new, so that whatever it has may be missing."""
    assert checked("old.subject == null").node.null is Null.NEVER


# ---- records that still lack something


class Drafts(World):
    """The same entities, of which nothing needs to be filled in yet."""

    def member(self, entity: str, name: str) -> MemberShape | None:
        shape = super().member(entity, name)
        return shape and replace(shape, required=False)


def test_what_is_right_of_stored_records_is_right_of_drafts() -> None:
    """Metadata is checked over stored records alone, and over drafts when the first one comes."""
    functions, right = standard_functions(), 0
    for text in expressions(7, 2_000):
        try:
            check(text, ROOTS, World(), functions)
        except ExpressionError:
            continue
        right += 1
        check(text, ROOTS, Drafts(), functions)
    assert right > 1_500
