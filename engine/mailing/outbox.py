"""The outbox: mails wait in the database until a server has taken them, whichever process sends them.

A mail is written in the transaction of what it tells, so that none is sent of what did not happen, and none is
lost with a process. Its text, which may hold a link that lets somebody in, is deleted once it is sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from engine.store.system import mail

LEASE = timedelta(minutes=5)
"""So long a process that sends a mail has it to itself; then it is sent again, should that process have died."""

PAUSES = (1, 5, 15, 60, 240, 720, 1440)
"""Minutes until a mail that the server would not take is tried again."""


@dataclass(frozen=True)
class Mail:
    """A mail that waits, taken by this process."""

    id: int
    recipient: str
    subject: str
    text: str
    tries: int


def post(connection: sa.Connection, now: datetime, recipient: str, subject: str, text: str) -> None:
    """Write a mail into the outbox."""
    row = {
        "at": now,
        "recipient": recipient,
        "subject": " ".join(subject.split()),
        "text": text,
        "state": "waiting",
        "tries": 0,
        "due_at": now,
        "error": "",
    }
    connection.execute(sa.insert(mail).values(row))


def take(connection: sa.Connection, now: datetime) -> Mail | None:
    """The next mail that is due; nobody else gets it for a while."""
    due = sa.and_(mail.c.state == "waiting", mail.c.due_at <= now)
    first = sa.select(mail.c.id).where(due).order_by(mail.c.due_at, mail.c.id).limit(1).scalar_subquery()
    taken = (
        sa.update(mail)
        .where(mail.c.id == first, due)
        .values(due_at=now + LEASE, tries=mail.c.tries + 1)
        .returning(mail.c.id, mail.c.recipient, mail.c.subject, mail.c.text, mail.c.tries)
    )
    row = connection.execute(taken).one_or_none()
    return Mail(*row) if row is not None else None


def sent(connection: sa.Connection, number: int) -> None:
    """A server has taken it."""
    connection.execute(sa.update(mail).where(mail.c.id == number).values(state="sent", text="", error=""))


def refused(connection: sa.Connection, taken: Mail, now: datetime, error: str, *, for_good: bool) -> None:
    """No server has taken it: it is tried again later, unless that is no use."""
    values: dict[str, object] = {"error": error[:1000]}
    if for_good or taken.tries > len(PAUSES):
        values |= {"state": "failed", "text": ""}
    else:
        values["due_at"] = now + timedelta(minutes=PAUSES[taken.tries - 1])
    connection.execute(sa.update(mail).where(mail.c.id == taken.id).values(values))


def numbers(connection: sa.Connection) -> dict[str, int]:
    """How many mails are in which state."""
    statement = sa.select(mail.c.state, sa.func.count()).group_by(mail.c.state)
    return {state: int(number) for state, number in connection.execute(statement)}
