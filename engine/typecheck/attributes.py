"""What the options of a choice say of themselves: `record.stage.probability` is 50 where the stage's option says so.

It is written as the choices it stands for, `stage in ['proposal'] ? 50 : …`, so that no compiler has to
know of it; null where nothing is chosen, or where the chosen option does not say.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from engine.expressions import syntax
from engine.expressions.complaint import one_of
from engine.expressions.kinds import BOOL, INT, STRING, DecimalKind, EnumKind, Kind, ListKind
from engine.expressions.nodes import Choose, Const, ListOf, Node, Null
from engine.expressions.unify import scale_of
from engine.typecheck.checking import Checking, strongest
from engine.typecheck.operators import binary


def attribute(checking: Checking, node: syntax.Select, operand: Node, kind: EnumKind) -> Node:
    """`operand.name`, where the operand is a choice."""
    said = kind.attributes.get(node.name)
    if said is None:
        message = f"the options of {checking.written(operand.span)} say no {node.name!r}"
        hint = one_of(node.name, kind.attributes, "they say") if kind.attributes else ""
        hint = hint or f"give it to the options, as in {kind.names[0]}: {{{node.name}: …}}"
        return checking.complain("unknown-property", message, node.word, hint)
    found = _kind(list(said.values()))
    if found is None:
        message = (
            f"the options say {node.name!r} in values of several kinds, or in more than a number or text"
        )
        hint = "give every option a number, or every one a text, or every one yes or no"
        return checking.complain("type-mismatch", message, node.word, hint)
    return _chosen(checking, operand, said, found)


def _kind(values: list[Any]) -> Kind | None:
    """The one kind of some values as YAML has them; numbers with and without a fraction are of one."""
    if all(isinstance(value, bool) for value in values):
        return BOOL
    if any(isinstance(value, bool) for value in values):
        return None
    if all(isinstance(value, int) for value in values):
        return INT
    if all(isinstance(value, int | float | Decimal) for value in values):
        return DecimalKind(max(scale_of(Decimal(str(value))) for value in values))
    return STRING if all(isinstance(value, str) for value in values) else None


Group = tuple[Any, list[str]]
"""A value, and the options that say it."""


def _chosen(checking: Checking, operand: Node, said: Mapping[str, Any], kind: Kind) -> Node:
    """The value that belongs to whichever option is chosen; options that say the same are asked for together."""
    groups: dict[Any, list[str]] = {}
    for name, value in said.items():
        groups.setdefault(Decimal(str(value)) if isinstance(kind, DecimalKind) else value, []).append(name)
    return _halved(checking, operand, list(groups.items()), kind)


def _halved(checking: Checking, operand: Node, groups: list[Group], kind: Kind) -> Node:
    """One of several values, asked for by halves: two hundred in a row would be nested deeper than SQL may be."""
    span, half = operand.span, (len(groups) + 1) // 2
    texts = [Const(STRING, Null.NEVER, span, name) for _, names in groups[:half] for name in sorted(names)]
    among = ListOf(ListKind(STRING), Null.NEVER, span, tuple(texts))
    condition = binary(checking, "in", operand, among, span)
    if len(groups) == 1:
        yes: Node = Const(kind, Null.NEVER, span, groups[0][0])
        no: Node = Const(kind, Null.VALUE, span, None)
    else:
        yes, no = (_halved(checking, operand, each, kind) for each in (groups[:half], groups[half:]))
    null = strongest(condition.null, yes.null, no.null)
    return Choose(kind, null, span, condition, yes, no)
