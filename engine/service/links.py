"""Many-to-many relations: where their pairs are held, and the records linked to some others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from engine.metamodel.relation import Relation
from engine.service import access
from engine.service.conditions import alive, among_keys, keys_of
from engine.service.context import Context
from engine.service.plans import kept
from engine.service.query import Link
from engine.service.selection import Reader, Selection


@dataclass(frozen=True, slots=True)
class LinksPlan:
    """How the links of a many-to-many relation are read: the statement, the key of this side, the link."""

    statement: sa.Select[Any]
    position: int
    reader: Reader


def many_links(
    context: Context, entity: str, relation: str, ids: Sequence[int]
) -> dict[int, tuple[Link, ...]]:
    """The records linked to each of several by a many-to-many relation, by title; one statement."""
    if not ids:
        return {}
    one = len(ids) == 1
    key = ("links", entity, relation, one, access.key(context), context.actor.display)
    plan = kept(context.runtime, key, lambda: _links_plan(context, entity, relation, one))
    reader, position = plan.reader, plan.position
    found: dict[int, list[Link]] = {}
    for row in context.connection.execute(plan.statement, {**access.operands(context), **keys_of(ids)}):
        links = found.setdefault(row[position], [])
        link = reader(row)
        if link not in links:
            links.append(link)
    return {key: tuple(sorted(links, key=lambda link: (link.title, link.id))) for key, links in found.items()}


def _links_plan(context: Context, entity: str, relation: str, one: bool) -> LinksPlan:
    declared = context.runtime.entities[entity].relations[relation]
    selection = Selection(context, declared.target)
    reader = selection.link(declared.target, ())
    source, target, table = link_columns(context, entity, declared)
    position = selection.add(source)
    statement = (
        sa.select(*selection.columns)
        .select_from(selection.source.join(table, target == selection.base.table.c.id))
        .where(among_keys(source, one=one), *alive(selection.base.table), *alive(table))
    )
    seen = access.predicate(context, declared.target, "read", selection.base.table)
    if seen is not None:
        statement = statement.where(seen)
    return LinksPlan(statement, position, reader)


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
    keys = [key for key in context.runtime.entities[relation.through].relations.values() if key.holds_key]
    here = next(key.name for key in keys if key.targets == (entity,) and not key.system)
    there = next(
        key.name for key in keys if key.targets == (relation.target,) and not key.system and key.name != here
    )
    return here, there
