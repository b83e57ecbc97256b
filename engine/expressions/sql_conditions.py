"""Conditions in SQL, in three modes: `true` and `false` say whether a node is that, `value` what it is.

A clause of the modes `true` and `false` may be null where it does not hold: it is only ever joined with AND and OR,
never negated without IS NOT TRUE. So indexes are used: `x = :p` where IS NOT DISTINCT FROM would scan a table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from engine.expressions.kinds import (
    BOOL,
    DURATION,
    NULL,
    DecimalKind,
    MoneyKind,
    RecordKind,
    is_number,
    is_text,
)
from engine.expressions.nodes import (
    Choose,
    Compare,
    Const,
    Convert,
    In,
    ListOf,
    Logic,
    Node,
    Not,
    Null,
    Special,
    Test,
)
from engine.expressions.sql_base import SqlBase
from engine.expressions.sql_numbers import agree, by_digits, exact, rescaled, settle
from engine.expressions.sql_phrase import (
    BIGINT,
    BOOLEAN,
    FALSE,
    TEXT,
    TRUE,
    Clause,
    both,
    condition,
    either,
    is_not_null,
    is_not_true,
    is_null,
    phrase,
    whole,
)
from engine.expressions.sql_storage import Value
from engine.expressions.sql_words import fill
from engine.expressions.unify import null_of
from engine.expressions.unify import scale_of as decimals_of
from engine.types.money import Money

NEGATED = {"==": "!=", "!=": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
UNEQUAL = {"sqlite": "({0} IS NOT {1})", "postgresql": "({0} IS DISTINCT FROM {1})"}
SAME = {"sqlite": "({0} IS {1})", "postgresql": "({0} IS NOT DISTINCT FROM {1})"}
BOTH_NULL_OR_EQUAL = {"sqlite": "({0} IS {1})", "postgresql": "({0} = {1} OR ({0} IS NULL AND {1} IS NULL))"}
CHOICE = "(CASE {0} WHEN true THEN {1} WHEN false THEN {2} END)"


class Conditions(SqlBase):
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
                return self._compared(node, wanted)
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
            case Compare() if self._plain(node):
                return self._compared_value(node)
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

    # ---- comparing

    def operand(self, node: Node) -> Value:
        """An operand of a comparison: numbers compare as they are, even where they are beyond 64 bits."""
        if isinstance(node, Const) and node.value is not None and _large(node):
            assert isinstance(node.kind, DecimalKind)
            unscaled = whole(int(node.value.scaleb(node.kind.scale)))
            return Value(unscaled if self.sqlite else exact(node.value))
        if isinstance(node, Convert) and not self.is_bound(node):
            inner = settle(self.value(node.operand), self.dialect)
            if isinstance(node.kind, MoneyKind) and isinstance(node.operand.kind, MoneyKind):
                inner = self.with_currency(inner, node.operand.kind, node.kind)
            return rescaled(inner, node.operand.kind, node.kind, self.dialect, limited=False)
        return settle(self.value(node), self.dialect)

    def with_currency(self, value: Value, source: MoneyKind, kind: MoneyKind) -> Value:
        """An amount whose kind says its currency, as one that says it itself."""
        if not source.currency or kind.currency:
            return value
        code = phrase(f"(CASE WHEN {{0}} IS NOT NULL THEN '{source.currency}' END)", TEXT, value.clause)
        return replace(value, currency=code)

    def _plain(self, node: Compare) -> bool:
        """Whether two operands are compared as single values."""
        kinds = (node.left.kind, node.right.kind)
        if NULL in kinds:
            return False
        if any(isinstance(kind, MoneyKind) and not kind.currency for kind in kinds):
            return False
        return len({entity for kind in kinds if isinstance(kind, RecordKind) for entity in kind.entities}) < 2

    def _compared(self, node: Compare, wanted: bool) -> Clause:
        operator = node.operator if wanted else NEGATED[node.operator]
        if NULL in (node.left.kind, node.right.kind):
            return self._compared_with_null(node, operator)
        if any(isinstance(side.kind, RecordKind) for side in (node.left, node.right)):
            return self._compared_records(node, operator)
        if isinstance(node.left.kind, MoneyKind) and not node.left.kind.currency:
            return self._compared_amounts(node, operator)
        return self._compared_cells(
            node, operator, self.operand(node.left).clause, self.operand(node.right).clause
        )

    def _compared_cells(self, node: Compare, operator: str, left: Clause, right: Clause) -> Clause:
        nulls = (null_of(node.left), null_of(node.right))
        if operator == "==":
            both_values = nulls == (Null.VALUE, Null.VALUE)
            return self._filled(
                BOTH_NULL_OR_EQUAL[self.dialect] if both_values else "({0} = {1})", left, right
            )
        if operator == "!=":
            return self._unequal(nulls, left, right)
        return self._ordered(node, operator, left, right)

    def _unequal(self, nulls: tuple[Null, Null], left: Clause, right: Clause) -> Clause:
        if Null.VALUE not in nulls:
            return condition("({0} <> {1})", left, right)
        made = UNEQUAL[self.dialect]
        if nulls[0] is Null.UNKNOWN:
            return self._filled(f"({{0}} IS NOT NULL AND {made})", left, right)
        if nulls[1] is Null.UNKNOWN:
            return self._filled(f"({{1}} IS NOT NULL AND {made})", left, right)
        return condition(made, left, right)

    def _ordered(self, node: Compare, operator: str, left: Clause, right: Clause) -> Clause:
        collate = ' COLLATE "C"' if not self.sqlite and is_text(node.left.kind) else ""
        return condition(f"({{0}}{collate} {operator} {{1}}{collate})", left, right)

    def _filled(self, template: str, *clauses: Clause) -> Clause:
        return fill(self.dialect, template, BOOLEAN, clauses)

    def _compared_with_null(self, node: Compare, operator: str) -> Clause:
        other = node.left if node.right.kind is NULL else node.right
        clauses = self.cells(other)
        if operator == "==":
            return both([is_null(clause) for clause in clauses]) if null_of(other) is Null.VALUE else FALSE
        return (
            either([is_not_null(clause) for clause in clauses]) if null_of(other) is not Null.NEVER else TRUE
        )

    def cells(self, node: Node) -> Sequence[Clause]:
        """The clauses of which one is not null where a node is not."""
        if isinstance(node.kind, RecordKind):
            return list(self.row(node).keys.values())
        return [self.operand(node).clause]

    def _compared_records(self, node: Compare, operator: str) -> Clause:
        left, right = self.row(node.left).keys, self.row(node.right).keys
        if len(left) == len(right) == 1 and [*left] == [*right]:
            return self._compared_cells(node, operator, *left.values(), *right.values())
        same = [condition("({0} = {1})", left[entity], right[entity]) for entity in left if entity in right]
        nothing = both([is_null(key) for key in (*left.values(), *right.values())])
        if (null_of(node.left), null_of(node.right)) == (Null.VALUE, Null.VALUE):
            same.append(nothing)
        if operator == "==":
            return either(same)
        sides = ((node.left, left), (node.right, right))
        known = [
            either([is_not_null(key) for key in keys.values()])
            for side, keys in sides
            if null_of(side) is Null.UNKNOWN
        ]
        return both([*known, is_not_true(either(same))])

    def _compared_value(self, node: Compare) -> Clause:
        if isinstance(node.left.kind, RecordKind):
            left, right = (next(iter(self.row(side).keys.values())) for side in (node.left, node.right))
        else:
            left, right = self.operand(node.left).clause, self.operand(node.right).clause
        nulls = (null_of(node.left), null_of(node.right))
        if node.operator not in ("==", "!="):
            return self._ordered(node, node.operator, left, right)
        equal = node.operator == "=="
        if Null.VALUE not in nulls:
            return condition("({0} = {1})" if equal else "({0} <> {1})", left, right)
        made = (SAME if equal else UNEQUAL)[self.dialect]
        for position, null in enumerate(nulls):
            if null is Null.UNKNOWN:
                return self._filled(f"(CASE WHEN {{{position}}} IS NOT NULL THEN {made} END)", left, right)
        return condition(made, left, right)

    # ---- amounts, each with a currency of its own

    def _compared_amounts(self, node: Compare, operator: str) -> Clause:
        left, right = self._amounts(node)
        agreed = agree(left.currency, right.currency)
        agreeing = [] if agreed is None else [agreed]
        nulls = (null_of(node.left), null_of(node.right))
        if operator not in ("==", "!="):
            return both([condition(f"({{0}} {operator} {{1}})", left.clause, right.clause), *agreeing])
        same = both([condition("({0} = {1})", left.clause, right.clause), *agreeing])
        nothing = (
            [both([is_null(left.clause), is_null(right.clause)])] if nulls == (Null.VALUE, Null.VALUE) else []
        )
        if operator == "==":
            return either([same, *nothing])
        strict = [(left, node.left), (right, node.right)]
        known = [is_not_null(value.clause) for value, side in strict if null_of(side) is Null.UNKNOWN]
        return both([*known, is_not_true(either([same, *nothing]))])

    def _amounts(self, node: Compare) -> tuple[Value, Value]:
        """Two amounts in the same units; a plain number takes those of the other."""
        for plain, other in ((node.left, node.right), (node.right, node.left)):
            if isinstance(plain, Const) and isinstance(plain.value, Money) and not plain.value.currency:
                made = self._plain_amount(plain, self.operand(other))
                return made if plain is node.left else (made[1], made[0])
        return self.operand(node.left), self.operand(node.right)

    def _plain_amount(self, plain: Const, other: Value) -> tuple[Value, Value]:
        assert isinstance(plain.kind, MoneyKind)
        extra = plain.kind.extra
        more = max(decimals_of(plain.value.amount) - extra, 0)
        if other.currency is None:
            return self.constant(plain), other
        units = {places: self._number(plain.value.amount, places + extra + more) for places in (0, 2, 3, 4)}
        amount = other.clause
        if more:
            template = f"({{0}} * {10**more})" if self.sqlite else f"(CAST({{0}} AS NUMERIC) * {10**more})"
            amount = phrase(template, other.clause.type, amount)
        return Value(by_digits(other.currency, units)), Value(amount, other.currency)

    def _number(self, amount: Decimal, places: int) -> Clause:
        number = int(amount.scaleb(places))
        return whole(number) if self.sqlite else phrase(f"CAST({number} AS NUMERIC)", BIGINT)

    # ---- in

    def _among(self, node: In, wanted: bool) -> Clause:
        items = node.items
        plain = not isinstance(node.item.kind, RecordKind | MoneyKind)
        if plain and isinstance(items, ListOf) and all(isinstance(item, Const) for item in items.items):
            return self._among_constants(node, items, wanted)
        if isinstance(items, ListOf):
            return self._among_written(node, items, wanted)
        return self.among_rows(node, wanted)

    def _among_constants(self, node: In, items: ListOf, wanted: bool) -> Clause:
        found = [item for item in items.items if isinstance(item, Const)]
        there = [self.operand(item).clause for item in found if item.value is not None]
        holds_null = len(there) < len(found)
        item = self.operand(node.item).clause
        places = ", ".join(f"{{{position + 1}}}" for position in range(len(there)))
        value_null = null_of(node.item) is Null.VALUE
        if wanted:
            among = condition(f"({{0}} IN ({places}))", item, *there) if there else FALSE
            return either([among, is_null(item)]) if holds_null and value_null else among
        if not there:
            return is_not_null(item) if (holds_null or null_of(node.item) is Null.UNKNOWN) else TRUE
        outside = condition(f"({{0}} NOT IN ({places}))", item, *there)
        return either([is_null(item), outside]) if value_null and not holds_null else outside

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


def _large(item: Const) -> bool:
    """Whether a number is beyond 64 bits without its decimals; it can be compared all the same."""
    return isinstance(item.kind, DecimalKind) and abs(item.value.scaleb(item.kind.scale)) >= 2**63
