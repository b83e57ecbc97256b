"""Where the pairs of relations are held: in link tables, in entities between, in the keys of rows."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from engine.build.sources import through_keys as keys_between
from engine.metamodel.entity import Entity
from engine.metamodel.relation import Relation
from engine.work.context import Context


def link_columns(
    context: Context, entity: str, relation: Relation
) -> tuple[sa.ColumnElement[Any], sa.ColumnElement[Any], sa.Table]:
    """The columns (this side, other side) and the table that hold a many-to-many relation's pairs."""
    if not relation.through:
        table = context.runtime.tables.links[(entity, relation.name)]
        return table.c.source, table.c.target, table
    made = context.runtime.table(relation.through)
    here, there = through_keys(context, entity, relation)
    return made.table.c[here], made.table.c[there], made.table


def through_keys(context: Context, entity: str, relation: Relation) -> tuple[str, str]:
    """The relations of the entity in between that point to this side, and to the other."""
    return keys_between(context.runtime.entities[relation.through], entity, relation.target)


def owner_key(child: Entity, parent: str, composition: str = "") -> Relation:
    """The relation by which a composition's row knows its parent; a parent may have several of one entity."""
    keys = [each for each in child.relations.values() if each.owner_of_row and parent in each.targets]
    return next((each for each in keys if each.inverse == composition), keys[0])
