"""The value of each part of an expression on one record, so that one sees where an unknown came from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.expressions.nodes import (
    Const,
    Filter,
    Many,
    Map,
    Member,
    Node,
    Null,
    Part,
    Root,
    Test,
    Variable,
    children,
)
from engine.expressions.rewrite import rewrite
from engine.expressions.written import bare, constant, variable_name, written
from engine.to_python.compile import to_python
from engine.to_python.roots import RecordValues, Surroundings

MOST_ITEMS = 3
"""Items of a list that are gone into."""


@dataclass(frozen=True, slots=True)
class Step:
    """One part of an expression: how deep it stands, its text, and its value.

    `unknown`: an operation failed; a value that is null without it is null in the data.
    """

    depth: int
    text: str
    value: Any
    unknown: bool = False

    @property
    def shown(self) -> str:
        """The value in the words of the language."""
        return "unknown" if self.unknown else constant(self.value)


@dataclass(frozen=True, slots=True)
class _On:
    record: RecordValues
    around: Surroundings
    bound: Mapping[str, Const]

    def value(self, node: Node) -> Any:
        here = rewrite(
            node, lambda found: self.bound.get(found.name) if isinstance(found, Variable) else None
        )
        return to_python(here).evaluate(self.record, self.around)

    def with_item(self, variable: str, items: Node, value: Any) -> _On:
        kind = items.kind.item  # type: ignore[attr-defined]
        null = Null.VALUE if value is None else Null.NEVER
        return _On(self.record, self.around, {**self.bound, variable: Const(kind, null, items.span, value)})


def trace(node: Node, record: RecordValues, around: Surroundings) -> list[Step]:
    """Every part of an expression with its value: the whole first, what it is made of below it."""
    return list(_walk(node, 0, _On(record, around, {})))


def _walk(node: Node, depth: int, on: _On) -> Iterator[Step]:
    node = bare(node)
    if isinstance(node, Const | Root):
        return
    value = on.value(node)
    yield Step(depth, written(node), value, value is None and _fails(node))
    if isinstance(node, Member | Many | Part):
        if value is None and not isinstance(node.operand, Variable):  # where on its way is null?
            yield from _walk(node.operand, depth + 1, on)
        return
    if isinstance(node, Test | Filter | Map):
        yield from _items(node, depth, on)
        return
    for child in children(node):
        yield from _walk(child, depth + 1, on)


def _fails(node: Node) -> bool:
    """Whether a null of this node is the failure of an operation, not a value."""
    return not isinstance(node, Member | Many | Part | Variable)


def _items(node: Test | Filter | Map, depth: int, on: _On) -> Iterator[Step]:
    """A list, and what becomes of its first items."""
    yield from _walk(node.items, depth + 1, on)
    body = node.body if isinstance(node, Map) else node.condition
    for item in (on.value(node.items) or ())[:MOST_ITEMS]:
        yield Step(depth + 1, variable_name(node.variable), item)
        yield from _walk(body, depth + 2, on.with_item(node.variable, node.items, item))


def causes(steps: list[Step]) -> list[str]:
    """What made the whole unknown: the nulls, and operations that failed on values that were there."""
    found = []
    for position, step in enumerate(steps):
        if step.value is not None:
            continue
        below = [each for each in _below(steps, position) if each.value is None]
        if not below:
            found.append(f"{step.text} fails: {FAILURES}" if step.unknown else f"{step.text} is null")
    return list(dict.fromkeys(found))


FAILURES = "a division by zero, too large, outside a list, or different currencies"


def _below(steps: list[Step], position: int) -> Iterator[Step]:
    for step in steps[position + 1 :]:
        if step.depth <= steps[position].depth:
            return
        yield step
