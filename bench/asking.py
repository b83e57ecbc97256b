"""Asking an ASGI application without a network, and measuring two of them by turns."""

from __future__ import annotations

import asyncio
import gzip
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import cycle
from typing import Any

from bench.ratio import Ratio

Ask = Callable[[], Awaitable[bytes]]


@dataclass(frozen=True)
class Asked:
    """An address, and the session of who asks for it."""

    address: str
    secret: str


async def ask(app: Any, asked: Asked, fine: tuple[int, ...] = (200,)) -> bytes:
    """Send one GET to an ASGI application; its body. Another status than the fine ones is a mistake."""
    path, _, query = asked.address.partition("?")
    sent: list[Any] = []
    scope = {
        "type": "http", "http_version": "1.1", "method": "GET", "path": path, "raw_path": path.encode(),
        "query_string": query.encode(), "root_path": "", "scheme": "http", "server": ("localhost", 80),
        "client": ("127.0.0.1", 1), "state": {},
        "headers": [(b"cookie", f"engine_session={asked.secret}".encode()), (b"accept-encoding", b"gzip")],
    }  # fmt: skip

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    assert sent[0]["status"] in fine, (asked.address, sent[0])
    return b"".join(message.get("body", b"") for message in sent[1:])


def asking(app: Any, paths: str | list[str], secret: str) -> Ask:
    """A function that asks for one path, or for several in turn."""
    turns = cycle([Asked(path, secret) for path in ([paths] if isinstance(paths, str) else paths)])
    return lambda: ask(app, next(turns))


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
