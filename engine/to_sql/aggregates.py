"""Aggregates in SQL: exact sums, averages and the rest over the rows of a list; they skip what is null."""

from __future__ import annotations

import sqlalchemy as sa

from engine.expressions.kinds import DURATION, DecimalKind, RecordKind, is_text
from engine.expressions.nodes import Aggregate, Const, Index, Null
from engine.sql.phrase import (
    BIGINT,
    NOTHING,
    TEXT,
    Clause,
    both,
    condition,
    let,
    phrase,
)
from engine.sql.storage import Value, scale_of
from engine.to_sql.base import Row
from engine.to_sql.lists import Items, Lists
from engine.to_sql.numbers import fit, power, rounded_quotient, settle, span
from engine.to_sql.sqlite_calls import AVERAGE

MOST_ROWS = 2**40
LOW_BITS = 4_294_967_295

LOW_SUM = f"sum({{0}} & {LOW_BITS})"
SUM_SQLITE = f"((sum({{0}} >> 32) + ({LOW_SUM} >> 32)) * {LOW_BITS + 1} + ({LOW_SUM} & {LOW_BITS}))"
"""SQLite's own sum raises an error where it overflows. The halves of all numbers are added apart, and put together
with an arithmetic that turns REAL where the whole does not fit."""

SAME_CURRENCY = "(CASE WHEN count(DISTINCT {1}) <= 1 THEN {0} END)"


class Aggregates(Lists):
    """Compiles aggregates, and the item at an index."""

    def aggregate(self, node: Aggregate) -> Value:
        items = self.items(node.items, whole=node.name == "size")
        match node.name:
            case "size":
                return Value(self._sure(items, self._counted(items)), most=MOST_ROWS)
            case "first":
                return self._first(items, 0)
            case "join":
                return self._joined(node, items)
            case _:
                return self._computed(node, items)

    def _sure(self, items: Items, clause: Clause) -> Clause:
        """A result, unless the list is unknown."""
        if not items.doubts:
            return clause
        certain = both([condition("(NOT {0})", doubt) for doubt in items.doubts])
        return phrase("(CASE WHEN {0} THEN {1} END)", clause.type, certain, clause)

    def _counted(self, items: Items) -> Clause:
        return items.select(phrase("count(*)", BIGINT)).scalar_subquery()

    def _inner(self, items: Items, *more: Clause) -> tuple[sa.Subquery, bool]:
        """The rows as a table of values `v`, with the currency `c` of each where it has one of its own."""
        if isinstance(items.item.kind, RecordKind):
            clause = next(iter(items.inside.row(items.item).keys.values()))
            value = Value(clause)
        else:
            value = settle(items.inside.value(items.item), self.dialect)
        columns = [value.clause.label("v")]
        if value.currency is not None:
            there = "(CASE WHEN {0} IS NOT NULL THEN {1} END)"
            columns.append(phrase(there, TEXT, value.clause, value.currency).label("c"))
        return items.select(*columns, *more).subquery(), value.currency is not None

    def _computed(self, node: Aggregate, items: Items) -> Value:
        inner, has_currency = self._inner(items)
        result = self._of_column(node, items, inner.c.v)
        currency = None
        if has_currency:
            result = phrase(SAME_CURRENCY, result.type, result, inner.c.c)
            one = phrase("(CASE WHEN count(DISTINCT {0}) <= 1 THEN max({0}) END)", TEXT, inner.c.c)
            currency = self._sure(items, sa.select(one).select_from(inner).scalar_subquery())
        made: Clause = sa.select(result).select_from(inner).scalar_subquery()
        finished = self._finished(node, self._sure(items, made))
        most = MOST_ROWS if node.name == "count" else 2**63
        return Value(finished, currency, most=most)

    def _of_column(self, node: Aggregate, items: Items, column: Clause) -> Clause:
        if node.name == "count":
            return phrase("count({0})", BIGINT, column)
        if node.name == "sum":
            return phrase(f"coalesce({SUM_SQLITE if self.sqlite else 'sum({0})'}, 0)", column.type, column)
        if node.name == "avg":
            return self._average(node, items, column)
        collate = ' COLLATE "C"' if not self.sqlite and is_text(items.item.kind) else ""
        return phrase(f"{node.name}({{0}}{collate})", column.type, column)

    def _average(self, node: Aggregate, items: Items, column: Clause) -> Clause:
        shift = scale_of(node.kind) - scale_of(items.item.kind)
        if self.sqlite:
            return phrase(f"{AVERAGE}({{0}}, {shift})", column.type, column)
        total = phrase("CAST(sum({0}) AS NUMERIC)", column.type, column)
        more = scale_of(node.kind) if isinstance(node.kind, DecimalKind) else shift
        top = phrase("({0} * {1})", column.type, total, power(more))
        quotient = rounded_quotient(top, phrase("CAST(count({0}) AS NUMERIC)", column.type, column))
        if isinstance(node.kind, DecimalKind):
            return phrase("({0} * {1})", column.type, quotient, power(-more))
        return quotient

    def _finished(self, node: Aggregate, clause: Clause) -> Clause:
        """A sum or average that fits 64 bits."""
        if node.name not in ("sum", "avg"):
            return clause
        if self.sqlite:
            clause = settle(Value(clause, loose=node.name == "sum"), self.dialect).clause
        else:
            clause = fit(clause, node.kind, 2**63).clause
        return span(Value(clause), self.dialect).clause if node.kind is DURATION else clause

    # ---- first, and by index

    def at(self, node: Index) -> Value:
        """The item at an index; unknown outside."""
        index = node.index.value if isinstance(node.index, Const) else -1
        items = self.items(node.operand, whole=True)
        return self._first(items, index) if index >= 0 else Value(NOTHING)

    def _first(self, items: Items, offset: int) -> Value:
        if isinstance(items.item.kind, RecordKind):
            keys = {
                entity: self._one(items, key, offset)
                for entity, key in items.inside.row(items.item).keys.items()
            }
            return Value(next(iter(keys.values())), keys=keys)
        value = settle(items.inside.value(items.item), self.dialect)
        currency = None if value.currency is None else self._one(items, value.currency, offset)
        return Value(self._one(items, value.clause, offset), currency)

    def _one(self, items: Items, clause: Clause, offset: int) -> Clause:
        ordered = items.select(clause).order_by(*items.order).limit(1)
        if offset:
            ordered = ordered.offset(offset)
        return self._sure(items, ordered.scalar_subquery())

    def first_row(self, node: Aggregate | Index) -> Row:
        """The first record of a list, or the one at an index."""
        value = self.aggregate(node) if isinstance(node, Aggregate) else self.at(node)
        return self.row_of_keys(value)

    def row_of_keys(self, value: Value) -> Row:
        raise NotImplementedError

    # ---- join

    def _joined(self, node: Aggregate, items: Items) -> Value:
        """The texts one after the other, in the order of the list."""
        separator = self.value(node.separator).clause if node.separator is not None else phrase("''", TEXT)

        def use(between: Clause) -> Clause:
            made = self._joined_with(items, between)
            return phrase("(CASE WHEN {0} IS NOT NULL THEN {1} END)", TEXT, between, self._sure(items, made))

        if node.separator is None or node.separator.null is Null.NEVER:
            return Value(self._sure(items, self._joined_with(items, separator)))
        return Value(let(separator, use, self.dialect))

    def _joined_with(self, items: Items, separator: Clause) -> Clause:
        value = items.inside.value(items.item).clause
        order = [clause.label(f"o{position}") for position, clause in enumerate(items.order)]
        rows = items.select(value.label("v"), *order)
        if self.sqlite:
            # In the order of the inner rows: the LIMIT keeps SQLite from leaving that out.
            inner = rows.order_by(*items.order).limit(-1).subquery()
            made = phrase("coalesce(group_concat({0}, {1}), '')", TEXT, inner.c.v, separator)
        else:
            inner = rows.subquery()
            places = ", ".join(f"{{{position + 2}}}" for position in range(len(order)))
            columns = [inner.c[label.name] for label in order]
            template = f"coalesce(string_agg({{0}}, {{1}} ORDER BY {places}), '')"
            made = phrase(template, TEXT, inner.c.v, separator, *columns)
        return sa.select(made).select_from(inner).scalar_subquery()
