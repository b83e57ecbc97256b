"""Mails in tests of the configuration: one arrives, and its mailbox says what becomes of it, as a worker would."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, replace
from email.message import EmailMessage
from mimetypes import guess_type

import sqlalchemy as sa

from engine.inbox import ruling
from engine.inbox.handling import settle
from engine.inbox.kept import Ending
from engine.inbox.message import Attached, Unreadable, read
from engine.mailing import threads
from engine.mailing.sending import KIND
from engine.metamodel.mailbox import Mailbox
from engine.metamodel.trial import Deed, Trial
from engine.store import files
from engine.store.system import job
from engine.trials.outcomes import Difference
from engine.trials.world import World
from engine.types.file import FileValue
from engine.work.context import Context


@dataclass(frozen=True)
class Arrived:
    """What came of a mail: why it is not what the test says it becomes (None: it is), and the record."""

    said: str | None
    number: int | None = None


def arrive(world: World, deed: Deed) -> Arrived:
    """Let a mail arrive."""
    context = world.context
    mailbox = context.runtime.application.mailboxes[deed.mailbox]
    try:
        message = read(_written(world, deed, mailbox))
    except (Unreadable, ValueError) as error:
        return Arrived(str(error))
    actor = ruling.actor_of(context.runtime.application, mailbox)
    acting = replace(context, actor=actor, source="job", kept={})
    return _told(world, deed, settle(acting, mailbox, message, _keep))


def _told(world: World, deed: Deed, ending: Ending) -> Arrived:
    """What became of a mail, held against what the test says it becomes."""
    by = f" by {ending.rule!r}" if ending.rule else ""
    match ending.state:
        case "failed":
            return Arrived(ending.note)
        case "kept":
            return Arrived("no rule takes it")
        case "ignored":
            return Arrived(f"it is ignored{by}{': ' + ending.note if ending.note else ''}")
    if deed.target is not None:
        there = (ending.entity, ending.record_id) == world.key(deed.target)
        return Arrived(
            None if there else f"it does not answer {deed.target!r}: {_made(ending)}{by}", ending.record_id
        )
    if deed.entity and deed.entity != ending.entity:
        return Arrived(f"it makes no {deed.entity}: {_made(ending)}{by}")
    return Arrived(None, ending.record_id if deed.entity else None)


def _made(ending: Ending) -> str:
    return f"it is {ending.entity} {ending.record_id}"


def _written(world: World, deed: Deed, mailbox: Mailbox) -> bytes:
    """The mail as it comes over the wire."""
    said, made = deed.values, EmailMessage()
    made["From"] = said.get("from", "somebody@example.com")
    made["To"] = next(iter(mailbox.addresses), "mailbox@example.com")
    made["Subject"] = said.get("subject", "")
    made["Message-ID"] = f"<{secrets.token_hex(8)}@test.example>"
    if said.get("automatic"):
        made["Auto-Submitted"] = "auto-replied"
    if said.get("answers"):
        identity = threads.begin(world.context, world.key(said["answers"]))
        made["In-Reply-To"] = f"<{identity}@test.example>"
    for name, value in (said.get("headers") or {}).items():
        made[name] = str(value)
    made.set_content(said.get("text", ""))
    for name in said.get("attachments") or ():
        main, _, sub = (guess_type(name)[0] or "application/octet-stream").partition("/")
        made.add_attachment(b"\0", maintype=main, subtype=sub, filename=name)
    return made.as_bytes()


def _keep(context: Context, attached: Attached) -> FileValue:
    """A file of a test is known to be there; nobody reads its bytes."""
    value = FileValue(
        secrets.token_hex(16), files.clean_name(attached.name), len(attached.content), attached.media_type
    )
    digest = hashlib.sha256(attached.content).hexdigest()
    files.register(context.connection, files.Stored(value, digest), context.now, context.actor.id)
    return value


def replied(world: World, trial: Trial, last_job: int) -> list[Difference]:
    """The words that should have been mailed back to who wrote, and were not."""
    wanted = trial.outcomes.get("replied", ())
    if not wanted:
        return []
    later = sa.select(job.c.payload).where(job.c.kind == KIND, job.c.id > last_job).order_by(job.c.id)
    rows = [each for each in world.context.connection.execute(later).scalars() if each.get("automatic")]
    texts = [f"{each['subject']}\n{each['text']}" for each in rows]
    return [
        Difference(f"who wrote is answered {each.text!r}", _in_words(texts), each.place)
        for each in wanted
        if not any(each.text.casefold() in text.casefold() for text in texts)
    ]


def _in_words(texts: list[str]) -> str:
    return f"they are answered {', '.join(map(repr, texts))}" if texts else "they are not answered"
