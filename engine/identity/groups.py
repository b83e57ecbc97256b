"""The records of groups that the metadata declares: records can belong to them, and people be added to them."""

from __future__ import annotations

import sqlalchemy as sa

from engine.drafts.draft import Parsed
from engine.service import records
from engine.work.context import SYSTEM, Context
from engine.work.gateway import Gateway


def declare_groups(gateway: Gateway) -> tuple[str, ...]:
    """Make the records that are missing; answers the names of these groups."""
    if not gateway.runtime.application.groups:
        return ()
    with gateway.read(SYSTEM, "cli") as context:
        missing = _missing(context)
    return gateway.writing(SYSTEM, "cli", _made) if missing else ()


def _made(context: Context) -> tuple[str, ...]:
    missing = _missing(context)
    for name in missing:
        declared = context.runtime.application.groups[name]
        values = {"name": declared.label, "description": declared.description or None}
        records.create(context, "group", {**values, "declared_as": Parsed(name, by_engine=True)})
    return missing


def _missing(context: Context) -> tuple[str, ...]:
    """The declared groups without a record; one in the trash is there, and stays where somebody put it."""
    table = context.runtime.table("group").table
    known = set(context.connection.execute(sa.select(table.c.declared_as)).scalars())
    return tuple(name for name in context.runtime.application.groups if name not in known)
