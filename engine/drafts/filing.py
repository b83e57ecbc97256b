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
    for rows in draft.children.values():
        for row in rows:
            check_files(context, row)


def claim_files(context: Context, draft: Draft, number: int) -> None:
    """Say that the files of a saved record are its own, and those of its rows theirs."""
    for value in draft.values.values():
        if isinstance(value, FileValue):
            files.claim(context.connection, value.key, draft.entity.name, number)
    for rows in draft.children.values():
        for row in rows:
            of_row = row.old.id if row.old is not None else row.number
            if of_row is not None:
                claim_files(context, row, of_row)
