"""Whether an actor reaches one record, whatever state it is in: for checks inside an operation."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from engine.access import access
from engine.sql.aliased import aliased
from engine.work.conditions import among_keys, keys_of
from engine.work.context import Context
from engine.work.plans import kept

AT_ONCE = 10_000
"""Records asked about in one statement."""


def reaches(context: Context, entity: str, number: int, action: str) -> bool:
    """Whether the actor may do this to the record as it stands in the database now."""
    if not access.may(context, entity, action):
        return False
    key = ("reaches", entity, action, access.key(context))
    statement = kept(context.runtime, key, lambda: _statement(context, entity, action))
    operands = {**access.operands(context), **keys_of([number])}
    return context.connection.execute(statement, operands).first() is not None


def reached(context: Context, entity: str, ids: set[int], action: str) -> set[int]:
    """Which of some records, that are known to be there, the actor may do this to."""
    if not access.may(context, entity, action):
        return set()
    if reaches_all(context, entity, action):
        return ids
    key = ("reached", entity, action, access.key(context))
    statement = kept(context.runtime, key, lambda: _statement(context, entity, action, one=False))
    found: set[int] = set()
    numbers = sorted(ids)
    for start in range(0, len(numbers), AT_ONCE):
        operands = {**access.operands(context), "_keys": numbers[start : start + AT_ONCE]}
        found.update(context.connection.execute(statement, operands).scalars())
    return found


def may_do(context: Context, entity: str, number: int, action: str) -> bool:
    """Whether the actor may do this to a record that is known to be there: where all are reached, nothing is asked."""
    return reaches_all(context, entity, action) or reaches(context, entity, number, action)


def _statement(context: Context, entity: str, action: str, *, one: bool = True) -> sa.Select[Any]:
    table = context.runtime.table(entity).table
    seen = access.predicate(context, entity, action, table)
    conditions = [among_keys(table.c.id, one=one), *([] if seen is None else [seen])]
    return sa.select(table.c.id).where(*conditions)


def reaches_all(context: Context, entity: str, action: str) -> bool:
    """Whether the actor may do this to every record of the entity, so that no single one has to be asked."""
    table = context.runtime.table(entity).table
    key = ("reaches all", entity, action, access.key(context))
    return kept(
        context.runtime, key, lambda: (access.predicate(context, entity, action, aliased(table)) is None,)
    )[0]
