"""Why: what one may do oneself, and for who has `see_access`, what anybody may, in full."""

from __future__ import annotations

from typing import Any

from starlette.datastructures import QueryParams
from starlette.responses import Response

from engine.api.problem import Problem
from engine.api.replies import in_read, reply
from engine.api.requests import Asked, query_from
from engine.errors import UsageError
from engine.identity.identity import actor_named
from engine.service.asking import Question, ask, ask_of_oneself, require_all, sees_all
from engine.service.reasons import as_data
from engine.work.context import Context

PARAMETERS = ("action", "property", "user", "list")


async def why_any(asked: Asked) -> Response:
    """GET /api/{entity}/why: whether one may do it to any record at all."""
    return await _why(asked, None)


async def why_one(asked: Asked) -> Response:
    """GET /api/{entity}/{id}/why?action=…&property=…&user=…&list=…"""
    return await _why(asked, asked.number)


async def _why(asked: Asked, number: int | None) -> Response:
    question, login = _question(asked, number), asked.request.query_params.get("user")

    def work(context: Context) -> Any:
        try:
            return _told(asked, context, question, login)
        except UsageError as wrong:
            raise Problem(400, "bad-parameter", str(wrong)) from wrong

    return reply(await in_read(asked, work))


def _question(asked: Asked, number: int | None) -> Question:
    """What the parameters ask; raises a Problem for one there is not."""
    given = asked.request.query_params
    for name in given:
        if name not in PARAMETERS or len(given.getlist(name)) > 1:
            raise Problem(400, "bad-parameter", f"{', '.join(PARAMETERS)}: each once", name=name)
    if "list" in given and number is None:
        raise Problem(400, "bad-parameter", "a list is asked about one record", name="list")
    query = query_from(QueryParams(given["list"])) if "list" in given else None
    action = given.get("action", "read")
    if query is not None and action != "read":
        raise Problem(400, "bad-parameter", "a list is read", name="action")
    return Question(action, asked.entity.name, number, given.get("property") or None, query)


def _told(asked: Asked, context: Context, question: Question, login: str | None) -> Any:
    if login is None and not sees_all(context):
        return as_data(ask_of_oneself(context, question), None, [])
    require_all(context)
    actor = context.actor if login is None else actor_named(asked.gateway, login)
    found = ask(context, actor, question)
    return as_data(found.why, found.cure, list(found.roles))
