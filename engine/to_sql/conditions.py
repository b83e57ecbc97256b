"""Conditions in SQL, in three modes: `true` and `false` say whether a node is that, `value` what it is.

A clause of the modes `true` and `false` may be null where it does not hold: it is only ever joined with AND and OR,
never negated without IS NOT TRUE. So indexes are used: `x = :p` where IS NOT DISTINCT FROM would scan a table.
"""

from __future__ import annotations

from decimal import Decimal

from engine.expressions.kinds import (
    BOOL,
    DURATION,
    DecimalKind,
    MoneyKind,
    RecordKind,
    is_number,
    is_text,
)
from engine.expressions.nodes import (
    Apply,
    Choose,
    Compare,
    Const,
    In,
    ListOf,
    Logic,
    Node,
    Not,
    Null,
    Special,
    Test,
)
from engine.expressions.unify import null_of
from engine.sql.phrase import (
    FALSE,
    TRUE,
    Clause,
    both,
    condition,
    either,
    is_false,
    is_not_null,
    is_not_true,
    is_null,
)
from engine.to_sql.comparisons import Comparisons, least_scale

CHOICE = "(CASE {0} WHEN true THEN {1} WHEN false THEN {2} END)"


class Conditions(Comparisons):
    """Compiles conditions."""

    # ---- the three modes

    def true(self, node: Node) -> Clause:
        """A condition that holds exactly where a node is true."""
        return self._decided(node, True)

    def false(self, node: Node) -> Clause:
        """A condition that holds exactly where a node is false."""
        return self._decided(node, False)

    def _decided(self, node: Node, wanted: bool) -> Clause:
        if isinstance(node, Const):
            return TRUE if node.value is wanted else FALSE
        if self.is_bound(node):
            return self._is(self.value(node).clause, wanted)
        match node:
            case Not():
                return self._decided(node.operand, not wanted)
            case Logic():
                joined = both if (node.operator == "&&") == wanted else either
                return joined([self._decided(operand, wanted) for operand in node.operands])
            case Compare():
                return self.compared(node, wanted)
            case In():
                return self._among(node, wanted)
            case Choose():
                yes, no = self._decided(node.yes, wanted), self._decided(node.no, wanted)
                return condition(CHOICE, self.value(node.condition).clause, yes, no)
            case Special():
                made = self.special(node)
                return made if wanted else is_not_true(made)
            case Test():
                return self.tested(node, wanted)
            case Apply():
                made = self.value(node).clause
                return made if wanted else is_false(made)  # compared with true, an index would not be seen
            case _:
                return self._is(self.value(node).clause, wanted)

    def _is(self, clause: Clause, wanted: bool) -> Clause:
        if self.sqlite:
            return condition("({0} = 1)" if wanted else "({0} = 0)", clause)
        return condition("({0} = true)" if wanted else "({0} = false)", clause)

    def condition_value(self, node: Node) -> Clause | None:
        """A condition as a value, or None where it is no operation of ours."""
        match node:
            case Not():
                return condition("(NOT {0})", self.value(node.operand).clause)
            case Logic():
                parts = [self.value(operand).clause for operand in node.operands]
                return both(parts) if node.operator == "&&" else either(parts)
            case Compare() if self.is_plain(node):
                return self.compared_value(node)
            case Compare() | In() | Test():
                return self._three_valued(node)
            case Special():
                return condition("({0} IS TRUE)", self.special(node))
            case _:
                return None

    def _three_valued(self, node: Node) -> Clause:
        true = self.true(node)
        if node.null is Null.NEVER:
            return condition("({0} IS TRUE)", true)
        return condition("(CASE WHEN {0} THEN true WHEN {1} THEN false END)", true, self.false(node))

    def special(self, node: Special) -> Clause:
        raise NotImplementedError

    def tested(self, node: Test, wanted: bool) -> Clause:
        raise NotImplementedError

    def among_rows(self, node: In, wanted: bool) -> Clause:
        raise NotImplementedError

    # ---- in

    def _among(self, node: In, wanted: bool) -> Clause:
        items = node.items
        if isinstance(items, ListOf):
            plain = not isinstance(node.item.kind, RecordKind | MoneyKind)
            constant = plain and all(isinstance(item, Const) for item in items.items)
            if constant and self._safe(node.item, items):
                return self._among_constants(node, items, wanted)
            return self._among_written(node, items, wanted)
        return self.among_rows(node, wanted)

    def _among_constants(self, node: In, items: ListOf, wanted: bool) -> Clause:
        found = [item for item in items.items if isinstance(item, Const) and item.value is not None]
        holds_null = len(found) < len(items.items)
        item, there = self._among_cells(node.item, found)
        places = ", ".join(f"{{{position + 1}}}" for position in range(len(there)))
        value_null = null_of(node.item) is Null.VALUE
        if wanted:
            among = condition(f"({{0}} IN ({places}))", item, *there) if there else FALSE
            return either([among, is_null(item)]) if holds_null and value_null else among
        if not there:
            return is_not_null(item) if (holds_null or null_of(node.item) is Null.UNKNOWN) else TRUE
        outside = condition(f"({{0}} NOT IN ({places}))", item, *there)
        return either([is_null(item), outside]) if value_null and not holds_null else outside

    def _among_cells(self, item: Node, found: list[Const]) -> tuple[Clause, list[Clause]]:
        """What is looked for and constants, all in the same units."""
        scale = max([least_scale(item), *map(least_scale, found)])
        return self.operand_at(item, scale).clause, [self.operand_at(each, scale).clause for each in found]

    def _safe(self, item: Node, items: ListOf) -> bool:
        """Whether constants, with the decimals all of them need, fit 64 bits."""
        found = [each for each in items.items if isinstance(each, Const) and each.value is not None]
        if not isinstance(item.kind, DecimalKind) or len(found) < 2:
            return True
        scale = max([least_scale(item), *map(least_scale, found)])
        return all(abs(Decimal(each.value).scaleb(scale)) < 2**63 for each in found)

    def _among_written(self, node: In, items: ListOf, wanted: bool) -> Clause:
        """A list of expressions: equal to one of them, if all are known."""
        known = [clause for item in (node.item, *items.items) for clause in self.known(item)]
        pairs = [self._pair(node.item, item) for item in items.items]
        if wanted:
            return both([*known, either([self.true(pair) for pair in pairs])])
        return both([*known, *(self.false(pair) for pair in pairs)])

    def _pair(self, left: Node, right: Node) -> Compare:
        null = Null.UNKNOWN if Null.UNKNOWN in (null_of(left), null_of(right)) else Null.NEVER
        return Compare(BOOL, null, left.span, "==", left, right)

    # ---- has, empty, truthy of single values

    def special_value(self, node: Special) -> Clause:
        kind = node.operand.kind
        clauses = self.cells(node.operand)
        if node.name == "has":
            return either([is_not_null(clause) for clause in clauses])
        if node.name == "empty":
            missing = both([is_null(clause) for clause in clauses])
            return self._filled("({0} IS NULL OR {0} = '')", *clauses) if is_text(kind) else missing
        if kind is BOOL:
            return self.true(node.operand)
        if is_number(kind) or isinstance(kind, MoneyKind) or kind is DURATION:
            return condition("({0} <> 0)", *clauses)
        if is_text(kind):
            return condition("({0} <> '')", *clauses)
        return either([is_not_null(clause) for clause in clauses])
