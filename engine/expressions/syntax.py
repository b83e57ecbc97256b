"""The syntax tree: what was written, each node with where it stands in the expression's text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple


class Span(NamedTuple):
    """A part of an expression's text: offsets of its first character and behind its last."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant as written. `kind` is one of `int`, `fraction`, `string`, `bool`, `null`."""

    kind: str
    value: Any
    span: Span


@dataclass(frozen=True, slots=True)
class Name:
    """A root or a macro's variable."""

    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class Select:
    """`operand.name`; `word` is where the name stands."""

    operand: Syntax
    name: str
    word: Span
    span: Span


@dataclass(frozen=True, slots=True)
class Call:
    """`name(arguments)`, or `target.name(arguments)`; `word` is where the name stands."""

    target: Syntax | None
    name: str
    arguments: tuple[Syntax, ...]
    word: Span
    span: Span


@dataclass(frozen=True, slots=True)
class Index:
    """`operand[index]`."""

    operand: Syntax
    index: Syntax
    span: Span


@dataclass(frozen=True, slots=True)
class Unary:
    """`!x` or `-x`."""

    operator: str
    operand: Syntax
    span: Span


@dataclass(frozen=True, slots=True)
class Binary:
    """A comparison, `in`, or arithmetic."""

    operator: str
    left: Syntax
    right: Syntax
    span: Span


@dataclass(frozen=True, slots=True)
class Logic:
    """`&&` or `||` of two or more; chains are flat."""

    operator: str
    operands: tuple[Syntax, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Choose:
    """`condition ? yes : no`."""

    condition: Syntax
    yes: Syntax
    no: Syntax
    span: Span


@dataclass(frozen=True, slots=True)
class List:
    """`[items]`."""

    items: tuple[Syntax, ...]
    span: Span


Syntax = Literal | Name | Select | Call | Index | Unary | Binary | Logic | Choose | List


def children(node: Syntax) -> tuple[Syntax, ...]:
    """The nodes directly below one."""
    match node:
        case Select():
            return (node.operand,)
        case Call():
            return node.arguments if node.target is None else (node.target, *node.arguments)
        case Index():
            return (node.operand, node.index)
        case Unary():
            return (node.operand,)
        case Binary():
            return (node.left, node.right)
        case Logic():
            return node.operands
        case Choose():
            return (node.condition, node.yes, node.no)
        case List():
            return node.items
        case _:
            return ()
