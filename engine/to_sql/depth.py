"""How deep a statement is nested for SQLite, whose parser holds a hundred symbols that are not finished yet.

A symbol is an open parenthesis, a CASE without its END, an operand whose operator waits. What each operation adds
was measured: how often it can stand in itself before SQLite says "parser stack overflow", on either side.
"""

from __future__ import annotations

from collections.abc import Callable

from engine.expressions.kinds import DATE, DATETIME, DURATION, MoneyKind
from engine.expressions.nodes import (
    Aggregate,
    Apply,
    Arithmetic,
    Choose,
    Coalesce,
    Compare,
    Convert,
    Filter,
    In,
    Index,
    ListOf,
    Logic,
    Map,
    Node,
    Not,
    Part,
    Special,
    Test,
    children,
)

MOST_SYMBOLS = 85
"""Of a hundred; the rest is for the statement around a condition."""

SYMBOLS: dict[type[Node], int] = {
    Not: 2,
    Logic: 4,
    Choose: 8,
    Coalesce: 6,
    Special: 4,
    Apply: 8,
    Convert: 2,
    Part: 8,
    Test: 18,
    Filter: 16,
    Map: 0,
    Aggregate: 15,
    Index: 15,
}

MONEY = 14  # one currency is compared with the other first
LENGTH = 9  # the one length without a counterpart is left out
QUOTIENT = 8
CALL = 5
LEFT, RIGHT = 2, 4
AMONG_ROWS, AMONG_VALUES = 34, 6


def depth(node: Node, is_bound: Callable[[Node], bool]) -> int:
    """The symbols open where a node is nested deepest; what is bound is a single one."""
    deepest, stack = 0, [(node, 0)]
    while stack:
        found, open_ = stack.pop()
        deepest = max(deepest, open_)
        if not is_bound(found):
            stack.extend((child, open_ + _added(found, child)) for child in children(found))
    return deepest


def _added(node: Node, child: Node) -> int:
    """The symbols that are open around an operand."""
    match node:
        case Arithmetic():
            return _around_operand(node, child)
        case Compare():
            return LEFT + RIGHT if child is node.right else LEFT + 2
        case In():
            return AMONG_VALUES if isinstance(node.items, ListOf) else AMONG_ROWS
        case _:
            return SYMBOLS.get(type(node), 0)


def _around_operand(node: Arithmetic, child: Node) -> int:
    if isinstance(node.kind, MoneyKind) and node.operator in ("+", "-"):
        return MONEY
    if node.kind is DURATION:
        return LENGTH
    if node.operator in ("/", "%"):
        return QUOTIENT
    if node.operator == "*" or node.kind in (DATE, DATETIME):
        return CALL
    return LEFT if child is node.left else RIGHT
