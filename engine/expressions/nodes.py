"""The checked tree: every name resolved, every operand brought to a common kind, every null accounted for.

It is all that the compilers look at. `span` is where a node stands in the expression's text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Literal

from engine.expressions.kinds import Kind
from engine.expressions.syntax import Span

if TYPE_CHECKING:
    from engine.expressions.registry import Function


class Null(Enum):
    """What it means when a node has no value."""

    NEVER = "never"  # it always has one
    VALUE = "value"  # null is a value like others: a property, a path, null itself
    UNKNOWN = "unknown"  # an operation failed: it equals nothing, not even another unknown


@dataclass(frozen=True, slots=True)
class Node:
    """The base of every checked node."""

    kind: Kind
    null: Null
    span: Span


@dataclass(frozen=True, slots=True)
class Const(Node):
    """A value known when the metadata is loaded, in the Python form of its kind."""

    value: Any


@dataclass(frozen=True, slots=True)
class Root(Node):
    """`record`, `old`, `user`, `parent`, `form`, `option`: a record."""

    name: str


@dataclass(frozen=True, slots=True)
class Variable(Node):
    """A macro's variable; `name` is unique within the expression."""

    name: str


@dataclass(frozen=True, slots=True)
class Ambient(Node):
    """What surrounds the record and is the same for all of them: `now`, `today`, `is_new`, `settings.x`,
    `parameters.workflow.x`, `feature.x`, `role.x`, `can.x`, `user.roles`, `user.subordinates` (ids)."""

    name: str


@dataclass(frozen=True, slots=True)
class Member(Node):
    """A property of a record, or the record that a to-one relation leads to."""

    operand: Node
    entity: str  # the entity of the operand
    name: str


@dataclass(frozen=True, slots=True)
class Many(Node):
    """The records that a to-many relation leads to; its kind is a list of records."""

    operand: Node
    entity: str
    name: str


@dataclass(frozen=True, slots=True)
class Part(Node):
    """A part of a composite value: `address.city`, `money.amount`, `money.currency`."""

    operand: Node
    name: str


@dataclass(frozen=True, slots=True)
class Not(Node):
    operand: Node


@dataclass(frozen=True, slots=True)
class Logic(Node):
    """`&&` or `||` of two or more conditions."""

    operator: Literal["&&", "||"]
    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Choose(Node):
    """`condition ? yes : no`; both of the same kind."""

    condition: Node
    yes: Node
    no: Node


@dataclass(frozen=True, slots=True)
class Compare(Node):
    """`== != < <= > >=` of two operands of the same kind (or one of them null)."""

    operator: Literal["==", "!=", "<", "<=", ">", ">="]
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class In(Node):
    """Whether `item` is among `items`, a node of list kind (or a ListOf)."""

    item: Node
    items: Node


@dataclass(frozen=True, slots=True)
class Arithmetic(Node):
    """`+ - * / %` and unary `-` (`right` is None).

    Numbers are brought to the result's kind where that is exact (`+ - %`); factors and divisors keep theirs.
    A product or quotient that has more decimals than the result's kind is rounded half away from zero. Whatever
    does not fit 64 bits, unscaled, is unknown. Besides numbers and money: text + text, list + list, moments and
    dates with lengths of time, and moment - moment.
    """

    operator: Literal["+", "-", "*", "/", "%"]
    left: Node
    right: Node | None


@dataclass(frozen=True, slots=True)
class Convert(Node):
    """The operand in another kind, exactly: int to decimal, decimal or money to more decimals, a text's kinds.

    Directly below a comparison or `in` it is never unknown (numbers compare whatever their size); elsewhere it
    is unknown when the unscaled value does not fit 64 bits. An amount of a fixed currency becomes one that says
    its currency where the kind has none.
    """

    operand: Node


@dataclass(frozen=True, slots=True)
class Apply(Node):
    """A function of the registry; unknown when an argument is null, unless the function says otherwise."""

    function: Function
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Special(Node):
    """`has`, `empty`, `truthy`: never null, whatever the operand is."""

    name: Literal["has", "empty", "truthy"]
    operand: Node


@dataclass(frozen=True, slots=True)
class Coalesce(Node):
    """The first operand that is not null."""

    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class ListOf(Node):
    """`[a, b]`."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Index(Node):
    """`list[i]`, from 0; unknown outside."""

    operand: Node
    index: Node


@dataclass(frozen=True, slots=True)
class Test(Node):
    """`exists`, `all`, `exists_one`: whether some, all, or one of a list's items meet a condition."""

    name: Literal["exists", "all", "exists_one"]
    items: Node
    variable: str
    condition: Node


@dataclass(frozen=True, slots=True)
class Filter(Node):
    """The items of a list that meet a condition; unknown where the condition is for one of them."""

    items: Node
    variable: str
    condition: Node


@dataclass(frozen=True, slots=True)
class Map(Node):
    """`body` for each item of a list."""

    items: Node
    variable: str
    body: Node


@dataclass(frozen=True, slots=True)
class Aggregate(Node):
    """`sum min max avg count first join size` of a list. All but `size` and `first` skip null.

    `separator` is that of `join`.
    """

    name: Literal["sum", "min", "max", "avg", "count", "first", "join", "size"]
    items: Node
    separator: Node | None = None


def children(node: Node) -> tuple[Node, ...]:
    """The nodes directly below one."""
    match node:
        case Member() | Many() | Part() | Not() | Convert() | Special():
            return (node.operand,)
        case Logic() | Coalesce():
            return node.operands
        case Choose():
            return (node.condition, node.yes, node.no)
        case Compare():
            return (node.left, node.right)
        case In():
            return (node.item, node.items)
        case Arithmetic():
            return (node.left,) if node.right is None else (node.left, node.right)
        case Apply():
            return node.arguments
        case ListOf():
            return node.items
        case Index():
            return (node.operand, node.index)
        case Test() | Filter():
            return (node.items, node.condition)
        case Map():
            return (node.items, node.body)
        case Aggregate():
            return (node.items,) if node.separator is None else (node.items, node.separator)
        case _:
            return ()


def walk(node: Node) -> Iterator[Node]:
    """A node and all below it."""
    stack = [node]
    while stack:
        found = stack.pop()
        yield found
        stack.extend(children(found))


AMBIENT_ROOTS = frozenset({"user"})
"""Roots that are the same for every record: what reads only these is computed once, and bound in SQL."""


def is_ambient(node: Node) -> bool:
    """Whether a node reads no record: its value is the same for all of them."""
    free = {found.variable for found in walk(node) if isinstance(found, Test | Filter | Map)}
    for found in walk(node):
        if isinstance(found, Root) and found.name not in AMBIENT_ROOTS:
            return False
        if isinstance(found, Variable) and found.name not in free:
            return False
    return True
