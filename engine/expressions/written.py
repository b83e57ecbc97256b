"""A checked tree as text: the expression it stands for, with computed properties spelled out."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from engine.expressions.nodes import (
    Aggregate,
    Ambient,
    Apply,
    Arithmetic,
    Choose,
    Coalesce,
    Compare,
    Const,
    Convert,
    Filter,
    In,
    Index,
    ListOf,
    Logic,
    Many,
    Map,
    Member,
    Node,
    Not,
    Part,
    Root,
    Special,
    Test,
    Variable,
)
from engine.types.money import Money

BINDS = {"?": 0, "||": 1, "&&": 2, "in": 3, "==": 3, "!=": 3, "<": 3, "<=": 3, ">": 3, ">=": 3}
BINDS |= {"+": 4, "-": 4, "*": 5, "/": 5, "%": 5, "!": 6}
"""How tightly operators hold their operands, as the grammar says."""

TIGHTEST = 9


def written(node: Node) -> str:
    """The text of a tree; what checking put in between (conversions, rounding) is not in it."""
    return _text(node, 0)


def bare(node: Node) -> Node:
    """A node without the conversions that checking put around it: those nobody wrote."""
    while isinstance(node, Convert) or _rounds(node):
        node = node.operand if isinstance(node, Convert) else node.left  # type: ignore[attr-defined]
    return node


def _rounds(node: Node) -> bool:
    """Whether it only rounds a value to what its property keeps."""
    return (
        isinstance(node, Arithmetic)
        and isinstance(node.right, Const)
        and (node.operator, node.right.value) == ("*", 1)
        and node.right.span == node.left.span
    )


def variable_name(variable: str) -> str:
    """A macro's variable as it was written."""
    return re.sub(r"_\d+$", "", variable)


def _text(node: Node, around: int) -> str:
    """The text of a node, in parentheses where what is around it holds tighter."""
    node = bare(node)
    made, binds = _made(node)
    return f"({made})" if binds < around else made


def _made(node: Node) -> tuple[str, int]:
    match node:
        case Not():
            return f"!{_text(node.operand, BINDS['!'])}", BINDS["!"]
        case Logic():
            return _joined(node.operator, node.operands), BINDS[node.operator]
        case Choose():
            parts = (_text(node.condition, 1), _text(node.yes, 1), _text(node.no, 0))
            return "{} ? {} : {}".format(*parts), 0
        case Compare():
            return f"{_text(node.left, 4)} {node.operator} {_text(node.right, 4)}", 3
        case In():
            return f"{_text(node.item, 4)} in {_text(node.items, 4)}", 3
        case Arithmetic(right=None):
            return f"-{_text(node.left, BINDS['!'])}", BINDS["!"]
        case Arithmetic():
            binds = BINDS[node.operator]
            assert node.right is not None
            return f"{_text(node.left, binds)} {node.operator} {_text(node.right, binds + 1)}", binds
        case _:
            return _whole(node), TIGHTEST


def _whole(node: Node) -> str:
    """What never needs parentheses."""
    match node:
        case Const():
            return constant(node.value)
        case Root():
            return node.name
        case Variable():
            return variable_name(node.name)
        case Ambient():
            return _ambient(node.name)
        case Member() | Many() | Part():
            return f"{_text(node.operand, TIGHTEST)}.{node.name}"
        case Special():
            return f"{node.name}({written(node.operand)})"
        case Coalesce():
            return f"coalesce({_listed(node.operands)})"
        case ListOf():
            return f"[{_listed(node.items)}]"
        case Index():
            return f"{_text(node.operand, TIGHTEST)}[{written(node.index)}]"
        case Apply():
            return _call(node)
        case Test() | Filter():
            name = node.name if isinstance(node, Test) else "filter"
            return f"{_text(node.items, TIGHTEST)}.{name}({variable_name(node.variable)}, {written(node.condition)})"
        case Map():
            return f"{_text(node.items, TIGHTEST)}.map({variable_name(node.variable)}, {written(node.body)})"
        case Aggregate():
            separator = "" if node.separator is None else written(node.separator)
            return f"{_text(node.items, TIGHTEST)}.{node.name}({separator})"
    raise AssertionError(f"no text of {type(node).__name__}")


def _call(node: Apply) -> str:
    name, arguments = node.function.name, node.arguments
    if node.function.usage == "method":
        return f"{_text(arguments[0], TIGHTEST)}.{name}({_listed(arguments[1:])})"
    return f"{name}({_listed(arguments)})"


def _ambient(name: str) -> str:
    root, _, rest = name.partition(".")
    if root in ("now", "today", "is_new"):
        return f"{name}()"
    if root == "parameters":
        return f"{root}.{rest.rpartition('.')[2]}"  # in the expressions of its workflow it is called so
    wrapped = {"role": "user.has_role", "can": "user.can", "feature": "feature"}.get(root)
    return f"{wrapped}({rest!r})" if wrapped else name


def _joined(operator: str, operands: Iterable[Node]) -> str:
    return f" {operator} ".join(_text(operand, BINDS[operator] + 1) for operand in operands)


def _listed(nodes: Iterable[Node]) -> str:
    return ", ".join(map(written, nodes))


def constant(value: Any) -> str:
    """A value as one would write it in an expression; a record by its entity and number."""
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case str():
            return "'" + value.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n") + "'"
        case Money():
            return f"money('{value.amount:f}', '{value.currency}')" if value.currency else f"{value.amount:f}"
        case Decimal():
            return f"{value:f}"
        case datetime():
            return f"timestamp('{value.isoformat().replace('+00:00', 'Z')}')"
        case date():
            return f"date('{value.isoformat()}')"
        case time():
            return f"'{value.isoformat()}'"
        case timedelta():
            return f"duration('{_span(value)}')"
        case tuple() | list():
            return f"[{', '.join(map(constant, value))}]"
        case dict() if "id" in value:
            return f"{value.get('_entity', 'record')} {value['id']}"
        case _:
            return str(value)


def _span(value: timedelta) -> str:
    microseconds = abs(value) // timedelta(microseconds=1)
    hours, rest = divmod(microseconds, 3_600_000_000)
    minutes, rest = divmod(rest, 60_000_000)
    seconds = f"{Decimal(rest) / 1_000_000:f}s" if rest else ""
    text = (f"{hours}h" if hours else "") + (f"{minutes}m" if minutes else "") + seconds
    return ("-" if value < timedelta(0) else "") + (text or "0s")
