"""Files of records: a property may hold only a file its writer uploaded, or that is the record's already."""

from __future__ import annotations

from engine.drafts.draft import Draft
from engine.store import files
from engine.types.file import FileValue
from engine.work.context import Context


def check_files(context: Context, draft: Draft) -> None:
    """Complain of files that are not there, or belong to somebody else's record."""
    for name, value in draft.values.items():
        if not isinstance(value, FileValue) or (draft.old and draft.old.values.get(name) == value):
            continue
        known = files.describe(context.connection, value.key)
        owner = files.owner(context.connection, value.key)
        mine = (
            owner is not None
            and (owner[2] == context.actor.id or context.actor.id is None)
            and owner[0] is None
        )
        if known is None or not mine:
            draft.refuse(name, "unknown-file", "This file is not there: upload it again.")
        else:
            draft.values[name] = known


def claim_files(context: Context, draft: Draft, number: int) -> None:
    """Say that a saved record's files are its own."""
    for value in draft.values.values():
        if isinstance(value, FileValue):
            files.claim(context.connection, value.key, draft.entity.name, number)
