"""Comparisons in SQL: null that is a value or unknown, numbers of different decimals, records, amounts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from engine.expressions.kinds import NULL, DecimalKind, MoneyKind, RecordKind, is_text
from engine.expressions.nodes import Compare, Const, Node, Null
from engine.expressions.unify import bare, null_of
from engine.expressions.unify import scale_of as decimals_of
from engine.sql.phrase import (
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
from engine.sql.storage import Value, scale_of
from engine.sql.words import fill
from engine.to_sql.base import SqlBase
from engine.to_sql.numbers import agree, by_digits, exact, rescaled, settle
from engine.types.money import Money

NEGATED = {"==": "!=", "!=": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
UNEQUAL = {"sqlite": "({0} IS NOT {1})", "postgresql": "({0} IS DISTINCT FROM {1})"}
SAME = {"sqlite": "({0} IS {1})", "postgresql": "({0} IS NOT DISTINCT FROM {1})"}
BOTH_NULL_OR_EQUAL = {"sqlite": "({0} IS {1})", "postgresql": "({0} = {1} OR ({0} IS NULL AND {1} IS NULL))"}


class Comparisons(SqlBase):
    """Compiles `== != < <= > >=`."""

    def operand(self, node: Node) -> Value:
        """An operand of a comparison by itself."""
        return self.operand_at(node, least_scale(node))

    def pair(self, left: Node, right: Node) -> tuple[Value, Value]:
        """Two operands in the same units.

        At most one of them is brought to more decimals, perhaps beyond 64 bits: SQLite compares that rightly, as
        a REAL with an integer, where two REALs may be equal because both are rounded.
        """
        scale = max(least_scale(left), least_scale(right))
        return self.operand_at(left, scale), self.operand_at(right, scale)

    def operand_at(self, node: Node, scale: int) -> Value:
        """An operand of a comparison with some decimals; numbers compare even where they are beyond 64 bits."""
        plain = bare(node)
        if isinstance(node.kind, DecimalKind) and isinstance(plain, Const) and plain.value is not None:
            number = Decimal(plain.value)
            return Value(whole(int(number.scaleb(scale))) if self.sqlite else exact(number))
        inner = settle(self.value(plain), self.dialect)
        if isinstance(node.kind, MoneyKind) and isinstance(plain.kind, MoneyKind):
            inner = self.with_currency(inner, plain.kind, node.kind)
            return rescaled(inner, plain.kind, replace(node.kind, extra=scale), self.dialect, limited=False)
        if isinstance(node.kind, DecimalKind):
            return rescaled(inner, plain.kind, DecimalKind(scale), self.dialect, limited=False)
        return inner

    def with_currency(self, value: Value, source: MoneyKind, kind: MoneyKind) -> Value:
        """An amount whose kind says its currency, as one that says it itself."""
        if not source.currency or kind.currency:
            return value
        code = phrase(f"(CASE WHEN {{0}} IS NOT NULL THEN '{source.currency}' END)", TEXT, value.clause)
        return replace(value, currency=code)

    def is_plain(self, node: Compare) -> bool:
        """Whether two operands are compared as single values."""
        kinds = (node.left.kind, node.right.kind)
        if NULL in kinds:
            return False
        if any(isinstance(kind, MoneyKind) and not kind.currency for kind in kinds):
            return False
        return len({entity for kind in kinds if isinstance(kind, RecordKind) for entity in kind.entities}) < 2

    def compared(self, node: Compare, wanted: bool) -> Clause:
        operator = node.operator if wanted else NEGATED[node.operator]
        if NULL in (node.left.kind, node.right.kind):
            return self._compared_with_null(node, operator)
        if any(isinstance(side.kind, RecordKind) for side in (node.left, node.right)):
            return self._compared_records(node, operator)
        if isinstance(node.left.kind, MoneyKind) and not node.left.kind.currency:
            return self._compared_amounts(node, operator)
        left, right = self.pair(node.left, node.right)
        return self._compared_cells(node, operator, left.clause, right.clause)

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

    def compared_value(self, node: Compare) -> Clause:
        if isinstance(node.left.kind, RecordKind):
            left, right = (next(iter(self.row(side).keys.values())) for side in (node.left, node.right))
        else:
            left, right = (value.clause for value in self.pair(node.left, node.right))
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
        return self.pair(node.left, node.right)

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


def least_scale(node: Node) -> int:
    """The decimals that a number can't be compared without."""
    plain = bare(node)
    if isinstance(plain, Const) and isinstance(node.kind, DecimalKind) and plain.value is not None:
        return decimals_of(Decimal(plain.value))
    return scale_of(plain.kind)
