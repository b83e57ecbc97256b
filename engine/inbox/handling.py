"""Mails that wait, as jobs: each becomes what its mailbox says exactly once, in one transaction with the job's end."""

from __future__ import annotations

from functools import partial

import sqlalchemy as sa

from engine.errors import EngineError, FieldError, Invalid
from engine.inbox import kept
from engine.inbox.filing import Filing, Keep
from engine.inbox.kept import KIND, Ending
from engine.inbox.message import Message, Unreadable, read
from engine.inbox.ruling import actor_of, carry_out, choose
from engine.metamodel.mailbox import Mailbox
from engine.outbox import queue
from engine.outbox.queue import Job
from engine.outbox.running import Handlers
from engine.service.events import settle_events, undoable
from engine.store.system import mail
from engine.work.context import SYSTEM, Context
from engine.work.gateway import Gateway


def handle(gateway: Gateway, taken: Job) -> None:
    """Make one mail into what its mailbox says."""
    number = int(taken.payload["mail"])
    with gateway.read(SYSTEM, "job") as context:
        row = context.connection.execute(
            sa.select(mail.c.mailbox, mail.c.raw).where(mail.c.id == number)
        ).one_or_none()
    application = gateway.runtime.application
    mailbox = application.mailboxes.get(row.mailbox) if row is not None else None
    if row is None or row.raw is None or mailbox is None:
        why = "There is no such mailbox any more." if mailbox is None else ""
        gateway.writing(
            SYSTEM, "job", partial(_end, number=number, taken=taken, ending=Ending("failed", note=why))
        )
        return
    try:
        message = read(bytes(row.raw))
    except Unreadable as error:
        failed = Ending("failed", note=str(error))
        gateway.writing(SYSTEM, "job", partial(_end, number=number, taken=taken, ending=failed))
        return
    filing = Filing(gateway.files, application.settings.max_upload_mb * 1024 * 1024)
    try:
        if any(rule.attachments for rule in mailbox.rules):
            filing.put(message.attachments)
        work = partial(_work, number=number, taken=taken, mailbox=mailbox, message=message, filing=filing)
        gateway.writing(actor_of(application, mailbox), "job", work)
    except BaseException:
        filing.used.clear()
        raise
    finally:
        filing.drop_unused()


def _end(context: Context, number: int, taken: Job, ending: Ending) -> None:
    """Nothing can become of a mail."""
    if kept.waiting(context, number) is not None:
        kept.end(context, number, ending)
    queue.finish(context, taken)


def _work(
    context: Context, number: int, taken: Job, mailbox: Mailbox, message: Message, filing: Filing
) -> None:
    filing.used.clear()
    if kept.waiting(context, number) is not None:
        ending = settle(context, mailbox, message, filing.keep)
        if ending.state == "failed":
            filing.used.clear()
        kept.end(context, number, ending)
    queue.finish(context, taken)


def settle(context: Context, mailbox: Mailbox, message: Message, keep: Keep) -> Ending:
    """What becomes of a mail; what refuses it takes everything back, and is kept as the reason."""
    rule = ""
    try:
        with undoable(context):
            choice = choose(context, mailbox, message)
            rule = choice.rule.name if choice.rule is not None else ""
            ending = carry_out(context, mailbox, message, choice, keep)
            settle_events(context)
            return ending
    except EngineError as error:
        return Ending("failed", rule, note=_words_of(error))


def _words_of(error: EngineError) -> str:
    """Why something was refused, for an administrator."""
    return " ".join(map(_complaint, error.errors)) if isinstance(error, Invalid) else str(error)


def _complaint(error: FieldError) -> str:
    return f"{error.at}: {error.message}" if error.at else error.message


HANDLERS: Handlers = {KIND: handle}
