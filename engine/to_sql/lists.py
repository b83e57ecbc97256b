"""Lists in SQL: the rows they are, and the tests of those; each a subquery of its own, never a join.

The rows come of a to-many relation, of a JSON list in a column, or of a list that was computed in Python and bound.
A filter is a WHERE, a map changes what a row means. What may be unknown is asked apart: whether a row is unknown.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa

from engine.expressions.kinds import (
    BOOL,
    DATE,
    DATETIME,
    DURATION,
    INT,
    TIME,
    UUID,
    DecimalKind,
    EnumKind,
    Kind,
    ListKind,
    RecordKind,
    is_text,
)
from engine.expressions.nodes import (
    Compare,
    Filter,
    In,
    Many,
    Map,
    Member,
    Node,
    Null,
    Special,
    Test,
    Variable,
)
from engine.expressions.unify import null_of
from engine.sql.aliased import aliased
from engine.sql.phrase import (
    BIGINT,
    BOOLEAN,
    NUMERIC,
    TEXT,
    Clause,
    both,
    condition,
    is_not_null,
    is_not_true,
    is_null,
    phrase,
    text,
)
from engine.sql.storage import MOMENT, Value
from engine.to_sql.base import Row, row_of
from engine.to_sql.conditions import Conditions
from engine.to_sql.limits import NotInSql
from engine.to_sql.numbers import settle
from engine.to_sql.source import Rows, Scope
from engine.typecheck.checking import item_null

ITEM = "_item"


@dataclass(eq=False)
class Items:
    """The rows of a list: where they are, which of them, what each is (in `inside`), and their order.

    `doubts` are conditions outside of the rows under which the list is unknown.
    """

    inside: Lists
    scope: Scope
    item: Node
    where: list[Clause]
    order: list[Clause]
    doubts: list[Clause] = field(default_factory=list)

    def select(self, *columns: Clause, where: tuple[Clause, ...] = ()) -> sa.Select[Any]:
        """SELECT columns of the rows."""
        conditions = both([*self.where, *where])
        made = sa.select(*columns).select_from(self.scope.source).where(conditions)
        return made.correlate_except(*self.scope.own)

    def exists(self, *where: Clause) -> Clause:
        return self.select(sa.literal_column("1"), where=where).exists()


class Lists(Conditions):
    """Compiles lists and the tests of their items."""

    # ---- rows

    def items(self, node: Node, *, whole: bool) -> Items:
        """The rows of a list. `whole`: an item that is unknown makes the list unknown (aggregates skip it)."""
        made = self._items(node)
        if whole and item_null(node) is Null.UNKNOWN:
            again = self._items(node)
            made.doubts.append(again.exists(is_null(again.inside.cell(again.item))))
        return made

    def _items(self, node: Node) -> Items:
        match node:
            case Filter():
                return self._filtered(node)
            case Map():
                return self._mapped(node)
            case Many():
                return self._related(node)
            case Member() if not self.is_bound(node):
                return self._listed(node, self.value(node).clause)
            case _ if self.is_bound(node):
                return self._given(node)
            case _:
                raise NotInSql(node.span, "this list is walked in Python only")

    def _filtered(self, node: Filter) -> Items:
        made = self._each_as(self._items(node.items), node.variable)
        clause = made.inside.true(node.condition)
        if node.condition.null is not Null.NEVER:
            again = self._each_as(self._items(node.items), node.variable)
            unknown = is_null(again.inside.value(node.condition).clause)
            made.doubts.append(again.exists(unknown))
        return replace(made, where=[*made.where, clause])

    def _mapped(self, node: Map) -> Items:
        made = self._each_as(self._items(node.items), node.variable)
        return replace(made, item=node.body)

    def _each_as(self, items: Items, variable: str) -> Items:
        """The same rows, with a variable for what each of them is."""
        inside = items.inside.inside(items.scope, **{variable: items.item})
        return replace(items, inside=inside)

    def _related(self, node: Many) -> Items:
        """The records a to-many relation leads to."""
        ways = self.tables.ways(node.entity, node.name)
        if len(ways) != 1:
            raise NotInSql(node.span, f"{node.name} leads to several entities")
        way, key = ways[0], self.row(node.operand).keys[node.entity]
        target = aliased(self.tables.table(way.target))
        scope = Rows(self.tables, target)
        where: list[Clause] = []
        if way.between is not None:
            between = aliased(way.between.table)
            on = between.c[way.between.target] == target.c.id
            scope.inner.append((between, on))
            where.append(between.c[way.between.source] == key)
            if way.between.entity:
                where += self._seen(way.between.entity, between)
        else:
            where.append(target.c[way.back] == key)
        where += self._seen(way.target, target)
        order: list[Clause] = [target.c[name] for name in self.tables.order(way.target)]
        return self._made(node, scope, row_of(scope, target, way.target), where, order)

    def _seen(self, entity: str, alias: sa.FromClause) -> list[Clause]:
        seen = self.tables.listed(entity, alias)
        return [] if seen is None else [seen]

    def _made(
        self, node: Node, scope: Scope, meaning: Row | Value, where: list[Clause], order: list[Clause]
    ) -> Items:
        assert isinstance(node.kind, ListKind)
        null = Null.VALUE if node.kind.nulls else Null.NEVER
        name = f"{ITEM}{len(self.meanings)}"
        item = Variable(node.kind.item, null, node.span, name)
        return Items(self.inside(scope, **{name: meaning}), scope, item, where, order)

    def cell(self, node: Node) -> Clause:
        """One clause that is null where a node is null or unknown."""
        if isinstance(node.kind, RecordKind):
            return next(iter(self.row(node).keys.values()))
        return settle(self.value(node), self.dialect).clause

    # ---- lists of values

    def _listed(self, node: Node, column: Clause) -> Items:
        """The texts of a JSON list in a column, in the order of the options where it is a choice."""
        scope, cell, position = self._each(column)
        assert isinstance(node.kind, ListKind)
        order = [position]
        if isinstance(node.kind.item, EnumKind):
            order = [_option_order(cell, node.kind.item), cell]
        return self._made(node, scope, Value(cell), [], order)

    def _given(self, node: Node) -> Items:
        """A list that was computed in Python, as a JSON text."""
        assert isinstance(node.kind, ListKind)
        parameter = sa.bindparam(self.name(node, "list"), type_=TEXT)
        listed = parameter if self.sqlite else phrase("CAST({0} AS JSONB)", TEXT, parameter)
        scope, cell, position = self._each(listed)
        kind = node.kind.item
        value = self._from_json(kind, cell, node)
        if isinstance(kind, RecordKind):
            entity = kind.entities[0]
            return self._made(node, scope, self.row_by_key(scope, entity, value), [], [position])
        return self._made(node, scope, Value(value), [], [position])

    def row_by_key(self, scope: Scope, entity: str, key: Clause) -> Row:
        raise NotImplementedError

    def _each(self, listed: Clause) -> tuple[Scope, Clause, Clause]:
        """The items of a JSON list as rows: their scope, an item, its position."""
        if self.sqlite:
            rows = sa.func.json_each(listed).table_valued("key", "value", name=None)
            return Scope(self.tables, rows), phrase("{0}", TEXT, rows.c.value), rows.c.key
        function = sa.func.jsonb_array_elements_text(listed)
        rows = function.table_valued("value", with_ordinality="place", name=None).render_derived()
        return Scope(self.tables, rows), phrase("{0}", TEXT, rows.c.value), rows.c.place

    def _from_json(self, kind: Kind, cell: Clause, node: Node) -> Clause:
        """An item of a bound list in the stored form of its kind."""
        if self.sqlite:
            return phrase(
                "{0}", STORED.get(kind, BIGINT if isinstance(kind, DecimalKind | RecordKind) else TEXT), cell
            )
        if isinstance(kind, DecimalKind):
            return phrase("CAST({0} AS NUMERIC)", NUMERIC, cell)
        if isinstance(kind, RecordKind):
            return phrase("CAST({0} AS BIGINT)", BIGINT, cell)
        words = CASTS.get(kind)
        return phrase(f"CAST({{0}} AS {words})", STORED[kind], cell) if words else cell

    # ---- exists, all, exists_one

    def tested(self, node: Test, wanted: bool) -> Clause:
        if node.name == "exists_one":
            return self._tested_one(node, wanted)
        some = (node.name == "exists") == wanted
        items = self._each_as(self.items(node.items, whole=True), node.variable)
        decided = items.inside.true(node.condition) if wanted else items.inside.false(node.condition)
        if some:
            made = items.exists(decided)
        elif node.condition.null is Null.NEVER:
            opposite = items.inside.false(node.condition) if wanted else items.inside.true(node.condition)
            made = condition("(NOT {0})", items.exists(opposite))
        else:
            made = condition("(NOT {0})", items.exists(is_not_true(decided)))
        return self._certain(items, made)

    def _certain(self, items: Items, made: Clause) -> Clause:
        """A condition, if the list is known."""
        return both([made, *(condition("(NOT {0})", doubt) for doubt in items.doubts)])

    def _tested_one(self, node: Test, wanted: bool) -> Clause:
        """Whether exactly one item meets the condition; unknown where it is for any."""
        items = self._each_as(self.items(node.items, whole=True), node.variable)
        found = items.inside.value(node.condition).clause
        inner = items.select(found.label("v")).subquery()
        template = "(CASE WHEN count({0}) = count(*) THEN count(CASE WHEN {0} THEN 1 END) = 1 END)"
        counted = sa.select(phrase(template, BOOLEAN, inner.c.v)).select_from(inner).scalar_subquery()
        return self._certain(items, self._is(counted, wanted))

    # ---- in, has, empty, truthy

    def among_rows(self, node: In, wanted: bool) -> Clause:
        """Whether one of the rows equals an item."""
        if self.is_bound(node.items):
            made = self._among_given(node, wanted)
            if made is not None:
                return made
        items = self.items(node.items, whole=True)
        null = Null.UNKNOWN if Null.UNKNOWN in (null_of(node.item), items.item.null) else Null.NEVER
        pair = Compare(BOOL, null, node.span, "==", node.item, items.item)
        if wanted:
            return self._certain(items, items.exists(items.inside.true(pair)))
        none = condition("(NOT {0})", items.exists(is_not_true(items.inside.false(pair))))
        return both([*self.known(node.item), self._certain(items, none)])

    def _among_given(self, node: In, wanted: bool) -> Clause | None:
        """Among values that are bound: one parameter however many they are, and an index is used."""
        assert isinstance(node.items.kind, ListKind)
        kind = node.items.kind.item
        if not (isinstance(kind, RecordKind | DecimalKind) or is_text(kind) or kind in STORED):
            return None
        if isinstance(kind, RecordKind) and (len(kind.entities) > 1 or len(self.row(node.item).keys) > 1):
            return None
        items = self._given(node.items)
        shown = items.inside.value(items.item).clause
        item = self._item_clause(node)
        there = (is_not_null(shown),) if node.items.kind.nulls else ()
        inner = items.select(shown, where=there).scalar_subquery()
        among = condition("({0} IN {1})", item, inner)
        holds_null = self._holds_null(node)
        value_null = null_of(node.item) is Null.VALUE
        if wanted:
            found = [
                among,
                *([both([is_null(item), holds_null])] if holds_null is not None and value_null else []),
            ]
            return condition("({0} OR {1})", *found) if len(found) == 2 else among
        outside = both([is_not_null(item), condition("({0} NOT IN {1})", item, inner)])
        if not value_null:
            return outside
        missing = (
            is_null(item) if holds_null is None else both([is_null(item), condition("(NOT {0})", holds_null)])
        )
        return condition("({0} OR {1})", missing, outside)

    def _item_clause(self, node: In) -> Clause:
        if isinstance(node.item.kind, RecordKind):
            return next(iter(self.row(node.item).keys.values()))
        return self.operand(node.item).clause

    def _holds_null(self, node: In) -> Clause | None:
        assert isinstance(node.items.kind, ListKind)
        if not node.items.kind.nulls or isinstance(node.items.kind.item, RecordKind):
            return None
        return self._is(sa.bindparam(self.name(node.items, "holds_null"), type_=BOOLEAN), True)

    def special(self, node: Special) -> Clause:
        """Whether a list has items, or a value is there."""
        if not isinstance(node.operand.kind, ListKind):
            return self.special_value(node)
        items = self.items(node.operand, whole=True)
        made = self._certain(items, items.exists())
        return is_not_true(made) if node.name == "empty" else made


STORED: dict[Kind, sa.types.TypeEngine[Any]] = {
    BOOL: BOOLEAN,
    INT: BIGINT,
    DATE: sa.Date(),
    TIME: sa.Time(),
    DATETIME: MOMENT,
    DURATION: BIGINT,
    UUID: sa.Uuid(),
}
CASTS: dict[Kind, str] = {
    BOOL: "BOOLEAN",
    INT: "BIGINT",
    DATE: "DATE",
    TIME: "TIME",
    DATETIME: "TIMESTAMPTZ",
    DURATION: "BIGINT",
    UUID: "UUID",
}


def _option_order(cell: Clause, kind: EnumKind) -> Clause:
    """Where an option stands among all; those that are gone come last."""
    parts = [f"WHEN {{{position + 1}}} THEN {position}" for position in range(len(kind.names))]
    template = f"(CASE {{0}} {' '.join(parts)} ELSE {len(kind.names)} END)"
    return phrase(template, BIGINT, cell, *(text(name) for name in kind.names))
