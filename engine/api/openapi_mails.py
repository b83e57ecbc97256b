"""How the delivery of mails is described, to who may deliver them."""

from __future__ import annotations

from typing import Any

from engine.access import access
from engine.api.mails import CAPABILITY, MEDIA_TYPES
from engine.api.openapi_parts import REFUSED, Schema, content
from engine.work.context import Context

RECEIVED: Schema = {
    "type": "object",
    "properties": {
        "id": {"type": "integer", "description": "The number of the mail."},
        "new": {"type": "boolean", "description": "Whether it was not delivered before."},
    },
    "required": ["id", "new"],
}


def of_mails(context: Context) -> dict[str, Any]:
    """A path for each mailbox; none for who may not deliver, and for a token that reads or is of some entities."""
    scope = context.actor.scope
    if (scope is not None and (scope.read_only or scope.entities)) or not access.can(context, CAPABILITY):
        return {}
    mail: Schema = {"type": "string", "minLength": 1, "description": "The mail as it came (RFC 5322)."}
    taken = {"required": True, "content": {media_type: {"schema": mail} for media_type in MEDIA_TYPES}}
    refused = {str(status): REFUSED for status in (400, 401, 403, 413, 415)}
    return {
        f"/api/settings/mail/{mailbox.name}": {
            "post": {
                "tags": ["Mails"],
                "summary": f"Deliver a mail to {mailbox.label}",
                "requestBody": taken,
                "responses": {"200": content(RECEIVED), "202": content(RECEIVED)} | refused,
            }
        }
        for mailbox in context.runtime.application.mailboxes.values()
    }
