"""Values for properties: what an expression gives, as the property it is computed for keeps it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from engine.expressions.kinds import (
    ANY,
    INT,
    NULL,
    STRING,
    DecimalKind,
    EnumKind,
    Kind,
    MoneyKind,
    RecordKind,
)
from engine.expressions.nodes import Arithmetic, Choose, Const, Convert, Node, Null
from engine.expressions.unify import scale_of
from engine.types.currency import digits
from engine.types.money import Money


def assigned(node: Node, kind: Kind) -> Node | None:
    """A value as a property of a kind keeps it: numbers rounded half away from zero to its decimals.

    None where it is no value for such a property.
    """
    if node.kind == kind or node.kind is ANY:
        return node
    if node.kind is NULL:
        return replace(node, kind=kind)
    match kind, node.kind:
        case DecimalKind(), _ if node.kind is INT:
            return Convert(kind, Null.UNKNOWN, node.span, node)
        case MoneyKind(), _ if isinstance(node, Const) and (
            node.kind is INT or isinstance(node.kind, DecimalKind)
        ):
            return _amount(node, kind)
        case DecimalKind(), DecimalKind():
            if node.kind.scale <= kind.scale:
                return Convert(kind, node.null, node.span, node)
            return Arithmetic(kind, Null.UNKNOWN, node.span, "*", node, Const(INT, Null.NEVER, node.span, 1))
        case MoneyKind(), MoneyKind() if not kind.currency or kind.currency == node.kind.currency:
            rounded = MoneyKind(node.kind.currency, 0)
            made = node
            if node.kind.extra:
                made = Arithmetic(
                    rounded, Null.UNKNOWN, node.span, "*", node, Const(INT, Null.NEVER, node.span, 1)
                )
            return made if made.kind == kind else Convert(kind, made.null, node.span, made)
        case _ if kind is STRING and isinstance(node.kind, EnumKind):
            return Convert(kind, node.null, node.span, node)
        case RecordKind(), RecordKind() if set(node.kind.entities) <= set(kind.entities):
            return node
        case EnumKind(), _ if node.kind is STRING and isinstance(node, Const) and node.value in kind.names:
            return replace(node, kind=kind)
        case EnumKind(), _ if node.kind is STRING and isinstance(node, Choose):
            return _chosen(node, kind)
        case EnumKind(), EnumKind() if set(node.kind.names) <= set(kind.names):
            return replace(node, kind=kind)
    return None


def _chosen(node: Choose, kind: EnumKind) -> Node | None:
    """One text or the other, each the name of an option."""
    yes, no = assigned(node.yes, kind), assigned(node.no, kind)
    return replace(node, kind=kind, yes=yes, no=no) if yes is not None and no is not None else None


def _amount(node: Const, kind: MoneyKind) -> Node | None:
    """A plain number as an amount of a fixed currency."""
    if not kind.currency or scale_of(Decimal(node.value)) > digits(kind.currency):
        return None
    return Const(kind, Null.NEVER, node.span, Money(Decimal(node.value), kind.currency))
