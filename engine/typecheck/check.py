"""From the syntax tree to the checked tree: names resolved, kinds joined, nulls accounted for.

Every complaint of an expression is collected: what could not be resolved goes on as a node that fits anywhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from engine.expressions import syntax
from engine.expressions.complaint import ExpressionError, one_of
from engine.expressions.kinds import (
    ANY,
    BOOL,
    INT,
    LARGEST_INT,
    NULL,
    SMALLEST_INT,
    STRING,
    EnumKind,
    Kind,
    ListKind,
)
from engine.expressions.nodes import (
    Ambient,
    Choose,
    Const,
    Filter,
    Index,
    ListOf,
    Logic,
    Map,
    Node,
    Not,
    Null,
    Root,
    Test,
    Variable,
    walk,
)
from engine.expressions.parse import parse
from engine.expressions.registry import Functions
from engine.expressions.unify import common_kind, fraction, join, null_of
from engine.typecheck.assign import assigned
from engine.typecheck.calls import call
from engine.typecheck.checking import Checking, spread, strongest
from engine.typecheck.cures import wanted_cure
from engine.typecheck.names import name, select
from engine.typecheck.operators import as_condition, binary, negate
from engine.typecheck.schema import Roots, Schema


@dataclass(frozen=True, slots=True)
class Checked:
    """An expression that is right: its text and its tree."""

    text: str
    node: Node

    @property
    def kind(self) -> Kind:
        return self.node.kind


@dataclass(frozen=True, slots=True)
class Purpose:
    """What an expression is for. `condition`: it has to be one; `constant=False`: it may not always be the same.

    `computing` is the entity and property it computes; `wanted` the kind its value is kept in.
    """

    condition: bool = False
    constant: bool = True
    computing: tuple[str, str] | None = None
    wanted: Kind | None = None


VALUE: Final = Purpose()
CONDITION: Final = Purpose(condition=True)


def check(text: str, roots: Roots, schema: Schema, functions: Functions, purpose: Purpose = VALUE) -> Checked:
    """Check an expression.

    Raises ExpressionError with everything wrong with it, which is nothing where what it reads is wrong elsewhere.
    """
    computing = (purpose.computing,) if purpose.computing else ()
    checking = Checking(text, roots, schema, functions, computing=computing)
    tree = parse(text)
    node = visit(checking, tree)
    if purpose.condition:
        node = as_condition(checking, node, roots.key or "this")
    if purpose.wanted is not None:
        node = _as_wanted(checking, node, purpose.wanted)
    unsure = bool(checking.complaints) or checking.size.unresolved
    if not purpose.constant and not unsure:
        _complain_of_constants(checking, node)
    if checking.complaints or unsure:
        raise ExpressionError(sorted(dict.fromkeys(checking.complaints), key=lambda found: found.span))
    return Checked(text, node)


def _as_wanted(checking: Checking, node: Node, wanted: Kind) -> Node:
    made = assigned(node, wanted)
    if made is not None:
        return made
    if isinstance(wanted, EnumKind) and node.kind is STRING:
        wrong = [each for each in _leaves(node) if each.value not in wanted.names]
        if wrong:
            return checking.complain(
                "unknown-choice",
                f"{wrong[0].value!r} is none of its values",
                wrong[0].span,
                one_of(str(wrong[0].value), wanted.names, "there are"),
            )
    message = f"this gives {node.kind.word}, and the property keeps {wanted.word}"
    return checking.complain("type-mismatch", message, node.span, wanted_cure(node, wanted))


def _leaves(node: Node) -> Iterator[Const]:
    """The texts written out that a value is one of."""
    if isinstance(node, Const):
        yield node
    elif isinstance(node, Choose):
        yield from _leaves(node.yes)
        yield from _leaves(node.no)


def visit(checking: Checking, node: syntax.Syntax) -> Node:
    """The checked node of a syntax node; one that fits anywhere where the tree has become too large."""
    fits = checking.size.enter()
    made = _visited(checking, node) if fits else Const(ANY, Null.NEVER, node.span, None)
    checking.size.leave()
    return made


def _visited(checking: Checking, node: syntax.Syntax) -> Node:
    match node:
        case syntax.Literal():
            return _literal(checking, node)
        case syntax.Name():
            return name(checking, node, visit)
        case syntax.Select():
            return select(checking, node, visit)
        case syntax.Call():
            return call(checking, node, visit)
        case syntax.Binary():
            left, right = visit(checking, node.left), visit(checking, node.right)
            return binary(checking, node.operator, left, right, node.span)
        case syntax.Logic():
            operands = tuple(
                as_condition(checking, visit(checking, operand), node.operator) for operand in node.operands
            )
            operator = "&&" if node.operator == "&&" else "||"
            return Logic(BOOL, spread(*operands), node.span, operator, operands)  # type: ignore[arg-type]
        case syntax.Unary():
            return _unary(checking, node)
        case syntax.Choose():
            return _choose(checking, node)
        case syntax.List():
            return _list(checking, node)
        case syntax.Index():
            return _index(checking, node)


def _literal(checking: Checking, node: syntax.Literal) -> Node:
    match node.kind:
        case "int":
            if not SMALLEST_INT <= node.value <= LARGEST_INT:
                message = "this number does not fit 64 bits"
                return checking.complain("number-too-large", message, node.span, "write it with a point")
            return Const(INT, Null.NEVER, node.span, node.value)
        case "fraction":
            kind, value = fraction(node.value)
            return Const(kind, Null.NEVER, node.span, value)
        case "string":
            return Const(STRING, Null.NEVER, node.span, node.value)
        case "bool":
            return Const(BOOL, Null.NEVER, node.span, node.value)
        case _:
            return Const(NULL, Null.VALUE, node.span, None)


def _unary(checking: Checking, node: syntax.Unary) -> Node:
    if node.operator == "!":
        operand = as_condition(checking, visit(checking, node.operand), "!")
        return Not(BOOL, spread(operand), node.span, operand)
    return negate(checking, visit(checking, node.operand), node.span)


def _choose(checking: Checking, node: syntax.Choose) -> Node:
    condition = as_condition(checking, visit(checking, node.condition), "?")
    yes, no = visit(checking, node.yes), visit(checking, node.no)
    joined = join(yes, no)
    if joined is None:
        message = f"this is either {yes.kind.word} or {no.kind.word}"
        return checking.complain("type-mismatch", message, node.span, "both sides of the : need one kind")
    null = strongest(yes.null, no.null)
    if condition.null is not Null.NEVER:
        null = Null.UNKNOWN
    return Choose(common_kind(joined[0].kind, joined[1].kind), null, node.span, condition, *joined)


def _list(checking: Checking, node: syntax.List) -> Node:
    items = [visit(checking, item) for item in node.items]
    if not items:
        return ListOf(ListKind(NULL), Null.NEVER, node.span, ())
    first, nulls = items[0], False
    for position, item in enumerate(items):
        joined = join(first, item)
        if joined is None:
            message = f"a list of {first.kind.word} can't hold {item.kind.word}"
            return checking.complain("type-mismatch", message, node.items[position].span)
        first = first if joined[0].kind == first.kind and first.kind is not NULL else joined[0]
        if first.kind is NULL:
            first = joined[1]
        nulls = nulls or item.null is Null.VALUE
    made = tuple((join(first, item) or (first, item))[1] for item in items)
    null = Null.UNKNOWN if any(null_of(item) is Null.UNKNOWN for item in made) else Null.NEVER
    kind = first.kind
    for item in made:
        kind = common_kind(kind, item.kind)
    return ListOf(ListKind(kind, nulls), null, node.span, made)


def _index(checking: Checking, node: syntax.Index) -> Node:
    operand, index = visit(checking, node.operand), visit(checking, node.index)
    if ANY in (operand.kind, index.kind):
        return Const(ANY, Null.NEVER, node.span, None)
    if not isinstance(operand.kind, ListKind):
        message = f"{checking.written(operand.span)} is {operand.kind.word}, not a list"
        return checking.complain("not-a-list", message, node.span)
    if index.kind is not INT:
        return checking.complain(
            "type-mismatch", f"an index is a whole number, not {index.kind.word}", index.span
        )
    return Index(operand.kind.item, Null.UNKNOWN, node.span, operand, index)


# ---- conditions that decide nothing


def _complain_of_constants(checking: Checking, node: Node) -> None:
    """A condition that is the same for every record is a mistake, wherever it stands in the expression."""
    for found in walk(node):
        for part in _deciding(found, found is node):
            if part.kind is BOOL and _is_constant(part):
                message = f"{checking.written(part.span)} is always the same"
                checking.complain("constant-condition", message, part.span, "take it out, or name a property")


def _deciding(node: Node, top: bool) -> tuple[Node, ...]:
    """The conditions that decide a node, each of which should be able to be one or the other."""
    match node:
        case Logic():
            return node.operands
        case Choose():
            return (node.condition, *((node,) if top else ()))
        case _:
            return (node,) if top else ()


def _is_constant(node: Node) -> bool:
    """Whether it reads nothing but what it made itself."""
    variables = []
    for below in walk(node):
        if isinstance(below, Root | Ambient):
            return False
        if isinstance(below, Variable):
            variables.append(below.name)
    own = (
        {below.variable for below in walk(node) if isinstance(below, Test | Filter | Map)}
        if variables
        else ()
    )
    return all(name in own for name in variables)
