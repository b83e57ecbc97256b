"""`Idempotency-Key`: a create that is sent again is answered again, and done once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from starlette.requests import Request

from engine.api.problem import Problem
from engine.store import idempotency
from engine.work.context import Actor, Context

HEADER = "idempotency-key"
LONGEST = 200

Work = Callable[[Context], Any]


def once_only(request: Request, actor: Actor, body: Any) -> Callable[[Work], Work]:
    """What makes a piece of work happen once for the request's key; without a key, what leaves it alone."""
    given = request.headers.get(HEADER)
    if given is None:
        return lambda work: work
    if not 0 < len(given) <= LONGEST:
        raise Problem(400, "bad-key", f"An Idempotency-Key has 1 to {LONGEST} characters.", name=HEADER)
    key = f"{actor.id}:{request.url.path}:{given}"

    def once(work: Work) -> Work:
        def inside(context: Context) -> Any:
            same, answer = idempotency.claim(
                context.connection, key, msgspec.json.encode(body, order="deterministic"), context.now
            )
            if not same:
                raise Problem(422, "key-reused", "This Idempotency-Key was used for another request.")
            if answer is None:
                answer = work(context)
                idempotency.remember(context.connection, key, answer)
            return answer

        return inside

    return once
