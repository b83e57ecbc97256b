"""What protects the pages: response headers, the size of bodies, and where a redirect may lead."""

from __future__ import annotations

from secrets import token_urlsafe

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = (
    "default-src 'self'",
    "img-src 'self' data:",
    "style-src 'self'{nonce}",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
)

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}

UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class SecurityHeaders:
    """ASGI middleware: the headers every page carries. A page that needs a style nonce finds it in its state."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        state = scope.setdefault("state", {})

        async def secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("Content-Security-Policy", policy(state.get("nonce", "")))
                headers.setdefault("Cache-Control", "private, no-cache")
                if scope["scheme"] == "https":
                    headers.setdefault("Strict-Transport-Security", "max-age=31536000")
            await send(message)

        await self.app(scope, receive, secured)


def policy(nonce: str = "") -> str:
    """The Content-Security-Policy: nothing inline, nothing from elsewhere.

    `nonce` lets one library of ours (the rich text editor) add its own style sheet.
    """
    return "; ".join(POLICY).format(nonce=f" 'nonce-{nonce}'" if nonce else "")


def new_nonce() -> str:
    return token_urlsafe(16)


class TooLarge(HTTPException):
    """A body that is larger than this installation takes."""

    def __init__(self, largest: int) -> None:
        self.largest = largest
        super().__init__(413, f"This is larger than {largest // 1024 // 1024} MB.")


def limited(receive: Receive, declared: str | None, largest: int) -> Receive:
    """Receive a body up to a size; raises TooLarge before the rest is read."""
    if declared is not None and declared.isdigit() and int(declared) > largest:
        raise TooLarge(largest)
    size = 0

    async def counted() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > largest:
            raise TooLarge(largest)
        return message

    return counted


# ---- redirects


def safe_next(target: str | None, otherwise: str = "/") -> str:
    """A path of this site to go to next; `otherwise` for anything that could lead elsewhere."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return otherwise
    if any(ord(sign) < 33 or sign == "\\" for sign in target) or len(target) > 2000:
        return otherwise
    return target
