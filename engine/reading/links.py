"""Many-to-many relations: where their pairs are held, and the records linked to some others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from engine.access import access
from engine.reading.query import Link
from engine.reading.selection import Reader, Selection
from engine.work.conditions import alive, among_keys, keys_of
from engine.work.context import Context
from engine.work.expressions import Ready, parameters
from engine.work.pairs import link_columns
from engine.work.plans import kept


@dataclass(frozen=True, slots=True)
class LinksPlan:
    """How the links of a many-to-many relation are read: the statement, the key of this side, the link."""

    statement: sa.Select[Any]
    expressions: tuple[Ready, ...]
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
    operands = {**access.operands(context), **parameters(context, plan.expressions), **keys_of(ids)}
    for row in context.connection.execute(plan.statement, operands):
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
    return LinksPlan(statement, tuple(selection.expressions), position, reader)
