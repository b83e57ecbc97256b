"""Lists: macros over their items (`exists`, `map` …), and aggregates of them (`sum`, `first` …)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, cast

from engine.expressions import syntax
from engine.expressions.kinds import (
    ANY,
    BOOL,
    DOUBLE,
    DURATION,
    INT,
    NULL,
    STRING,
    DecimalKind,
    Kind,
    ListKind,
    MoneyKind,
    RecordKind,
    is_number,
    is_ordered,
    is_text,
)
from engine.expressions.nodes import Aggregate, Const, Filter, Map, Node, Null, Test, Variable
from engine.expressions.parse import RESERVED
from engine.typecheck.checking import MOST_NESTED, Checking, item_kind, item_null, rows_null, spread
from engine.typecheck.operators import FEWEST_QUOTIENT, as_condition

Visit = Callable[[Checking, syntax.Syntax], Node]

TESTS = ("exists", "all", "exists_one", "existsOne")
MACROS = (*TESTS, "filter", "map")
AGGREGATES = ("sum", "min", "max", "avg", "count", "first", "join", "size")
LISTS = frozenset((*MACROS, *AGGREGATES))


def on_list(checking: Checking, node: syntax.Call, subject: Node, visit: Visit) -> Node:
    """A macro or aggregate of a list."""
    if subject.kind is ANY:
        return Const(BOOL if node.name in TESTS else ANY, Null.NEVER, node.span, None)
    if not isinstance(subject.kind, ListKind):
        message = f"{checking.written(subject.span)} is {subject.kind.word}, not a list"
        return checking.complain(
            "not-a-list", message, node.word, f"{node.name} takes many values or records"
        )
    if node.name in MACROS:
        return _macro(checking, node, subject, visit)
    return _aggregate(checking, node, subject, visit)


# ---- macros


def _macro(checking: Checking, node: syntax.Call, subject: Node, visit: Visit) -> Node:
    three = node.name == "map" and len(node.arguments) == 3
    if len(node.arguments) != 2 and not three:
        message = f"{node.name} takes a variable and an expression"
        return checking.complain("wrong-arguments", message, node.word, f"it is written {node.name}(x, …)")
    variable = node.arguments[0]
    if not isinstance(variable, syntax.Name) or variable.name in RESERVED:
        hint = f"it is written {node.name}(x, …)"
        return checking.complain("wrong-arguments", "a plain name is expected here", variable.span, hint)
    if variable.name in checking.roots.records:
        message = f"{variable.name!r} is a root already"
        return checking.complain(
            "wrong-arguments", message, variable.span, "call the variable something else"
        )
    if checking.nested >= MOST_NESTED:
        message = f"lists are nested more than {MOST_NESTED} deep"
        return checking.complain(
            "expression-too-deep", message, node.word, "use a computed property for a part"
        )
    sample = Const(_item_of(subject), item_null(subject), variable.span, None)
    inner, bound = checking.with_variable(variable.name, sample)
    if three:
        condition = as_condition(checking, visit(inner, node.arguments[1]), "map")
        subject = _filter(node, subject, bound, condition)
    body = visit(inner, node.arguments[-1])
    if node.name == "map":
        null = Null.UNKNOWN if Null.UNKNOWN in (subject.null, body.null) else subject.null
        kind = ListKind(body.kind, body.null is Null.VALUE)
        return Map(kind, null, node.span, subject, bound.name, body)
    condition = as_condition(checking, body, node.name)
    if node.name == "filter":
        return _filter(node, subject, bound, condition)
    name = "exists_one" if node.name == "existsOne" else node.name
    null = spread(subject, condition)
    return Test(BOOL, null, node.span, cast(Any, name), subject, bound.name, condition)


def _item_of(subject: Node) -> Kind:
    """The kind of a variable; of `[]` there is no item, so that any condition on one is right."""
    kind = item_kind(subject)
    return ANY if kind is NULL and item_null(subject) is Null.NEVER else kind


def _filter(node: syntax.Call, subject: Node, bound: Variable, condition: Node) -> Filter:
    null = Null.UNKNOWN if condition.null is not Null.NEVER else subject.null
    return Filter(subject.kind, null, node.span, subject, bound.name, condition)


# ---- aggregates

Name = Literal["sum", "min", "max", "avg", "count", "first", "join", "size"]


def _aggregate(checking: Checking, node: syntax.Call, subject: Node, visit: Visit) -> Node:
    arguments = node.arguments if node.target is not None else node.arguments[1:]
    separator = None
    if node.name == "join" and len(arguments) == 1:
        separator = visit(checking, arguments[0])
        if separator.kind is not ANY and not is_text(separator.kind):
            message = f"join puts a text between, not {separator.kind.word}"
            return checking.complain("wrong-arguments", message, separator.span)
    elif arguments:
        message = f"{node.name} takes no argument here"
        hint = f"write .map(x, x.amount).{node.name}()"
        return checking.complain("wrong-arguments", message, node.word, hint)
    name = cast(Name, node.name)
    kind = item_kind(subject)
    result = _result(name, kind)
    if result is None:
        message = f"{name} of {kind.word} makes no sense"
        hint = f"say of what: .map(x, x.…).{name}()" if isinstance(kind, RecordKind) else ""
        return checking.complain("type-mismatch", message, node.word, hint)
    return Aggregate(result, _null(name, subject, kind), node.span, name, subject, separator)


def _result(name: Name, item: Kind) -> Kind | None:
    if name in ("count", "size"):
        return INT
    if item is ANY:
        return ANY
    if item is NULL:
        return {"sum": INT, "join": STRING}.get(name, NULL)
    if name == "first":
        return item
    if name == "join":
        return STRING if is_text(item) else None
    if name in ("min", "max"):
        return item if is_ordered(item) and item is not BOOL else None
    if isinstance(item, MoneyKind):
        return item if name == "sum" else MoneyKind(item.currency, max(item.extra, 2))
    if item is DURATION:
        return item
    if is_number(item) and name == "sum":
        return item
    if is_number(item):
        return item if item is DOUBLE else DecimalKind(max(getattr(item, "scale", 0), FEWEST_QUOTIENT))
    return None


def _null(name: Name, subject: Node, item: Kind) -> Null:
    """A sum may grow too large; the least of nothing is null, and nothing else is wrong with it."""
    rows = rows_null(subject)
    if name in ("size", "count"):
        if name == "size":
            rows = Null.UNKNOWN if Null.UNKNOWN in (rows, subject.null) else rows
        return Null.NEVER if rows is Null.NEVER else Null.UNKNOWN
    if name in ("sum", "avg") or rows is not Null.NEVER:
        return Null.UNKNOWN
    if isinstance(item, MoneyKind) and not item.currency and name in ("min", "max"):
        return Null.UNKNOWN
    if name == "first" and item_null(subject) is Null.UNKNOWN:
        return Null.UNKNOWN
    return Null.VALUE
