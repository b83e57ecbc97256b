"""What checking carries along: the world it asks, the variables in reach, and the complaints it collects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from engine.expressions.complaint import Complaint
from engine.expressions.kinds import ANY, Kind, ListKind
from engine.expressions.nodes import Const, Filter, ListOf, Map, Node, Null, Variable
from engine.expressions.registry import Functions
from engine.expressions.syntax import Span
from engine.typecheck.schema import Roots, Schema

MOST_HOPS = 6
MOST_NESTED = 3
MOST_LEVELS = 90
"""Levels of a tree in which computed properties stand for their expressions."""

MOST_EXPANDED = 3_000
"""Nodes of such a tree."""


@dataclass
class Size:
    """How large a tree has become, computed properties and all.

    `unresolved`: it reads what is wrong elsewhere, and has been complained of there.
    """

    nodes: int = 0
    level: int = 0
    variables: int = 0
    exceeded: bool = False
    unresolved: bool = False

    def enter(self) -> bool:
        """Whether one more node may be begun; `leave` ends it."""
        self.nodes += 1
        self.level += 1
        self.exceeded = self.exceeded or self.nodes > MOST_EXPANDED or self.level > MOST_LEVELS
        return not self.exceeded

    def leave(self) -> None:
        self.level -= 1


@dataclass(frozen=True)
class Checking:
    """One check of one expression. `variables` are those of the macros around; complaints are shared by all."""

    text: str
    roots: Roots
    schema: Schema
    functions: Functions
    variables: Mapping[str, Variable] = field(default_factory=dict)
    bound: Mapping[str, Node] = field(default_factory=dict)  # roots that stand for another record
    computing: tuple[tuple[str, str], ...] = ()  # the computed properties being read, outermost first
    nested: int = 0  # how many lists are being walked
    complaints: list[Complaint] = field(default_factory=list)
    size: Size = field(default_factory=lambda: Size())

    def complain(self, code: str, message: str, span: Span, hint: str = "") -> Const:
        """Collect a complaint, and go on with a node that fits everywhere, so that others are found too."""
        self.complaints.append(Complaint(code, message, span, hint))
        return Const(ANY, Null.NEVER, span, None)

    def unresolved(self, span: Span) -> Const:
        """What is wrong elsewhere fits everywhere here."""
        self.size.unresolved = True
        return Const(ANY, Null.NEVER, span, None)

    def with_variable(self, name: str, item: Node) -> tuple[Checking, Variable]:
        """A check of a macro's body; `item` gives the variable's kind and null."""
        self.size.variables += 1
        variable = Variable(item.kind, item.null, item.span, f"{name}_{self.size.variables}")
        variables = {**self.variables, name: variable}
        return replace(self, variables=variables, nested=self.nested + 1), variable

    def written(self, span: Span) -> str:
        """A part of the expression as written, shortened."""
        text = " ".join(self.text[span.start : span.end].split())
        return text if len(text) <= 40 else f"{text[:37]}…"


def strongest(*nulls: Null) -> Null:
    """What a value is that comes of several: unknown where one may be."""
    if Null.UNKNOWN in nulls:
        return Null.UNKNOWN
    return Null.VALUE if Null.VALUE in nulls else Null.NEVER


def spread(*nodes: Node) -> Null:
    """The null of an operation: unknown where an operand is null or unknown."""
    return Null.NEVER if all(node.null is Null.NEVER for node in nodes) else Null.UNKNOWN


def item_kind(items: Node) -> Kind:
    return items.kind.item if isinstance(items.kind, ListKind) else ANY


def item_null(items: Node) -> Null:
    """What an item of a list can be."""
    match items:
        case Map():
            return items.body.null
        case Filter():
            return item_null(items.items)
        case ListOf():  # one that is unknown makes the list unknown, so that no item is
            return Null.VALUE if any(item.null is Null.VALUE for item in items.items) else Null.NEVER
        case _:
            nulls = isinstance(items.kind, ListKind) and items.kind.nulls
            return Null.VALUE if nulls else Null.NEVER


def rows_null(items: Node) -> Null:
    """Whether a list's length can be unknown to an aggregate, which skips items that are."""
    match items:
        case Map():
            return rows_null(items.items)
        case Filter():
            return Null.NEVER if items.null is Null.NEVER else Null.UNKNOWN
        case ListOf():
            return Null.NEVER
        case _:
            return items.null
