"""What an action says after the redirect: one signed cookie, read once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from itsdangerous import BadSignature, URLSafeSerializer
from starlette.requests import Request
from starlette.responses import Response

COOKIE = "engine_toast"
MOST_UNDO = 150
"""Records an Undo can name: a cookie holds four kilobytes."""


@dataclass(frozen=True)
class Toast:
    """A sentence, and where it can be undone: the form to post, with its fields."""

    text: str
    tone: str = "green"
    undo_url: str = ""
    undo_fields: Mapping[str, list[str]] = field(default_factory=dict)
    link_url: str = ""
    link_text: str = ""


def _serializer(secret: bytes) -> URLSafeSerializer:
    return URLSafeSerializer(secret or b"unset", salt="toast")


def leave_toast(response: Response, secret: bytes, toast: Toast, *, secure: bool) -> None:
    """Have the next page show it."""
    cookie = str(_serializer(secret).dumps(asdict(toast)))
    response.set_cookie(COOKIE, cookie, max_age=60, httponly=True, secure=secure, samesite="lax")


def take_toast(request: Request, secret: bytes) -> Toast | None:
    """The toast left by the request before, if any."""
    cookie = request.cookies.get(COOKIE)
    if not cookie:
        return None
    try:
        return Toast(**_serializer(secret).loads(cookie))
    except (BadSignature, TypeError):
        return None
