"""What would cure an expression whose operands do not go together: a line for each usual mistake."""

from __future__ import annotations

from decimal import Decimal

from engine.expressions.kinds import (
    BOOL,
    DATE,
    DATETIME,
    DOUBLE,
    DURATION,
    INT,
    JSON,
    NULL,
    STRING,
    TIME,
    UUID,
    DecimalKind,
    Kind,
    ListKind,
    MoneyKind,
    is_number,
    is_text,
)
from engine.expressions.nodes import Compare, Const, Node
from engine.expressions.unify import scale_of
from engine.types.currency import digits

QUOTED = {
    DATE: "write date('2026-01-31')",
    DATETIME: "write timestamp('2026-01-31T12:00:00Z')",
    DURATION: "write duration('48h')",
    TIME: "write time('10:00')",
    BOOL: "write true or false, without quotes",
    JSON: "JSON is compared with null only",
}
"""What to write where a text stands beside a value of another kind."""


def compare_cure(left: Node, right: Node) -> str:
    """For `== != < <= > >=` and `in` of what does not compare."""
    if isinstance(left, Compare) and right.kind is not BOOL:
        return "compare two values at a time: a < b && b < c"
    for node, other in ((left, right), (right, left)):
        found = _one_side(node, other)
        if found:
            return found
    return money_cure(left, right) if _both_money(left, right) else ""


def _one_side(node: Node, other: Node) -> str:
    if isinstance(node.kind, ListKind) and not isinstance(other.kind, ListKind):
        return "a list holds values: write x in list, or list.exists(x, …)"
    if node.kind is DATE and other.kind is DATETIME:
        return "write date(…) around the moment"
    if node.kind is DOUBLE and is_number(other.kind):
        return "write double(…) around the other one"
    if not isinstance(node, Const):
        return ""
    if node.kind is STRING:
        return _text(node, other.kind)
    if is_number(node.kind) and is_text(other.kind):
        return f"write it in quotes: '{node.value}'"
    if is_number(node.kind) and other.kind is BOOL:
        return "a condition is true or false"
    return ""


def _text(node: Const, other: Kind) -> str:
    if other is UUID:
        return f"{node.value!r} is no UUID"
    if is_number(other) or isinstance(other, MoneyKind):
        return "write the number without quotes"
    return next((cure for kind, cure in QUOTED.items() if other is kind), "")


def arithmetic_cure(operator: str, left: Node, right: Node) -> str:
    """For `+ - * / %` of what can't be computed."""
    if operator == "+" and (is_text(left.kind) or is_text(right.kind)):
        return "write string(…) around what is no text"
    if operator in "+-" and left.kind in (DATE, DATETIME) and right.kind is INT:
        return "write duration('24h'), or add_days(…)"
    if any(isinstance(node, Const) and node.kind is STRING for node in (left, right)):
        return "write the number without quotes"
    if NULL in (left.kind, right.kind):
        return "an operation on null gives nothing: use coalesce(…)"
    if {left.kind, right.kind} == {DATE, DATETIME}:
        return "write date(…) around the moment"
    return ""


def money_cure(left: Node, right: Node) -> str:
    """For amounts that do not meet."""
    kinds = (left.kind, right.kind)
    currencies = [kind.currency for kind in kinds if isinstance(kind, MoneyKind)]
    if len(currencies) == 2 and all(currencies) and currencies[0] != currencies[1]:
        return f"one is in {currencies[0]}, the other in {currencies[1]}"
    if any(is_number(kind) for kind in kinds):
        return "take the number out of an amount with .amount"
    return ""


def _both_money(left: Node, right: Node) -> bool:
    return isinstance(left.kind, MoneyKind) and isinstance(right.kind, MoneyKind)


def wanted_cure(given: Node, wanted: Kind) -> str:
    """For a value that its property can't keep."""
    kind = given.kind
    if isinstance(wanted, MoneyKind):
        return _amount_cure(given, wanted)
    if wanted is DATE and kind is DATETIME:
        return "write today(), or date(…) around it"
    if wanted is STRING:
        return "write string(…) around it"
    if isinstance(kind, MoneyKind):
        return "take the number out of an amount with .amount"
    if wanted is DOUBLE and is_number(kind):
        return "write double(…) around it"
    if isinstance(kind, DecimalKind) and wanted is INT:
        return "write int(…) around it, or make the property a decimal"
    return ""


def _amount_cure(given: Node, wanted: MoneyKind) -> str:
    kind = given.kind
    if isinstance(kind, MoneyKind):
        theirs = f"it is in {kind.currency}" if kind.currency else "its currency can be any"
        return f"{theirs}, and the property has {wanted.currency} only"
    if not (is_number(kind) and kind is not DOUBLE):
        return ""
    currency = wanted.currency or "EUR"
    if wanted.currency and isinstance(given, Const) and scale_of(Decimal(given.value)) > digits(currency):
        return f"amounts of {currency} have at most {digits(currency)} decimals"
    return f"multiply an amount with it: money('1', '{currency}') * …"
