"""Columns by path: which columns and joins a path needs, and how its value is read from a row.

A path walks to-one relations and ends at a property or a relation (`account.owner.name`,
`account`). Paths that share steps share joins. A related record the actor may not see is absent:
its join carries the actor's read predicate, so its id, title and columns are null.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from engine.access import access
from engine.errors import BadQuery
from engine.metamodel.entity import Entity
from engine.metamodel.property import Property
from engine.metamodel.relation import Inverse, Relation
from engine.reading.apart import Apart, Source
from engine.reading.expressions import computed_columns, computed_condition
from engine.reading.query import Link
from engine.sql.aliased import aliased
from engine.text.suggest import did_you_mean
from engine.text.template import ENDS, Field
from engine.types.display import Display
from engine.work.conditions import alive
from engine.work.context import Context
from engine.work.expressions import Asked, Ready

Cells = Sequence[Any]
Reader = Callable[[Cells], Any]

TITLE_DEPTH = 3
"""How far a title may take its words from the titles of related records."""

MOST_STEPS = 12
"""Steps of a path; each is a join."""

MOST_JOINS = 16
"""Further related records are read by subqueries.

SQLite joins 64 tables, and what restricts them may join some; PostgreSQL plans forty joins for seconds, sixteen
in hundredths of one.
"""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a path ends: the member, and the (aliased) table that holds it. `optional`: the row may be missing."""

    entity: Entity
    member: Property | Relation | Inverse
    alias: Source
    optional: bool
    step: tuple[str, ...]


class Selection:
    """A SELECT under construction over one entity: its columns, its joins, and the readers of its rows."""

    def __init__(self, context: Context, entity: str, prefix: str = "x") -> None:
        """`prefix` begins the names of its expressions' parameters: another one for a SELECT inside another."""
        self.context = context
        self._prefix = prefix
        self.runtime = context.runtime
        self.base = self.runtime.table(entity)
        self.columns: list[sa.ColumnElement[Any]] = []
        self._positions: dict[Any, int] = {}
        self._aliases: dict[tuple[str, ...], Source] = {(): self.base.table}
        self._from: sa.FromClause = self.base.table
        self._readable: dict[str, frozenset[str]] = {}
        self._computed: dict[tuple[tuple[str, ...], str], tuple[sa.ColumnElement[Any], ...]] = {}
        self.expressions: list[Ready] = []

    # ---- paths

    def spot(self, path: str, entity: Entity | None = None, step: tuple[str, ...] = ()) -> Spot:
        """Where a path ends, adding the joins on the way; raises BadQuery for a name that is not there.

        A member the actor may not read answers exactly like one that does not exist.
        """
        current = entity or self.base.entity
        names = path.split(".")
        if len(names) > MOST_STEPS:
            raise BadQuery("unknown-field", path, f"a path has at most {MOST_STEPS} steps")
        for position, name in enumerate(names):
            member = self.member(current, name, path)
            if position == len(names) - 1:
                return Spot(current, member, self._aliases[step], bool(step), step)
            if isinstance(member, Property) or not member.to_one or member.polymorphic:
                raise BadQuery("unknown-field", path, f"{name!r} in {path!r} does not lead to one record")
            step = self.join(current, member, 0, step)
            current = self.runtime.entities[member.target]
        raise AssertionError("a path has at least one name")

    def member(self, entity: Entity, name: str, path: str) -> Property | Relation | Inverse:
        """The readable property or relation of that name, or inverse that leads to one record."""
        found = entity.properties.get(name) or entity.relations.get(name) or entity.to_one(name)
        allowed = self._members(entity.name)
        if found is None or name not in allowed:
            raise BadQuery("unknown-field", path, _unknown(entity, name, allowed))
        return found

    def _members(self, entity: str) -> frozenset[str]:
        if entity not in self._readable:
            single = self.runtime.entities[entity].single_inverses
            seen = (inverse.name for inverse in single if access.inverse_readable(self.context, inverse))
            self._readable[entity] = access.readable(self.context, entity).union(seen)
        return self._readable[entity]

    def join(
        self, entity: Entity, relation: Relation | Inverse, position: int, step: tuple[str, ...]
    ) -> tuple[str, ...]:
        """Join the one record a relation leads to (or read it apart), once per path; answers the path of its alias."""
        target = relation.targets[position]
        further = (*step, f"{relation.name}:{target}" if relation.polymorphic else relation.name)
        if further not in self._aliases:
            alias = aliased(self.runtime.table(target).table)
            condition = self._leading(entity, relation, position, self._aliases[step], alias)
            seen = access.predicate(self.context, target, "read", alias)
            if seen is not None:
                condition = sa.and_(condition, seen)
            if len(self._aliases) > MOST_JOINS:
                self._aliases[further] = Apart(alias, condition)
            else:
                self._aliases[further] = alias
                self._from = self._from.outerjoin(alias, condition)
        return further

    def source_of(self, step: tuple[str, ...]) -> Source:
        """Where the columns of a joined record are taken from."""
        return self._aliases[step]

    def _leading(
        self, entity: Entity, relation: Relation | Inverse, position: int, here: Source, there: sa.FromClause
    ) -> sa.ColumnElement[bool]:
        """The condition that a relation leads from one record to another: by a key here, or there."""
        if isinstance(relation, Relation):
            column = self.runtime.table(entity.name).cells[relation.name][position]
            return there.c.id == here.c[column.name]
        source = self.runtime.table(relation.source)
        back = source.entity.relations[relation.relation].targets.index(entity.name)
        column = source.cells[relation.relation][back]
        return sa.and_(there.c[column.name] == here.c["id"], *alive(there))

    def columns_of(self, spot: Spot) -> tuple[sa.ColumnElement[Any], ...]:
        """The columns of a member: those of its table, or what they are computed by."""
        if isinstance(spot.member, Inverse):
            return (self._aliases[self.join(spot.entity, spot.member, 0, spot.step)].c["id"],)
        if isinstance(spot.member, Property) and spot.member.virtual:
            return self._computed_columns(spot, spot.member)
        cells = self.runtime.table(spot.entity.name).cells[spot.member.name]
        return tuple(spot.alias.c[column.name] for column in cells)

    def _computed_columns(self, spot: Spot, prop: Property) -> tuple[sa.ColumnElement[Any], ...]:
        key = (spot.step, prop.name)
        if key not in self._computed:
            columns, ready = computed_columns(self.context, prop, self.asked(spot.entity, spot.alias))
            self._computed[key] = columns
            self.expressions.append(ready)
        return self._computed[key]

    def decided(self, spot: Spot, wanted: bool) -> sa.ColumnElement[bool]:
        """The condition that a computed yes or no is the one wanted."""
        at = self.asked(spot.entity, spot.alias)
        ready = computed_condition(self.context, spot.member.name, wanted, at)
        self.expressions.append(ready)
        return ready.clause

    def asked(self, entity: Entity, alias: Any) -> Asked:
        """Where the next expression is asked, over the records of an alias."""
        return Asked(entity.name, alias, self.attach, f"{self._prefix}{len(self.expressions)}")

    def attach(self, target: sa.FromClause, on: sa.ColumnElement[bool]) -> None:
        """Join a table that an expression reads."""
        self._from = self._from.outerjoin(target, on)

    # ---- columns and readers

    def add(self, column: sa.ColumnElement[Any]) -> int:
        """The position of a column in the row, added once."""
        if column not in self._positions:
            self._positions[column] = len(self.columns)
            self.columns.append(column)
        return self._positions[column]

    def reader(self, path: str, entity: Entity | None = None, step: tuple[str, ...] = ()) -> Reader:
        """Select what a path needs and answer how its value is read: a property's value, or a Link."""
        spot = self.spot(path, entity, step)
        if isinstance(spot.member, Property):
            return self._property_reader(spot, spot.member)
        return self._link_reader(spot, spot.member)

    def _property_reader(self, spot: Spot, prop: Property) -> Reader:
        columns = self.columns_of(spot)
        positions = [self.add(column) for column in columns]
        first = positions[0]
        if prop.type.plain:
            return lambda row: row[first]
        load = prop.type.load
        return lambda row: None if row[first] is None else load([row[position] for position in positions])

    def _link_reader(self, spot: Spot, relation: Relation | Inverse) -> Reader:
        if not relation.to_one:
            raise BadQuery(
                "unknown-field", relation.name, f"{relation.name!r} has many records, not one value"
            )
        readers = [
            self.link(target, self.join(spot.entity, relation, position, spot.step))
            for position, target in enumerate(relation.targets)
        ]
        if len(readers) == 1:
            return readers[0]

        def first_set(row: Cells) -> Link | None:
            for reader in readers:
                found: Link | None = reader(row)
                if found is not None:
                    return found
            return None

        return first_set

    def link(self, target: str, step: tuple[str, ...]) -> Reader:
        """How the Link to an (already joined) record is read."""
        key = self.add(self._aliases[step].c["id"])
        title = self.title(self.runtime.entities[target], step)
        return lambda row: None if row[key] is None else Link(target, row[key], title(row))

    def title(self, entity: Entity, step: tuple[str, ...] = (), depth: int = 0) -> Callable[[Cells], str]:
        """How a record's title is read; a part the actor may not read is left out."""
        parts = [self._title_part(entity, part, step, depth) for part in entity.title.parts]
        key = self.add(self._aliases[step].c["id"])
        label = entity.label
        if len(parts) == 1:
            only = parts[0]
            return lambda row: only(row) or f"{label} #{row[key]}"

        def joined(row: Cells) -> str:
            text = "".join(part(row) for part in parts).strip(ENDS)
            return text or f"{label} #{row[key]}"

        return joined

    def _title_part(
        self, entity: Entity, part: str | Field, step: tuple[str, ...], depth: int
    ) -> Callable[[Cells], str]:
        if isinstance(part, str):
            return lambda row: part
        try:
            spot = self.spot(part.path, entity, step)
        except BadQuery:
            return lambda row: ""
        if isinstance(spot.member, Property):
            return self._text_reader(spot, spot.member)
        relation = spot.member
        if not relation.to_one or depth >= TITLE_DEPTH:
            return lambda row: ""
        titles = [
            (self._aliases[further].c["id"], self.title(self.runtime.entities[target], further, depth + 1))
            for position, target in enumerate(relation.targets)
            for further in [self.join(spot.entity, relation, position, spot.step)]
        ]
        keyed = [(self.add(column), title) for column, title in titles]
        return lambda row: next((title(row) for key, title in keyed if row[key] is not None), "")

    def _text_reader(self, spot: Spot, prop: Property) -> Callable[[Cells], str]:
        value = self._property_reader(spot, prop)
        if prop.type.said_as_it_is:
            return lambda row: value(row) or ""
        display: Display = self.context.actor.display
        to_text = prop.type.to_text

        def text(row: Cells) -> str:
            found = value(row)
            return "" if found is None else to_text(found, display)

        return text

    # ---- the statement

    def statement(self) -> sa.Select[Any]:
        """SELECT the columns FROM the joins; conditions and order are the caller's."""
        return sa.select(*self.columns).select_from(self._from)

    @property
    def source(self) -> sa.FromClause:
        """The joined tables."""
        return self._from


def _unknown(entity: Entity, name: str, allowed: frozenset[str]) -> str:
    meant = did_you_mean(name, sorted(allowed))
    return f"no property or relation {name!r} on {entity.name}" + (
        f"; did you mean {meant!r}?" if meant else ""
    )


def members(entity: Entity) -> Mapping[str, Property | Relation]:
    """Properties and relations of an entity by name."""
    return {**entity.properties, **entity.relations}
