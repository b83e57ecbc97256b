"""Inserting what may be there already: both databases know how, each by an INSERT of its dialect."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite


def dialect_insert(connection: sa.Connection, table: sa.Table) -> Any:
    """An INSERT that takes `on_conflict_do_nothing` and `on_conflict_do_update`."""
    build: Any = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    return build(table)
