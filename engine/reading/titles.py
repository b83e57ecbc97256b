"""The titles of records, many at a time: one statement per entity."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from engine.access import access
from engine.reading.expressions import Ready, parameters
from engine.reading.selection import Reader, Selection
from engine.work.conditions import among_keys
from engine.work.context import Context
from engine.work.plans import kept
from engine.work.stored import Key


@dataclass(frozen=True, slots=True)
class TitlePlan:
    """The statement that reads some records' titles, and where in a row they are."""

    statement: sa.Select[Any]
    expressions: tuple[Ready, ...]
    identity: int
    title: Reader


def of(context: Context, keys: Iterable[Key]) -> dict[Key, str]:
    """The title of each record that exists, by (entity, id)."""
    wanted: dict[str, set[int]] = {}
    for entity, number in keys:
        if entity in context.runtime.entities:
            wanted.setdefault(entity, set()).add(number)
    found: dict[Key, str] = {}
    for entity, numbers in wanted.items():
        plan = _plan(context, entity)
        given = parameters(context, plan.expressions)
        operands = {**access.operands(context), **given, "_keys": sorted(numbers)}
        for row in context.connection.execute(plan.statement, operands):
            found[(entity, row[plan.identity])] = plan.title(row)
    return found


def _plan(context: Context, entity: str) -> TitlePlan:
    key = ("titles", entity, access.key(context), context.actor.display)
    return kept(context.runtime, key, lambda: _made(context, entity))


def _made(context: Context, entity: str) -> TitlePlan:
    selection = Selection(context, entity)
    number = selection.base.table.c.id
    identity = selection.add(number)
    title = selection.title(selection.base.entity)
    statement = selection.statement().where(among_keys(number, one=False))
    return TitlePlan(statement, tuple(selection.expressions), identity, title)
