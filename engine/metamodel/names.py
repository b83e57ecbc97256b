"""Names that can't be used: addresses of pages, members that every entity has, words of databases."""

from __future__ import annotations

from typing import Final

_ADDRESS: Final = "it is an address of the engine's own pages"

RESERVED_ENTITIES: Final = dict.fromkeys(
    (
        "api",
        "dashboard",
        "files",
        "healthz",
        "metrics",
        "preferences",
        "readyz",
        "report",
        "search",
        "settings",
        "setup",
        "static",
    ),
    _ADDRESS,
)

RESERVED_MEMBERS: Final = frozenset(("id", "created_at", "created_by", "updated_at", "updated_by", "version"))
"""What every entity has by itself."""

RESERVED_COLUMNS: Final = frozenset(("ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"))
"""Columns that PostgreSQL has by itself in every table."""
