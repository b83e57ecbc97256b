"""What every part of the SQL compiler shares: where it stands, what variables mean, and the parameters it binds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, Self

import sqlalchemy as sa

from engine.expressions.kinds import BOOL, DecimalKind, ListKind, MoneyKind, RecordKind, StructKind
from engine.expressions.nodes import Const, Node, Null
from engine.expressions.unify import bare, null_of
from engine.sql.phrase import NOTHING, TEXT, Clause, is_not_null, phrase
from engine.sql.storage import Dialect, Value, storage, stored
from engine.to_sql.limits import Bounds, NotInSql
from engine.to_sql.numbers import settle
from engine.to_sql.source import Scope, Tables

ZONE = "zone"

Shape = Literal["value", "currency", "key", "list", "holds_null"]


@dataclass(frozen=True, slots=True)
class Bound:
    """A parameter that is computed in Python for each request: the node, and which part of its value.

    `list` is a JSON text of the items that are not null, in their stored form; `holds_null`: whether one is null.
    `entity` is that of a `key`.
    """

    node: Node
    shape: Shape = "value"
    entity: str = ""


@dataclass(eq=False)
class Row:
    """A record in SQL: its id by entity, and the table its members are read from, joined when asked for."""

    keys: Mapping[str, Clause]
    reach: Callable[[str], tuple[Scope, sa.FromClause]]


Meaning = Row | Value | Node
"""What a variable stands for; a node where it is the body of a map."""


@dataclass(eq=False)
class SqlBase:
    """One compilation; `inside` gives that of a subquery."""

    dialect: Dialect
    tables: Tables
    scope: Scope
    rows: Mapping[str, Row]  # the roots that are scanned
    meanings: Mapping[str, Meaning] = field(default_factory=dict)
    prefix: str = "e"
    bound: dict[str, Bound] = field(default_factory=dict)
    names: dict[tuple[int, Shape, str], str] = field(default_factory=dict)
    kept: list[Node] = field(default_factory=list)
    bounds: Bounds = field(init=False)

    def __post_init__(self) -> None:
        self.bounds = Bounds(self.rows)

    @property
    def sqlite(self) -> bool:
        return self.dialect == "sqlite"

    def inside(self, scope: Scope, **meanings: Meaning) -> Self:
        """A compilation within a subquery, or with more variables."""
        made = replace(self, scope=scope, meanings={**self.meanings, **meanings})
        made.bounds = self.bounds
        return made

    # ---- what others write

    def value(self, node: Node) -> Value:
        raise NotImplementedError

    def true(self, node: Node) -> Clause:
        raise NotImplementedError

    def false(self, node: Node) -> Clause:
        raise NotImplementedError

    def row(self, node: Node) -> Row:
        raise NotImplementedError

    # ---- parameters

    def is_bound(self, node: Node) -> bool:
        """Whether a node reads no scanned record."""
        return self.bounds.is_bound(node)

    def constant(self, node: Const) -> Value:
        """A literal, as a bound value."""
        if node.value is None:
            return Value(NOTHING)
        try:
            cell = stored(node.kind, node.value, self.dialect)
        except ValueError:
            raise NotInSql(node.span, "this number has too many digits") from None
        currency = None
        if isinstance(node.kind, MoneyKind) and not node.kind.currency:
            code = node.value.currency
            currency = sa.literal(code, TEXT) if code else phrase("CAST(NULL AS TEXT)", TEXT)
        most = abs(cell) if isinstance(cell, int) else 1
        if isinstance(node.kind, DecimalKind):
            most = abs(int(node.value.scaleb(node.kind.scale)))
        clause = sa.literal(cell, storage(node.kind, self.dialect))
        return Value(self._cast(node, clause), currency, most=max(most, 1))

    def _cast(self, node: Node, clause: Clause) -> Clause:
        """PostgreSQL has to be told the type of a parameter that may be null, or that is compared with another."""
        if self.sqlite:
            return clause
        if isinstance(node.kind, DecimalKind):
            return phrase("CAST({0} AS NUMERIC)", clause.type, clause)
        return phrase("CAST({0} AS BOOLEAN)", clause.type, clause) if node.kind is BOOL else clause

    def parameter(self, node: Node) -> Value:
        """A node that is computed in Python and bound."""
        if isinstance(node, Const):
            return self.constant(node)
        kind = node.kind
        if isinstance(kind, ListKind | StructKind):
            raise NotInSql(node.span, f"{kind.word} is no single value")
        if isinstance(kind, RecordKind):
            keys = {entity: self._named(node, "key", entity) for entity in kind.entities}
            return Value(next(iter(keys.values())), keys=keys)
        currency = None
        if isinstance(kind, MoneyKind) and not kind.currency:
            currency = self._named(node, "currency")
        return Value(self._cast(node, self._named(node, "value")), currency)

    def _named(self, node: Node, shape: Shape, entity: str = "") -> Clause:
        kind = TEXT if shape in ("currency", "list") else storage(node.kind, self.dialect)
        if shape == "holds_null":
            kind = sa.Boolean()
        return sa.bindparam(self.name(node, shape, entity), type_=kind)

    def name(self, node: Node, shape: Shape = "value", entity: str = "") -> str:
        """The name of a parameter; the same node is bound once."""
        key = (id(node), shape, entity)
        if key not in self.names:
            self.names[key] = f"{self.prefix}_{len(self.bound)}"
            self.bound[self.names[key]] = Bound(node, shape, entity)
            self.kept.append(node)
        return self.names[key]

    @property
    def zone(self) -> Clause:
        """The name of the zone days begin in."""
        return sa.bindparam(f"{self.prefix}_{ZONE}", type_=TEXT)

    # ---- what is known of a node

    def known(self, node: Node) -> list[Clause]:
        """The condition that an operand of a comparison which may be unknown is not."""
        if null_of(node) is not Null.UNKNOWN:
            return []
        return [is_not_null(settle(self.value(bare(node)), self.dialect).clause)]


def row_of(scope: Scope, alias: sa.FromClause, entity: str) -> Row:
    """The record of a row of a table."""
    return Row({entity: alias.c.id}, lambda wanted: (scope, alias))
