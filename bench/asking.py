"""Asking an ASGI application without a network, and measuring two of them by turns."""

from __future__ import annotations

import asyncio
import gzip
import re
import time
from collections.abc import Awaitable, Callable
from itertools import cycle
from typing import Any

from bench.ratio import Ratio

Ask = Callable[[], Awaitable[bytes]]


def asking(app: Any, paths: str | list[str], secret: str) -> Ask:
    """A function that sends a GET to an ASGI application and answers its body; several paths are asked in turn."""
    headers = [(b"cookie", f"engine_session={secret}".encode()), (b"accept-encoding", b"gzip")]
    turns = cycle([paths] if isinstance(paths, str) else paths)

    async def ask() -> bytes:
        sent: list[Any] = []
        address, _, query = next(turns).partition("?")
        scope = {
            "type": "http", "http_version": "1.1", "method": "GET", "path": address, "raw_path": address.encode(),
            "query_string": query.encode(), "root_path": "", "scheme": "http", "headers": list(headers),
            "server": ("localhost", 80), "client": ("127.0.0.1", 1), "state": {},
        }  # fmt: skip

        async def receive() -> Any:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        await app(scope, receive, send)
        assert sent[0]["status"] == 200, (address, sent[0])
        return b"".join(message.get("body", b"") for message in sent[1:])

    return ask


def text_of(body: bytes) -> str:
    return (gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body).decode()


def words_in(page: str, part: re.Pattern[str]) -> list[str]:
    """What a reader sees in a part of a page, without markup."""
    found = part.search(page)
    assert found is not None
    return re.sub(r"<[^>]+>", " ", found.group()).split()


def same(mine: list[str], other: list[str]) -> None:
    """Raise unless both pages say the same."""
    for place, (ours, theirs) in enumerate(zip([*mine, ""], [*other, ""], strict=False)):
        assert ours == theirs, f"the pages differ at {mine[place - 5 : place + 5]}: {ours!r}, {theirs!r}"


async def measure(name: str, ours: Ask, theirs: Ask, rounds: int = 12, each: int = 12) -> Ratio:
    """Ask both by turns, four requests at a time; the best time per request of each."""
    best = [float("inf"), float("inf")]
    for _ in range(rounds):
        for position, ask in enumerate((ours, theirs)):
            start = time.perf_counter()
            for _ in range(each):
                await asyncio.gather(*(ask() for _ in range(4)))
            best[position] = min(best[position], (time.perf_counter() - start) / each / 4)
    return Ratio(name, *best)
