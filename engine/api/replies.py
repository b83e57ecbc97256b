"""What the routes of the API have in common: units of work, and answers in JSON."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec
from starlette.responses import Response

from engine.api.problem import Problem
from engine.api.requests import Asked
from engine.errors import Conflict
from engine.work.context import Context


def reply(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """An answer in JSON."""
    return Response(msgspec.json.encode(body), status, dict(headers or {}), media_type="application/json")


def etag(version: int) -> dict[str, str]:
    """The header that says of which version an answer is."""
    return {"ETag": f'"{version}"'}


def in_read(asked: Asked, work: Callable[[Context], Any]) -> Awaitable[Any]:
    """Do work that reads, in a unit of its own."""

    def inside() -> Any:
        with asked.gateway.read(asked.actor, "api", asked.runtime) as context:
            return work(context)

    return asked.gateway.run(inside)


def in_write(asked: Asked, work: Callable[[Context], Any]) -> Awaitable[Any]:
    """Do work that writes, in a unit of its own."""
    return asked.gateway.run(asked.gateway.writing, asked.actor, "api", work, asked.runtime)


async def precondition(matched: int | None, work: Awaitable[Any]) -> Any:
    """A conflict with a version that If-Match named is a failed precondition."""
    try:
        return await work
    except Conflict as conflict:
        if matched is None:
            raise
        raise Problem(
            412, "precondition-failed", str(conflict), given=conflict.given, current=conflict.current
        ) from conflict
