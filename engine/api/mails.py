"""A mail brought by a mail server's webhook: kept in its mailbox, whose rules say what becomes of it."""

from __future__ import annotations

from functools import partial

from starlette.responses import Response

from engine.access import access
from engine.api.problem import Problem
from engine.api.replies import in_read, in_write, reply
from engine.api.requests import Asked
from engine.inbox import kept
from engine.metamodel.mailbox import Mailbox
from engine.work.context import Context

CAPABILITY = "deliver_mail"
MEDIA_TYPES = ("message/rfc822", "application/octet-stream")


async def deliver(asked: Asked) -> Response:
    """POST /api/settings/mail/{mailbox}: a mail as it came (RFC 5322); 202, or 200 for one delivered before."""
    if asked.actor.scope is not None and asked.actor.scope.entities:
        raise Problem(
            403, "token-scope", "This token is for records of some entities: a mail may become any."
        )
    await in_read(asked, _may_deliver)
    mailbox = asked.runtime.application.mailboxes.get(asked.request.path_params["mailbox"])
    if mailbox is None:
        raise Problem(404, "not-found", "There is no such mailbox.")
    media_type = asked.request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in MEDIA_TYPES:
        raise Problem(415, "unsupported-media-type", f"The body has to be one of {', '.join(MEDIA_TYPES)}.")
    raw = await _received(asked, mailbox)
    if not raw.strip():
        raise Problem(400, "no-mail", "The body is empty.")
    arrival = await asked.gateway.run(partial(kept.arrival_of, mailbox, raw))
    number, new = await in_write(asked, lambda context: kept.receive(context, arrival))
    return reply({"id": number, "new": new}, 202 if new else 200)


def _may_deliver(context: Context) -> None:
    if not access.can(context, CAPABILITY):
        access.refuse(context, "user", CAPABILITY, f"no capability {CAPABILITY}")


async def _received(asked: Asked, mailbox: Mailbox) -> bytes:
    """The body, of the size a mail may have."""
    most = mailbox.max_mb * 1024 * 1024
    too_large = Problem(413, "too-large", f"A mail here has at most {mailbox.max_mb} MB.")
    length = asked.request.headers.get("content-length", "0")
    if length.isdigit() and int(length) > most:
        raise too_large
    chunks = bytearray()
    async for chunk in asked.request.stream():
        chunks += chunk
        if len(chunks) > most:
            raise too_large
    return bytes(chunks)
