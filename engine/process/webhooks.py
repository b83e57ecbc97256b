"""Messages to other systems: sent at least once, each attempt with the same key, so that nobody does it twice.

Where they go is written in the metadata, never in data. An answer that leads elsewhere is not followed.
"""

from __future__ import annotations

import msgspec

from engine.outbox.queue import Job
from engine.outbox.running import GiveUp, Handlers, Retry
from engine.process.telling import WEBHOOK
from engine.work.gateway import Gateway

SECONDS = 10.0
"""So long an answer is waited for."""

MEANT_FOR_GOOD = frozenset({400, 401, 403, 404, 405, 410, 413, 415, 422})
"""Answers that trying again would not change."""


def send(gateway: Gateway, taken: Job) -> None:
    """Send one message; raises Retry or GiveUp where it was not taken."""
    import httpx2  # lazy: only a worker sends messages, and it takes its time to load

    headers = {
        "Content-Type": "application/json",
        "Idempotency-Key": f"{taken.id}.{taken.created_at.timestamp():.6f}",
        "User-Agent": "entity-engine",
    }
    body = msgspec.json.encode(taken.payload["body"])
    try:
        answer = httpx2.post(
            taken.payload["url"], content=body, headers=headers, timeout=SECONDS, follow_redirects=False
        )
    except httpx2.HTTPError as error:
        raise Retry(f"{type(error).__name__}: {error}") from error
    if answer.status_code in MEANT_FOR_GOOD:
        raise GiveUp(f"It answered {answer.status_code}.")
    if not answer.is_success:
        raise Retry(f"It answered {answer.status_code}.")


HANDLERS: Handlers = {WEBHOOK: send}
