"""Mails as jobs: written with what they tell of, handed to the server once that is committed.

None is sent of what did not happen, and none is lost with a process. A mail's text, which may hold a link that
lets somebody in, is forgotten once a server has taken it.
"""

from __future__ import annotations

from engine.mailing.server import NotTaken, Server, hand_over, message
from engine.outbox.queue import Job, about_of, enqueue
from engine.outbox.running import GiveUp, Handlers, Retry, Runner
from engine.work.context import Context
from engine.work.gateway import Gateway

KIND = "mail"


def post(context: Context, recipient: str, subject: str, text: str) -> None:
    """Write a mail into the outbox, in the transaction of what it tells."""
    payload = {"recipient": recipient, "subject": " ".join(subject.split()), "text": text}
    enqueue(context, KIND, payload, about=told_of(subject, recipient))


def told_of(subject: str, recipient: str) -> str:
    """What is known of a mail beside its text, which is forgotten: what it is about, and to whom it goes."""
    return about_of(f"{subject}, to {recipient}")


def sends_by(server: Server | None) -> Handlers:
    """What carries out mails; nothing where there is no server, and they wait for a process that has one."""
    if server is None:
        return {}
    return {KIND: lambda gateway, taken: _send(gateway, server, taken)}


def _send(gateway: Gateway, server: Server, taken: Job) -> None:
    sender = gateway.runtime.application.settings.mail_from or f"no-reply@{server.host}"
    try:
        identity = f"{taken.id}.{taken.created_at.timestamp():.6f}"  # the same in each attempt
        hand_over(server, message(sender, **taken.payload, identity=identity))
    except NotTaken as reason:
        raise (GiveUp if reason.for_good else Retry)(str(reason)) from reason
    except ValueError as error:  # a header that can't be: an address with a line's end, for one
        raise GiveUp(str(error)) from error


def deliver(gateway: Gateway, server: Server) -> int:
    """Send every mail that is due, here and now; answers how many the server took."""
    return Runner(gateway, sends_by(server)).run_due()
