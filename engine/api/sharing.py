"""Sharing one record: with whom it is shared, sharing it further, changing and ending a share."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from starlette.responses import Response

from engine.api.problem import Problem
from engine.api.replies import in_read, in_write, reply
from engine.api.requests import Asked, object_of
from engine.errors import FieldError, Invalid
from engine.metamodel.access import SharedLevel
from engine.service import sharing
from engine.service.sharing import COLUMNS, Share
from engine.types.base import Refused
from engine.types.datetime import DateTimeType
from engine.work.context import Context

TERMS = ("level", "ends_at")
"""What is said of a share, beside with whom it is."""


async def list_shares(asked: Asked) -> Response:
    """GET /api/{entity}/{id}/shares"""
    entity, number = asked.entity, asked.number

    def work(context: Context) -> Any:
        return {"items": [share_json(each) for each in sharing.shares_of(context, entity.name, number)]}

    return reply(await in_read(asked, work))


async def add_share(asked: Asked) -> Response:
    """POST /api/{entity}/{id}/shares: with one user, group or role; shared with them already, it is changed."""
    entity, number = asked.entity, asked.number
    body = await object_of(asked.request)
    _known(body, (*COLUMNS, *TERMS))
    to = {kind: _key(body[kind]) for kind in COLUMNS if kind in body}
    level, ends_at = _terms(body)

    def work(context: Context) -> Any:
        which = sharing.share(context, entity.name, number, to, level, ends_at)
        return share_json(sharing.share_of(context, entity.name, number, which))

    made = await in_write(asked, work)
    return reply(made, 201, {"Location": f"/api/{entity.name}/{number}/shares/{made['id']}"})


async def change_share(asked: Asked) -> Response:
    """PATCH /api/{entity}/{id}/shares/{share}: another level, another end; what is not named stays."""
    entity, number, which = asked.entity, asked.number, _which(asked)
    body = await object_of(asked.request)
    _known(body, TERMS)
    level, ends_at = _terms(body)

    def work(context: Context) -> Any:
        old = sharing.share_of(context, entity.name, number, which)
        until = ends_at if "ends_at" in body else old.ends_at
        sharing.change_share(
            context, entity.name, number, which, level if "level" in body else old.level, until
        )
        return share_json(sharing.share_of(context, entity.name, number, which))

    return reply(await in_write(asked, work))


async def end_share(asked: Asked) -> Response:
    """DELETE /api/{entity}/{id}/shares/{share}"""
    entity, number, which = asked.entity, asked.number, _which(asked)
    await in_write(asked, lambda context: sharing.unshare(context, entity.name, number, which))
    return Response(status_code=204)


# ---- values


def share_json(share: Share) -> dict[str, Any]:
    """A share under its kind: `user` and `group` by id and title, `role` by name."""
    to = share.key if share.kind == "role" else {"id": share.key, "title": share.name}
    return {
        "id": share.id,
        share.kind: to,
        "level": share.level,
        "ends_at": None if share.ends_at is None else DateTimeType().to_json(share.ends_at),
        "created_at": DateTimeType().to_json(share.created_at),
    }


def _which(asked: Asked) -> int:
    text = asked.request.path_params["share"]
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Problem(404, "not-found", "There is no such record, or none that you may see.")
    return int(text)


def _known(body: Mapping[str, Any], names: tuple[str, ...]) -> None:
    unknown = [name for name in body if name not in names]
    if unknown:
        allowed = ", ".join(names)
        message = f"A share has no such value; it has {allowed}."
        raise Invalid([FieldError(name, "unknown-property", message) for name in unknown])


def _key(value: Any) -> Any:
    """A user or group as relations are written: `5` or `{"id": 5}`."""
    return value.get("id") if isinstance(value, dict) else value


def _terms(body: Mapping[str, Any]) -> tuple[SharedLevel, datetime | None]:
    """The level and the end that a body says; raises Invalid with every complaint."""
    errors = []
    level = next((each for each in sharing.LEVELS if each == body.get("level", "read")), None)
    if level is None:
        errors.append(FieldError("level", "bad-share", f"The level is one of {', '.join(sharing.LEVELS)}."))
    ends_at = None
    if body.get("ends_at") is not None:
        try:
            ends_at = DateTimeType().parse(body["ends_at"])
        except Refused as refused:
            errors.append(FieldError("ends_at", refused.code, str(refused)))
    if errors or level is None:
        raise Invalid(errors)
    return level, ends_at
