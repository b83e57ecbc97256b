"""The titles of records, many at a time: one statement per entity."""

from __future__ import annotations

from collections.abc import Iterable

from engine.service.context import Context
from engine.service.selection import Selection
from engine.service.stored import Key


def of(context: Context, keys: Iterable[Key]) -> dict[Key, str]:
    """The title of each record that exists, by (entity, id)."""
    wanted: dict[str, set[int]] = {}
    for entity, number in keys:
        if entity in context.runtime.entities:
            wanted.setdefault(entity, set()).add(number)
    found: dict[Key, str] = {}
    for entity, numbers in wanted.items():
        selection = Selection(context, entity)
        identity = selection.base.table.c.id
        position = selection.add(identity)
        title = selection.title(selection.base.entity)
        for row in context.connection.execute(selection.statement().where(identity.in_(numbers))):
            found[(entity, row[position])] = title(row)
    return found
