"""Transitions over the API: which are open on a record and why the others are not, and making one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from engine.access import access
from engine.api import values
from engine.api.problem import Problem
from engine.api.replies import etag, in_read, in_write, precondition, reply
from engine.api.requests import Asked, body_of, if_match, version_of
from engine.metamodel.entity import Entity
from engine.metamodel.workflow import Asked as Input
from engine.metamodel.workflow import Transition
from engine.process import firing
from engine.process.opening import Opening, openings
from engine.process.several import fire_many
from engine.reading.query import BulkReport
from engine.work.context import Context


async def list_transitions(asked: Asked) -> Response:
    """GET /api/{entity}/{id}/transitions"""
    entity, number = asked.entity, asked.number

    def work(context: Context) -> Any:
        found = openings(context, entity.name, number)
        return {"items": [opening_json(context, entity, each) for each in found]}

    return reply(await in_read(asked, work))


async def fire(asked: Asked) -> Response:
    """POST /api/{entity}/{id}/transitions/{name}: the body holds the values of its form."""
    entity, number = asked.entity, asked.number
    name = asked.request.path_params["name"]
    body = await form_of(asked.request)
    matched, seen = if_match(asked.request), version_of(body)
    given = values.plain(body)

    def work(context: Context) -> Any:
        version = seen if matched is None else matched
        made = firing.fire(context, entity.name, number, name, given, version)
        if isinstance(made, firing.Pending):
            return {"approval": {"given": made.given, "needed": made.needed}}
        return values.record_json(context.runtime, made)

    found = await precondition(matched, in_write(asked, work))
    if "approval" in found and "version" not in found:
        return reply(found, 202)
    return reply(found, headers=etag(found["version"]))


async def reject(asked: Asked) -> Response:
    """POST /api/{entity}/{id}/transitions/{name}/reject: a refusal, with the reason as `comment`."""
    entity, number, name = asked.entity, asked.number, asked.request.path_params["name"]
    body = await form_of(asked.request)
    matched, seen = if_match(asked.request), version_of(body)
    comment = str(body.get("comment") or "")

    def work(context: Context) -> Any:
        version = seen if matched is None else matched
        record = firing.reject(context, entity.name, number, name, comment, version)
        return values.record_json(context.runtime, record)

    found = await precondition(matched, in_write(asked, work))
    return reply(found, headers=etag(found["version"]))


async def fire_several(asked: Asked) -> Response:
    """POST /api/{entity}/bulk/transitions/{name}: of each of `ids`, with the same `form`; answers which were done."""
    entity, name = asked.entity, asked.request.path_params["name"]
    ids, given = several_of(await form_of(asked.request))

    def work(context: Context) -> Any:
        return report_json(fire_many(context, entity.name, ids, name, given))

    return reply(await in_write(asked, work))


def several_of(body: Mapping[str, Any]) -> tuple[list[int], dict[str, Any]]:
    """The ids of records, and what a form is given for each of them."""
    ids, given = _ids(body.get("ids")), body.get("form", {})
    if not isinstance(given, dict):
        raise Problem(400, "not-an-object", "form has to be a JSON object: the values of the form.")
    return ids, values.plain(given)


def report_json(report: BulkReport) -> dict[str, Any]:
    """What was done of several records, and why the rest was not."""
    refused = [{"id": number, "message": why} for number, why in report.refused.items()]
    return {"done": list(report.done), "refused": refused}


def _ids(given: Any) -> list[int]:
    if not isinstance(given, list) or not all(type(each) is int and 0 < each < 2**63 for each in given):
        raise Problem(400, "bad-ids", "ids has to be a list of the ids of records.")
    return given


async def start(asked: Asked) -> Response:
    """POST /api/{entity}/transitions/{name}: a record that begins by a transition."""
    entity, name = asked.entity, asked.request.path_params["name"]
    given = values.plain(await form_of(asked.request))

    def work(context: Context) -> Any:
        return values.record_json(context.runtime, firing.start(context, entity.name, name, given))

    made = await in_write(asked, work)
    return reply(made, 201, {"Location": f"/api/{entity.name}/{made['id']}", **etag(made["version"])})


async def form_of(request: Request) -> dict[str, Any]:
    """The values of a form; a request without a body sends none."""
    if request.headers.get("content-length", "0") == "0" and "transfer-encoding" not in request.headers:
        return {}
    found = await body_of(request)
    if not isinstance(found, dict):
        raise Problem(400, "not-an-object", "The body has to be a JSON object: the values of the form.")
    return found


def opening_json(context: Context, entity: Entity, opening: Opening) -> dict[str, Any]:
    """A transition as the API tells it."""
    transition = opening.transition
    return {
        "name": transition.name,
        "label": transition.label,
        "workflow": opening.process.workflow.name,
        "to": transition.target if transition.choose is None else None,
        "open": opening.open,
        "obstacles": [{"kind": each.kind, "message": each.message} for each in opening.obstacles],
        "form": form_schema(context, entity, transition) if opening.leaves else None,
        "approval": _approval_json(opening),
    }


def _approval_json(opening: Opening) -> dict[str, Any] | None:
    """What an approval needs; how it stands is told by the votes of the history."""
    approval = opening.transition.approval
    if approval is None:
        return None
    return {"roles": list(approval.roles), "needed": approval.needed, "in_order": approval.one_after_another}


def form_schema(context: Context, entity: Entity, transition: Transition) -> dict[str, Any]:
    """JSON Schema of what the form of a transition takes."""
    readable = access.readable(context, entity.name)
    asked = [each for each in transition.form if each.own is not None or each.name in readable]
    return {
        "type": "object",
        "properties": {each.name: _input(entity, each) for each in asked},
        "required": [each.name for each in asked if each.required],
        "additionalProperties": False,
    }


def _input(entity: Entity, asked: Input) -> dict[str, Any]:
    prop = asked.own or entity.properties.get(asked.name)
    if prop is not None:
        told = {"title": asked.label or prop.label}
        return {"anyOf": [prop.type.json_schema(), {"type": "null"}], **told}
    relation = entity.relations[asked.name]
    told = {"title": asked.label or relation.label}
    key = {"type": "integer", "minimum": 1}
    if relation.kind == "many_to_many":
        return {"type": "array", "items": key, **told}
    return {"anyOf": [key, {"type": "object", "required": ["id"]}, {"type": "null"}], **told}
