"""What was computed in Python, as the parameters of a statement take it."""

from __future__ import annotations

import json
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from engine.expressions.kinds import Kind, ListKind, RecordKind
from engine.sql.storage import Dialect, form, stored
from engine.to_sql.base import Bound


def cell(bound: Bound, value: Any, dialect: Dialect) -> Any:
    """The cell of a parameter."""
    kind = bound.node.kind
    match bound.shape:
        case "currency":
            return None if value is None else value.currency or None
        case "key":
            return (
                None if value is None or value.get("_entity", bound.entity) != bound.entity else value["id"]
            )
        case "list":
            assert isinstance(kind, ListKind)
            items = [_item(kind.item, item, dialect) for item in value or ()]
            return json.dumps(items, ensure_ascii=False, default=_text)
        case "holds_null":
            return None in (value or ())
        case _:
            return stored(kind, value, dialect)


def _item(kind: Kind, value: Any, dialect: Dialect) -> Any:
    """An item of a list as JSON has it: SQLite's own form, or a text that PostgreSQL casts."""
    if value is None:
        return None
    if dialect == "sqlite":
        return form(kind).store(value["id"] if isinstance(kind, RecordKind) else value)
    return stored(kind, value, dialect)


def _text(value: object) -> str:
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    assert isinstance(value, UUID), f"no JSON of {type(value).__name__}"
    return str(value)
