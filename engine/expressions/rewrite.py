"""Trees made of trees: some nodes put in the place of others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

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
    Many,
    Map,
    Member,
    Node,
    Not,
    Part,
    Special,
    Test,
)

Change = Callable[[Node], Node | None]

BELOW: dict[type[Node], tuple[str, ...]] = {
    Member: ("operand",),
    Many: ("operand",),
    Part: ("operand",),
    Not: ("operand",),
    Convert: ("operand",),
    Special: ("operand",),
    Logic: ("operands",),
    Coalesce: ("operands",),
    Choose: ("condition", "yes", "no"),
    Compare: ("left", "right"),
    In: ("item", "items"),
    Arithmetic: ("left", "right"),
    Apply: ("arguments",),
    ListOf: ("items",),
    Index: ("operand", "index"),
    Test: ("items", "condition"),
    Filter: ("items", "condition"),
    Map: ("items", "body"),
    Aggregate: ("items", "separator"),
}
"""The fields of each node that hold nodes."""


def rewrite(node: Node, change: Change) -> Node:
    """A tree in which `change` has put another node for some; it answers None for those that stay."""
    changed = change(node)
    if changed is not None:
        return changed
    fields: dict[str, Any] = {}
    for name in BELOW.get(type(node), ()):
        value = getattr(node, name)
        if isinstance(value, tuple):
            made = tuple(rewrite(each, change) for each in value)
            if any(new is not old for new, old in zip(made, value, strict=True)):
                fields[name] = made
        elif value is not None:
            new = rewrite(value, change)
            if new is not value:
                fields[name] = new
    return replace(node, **fields) if fields else node
