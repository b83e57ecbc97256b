"""What the requests of a test client go through: an answer by one call into the loop, where Starlette's makes eight.

Starlette's client hands on what an application sends piece by piece, and each piece costs two changes of thread. No
test looks at an answer before it is whole.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import unquote

import anyio
import httpx2
from starlette.testclient import _TestClientTransport

Message = MutableMapping[str, Any]
Application = Callable[
    [Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]
]


class WholeAnswers(_TestClientTransport):
    """In the place of Starlette's transport; web sockets go through that."""

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        if request.url.scheme not in ("http", "https"):
            return super().handle_request(request)
        with self.portal_factory() as portal:
            sent, error = portal.call(_answered, self.app, self._scope(request), request.read())
        if error is not None and self.raise_server_exceptions:
            raise error
        if not sent:
            return httpx2.Response(500, stream=httpx2.ByteStream(b""), request=request)
        start, *rest = sent
        body = b"" if request.method == "HEAD" else b"".join(each.get("body", b"") for each in rest)
        headers = [(name.decode(), value.decode()) for name, value in start["headers"]]
        return httpx2.Response(
            start["status"], headers=headers, stream=httpx2.ByteStream(body), request=request
        )

    def _scope(self, request: httpx2.Request) -> Message:
        url = request.url
        return {
            "type": "http",
            "http_version": "1.1",
            "method": request.method,
            "path": unquote(url.path),
            "raw_path": url.raw_path.split(b"?", 1)[0],
            "root_path": self.root_path,
            "scheme": url.scheme,
            "query_string": url.query,
            "headers": [
                (name.lower().encode(), value.encode()) for name, value in request.headers.multi_items()
            ],
            "client": self.client,
            "server": [url.host, url.port or {"http": 80, "https": 443}[url.scheme]],
            "state": self.app_state.copy(),
        }


async def _answered(
    application: Application, scope: Message, body: bytes
) -> tuple[list[Message], Exception | None]:
    """What an application sends, and what it raises; whoever asked stays until the answer is whole."""
    sent: list[Message] = []
    bodies = [body]
    whole = anyio.Event()

    async def receive() -> Message:
        if bodies:
            return {"type": "http.request", "body": bodies.pop(), "more_body": False}
        await whole.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)
        if message["type"] == "http.response.body" and not message.get("more_body", False):
            whole.set()

    try:
        await application(scope, receive, send)
    except Exception as error:
        return sent, error
    return sent, None
