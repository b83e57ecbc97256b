"""Bringing operands to a common kind: what widens to what, exactly, and what never meets."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal, InvalidOperation
from uuid import UUID

from engine.expressions.kinds import (
    ANY,
    DOUBLE,
    INT,
    MOST_SCALE,
    NULL,
    STRING,
    DecimalKind,
    EnumKind,
    Kind,
    ListKind,
    MoneyKind,
    RecordKind,
)
from engine.expressions.kinds import (
    UUID as UUID_KIND,
)
from engine.expressions.nodes import Const, Convert, ListOf, Node, Null
from engine.types.currency import digits
from engine.types.money import Money


def scale_of(value: Decimal) -> int:
    """The decimals a number needs."""
    exponent = value.normalize().as_tuple().exponent
    assert isinstance(exponent, int)
    return max(0, -exponent)


def join(left: Node, right: Node) -> tuple[Node, Node] | None:
    """Both operands in one kind, or None where they have none in common."""
    if ANY in (left.kind, right.kind) or NULL in (left.kind, right.kind) or left.kind == right.kind:
        return left, right
    for first, second, swapped in ((left, right, False), (right, left, True)):
        made = _meet(first, second)
        if made is not None:
            return (made[1], made[0]) if swapped else made
    return None


def _meet(first: Node, second: Node) -> tuple[Node, Node] | None:
    """One order of two operands of different kinds; the first is the more special where that matters."""
    match first.kind, second.kind:
        case MoneyKind(), MoneyKind():
            return _two_amounts(first, second)
        case MoneyKind(), _ if is_literal_number(second):
            return _amount_and_literal(first, second)
        case DecimalKind(), DecimalKind():
            scale = max(first.kind.scale, second.kind.scale)
            return to(first, DecimalKind(scale)), to(second, DecimalKind(scale))
        case DecimalKind(), Kind() if second.kind is INT:
            return first, to(second, first.kind)
        case Kind(), _ if first.kind is DOUBLE and is_literal_number(second):
            assert isinstance(second, Const)
            return first, Const(DOUBLE, Null.NEVER, second.span, float(second.value))
        case EnumKind(), EnumKind():
            return first, second
        case EnumKind(), Kind() if second.kind is STRING:
            return first, second
        case Kind(), _ if first.kind is UUID_KIND and isinstance(second, Const) and second.kind is STRING:
            return _uuid(first, second)
        case RecordKind(), RecordKind() if set(first.kind.entities) & set(second.kind.entities):
            return first, second
        case ListKind(), ListKind():
            return _two_lists(first, second)
    return None


def is_literal_number(node: Node) -> bool:
    return isinstance(node, Const) and (node.kind is INT or isinstance(node.kind, DecimalKind))


def to(node: Node, kind: Kind) -> Node:
    """A node in another kind that holds all of its values; a literal becomes one of that kind."""
    if node.kind == kind or node.kind is ANY or kind is ANY:
        return node
    if isinstance(node, Const) and isinstance(kind, DecimalKind) and _fits(node.value, kind.scale):
        return replace(node, kind=kind, value=Decimal(node.value))
    return Convert(kind, _converted_null(node, kind), node.span, node)


def _fits(value: Decimal | int | None, scale: int) -> bool:
    """Whether a number is known, and fits 64 bits with so many decimals."""
    return value is not None and -(2**63) <= Decimal(value).scaleb(scale) < 2**63


def _converted_null(node: Node, kind: Kind) -> Null:
    """More decimals may be more than 64 bits hold: then the result is unknown."""
    return node.null if _decimals(kind) == _decimals(node.kind) else Null.UNKNOWN


def _decimals(kind: Kind) -> int:
    if isinstance(kind, MoneyKind):
        return kind.extra
    return kind.scale if isinstance(kind, DecimalKind) else 0


def bare(node: Node) -> Node:
    """An operand of a comparison before it was brought to more decimals: those only matter elsewhere."""
    while isinstance(node, Convert):
        node = node.operand
    return node


def null_of(node: Node) -> Null:
    """What it means that an operand of a comparison is null."""
    return bare(node).null


def common_kind(left: Kind, right: Kind) -> Kind:
    """The kind of a value that is one or the other, after `join`."""
    if left == right or right in (NULL, ANY):
        return left
    if left in (NULL, ANY):
        return right
    if isinstance(left, RecordKind) and isinstance(right, RecordKind):
        return RecordKind(tuple(dict.fromkeys((*left.entities, *right.entities))))
    if isinstance(left, ListKind) and isinstance(right, ListKind):
        return ListKind(common_kind(left.item, right.item), left.nulls or right.nulls)
    if isinstance(left, EnumKind) or isinstance(right, EnumKind):
        return STRING
    return left


def _two_amounts(first: Node, second: Node) -> tuple[Node, Node] | None:
    assert isinstance(first.kind, MoneyKind)
    assert isinstance(second.kind, MoneyKind)
    ours, theirs = first.kind.currency, second.kind.currency
    if ours and theirs and ours != theirs:
        return None
    kind = MoneyKind(ours if ours == theirs else "", max(first.kind.extra, second.kind.extra))
    return to(first, kind), to(second, kind)


def _amount_and_literal(first: Node, second: Node) -> tuple[Node, Node] | None:
    """An amount and a plain number: the number is meant in the amount's currency, whatever that is."""
    assert isinstance(first.kind, MoneyKind)
    assert isinstance(second, Const)
    value = Decimal(second.value)
    currency = first.kind.currency
    places = digits(currency) if currency else 0
    extra = max(first.kind.extra, scale_of(value) - places if currency else 0)
    kind = MoneyKind(currency, extra)
    return to(first, kind), Const(kind, Null.NEVER, second.span, Money(value, currency))


def _uuid(first: Node, second: Const) -> tuple[Node, Node] | None:
    try:
        return first, replace(second, kind=UUID_KIND, value=UUID(second.value))
    except ValueError:
        return None


def _two_lists(first: Node, second: Node) -> tuple[Node, Node] | None:
    assert isinstance(first.kind, ListKind)
    assert isinstance(second.kind, ListKind)
    if isinstance(first, ListOf) and not first.items:
        return replace(first, kind=second.kind), second
    if isinstance(second, ListOf) and not second.items:
        return first, replace(second, kind=first.kind)
    ours, theirs = first.kind.item, second.kind.item
    texts = all(kind is STRING or isinstance(kind, EnumKind) for kind in (ours, theirs))
    return (first, second) if texts or ours == theirs else _two_lists_of_numbers(first, second)


def _two_lists_of_numbers(first: Node, second: Node) -> tuple[Node, Node] | None:
    """Whole numbers and fractions, or fractions of different decimals: what is written out becomes like the other."""
    scales = []
    for node in (first, second):
        assert isinstance(node.kind, ListKind)
        item = node.kind.item
        if item is not INT and not isinstance(item, DecimalKind):
            return None
        scales.append(_decimals(item))
    kind = DecimalKind(max(scales))
    one, two = _list_of(first, kind), _list_of(second, kind)
    return None if one is None or two is None else (one, two)


def _list_of(node: Node, kind: Kind) -> Node | None:
    """A list of another kind of number, if it is that already or its numbers are written out."""
    assert isinstance(node.kind, ListKind)
    if node.kind.item == kind:
        return node
    if not isinstance(node, ListOf) or not all(isinstance(item, Const) for item in node.items):
        return None
    items = tuple(to(item, kind) for item in node.items)
    return replace(node, items=items, kind=ListKind(kind, node.kind.nulls))


def fraction(text: str) -> tuple[Kind, Decimal | float]:
    """The kind and value of a fraction literal: a decimal where it fits one, else a floating number."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        return DOUBLE, float(text)
    scale = scale_of(value)
    if scale > MOST_SCALE or abs(value.scaleb(scale)) >= 2**63 or len(value.as_tuple().digits) > 30:
        return DOUBLE, float(text)
    return DecimalKind(max(scale, 1)), value
