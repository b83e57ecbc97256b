"""Which record a mail is about: remembered by the mail's identity, so that its answers find the record again.

A mail that is sent gets an identity nobody can guess: whoever answers it has been sent it.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import timedelta

import sqlalchemy as sa

from engine.declared.application import Application
from engine.metamodel.mailbox import Mailbox
from engine.store.inserting import dialect_insert
from engine.store.system import mail_thread
from engine.work.context import Context

Key = tuple[str, int]

KEPT = timedelta(days=730)
"""So long answers are recognised."""


def begin(context: Context, about: Key) -> str:
    """A new identity for a mail about a record: the part before the @."""
    identity = secrets.token_hex(16)
    remember(context, identity, about)
    return identity


def remember(context: Context, identity: str, about: Key) -> None:
    """Answers to the mail of this identity are about this record; what is known already stays."""
    row = {"identity": identity, "entity": about[0], "record_id": about[1], "at": context.now}
    context.connection.execute(
        dialect_insert(context.connection, mail_thread).values(row).on_conflict_do_nothing()
    )


def about(context: Context, references: Iterable[str], entity: str) -> int | None:
    """The record of an entity that a mail with these references answers: the nearest of them that is known."""
    wanted = [
        each for reference in references for each in (reference, reference.strip("<>").partition("@")[0])
    ]
    if not wanted:
        return None
    found = sa.select(mail_thread.c.identity, mail_thread.c.record_id).where(
        mail_thread.c.identity.in_(wanted), mail_thread.c.entity == entity
    )
    known = {row.identity: int(row.record_id) for row in context.connection.execute(found)}
    return next((known[each] for each in wanted if each in known), None)


def answered_to(application: Application, entity: str) -> Mailbox | None:
    """The mailbox in which answers to mails about an entity's records are taken; None where there is none."""
    return next(
        (each for each in application.mailboxes.values() if each.addresses and each.answers(entity)), None
    )


def clear(context: Context) -> None:
    """Forget mails so old that nobody answers them."""
    context.connection.execute(sa.delete(mail_thread).where(mail_thread.c.at < context.now - KEPT))
