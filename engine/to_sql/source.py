"""Where records stand in the database, as whoever compiles an expression knows it; and the FROM of one SELECT."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import sqlalchemy as sa

from engine.sql.aliased import aliased
from engine.sql.phrase import Clause


@dataclass(frozen=True, slots=True)
class Between:
    """A table between two entities: a link table, or (with its name) an entity of its own."""

    table: sa.FromClause
    source: str  # its column with the id of the record one comes from
    target: str  # its column with the id of the record one goes to
    entity: str = ""


@dataclass(frozen=True, slots=True)
class Way:
    """How a relation leads to the records of one entity: one of `key`, `back` and `between` is set.

    `key` is a column of the table one comes from, `back` one of the table one goes to.
    """

    target: str
    key: str = ""
    back: str = ""
    between: Between | None = None


class Tables(Protocol):
    """Tables and columns of entities, and which of their records may be seen."""

    def table(self, entity: str) -> sa.FromClause:
        """The table of an entity; its key is `id`."""
        ...

    def columns(self, entity: str, name: str) -> Mapping[str, str]:
        """The columns of a property by part, the first under ""; an amount's currency under "currency"."""
        ...

    def ways(self, entity: str, name: str) -> Sequence[Way]:
        """How a relation is stored: one way for each entity it can lead to."""
        ...

    def order(self, entity: str) -> Sequence[str]:
        """The columns by which the records of a list stand in order; the last is unique."""
        ...

    def visible(self, entity: str, alias: sa.FromClause) -> Clause | None:
        """Which records that a to-one relation leads to are there at all; None: every one."""
        ...

    def present(self, entity: str, alias: sa.FromClause) -> Clause | None:
        """Which records are not in the trash; None: every one."""
        ...

    def listed(self, entity: str, alias: sa.FromClause) -> Clause | None:
        """Which records stand in a list: those that are there at all, and not in the trash."""
        ...


@dataclass(eq=False)
class Scope:
    """The FROM of one SELECT: a table and what is joined to it, one alias for each path.

    Whoever has a SELECT with joins of its own makes a scope that lends them: it overrides `join`, which adds
    one, and `source`.
    """

    tables: Tables
    base: sa.FromClause
    joined: list[tuple[sa.FromClause, Clause]] = field(default_factory=list)
    known: dict[tuple[sa.FromClause, str, str], sa.FromClause] = field(default_factory=dict)

    @property
    def source(self) -> sa.FromClause:
        """The joined tables; complete once everything has been compiled."""
        made = self.base
        for alias, on in self.joined:
            made = made.outerjoin(alias, on)
        return made

    @property
    def own(self) -> tuple[sa.FromClause, ...]:
        """The tables that a SELECT of this scope does not take from the SELECTs around it."""
        return (self.base, *(alias for alias, _ in self.joined))

    def follow(self, alias: sa.FromClause, entity: str, relation: str, way: Way) -> sa.FromClause:
        """The table a to-one relation leads to, joined once however often it is asked for."""
        step = (alias, relation, way.target)
        if step not in self.known:
            self.known[step] = self.join(alias, entity, relation, way)
        return self.known[step]

    def join(self, alias: sa.FromClause, entity: str, relation: str, way: Way) -> sa.FromClause:
        """A new join along a to-one relation. Of those that point back one at most is not in the trash."""
        target = aliased(self.tables.table(way.target))
        if way.key:
            return self._add(target, target.c.id == alias.c[way.key], way.target)
        on = target.c[way.back] == alias.c.id
        present = self.tables.present(way.target, target)
        return self._add(target, on if present is None else sa.and_(on, present), way.target)

    def attach(self, entity: str, key: Clause) -> sa.FromClause:
        """The table of an entity, joined by a key that is no column: of a choice, of the first of a list."""
        target = aliased(self.tables.table(entity))
        return self._add(target, target.c.id == key, entity)

    def _add(self, target: sa.FromClause, on: Clause, entity: str) -> sa.FromClause:
        seen = self.tables.visible(entity, target)
        self.joined.append((target, on if seen is None else sa.and_(on, seen)))
        return target


@dataclass(eq=False)
class Rows(Scope):
    """A scope of a list's items: what is joined to it by an inner join comes first."""

    inner: list[tuple[sa.FromClause, Clause]] = field(default_factory=list)

    @property
    def source(self) -> sa.FromClause:
        made = self.base
        for alias, on in self.inner:
            made = made.join(alias, on)
        for alias, on in self.joined:
            made = made.outerjoin(alias, on)
        return made

    @property
    def own(self) -> tuple[sa.FromClause, ...]:
        return (self.base, *(alias for alias, _ in (*self.inner, *self.joined)))
