"""Conditions that statements all over the record service have in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa


def alive(table: sa.FromClause) -> list[sa.ColumnElement[bool]]:
    """The condition that a record is not in the trash, where its entity has one."""
    return [table.c["_deleted_at"].is_(None)] if "_deleted_at" in table.c else []


def among_keys(column: sa.ColumnElement[Any], *, one: bool) -> sa.ColumnElement[bool]:
    """The condition of a kept statement that a column is the one key, or one of several, in `keys_of`."""
    if one:
        return column == sa.bindparam("_key", type_=column.type)
    return column.in_(sa.bindparam("_keys", expanding=True, type_=column.type))


def keys_of(ids: Sequence[int]) -> dict[str, Any]:
    """The operand of `among_keys`."""
    return {"_key": ids[0]} if len(ids) == 1 else {"_keys": list(ids)}
