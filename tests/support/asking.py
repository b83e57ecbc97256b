"""Requests put to a web application directly, without a client library between: a tenth of what one costs."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from starlette.types import ASGIApp

from tests.support.loop import Loop

FORM = {"content-type": "application/x-www-form-urlencoded"}
MANY_PARTS = {"content-type": "multipart/form-data; boundary=edge"}


@dataclass(frozen=True)
class Answered:
    """What came back."""

    status: int
    location: str
    text: str


class Asker:
    """Asks an application one thing after the other, as somebody with these headers."""

    def __init__(self, application: ASGIApp, headers: Mapping[str, str]) -> None:
        self._application, self._headers = application, dict(headers)
        self._loop = Loop()

    def __enter__(self) -> Self:
        self._loop.__enter__()
        return self

    def __exit__(self, *raised: object) -> None:
        self._loop.__exit__()

    def get(self, address: str) -> Answered:
        return self._ask("GET", address, b"", {})

    def post(self, address: str, body: str, headers: Mapping[str, str]) -> Answered:
        return self._ask("POST", address, body.encode(), headers)

    def _ask(self, method: str, address: str, body: bytes, headers: Mapping[str, str]) -> Answered:
        path, _, query = address.partition("?")
        given = {"host": "testserver", **self._headers, **headers, "content-length": str(len(body))}
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "root_path": "",
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode()) for name, value in given.items()],
            "client": ("testclient", 1),
            "server": ("testserver", 80),
        }
        return self._loop.run(self._answer(scope, body))

    async def _answer(self, scope: dict[str, Any], body: bytes) -> Answered:
        sent: list[Any] = []
        bodies = [body]

        async def receive() -> dict[str, Any]:
            if not bodies:
                await asyncio.Future()  # nobody goes away before there is an answer
            return {"type": "http.request", "body": bodies.pop(), "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        await self._application(scope, receive, send)
        start, *rest = sent
        found = {name.decode(): value.decode() for name, value in start["headers"]}
        content = b"".join(each.get("body", b"") for each in rest)
        if found.get("content-encoding") == "gzip":
            content = gzip.decompress(content)
        return Answered(start["status"], found.get("location", ""), content.decode())


def parts(fields: Mapping[str, str], name: str, file: str, content: str) -> str:
    """A form with a file, as a browser sends one with `MANY_PARTS`."""
    plain = [
        f'--edge\r\ncontent-disposition: form-data; name="{each}"\r\n\r\n{value}\r\n'
        for each, value in fields.items()
    ]
    kind = f'form-data; name="{name}"; filename="{file}"'
    head = f"--edge\r\ncontent-disposition: {kind}\r\ncontent-type: text/csv\r\n\r\n"
    return "".join([*plain, head, content, "\r\n--edge--\r\n"])
