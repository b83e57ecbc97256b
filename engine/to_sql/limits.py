"""What has no SQL, and how much of it one expression may ask for: told when metadata is loaded, without a database."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from engine.expressions.kinds import DOUBLE, JSON, DecimalKind, ListKind, RecordKind, StructKind
from engine.expressions.nodes import (
    Aggregate,
    Apply,
    Arithmetic,
    Compare,
    Const,
    Filter,
    In,
    Index,
    ListOf,
    Many,
    Map,
    Member,
    Node,
    Null,
    Root,
    Special,
    Test,
    Variable,
    children,
)
from engine.expressions.syntax import Span
from engine.to_sql.depth import MOST_SYMBOLS, depth
from engine.types.money import Money

MOST_JOINS = 8
MOST_SUBQUERIES = 6
MOST_NESTED = 3
MOST_LEVELS = 24
"""Operations inside one another: writing a statement down takes many calls for each."""

SCANNED = ("record",)
"""The roots whose records a SELECT walks; everything else is the same for all of its rows."""


class NotInSql(ValueError):
    """An expression has no SQL; `span` is the part that has none."""

    def __init__(self, span: Span, reason: str) -> None:
        self.span, self.reason = span, reason
        super().__init__(reason)


class Bounds:
    """Which nodes of a tree read no record that is scanned: those are computed in Python, once.

    Asked of every node on the way down; what was found out is kept, or deep trees would be walked over and over.
    """

    def __init__(self, scanned: Collection[str]) -> None:
        self.scanned = frozenset(scanned)
        self._known: dict[int, tuple[Node, frozenset[str]]] = {}

    def is_bound(self, node: Node) -> bool:
        return not self._reads(node)

    def _reads(self, node: Node) -> frozenset[str]:
        """The scanned roots and the variables from around that a node reads."""
        known = self._known.get(id(node))
        if known is None:
            # The node is kept alive, so that its id stays its own.
            known = self._known[id(node)] = (node, self._found(node))
        return known[1]

    def _found(self, node: Node) -> frozenset[str]:
        match node:
            case Root():
                return self.scanned & {node.name}
            case Variable():
                return frozenset((f"{node.name}()",))
        found: frozenset[str] = frozenset().union(*map(self._reads, children(node)))
        return found - {f"{node.variable}()"} if isinstance(node, Test | Filter | Map) else found


def sql_problem(node: Node, scanned: Collection[str] = SCANNED) -> NotInSql | None:
    """Why a node has no SQL, or None."""
    bounds = Bounds(scanned)
    try:
        if isinstance(node.kind, ListKind | StructKind) and not bounds.is_bound(node):
            raise NotInSql(node.span, f"{node.kind.word} is no single value")
        for found in _compiled(node, bounds):
            _look(found, bounds)
        _count(node, bounds)
    except NotInSql as problem:
        return problem
    return None


def _compiled(node: Node, bounds: Bounds) -> Iterator[Node]:
    """The nodes that become SQL: those below a bound one are Python's."""
    if bounds.is_bound(node):
        return
    yield node
    for child in children(node):
        yield from _compiled(child, bounds)


def _look(node: Node, bounds: Bounds) -> None:
    match node:
        case Apply() if not node.function.in_sql:
            raise NotInSql(node.span, f"{node.function.name} of this is computed in Python only")
        case Apply() if any(argument.kind is DOUBLE for argument in node.arguments):
            raise NotInSql(node.span, "floating numbers are computed in Python only: use a decimal property")
        case Arithmetic() if node.kind is DOUBLE:
            raise NotInSql(node.span, "floating numbers are computed in Python only: use a decimal property")
        case Arithmetic() if isinstance(node.kind, ListKind):
            raise NotInSql(node.span, "lists are joined in Python only")
        case Index() if not isinstance(node.index, Const):
            raise NotInSql(node.index.span, "an index is computed in Python only: write the number")
        case Compare():
            _look_at_compared(node)
        case In():
            _look_at_list(node.items, bounds, among=True)
        case Test() | Filter() | Map() | Aggregate():
            _look_at_list(node.items, bounds, among=False)
        case Index():
            _look_at_list(node.operand, bounds, among=False)
        case Special() if isinstance(node.operand.kind, ListKind):
            _look_at_list(node.operand, bounds, among=False)
        case _:
            pass
    if node.kind is JSON and not isinstance(node, Member):
        raise NotInSql(node.span, "JSON is computed in Python only")
    _look_at_amounts(node)


def _look_at_compared(node: Compare) -> None:
    for operand in (node.left, node.right):
        if isinstance(operand.kind, StructKind | ListKind):
            raise NotInSql(operand.span, f"{operand.kind.word} is compared in Python only")


def _look_at_list(node: Node, bounds: Bounds, *, among: bool) -> None:
    """Lists that rows can be made of."""
    if isinstance(node, Many | Member | Filter | Map) or bounds.is_bound(node):
        return
    if isinstance(node, ListOf) and among:
        return
    if isinstance(node, Apply):
        raise NotInSql(node.span, f"{node.function.name} of this is computed in Python only")
    what = "a list that is written out" if isinstance(node, ListOf) else "a list that is chosen"
    raise NotInSql(node.span, f"{what} is walked in Python only")


def _look_at_amounts(node: Node) -> None:
    """A plain number that stands for an amount has no units before it meets a currency."""
    allowed = isinstance(node, Compare)
    for child in children(node):
        value = child.value if isinstance(child, Const) else None
        if isinstance(value, Money) and not value.currency and value.amount and not allowed:
            raise NotInSql(child.span, "it is not known in which currency this number is meant")
        if isinstance(child, Const) and not isinstance(node, Compare | ListOf) and not _fits(child):
            raise NotInSql(child.span, "this number has too many digits")


def _fits(node: Const) -> bool:
    if not isinstance(node.kind, DecimalKind) or node.value is None:
        return True
    return bool(abs(node.value.scaleb(node.kind.scale)) < 2**63)


def _count(node: Node, bounds: Bounds) -> None:
    compiled = list(_compiled(node, bounds))
    paths = {_path(found) for found in compiled if isinstance(found, Member) and _is_join(found)}
    if len(paths) > MOST_JOINS:
        raise NotInSql(node.span, f"this walks {len(paths)} relations, more than {MOST_JOINS}")
    subqueries = sum(_is_subquery(found, bounds) for found in compiled)
    if subqueries > MOST_SUBQUERIES:
        raise NotInSql(node.span, f"this looks through {subqueries} lists, more than {MOST_SUBQUERIES}")
    levels = _levels(node, bounds)
    if levels > MOST_LEVELS:
        raise NotInSql(node.span, f"operations stand {levels} deep in one another, more than {MOST_LEVELS}")
    symbols = depth(node, bounds.is_bound)
    if symbols > MOST_SYMBOLS:
        reason = f"this is nested too deep for a statement: {symbols} symbols would be open at once"
        raise NotInSql(node.span, f"{reason}, more than {MOST_SYMBOLS}")
    nested = _nested(node, bounds)
    if nested > MOST_NESTED:
        raise NotInSql(node.span, f"lists are nested {nested} deep, more than {MOST_NESTED}")


def _is_join(node: Member) -> bool:
    """Whether a member is read through a relation."""
    return isinstance(node.operand, Member) and isinstance(node.operand.kind, RecordKind)


def _path(node: Member) -> tuple[object, ...]:
    """The relation a member is read through, without where it is written."""
    steps: list[object] = []
    operand: Node = node.operand
    while isinstance(operand, Member):
        steps.append(operand.name)
        operand = operand.operand
    match operand:
        case Root() | Variable():
            steps.append(operand.name)
        case _:
            steps.append(operand)
    return tuple(steps)


def _is_subquery(node: Node, bounds: Bounds) -> bool:
    match node:
        case Test() | Aggregate() | Index():
            return True
        case In():
            return not isinstance(node.items, ListOf | Const) and not bounds.is_bound(node.items)
        case Special():
            return isinstance(node.operand.kind, ListKind)
        case Filter():
            return node.condition.null is not Null.NEVER
        case _:
            return False


def _levels(node: Node, bounds: Bounds) -> int:
    """How deep operations stand within one another, without what is computed in Python."""
    deepest, stack = 0, [(node, 1)]
    while stack:
        found, level = stack.pop()
        if not bounds.is_bound(found):
            deepest = max(deepest, level)
            stack.extend((child, level + 1) for child in children(found))
    return deepest


def _nested(node: Node, bounds: Bounds) -> int:
    """How deep lists stand within lists."""
    if bounds.is_bound(node):
        return 0
    below = max((_nested(child, bounds) for child in children(node)), default=0)
    if isinstance(node, Test):
        inner = _nested(node.condition, bounds)
        return max(inner + 1, below)
    if isinstance(node, Filter | Map):
        body = node.condition if isinstance(node, Filter) else node.body
        return max(_nested(body, bounds) + 1, below)
    return max(below, 1) if isinstance(node, Aggregate) else below
