"""What handlers share: work in one unit, reading or writing, and its outcome as JSON."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec
from starlette.responses import Response

from engine.api.requests import Asked
from engine.work.context import Context


def answer(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A value as JSON."""
    return Response(msgspec.json.encode(body), status, dict(headers or {}), media_type="application/json")


def etag(version: int) -> dict[str, str]:
    """The header that says which version of a record was answered."""
    return {"ETag": f'"{version}"'}


def in_read(asked: Asked, work: Callable[[Context], Any]) -> Awaitable[Any]:
    """Do what only reads, in a unit of its own."""

    def inside() -> Any:
        with asked.gateway.read(asked.actor, "api", asked.runtime) as context:
            return work(context)

    return asked.gateway.run(inside)


def in_write(asked: Asked, work: Callable[[Context], Any]) -> Awaitable[Any]:
    """Do what changes records, in one transaction."""
    return asked.gateway.run(asked.gateway.writing, asked.actor, "api", work, asked.runtime)
