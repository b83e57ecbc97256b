"""The titles of records, many at a time: one statement per entity."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from engine.access import access
from engine.reading.selection import Reader, Selection
from engine.work.conditions import among_keys
from engine.work.context import Context
from engine.work.expressions import Ready, parameters
from engine.work.plans import kept
from engine.work.stored import Key


@dataclass(frozen=True, slots=True)
class TitlePlan:
    """The statement that reads some records' titles, and where in a row they are."""

    statement: sa.Select[Any]
    expressions: tuple[Ready, ...]
    identity: int
    title: Reader


def of(context: Context, keys: Iterable[Key], *, seen: bool = True) -> dict[Key, str]:
    """The title of each record that the actor may read, by (entity, id); with `seen` false of each there is."""
    wanted: dict[str, set[int]] = {}
    for entity, number in keys:
        if entity in context.runtime.entities:
            wanted.setdefault(entity, set()).add(number)
    found: dict[Key, str] = {}
    for entity, numbers in wanted.items():
        plan = _plan(context, entity, seen)
        given = parameters(context, plan.expressions)
        operands = {**access.operands(context), **given, "_keys": sorted(numbers)}
        for row in context.connection.execute(plan.statement, operands):
            found[(entity, row[plan.identity])] = plan.title(row)
    return found


def _plan(context: Context, entity: str, seen: bool) -> TitlePlan:
    key = ("titles", entity, seen, access.key(context), context.actor.display)
    return kept(context.runtime, key, lambda: _made(context, entity, seen))


def _made(context: Context, entity: str, seen: bool) -> TitlePlan:
    selection = Selection(context, entity)
    number = selection.base.table.c.id
    identity = selection.add(number)
    title = selection.title(selection.base.entity)
    conditions = [among_keys(number, one=False)]
    if seen:
        reached = access.predicate(context, entity, "read", selection.base.table, selection.attach)
        conditions += [] if reached is None else [reached]
    statement = selection.statement().where(*conditions)
    return TitlePlan(statement, tuple(selection.expressions), identity, title)
