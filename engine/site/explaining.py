"""Why somebody may do something, or finds a record in a list: for administrators, and who has `see_access`."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.datastructures import QueryParams
from starlette.responses import Response

from engine.errors import BadQuery, NotFound, UsageError
from engine.identity.identity import actor_named
from engine.metamodel.access import ACTIONS
from engine.pages.grid import asked_at
from engine.reading.query import Query
from engine.service.asking import Answer, Question, ask, require_all
from engine.service.reasons import headline
from engine.web.visit import Visit, whole_number
from engine.work.context import Actor, Context

ASKED = ("user", "action", "entity", "id", "property", "list")


def _explained(visit: Visit, context: Context, asked: Mapping[str, str]) -> Answer:
    """The explanation of what was asked."""
    if asked["entity"] not in context.runtime.entities:
        raise UsageError(f"no entity {asked['entity']!r}")
    number = whole_number(asked["id"]) if asked["id"] else None
    if asked["id"] and number is None:
        raise UsageError("the record's number is a whole number")
    actor = actor_named(visit.gateway, asked["user"])
    query = _query(context, actor, asked["entity"], asked["list"]) if asked["list"] else None
    if query is not None and number is None:
        raise UsageError("say which record: its number")
    action = "read" if query is not None else asked["action"] or "read"
    return ask(context, actor, Question(action, asked["entity"], number, asked["property"] or None, query))


def _query(context: Context, actor: Actor, entity: str, address: str) -> Query:
    """What the list at an address asks of its records: the address of a page, whole or only its path."""
    parts = urlsplit(address)
    if parts.path.strip("/") not in ("", entity):
        raise UsageError(f"this is not the address of a list of {entity}: it begins with /{entity}")
    return asked_at(context, actor, entity, QueryParams(parts.query))


def show_access(visit: Visit, context: Context) -> Response:
    """GET /settings/access?user=…&action=…&entity=…&id=…&property=…&list=…"""
    require_all(context)
    asked = {name: visit.query(name).strip() for name in ASKED}
    answer, said = None, ""
    if asked["user"]:
        try:
            answer = _explained(visit, context, asked)
        except (UsageError, NotFound, BadQuery) as wrong:
            said = str(wrong)
    return visit.page(
        context,
        "access.html",
        title="Why may somebody?",
        asked=asked,
        actions=ACTIONS,
        entities=sorted(context.runtime.entities.values(), key=lambda entity: entity.label),
        why=answer.why if answer else None,
        headline=headline,
        cure=answer.cure if answer else None,
        said=said,
        roles=answer.roles if answer else (),
    )
