"""Mails as jobs: written with what they tell of, handed to the server once that is committed.

None is sent of what did not happen, and none is lost with a process. A mail's text, which may hold a link that
lets somebody in, is forgotten once a server has taken it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.mailing import threads
from engine.mailing.server import NotTaken, Server, hand_over, message
from engine.outbox.queue import Job, about_of, enqueue
from engine.outbox.running import GiveUp, Handlers, Retry, Runner
from engine.work.context import Context
from engine.work.gateway import Gateway

KIND = "mail"


@dataclass(frozen=True)
class Answer:
    """What a mail is about, so that an answer to it finds the record.

    `to` is the identity of the mail that it answers itself; `automatic`: by itself. `mailbox` is where an answer is
    taken; "" for the one that takes answers about such records.
    """

    about: threads.Key
    to: str = ""
    automatic: bool = False
    mailbox: str = ""


def post(context: Context, recipient: str, subject: str, text: str, answer: Answer | None = None) -> None:
    """Write a mail into the outbox, in the transaction of what it tells."""
    payload: dict[str, Any] = {"recipient": recipient, "subject": " ".join(subject.split()), "text": text}
    payload |= _threaded(context, answer) if answer is not None else {}
    enqueue(context, KIND, payload, about=told_of(subject, recipient))


def told_of(subject: str, recipient: str) -> str:
    """What is known of a mail beside its text, which is forgotten: what it is about, and to whom it goes."""
    return about_of(f"{' '.join(subject.split())}, to {recipient}")


def _threaded(context: Context, answer: Answer) -> dict[str, Any]:
    """What a mail carries so that its answers come back; nothing where no mailbox takes them."""
    application = context.runtime.application
    found = application.mailboxes.get(answer.mailbox) or threads.answered_to(application, answer.about[0])
    if found is None:
        return {}
    identity = threads.begin(context, answer.about)
    return {"identity": identity, "mailbox": found.name, "answers": answer.to, "automatic": answer.automatic}


def sends_by(server: Server | None) -> Handlers:
    """What carries out mails; nothing where there is no server, and they wait for a process that has one."""
    if server is None:
        return {}
    return {KIND: lambda gateway, taken: _send(gateway, server, taken)}


def _send(gateway: Gateway, server: Server, taken: Job) -> None:
    payload = taken.payload
    sender = gateway.runtime.application.settings.mail_from or f"no-reply@{server.host}"
    try:
        identity = payload.get("identity") or f"{taken.id}.{taken.created_at.timestamp():.6f}"
        made = message(sender, payload["recipient"], payload["subject"], payload["text"], identity)
        for name, value in _headers(gateway, payload).items():
            del made[name]
            made[name] = value
        hand_over(server, made)
    except NotTaken as reason:
        raise (GiveUp if reason.for_good else Retry)(str(reason)) from reason
    except ValueError as error:  # a header that can't be: an address with a line's end, for one
        raise GiveUp(str(error)) from error


def _headers(gateway: Gateway, payload: Mapping[str, Any]) -> dict[str, str]:
    """The headers by which an answer comes back, and by which it is known what this one answers."""
    found: dict[str, str] = {}
    mailbox = gateway.runtime.application.mailboxes.get(payload.get("mailbox", ""))
    if (
        mailbox is not None
        and mailbox.addresses
        and (not mailbox.reads or mailbox.name in gateway.mail_sources)
    ):
        found["Reply-To"] = mailbox.addresses[0]
    if payload.get("answers"):
        found |= dict.fromkeys(("In-Reply-To", "References"), payload["answers"])
    if payload.get("automatic"):
        found["Auto-Submitted"] = "auto-replied"
    return found


def deliver(gateway: Gateway, server: Server) -> int:
    """Send every mail that is due, here and now; answers how many the server took."""
    return Runner(gateway, sends_by(server)).run_due()
