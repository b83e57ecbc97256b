"""Where the pairs of many-to-many relations are held."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from engine.build.sources import through_keys as keys_between
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
