"""Where expressions find the records of an application: its tables, columns, and the ways between entities."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from engine.build.page_view import owner_of_row
from engine.build.table import Tables
from engine.metamodel.entity import Entity
from engine.metamodel.relation import Relation
from engine.to_sql.source import Between, Way

Visible = Callable[[str, sa.FromClause], sa.ColumnElement[bool] | None]


def everything(entity: str, alias: sa.FromClause) -> sa.ColumnElement[bool] | None:
    """No restriction: what the metadata's own rules see."""
    return None


@dataclass(frozen=True)
class StoredTables:
    """The tables of an application as the SQL compiler asks for them.

    `restrict` narrows which records of an entity there are, for whoever asks. Lists never hold what is in the
    trash; what a key leads to is there, wherever it is.
    """

    tables: Tables
    restrict: Visible = everything

    def table(self, entity: str) -> sa.FromClause:
        return self.tables.entities[entity].table

    def columns(self, entity: str, name: str) -> Mapping[str, str]:
        made = self.tables.entities[entity]
        specs = made.entity.properties[name].type.columns()
        parts = {spec.suffix: column.name for spec, column in zip(specs, made.cells[name], strict=True)}
        return {**dict.fromkeys(self._parts(made.entity, name), parts[""]), **parts}

    @staticmethod
    def _parts(entity: Entity, name: str) -> Sequence[str]:
        """The parts of a composite value; one without a column of its own is in the first."""
        return tuple(entity.properties[name].type.expression_options.get("parts", ()))

    def ways(self, entity: str, name: str) -> Sequence[Way]:
        declared = self.tables.entities[entity].entity
        relation = declared.relations.get(name)
        if relation is None:
            inverse = declared.inverses[name]
            source = self.tables.entities[inverse.source].entity
            return self._backward(source, source.relations[inverse.relation], entity)
        if relation.holds_key:
            cells = self.tables.entities[entity].cells[name]
            pairs = zip(relation.targets, cells, strict=True)
            return [Way(target, key=column.name) for target, column in pairs]
        if relation.kind == "composition":
            child = self.tables.entities[relation.target].entity
            owner = owner_of_row(child, entity, relation.name)
            return self._backward(child, child.relations[owner], entity)
        return [Way(relation.target, between=self._between(declared, relation, forward=True))]

    def _backward(self, source: Entity, relation: Relation, entity: str) -> Sequence[Way]:
        """To the records whose relation leads here."""
        if not relation.holds_key:
            return [Way(source.name, between=self._between(source, relation, forward=False))]
        column = self.tables.entities[source.name].cells[relation.name][relation.targets.index(entity)]
        return [Way(source.name, back=column.name)]

    def _between(self, entity: Entity, relation: Relation, *, forward: bool) -> Between:
        if not relation.through:
            table: sa.FromClause = self.tables.links[entity.name, relation.name]
            here, there, name = "source", "target", ""
        else:
            made = self.tables.entities[relation.through]
            here, there = through_keys(made.entity, entity.name, relation.target)
            table, name = made.table, relation.through
        return Between(table, here, there, name) if forward else Between(table, there, here, name)

    def order(self, entity: str) -> Sequence[str]:
        return ("_position", "id") if "_position" in self.table(entity).c else ("id",)

    def visible(self, entity: str, alias: sa.FromClause) -> sa.ColumnElement[bool] | None:
        return self.restrict(entity, alias)

    def present(self, entity: str, alias: sa.FromClause) -> sa.ColumnElement[bool] | None:
        return alias.c["_deleted_at"].is_(None) if "_deleted_at" in alias.c else None

    def listed(self, entity: str, alias: sa.FromClause) -> sa.ColumnElement[bool] | None:
        found = (self.restrict(entity, alias), self.present(entity, alias))
        conditions = [each for each in found if each is not None]
        return sa.and_(*conditions) if conditions else None


def through_keys(between: Entity, source: str, target: str) -> tuple[str, str]:
    """The relations of an entity in between that point to one side, and to the other."""
    keys = [key for key in between.relations.values() if key.holds_key and not key.system]
    here = next(key.name for key in keys if key.targets == (source,))
    there = next(key.name for key in keys if key.targets == (target,) and key.name != here)
    return here, there
