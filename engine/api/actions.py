"""The buttons of an entity over the API: which are open on a record and why the others are not, and using one."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from engine.api import values
from engine.api.replies import etag, in_read, in_write, precondition, reply
from engine.api.requests import Asked, if_match, version_of
from engine.api.transitions import form_of, form_schema, report_json, several_of
from engine.metamodel.entity import Entity
from engine.process import pressing
from engine.process.opening import Offer
from engine.process.several import press_many
from engine.work.context import Context


async def list_actions(asked: Asked) -> Response:
    """GET /api/{entity}/{id}/actions"""
    entity, number = asked.entity, asked.number

    def work(context: Context) -> Any:
        found = pressing.offers(context, entity.name, number)
        return {"items": [_offer_json(context, entity, each) for each in found]}

    return reply(await in_read(asked, work))


async def press(asked: Asked) -> Response:
    """POST /api/{entity}/{id}/actions/{name}: the body holds the values of its form."""
    entity, number = asked.entity, asked.number
    name = asked.request.path_params["name"]
    body = await form_of(asked.request)
    matched, seen = if_match(asked.request), version_of(body)
    given = values.plain(body)

    def work(context: Context) -> Any:
        version = seen if matched is None else matched
        record = pressing.press(context, entity.name, number, name, given, version)
        return values.record_json(context.runtime, record)

    found = await precondition(matched, in_write(asked, work))
    return reply(found, headers=etag(found["version"]))


async def press_several(asked: Asked) -> Response:
    """POST /api/{entity}/bulk/actions/{name}: of each of `ids`, with the same `form`; answers which were done."""
    entity, name = asked.entity, asked.request.path_params["name"]
    ids, given = several_of(await form_of(asked.request))

    def work(context: Context) -> Any:
        return report_json(press_many(context, entity.name, ids, name, given))

    return reply(await in_write(asked, work))


def _offer_json(context: Context, entity: Entity, offer: Offer) -> dict[str, Any]:
    """A button as the API tells it."""
    button = offer.transition
    return {
        "name": button.name,
        "label": button.label,
        "open": offer.open,
        "obstacles": [{"kind": each.kind, "message": each.message} for each in offer.obstacles],
        "form": form_schema(context, entity, button),
    }
