"""The mails that have arrived, as they are kept: each once, with what became of it.

What a mail says is kept as long as it may be needed: until it is a record. Of one that nothing became of it is kept
for an administrator, and forgotten after some months.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from engine.inbox.message import Message, Unreadable, key_of, read
from engine.inbox.words import one_line
from engine.metamodel.mailbox import Mailbox
from engine.outbox.queue import enqueue
from engine.store.inserting import dialect_insert
from engine.store.system import mail
from engine.work.context import Context

KIND = "arrived_mail"
"""The kind of job that makes a mail into what its mailbox says."""

STATES: Final[Mapping[str, str]] = {
    "waiting": "Waiting",
    "failed": "Failed",
    "kept": "Taken by no rule",
    "done": "Done",
    "ignored": "Ignored",
    "discarded": "Discarded",
}

TO_LOOK_AT: Final = ("failed", "kept")
"""What somebody has to look at."""

REMEMBERED = timedelta(days=90)
"""So long it is known that a mail has arrived, and what nothing became of is kept."""

LONGEST_EXCERPT, LONGEST_NOTE = 500, 1000
HEAD = 200_000
TOO_LARGE = "It is too large: only its head was kept."


@dataclass(frozen=True)
class Kept:
    """A mail that has arrived; `raw` is None once it is not needed any more."""

    id: int
    mailbox: str
    identity: str
    arrived_at: datetime
    sender: str
    subject: str
    excerpt: str
    size: int
    state: str
    rule: str
    entity: str | None
    record_id: int | None
    note: str
    replied: bool
    ended_at: datetime | None


COLUMNS = tuple(mail.c[name] for name in Kept.__dataclass_fields__)


@dataclass(frozen=True)
class Ending:
    """What became of a mail."""

    state: str
    rule: str = ""
    entity: str | None = None
    record_id: int | None = None
    note: str = ""
    replied: bool = False


@dataclass(frozen=True)
class Arrival:
    """A mail that is about to be kept; `refused` says why nothing can become of it."""

    mailbox: str
    raw: bytes
    size: int
    message: Message
    refused: str = ""


def arrival_of(mailbox: Mailbox, raw: bytes, *, size: int | None = None) -> Arrival:
    """A mail as it is to be kept; `size` is how large it was, where `raw` is only its head.

    It is read here, where no transaction waits for it.
    """
    size = size or len(raw)
    too_large = size > mailbox.max_mb * 1024 * 1024
    kept = raw[:HEAD] if too_large else raw
    try:
        return Arrival(mailbox.name, kept, size, read(kept), TOO_LARGE if too_large else "")
    except Unreadable as error:
        return Arrival(mailbox.name, kept, size, Message(""), str(error))


def receive(context: Context, arrival: Arrival) -> tuple[int, bool]:
    """Keep a mail that has arrived, in the caller's transaction; answers its number, and whether it is a new one."""
    message = arrival.message
    row = {
        "mailbox": arrival.mailbox,
        "key": key_of(arrival.raw, message.identity),
        "identity": message.identity,
        "arrived_at": context.now,
        "sender": message.sender,
        "subject": message.subject,
        "excerpt": one_line(message.text, LONGEST_EXCERPT),
        "size": arrival.size,
        "raw": arrival.raw,
        "state": "failed" if arrival.refused else "waiting",
        "note": arrival.refused,
        "ended_at": context.now if arrival.refused else None,
    }
    added = dialect_insert(context.connection, mail).values(row).on_conflict_do_nothing().returning(mail.c.id)
    number = context.connection.execute(added).scalar()
    if number is None:
        same = sa.and_(mail.c.mailbox == arrival.mailbox, mail.c.key == row["key"])
        return int(context.connection.execute(sa.select(mail.c.id).where(same)).scalar_one()), False
    if not arrival.refused:
        _wait(context, int(number), arrival.mailbox)
    return int(number), True


def _wait(context: Context, number: int, mailbox: str) -> None:
    key = f"{number} {context.now.isoformat()}"
    enqueue(context, KIND, {"mail": number}, key=key, about=f"a mail to {mailbox}")


def waiting(context: Context, number: int) -> tuple[Kept, bytes] | None:
    """A mail that waits to become something, held until the transaction ends; None where it does not any more."""
    statement = sa.select(*COLUMNS, mail.c.raw).where(mail.c.id == number, mail.c.state == "waiting")
    row = context.connection.execute(statement.with_for_update()).one_or_none()
    return None if row is None or row.raw is None else (Kept(*row[:-1]), bytes(row.raw))


def end(context: Context, number: int, ending: Ending) -> None:
    """Say what became of a mail. What it says is forgotten where it has become something."""
    values: dict[str, Any] = {
        "state": ending.state,
        "rule": ending.rule,
        "entity": ending.entity,
        "record_id": ending.record_id,
        "note": ending.note[:LONGEST_NOTE],
        "replied": ending.replied,
        "ended_at": context.now,
    }
    if ending.state not in TO_LOOK_AT:
        values |= {"raw": None, "excerpt": ""}
    context.connection.execute(sa.update(mail).where(mail.c.id == number).values(values))


def get(context: Context, number: int) -> Kept | None:
    """A mail by its number."""
    row = context.connection.execute(sa.select(*COLUMNS).where(mail.c.id == number)).one_or_none()
    return None if row is None else Kept(*row)


def listed(
    context: Context, limit: int, *, state: str = "", mailbox: str = "", before: int | None = None
) -> list[Kept]:
    """The newest mails first, of a state and a mailbox or of all; `before` is the number to go on from."""
    statement = sa.select(*COLUMNS).order_by(mail.c.id.desc()).limit(limit)
    if state:
        statement = statement.where(mail.c.state == state)
    if mailbox:
        statement = statement.where(mail.c.mailbox == mailbox)
    if before is not None:
        statement = statement.where(mail.c.id < before)
    return [Kept(*row) for row in context.connection.execute(statement)]


def numbers(context: Context) -> dict[str, int]:
    """How many mails there are in each of STATES; those with none are left out."""
    statement = sa.select(mail.c.state, sa.func.count()).group_by(mail.c.state)
    counted = {state: int(number) for state, number in context.connection.execute(statement)}
    return {state: counted[state] for state in STATES if counted.get(state)}


def retry(context: Context, number: int) -> bool:
    """Let a mail that nothing became of go through the rules again; whether there was one."""
    mine = sa.and_(
        mail.c.id == number, mail.c.state.in_(TO_LOOK_AT), mail.c.raw.is_not(None), mail.c.note != TOO_LARGE
    )
    values = {"state": "waiting", "note": "", "rule": "", "ended_at": None}
    row = context.connection.execute(sa.update(mail).where(mine).values(values).returning(mail.c.mailbox))
    mailbox = row.scalar()
    if mailbox is None:
        return False
    _wait(context, number, mailbox)
    return True


def discard(context: Context, number: int) -> bool:
    """Nothing is to become of a mail; whether there was one. What it says is forgotten."""
    mine = sa.and_(mail.c.id == number, mail.c.state.in_(TO_LOOK_AT))
    values = {"state": "discarded", "raw": None, "excerpt": "", "ended_at": context.now}
    return bool(context.connection.execute(sa.update(mail).where(mine).values(values)).rowcount)


def replies_since(context: Context, sender: str, since: datetime) -> int:
    """How many mails of somebody have been answered by a machine since."""
    mine = (mail.c.sender == sender, mail.c.arrived_at >= since, mail.c.replied)
    return int(
        context.connection.execute(sa.select(sa.func.count()).select_from(mail).where(*mine)).scalar_one()
    )


def clear(context: Context) -> int:
    """Forget what arrived long ago, but for what still waits; answers how many mails that were."""
    old = sa.and_(mail.c.arrived_at < context.now - REMEMBERED, mail.c.state != "waiting")
    return context.connection.execute(sa.delete(mail).where(old)).rowcount
