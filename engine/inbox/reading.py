"""Reading mailboxes: what is new on the server is kept, each mail in one transaction with how far has been read.

One worker reads a mailbox at a time. A mail is asked for again when a worker dies before it is kept, and known
again when it dies afterwards: so it is fetched at least once, and becomes something exactly once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa

from engine.inbox import kept
from engine.inbox.imap import Folder, Source, Unreadable, opened
from engine.inbox.kept import arrival_of, receive
from engine.mailing import threads
from engine.metamodel.mailbox import Mailbox
from engine.outbox.queue import Job, enqueue
from engine.outbox.running import Handlers, Retry
from engine.outbox.schedules import Schedule, Turn
from engine.store.inserting import dialect_insert
from engine.store.system import mailbox as state
from engine.work.context import SYSTEM, Context
from engine.work.gateway import Gateway, Units

log = logging.getLogger("engine.inbox")

KIND = "read_mailbox"

LEASE = timedelta(minutes=5)
"""So long a mailbox belongs to who reads it, from the last mail that was kept."""

LONGEST_PAUSE = timedelta(minutes=15)
"""A server that can't be read is asked the more seldom the longer it can't be: whoever asks waits for it."""

ELSEWHERE = timedelta(seconds=10)
"""So long a mailbox is left to other processes, where this one does not know its server."""

LONGEST_ERROR = 500


class Lost(Exception):
    """Somebody else reads the mailbox by now."""


@dataclass(frozen=True)
class Standing:
    """How a mailbox stands: when it was read last, and why it can't be read since when."""

    name: str
    read_at: datetime | None = None
    error: str = ""
    failing_since: datetime | None = None


@dataclass(frozen=True)
class Progress:
    """How far a folder has been read, as whoever reads it now finds it."""

    reader: str
    folder: str
    validity: int
    last_uid: int
    read_at: datetime | None


# ---- when


def tick(gateway: Gateway) -> None:
    """Enqueue what is due: one job for each moment of a mailbox, however many processes look at the clock."""
    reading = _reading(gateway)
    if not reading:
        return
    with gateway.read(SYSTEM, "job") as context:
        found = context.connection.execute(sa.select(state.c.name, state.c.next_at))
        next_at = {row.name: row.next_at for row in found}
        now = context.now
    for each in reading:
        if each.name not in next_at or next_at[each.name] <= now:
            gateway.writing(SYSTEM, "job", partial(_due, mailbox=each))


def _reading(gateway: Gateway) -> list[Mailbox]:
    """The mailboxes that this process can read."""
    declared = gateway.runtime.application.mailboxes.values()
    return [each for each in declared if each.reads and each.name in gateway.mail_sources]


def _due(context: Context, mailbox: Mailbox) -> None:
    row = {"name": mailbox.name, "next_at": context.now}
    context.connection.execute(dialect_insert(context.connection, state).values(row).on_conflict_do_nothing())
    mine = (state.c.name == mailbox.name, state.c.next_at <= context.now)
    later = sa.update(state).where(*mine).values(next_at=context.now + mailbox.every)
    if context.connection.execute(later).rowcount:
        key = f"{mailbox.name} {context.now.isoformat()}"
        enqueue(context, KIND, {"mailbox": mailbox.name}, key=key, about=f"the mailbox {mailbox.name}")


# ---- reading


def handle(gateway: Gateway, taken: Job) -> None:
    """Read one mailbox, unless somebody does."""
    name = str(taken.payload["mailbox"])
    mailbox, source = gateway.runtime.application.mailboxes.get(name), gateway.mail_sources.get(name)
    if mailbox is None or not mailbox.reads:
        return
    if source is None:
        raise Retry(f"{mailbox.variable} is not set where this was tried.", after=ELSEWHERE)
    read_mailbox(gateway, mailbox, source, f"{taken.id}.{taken.attempts}")


def read_mailbox(gateway: Gateway, mailbox: Mailbox, source: Source, reader: str) -> None:
    """Keep what is new in a mailbox; a server that can't be read is told where administrators look."""
    progress = gateway.writing(SYSTEM, "job", lambda context: _claim(context, mailbox, reader))
    if progress is None:
        return
    error = ""
    try:
        with opened(source, mailbox.folder) as folder:
            _read(gateway, mailbox, folder, progress)
    except Unreadable as unreadable:
        error = str(unreadable)[:LONGEST_ERROR]
        log.warning("the mailbox %s can't be read: %s", mailbox.name, error)
    except Lost:
        log.warning("the mailbox %s is read by somebody else by now", mailbox.name)
        return
    except BaseException:
        gateway.writing(
            SYSTEM, "job", lambda context: _release(context, progress, mailbox, "It could not be kept.")
        )
        raise
    gateway.writing(SYSTEM, "job", lambda context: _release(context, progress, mailbox, error))


def _read(gateway: Gateway, mailbox: Mailbox, folder: Folder, progress: Progress) -> None:
    goes_on = (progress.folder, progress.validity) == (folder.name, folder.validity)
    if goes_on:
        uids = folder.after(progress.last_uid)
        left = folder.unseen_until(progress.last_uid) if mailbox.done_folder else []
    else:
        uids, left = _from_new(folder, progress), []
    sizes = folder.sizes(uids)
    for uid in left:  # kept by somebody who died before it was moved
        _done(folder, uid, mailbox)
    for uid in uids:
        raw = _fetched(folder, uid, sizes.get(uid), mailbox)
        if raw is not None:
            arrival = arrival_of(mailbox, raw, size=sizes[uid])
            reached = uid if goes_on else 0
            gateway.writing(
                SYSTEM,
                "job",
                partial(_keep, arrival=arrival, progress=progress, mailbox=mailbox, uid=reached),
            )
            _done(folder, uid, mailbox)
    last = max([*uids, progress.last_uid]) if goes_on else folder.next_uid - 1
    reach = partial(_advance, progress=progress, mailbox=mailbox, folder=folder, uid=last)
    gateway.writing(SYSTEM, "job", reach)


def _from_new(folder: Folder, progress: Progress) -> list[int]:
    """What is read of a folder that is not known: what nobody has read, and what came since the last time."""
    unseen = folder.unseen()
    if progress.read_at is None or progress.folder != folder.name:
        return unseen
    since = (progress.read_at - timedelta(days=1)).date()
    return sorted({*unseen, *folder.since(since)})


def _fetched(folder: Folder, uid: int, size: int | None, mailbox: Mailbox) -> bytes | None:
    """The bytes of a mail, the head of a very large one; None where it is gone."""
    if size is None:
        return None
    return folder.fetch(uid, head=size > mailbox.max_mb * 1024 * 1024)


def _done(folder: Folder, uid: int, mailbox: Mailbox) -> None:
    """Tell the server that a mail is kept; where it does not take that, the mail is kept all the same."""
    try:
        folder.done(uid, mailbox.done_folder)
    except folder.connection.abort:
        raise
    except folder.connection.error as error:
        log.warning("a mail of %s could not be marked or moved: %s", mailbox.name, error)


# ---- how far


def _claim(context: Context, mailbox: Mailbox, reader: str) -> Progress | None:
    """Take a mailbox to read; None where somebody has it."""
    free = sa.or_(state.c.reading_until.is_(None), state.c.reading_until < context.now)
    mine = sa.update(state).where(state.c.name == mailbox.name, free)
    taken = mine.values(reader=reader, reading_until=context.now + LEASE)
    row = context.connection.execute(
        taken.returning(state.c.reader, state.c.folder, state.c.validity, state.c.last_uid, state.c.read_at)
    ).one_or_none()
    return None if row is None else Progress(*row)


def _hold(context: Context, progress: Progress, mailbox: Mailbox, **values: Any) -> None:
    """Keep a mailbox, and how far it is read; raises Lost where somebody else has it."""
    mine = sa.update(state).where(state.c.name == mailbox.name, state.c.reader == progress.reader)
    if not context.connection.execute(mine.values(reading_until=context.now + LEASE, **values)).rowcount:
        raise Lost(mailbox.name)


def _keep(context: Context, arrival: kept.Arrival, progress: Progress, mailbox: Mailbox, uid: int) -> None:
    """Keep a mail, and that it has been read, in one transaction."""
    _hold(context, progress, mailbox, **({"last_uid": uid} if uid else {}))
    receive(context, arrival)


def _advance(context: Context, progress: Progress, mailbox: Mailbox, folder: Folder, uid: int) -> None:
    _hold(context, progress, mailbox, folder=folder.name, validity=folder.validity, last_uid=uid)


def _release(context: Context, progress: Progress, mailbox: Mailbox, error: str) -> None:
    values: dict[str, Any] = {"reader": "", "reading_until": None, "error": error}
    if error:
        values |= _failing(context, mailbox)
    else:
        values |= {"failing_since": None, "read_at": context.now}
    mine = (state.c.name == mailbox.name, state.c.reader == progress.reader)
    context.connection.execute(sa.update(state).where(*mine).values(**values))


def _failing(context: Context, mailbox: Mailbox) -> dict[str, Any]:
    """Since when a mailbox can't be read, and when it is tried again."""
    since = context.connection.execute(
        sa.select(state.c.failing_since).where(state.c.name == mailbox.name)
    ).scalar()
    pause = min(context.now - (since or context.now), LONGEST_PAUSE)
    return {"failing_since": since or context.now, "next_at": context.now + max(pause, mailbox.every)}


def standing(context: Context, names: Iterable[str]) -> list[Standing]:
    """How mailboxes stand."""
    columns = (state.c.name, state.c.read_at, state.c.error, state.c.failing_since)
    found = {row.name: Standing(*row) for row in context.connection.execute(sa.select(*columns))}
    return [found.get(name, Standing(name)) for name in names]


# ---- forgetting


def _clear(units: Units, turn: Turn) -> None:
    forget: tuple[Callable[[Context], object], ...] = (kept.clear, threads.clear)
    for each in forget:
        units.writing(SYSTEM, "job", each)


CLEARING = Schedule("engine.clear-mail", "23 3 * * *", "UTC", _clear)
"""What arrived long ago is forgotten, once a day."""


def reads_from(sources: Mapping[str, Source]) -> Handlers:
    """What reads mailboxes; nothing where no server is named, and that is left to a process that knows one."""
    return {KIND: handle} if sources else {}
