"""What people were told and mailed, and what processes noted, by the last step of a recorded test: words of it.

The words are those that come again: neither numbers, which another database counts otherwise, nor names of people.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.mailing.sending import KIND as MAIL
from engine.mailing.sending import told_of
from engine.service import notes
from engine.service.auditing import CAUSE, NOTE
from engine.service.notes import HIDDEN, Note
from engine.store.audit import Entry
from engine.store.system import job, notification
from engine.work.context import Context

MOST_TOLD = 20
"""So many messages are written down; of a message to more people the first."""

SHORTEST = 3
"""Fewer characters are no words."""

AROUND = " \t\n:;,.!?–—-“”\"'()"


@dataclass(frozen=True)
class Span:
    """When the last step was done: at `until`, or since `after` where it is time that passed."""

    until: datetime
    after: datetime | None = None

    def holds(self, at: datetime) -> bool:
        """Whether something happened by it."""
        return at == self.until if self.after is None else self.after < at <= self.until

    def clause(self, column: sa.ColumnElement[datetime]) -> sa.ColumnElement[bool]:
        """The same of a column."""
        if self.after is None:
            return column == self.until
        return sa.and_(column > self.after, column <= self.until)


@dataclass(frozen=True)
class Heard:
    """A message: to whom, and whether it was mailed as well."""

    user: int
    subject: str
    mailed: bool


def heard(context: Context, entity: str, number: int, span: Span) -> list[Heard]:
    """What people were told of a record, the first of it."""
    user = context.runtime.table("user").table
    columns = (notification.c.user_id, notification.c.subject, notification.c.at, user.c.email)
    mine = (notification.c.entity == entity, notification.c.record_id == number)
    statement = (
        sa.select(*columns)
        .join(user, user.c.id == notification.c.user_id)
        .where(*mine, span.clause(notification.c.at))
        .order_by(notification.c.id)
        .limit(MOST_TOLD)
    )
    rows = context.connection.execute(statement).all()
    mails = _mails(context, span) if rows else set()
    return [
        Heard(
            row.user_id, row.subject, bool(row.email) and (row.at, told_of(row.subject, row.email)) in mails
        )
        for row in rows
    ]


def _mails(context: Context, span: Span) -> set[tuple[datetime, str]]:
    """The mails that were written, by when and what: their text is forgotten once they are sent."""
    statement = sa.select(job.c.created_at, job.c.about).where(
        job.c.kind == MAIL, span.clause(job.c.created_at)
    )
    return {(row.created_at, row.about) for row in context.connection.execute(statement)}


def noted(entries: Iterable[Entry], span: Span) -> Iterator[Note]:
    """What processes wrote beside the record."""
    for entry in entries:
        changes: Mapping[str, Any] = entry.changes
        if entry.action == "comment" and changes.get(CAUSE) and changes.get(NOTE) and span.holds(entry.at):
            yield changes[NOTE]


# ---- words that come again


def words(text: str, names: Iterable[str]) -> str:
    """The longest part of a text that says the same of another database; "" where there is none."""
    known = [rf"(?<!\w){re.escape(each)}(?!\w)" for each in sorted(names, key=len, reverse=True) if each]
    apart = "|".join([*known, re.escape(HIDDEN), r"\S*\d\S*", r"\n"])
    pieces = [each.strip(AROUND) for each in re.split(apart, text)]
    longest = max(pieces, key=len, default="")
    return longest if len(longest) >= SHORTEST else ""


def words_of(note: Note, names: Iterable[str]) -> str:
    """The same of a text that was kept in parts: of those that are declared, where there are any."""
    known = list(names)
    if isinstance(note, str):
        return words(note, known)
    fixed = [words(each, known) for each in note if isinstance(each, str)]
    return max(fixed, key=len, default="") or words(notes.shown(note, lambda *_: True), known)
