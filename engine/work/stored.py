"""Records as the database holds them: all values, no access rules; for the writing operations only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.build.table import EntityTable
from engine.work.conditions import among_keys, keys_of
from engine.work.context import Context
from engine.work.plans import kept

Key = tuple[str, int]
"""A related record: its entity and id."""


@dataclass(frozen=True)
class Stored:
    """A record's current values (domain values by property) and keys (by key relation)."""

    entity: str
    id: int
    version: int
    values: Mapping[str, Any]
    keys: Mapping[str, Key | None]
    deleted_at: datetime | None = None
    deleted_batch: str | None = None
    position: int = 0


def load(context: Context, entity: str, ids: Sequence[int], *, lock: bool = False) -> dict[int, Stored]:
    """The stored records by id; with `lock`, nobody else changes them until the transaction ends."""
    if not ids:
        return {}
    made = context.runtime.table(entity)
    locks = lock and context.writing and context.runtime.dialect == "postgresql"
    one = len(ids) == 1
    statement = kept(context.runtime, ("stored", entity, one, locks), lambda: _loading(made, one, locks))
    rows = context.connection.execute(statement, keys_of(ids))
    return {row.id: stored(made, row._mapping) for row in rows}


def _loading(made: EntityTable, one: bool, locks: bool) -> sa.Select[Any]:
    table = made.table
    statement = sa.select(table).where(among_keys(table.c.id, one=one)).order_by(table.c.id)
    return statement.with_for_update() if locks else statement


def hold(context: Context, entity: str, ids: Sequence[int]) -> None:
    """Lock records in the order of their ids, so that who wants the same ones in another order waits."""
    if context.runtime.dialect == "postgresql":
        columns = context.runtime.table(entity).table.c
        statement = sa.select(columns.id).where(columns.id.in_(ids)).order_by(columns.id)
        context.connection.execute(statement.with_for_update())


def stored(made: EntityTable, row: Mapping[Any, Any]) -> Stored:
    """A row of an entity's own table as a stored record."""
    entity = made.entity
    values: dict[str, Any] = {}
    for prop in entity.properties.values():
        if prop.virtual:
            continue
        cells = [row[column] for column in made.cells[prop.name]]
        values[prop.name] = None if cells[0] is None else prop.type.load(cells)
    keys: dict[str, Key | None] = {}
    for relation in entity.relations.values():
        if relation.holds_key:
            pairs = zip(relation.targets, made.cells[relation.name], strict=True)
            keys[relation.name] = next(
                ((target, row[column]) for target, column in pairs if row[column] is not None), None
            )
    columns = made.table.c
    trash = "_deleted_at" in columns
    return Stored(
        entity.name,
        row[columns.id],
        row[columns.version],
        values,
        keys,
        row[columns["_deleted_at"]] if trash else None,
        row[columns["_deleted_batch"]] if trash else None,
        row[columns["_position"]] if "_position" in columns else 0,
    )


def cells(made: EntityTable, values: Mapping[str, Any], keys: Mapping[str, Key | None]) -> dict[str, Any]:
    """The row of some values and keys: cell by column name."""
    row: dict[str, Any] = {}
    for name, value in values.items():
        columns = made.cells[name]
        parts: Iterable[Any]
        parts = (None,) * len(columns) if value is None else made.entity.properties[name].type.store(value)
        row.update(zip((column.name for column in columns), parts, strict=True))
    for name, key in keys.items():
        relation = made.entity.relations[name]
        for target, column in zip(relation.targets, made.cells[name], strict=True):
            row[column.name] = key[1] if key is not None and key[0] == target else None
    return row
