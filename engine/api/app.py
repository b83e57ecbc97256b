"""The routes of the API: each takes a request apart, calls the record service once, and writes its answer."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from engine.access import access
from engine.api import (
    actions,
    explaining,
    exporting,
    importing,
    mails,
    openapi,
    parameters,
    scope,
    sharing,
    transitions,
    values,
)
from engine.api.once import once_only
from engine.api.problem import Problem, of_record_error
from engine.api.replies import etag, in_read, in_write, precondition, reply
from engine.api.requests import Asked, actor_of, body_of, if_match, object_of, query_of, version_of
from engine.errors import OperatorError, RecordError
from engine.reading.in_json import page_json
from engine.service import records
from engine.work.context import Context
from engine.work.gateway import Gateway

log = logging.getLogger("engine.api")

Handler = Callable[[Asked], Awaitable[Response]]


def api(gateway: Gateway) -> list[BaseRoute]:
    """The routes under /api, and the two that say whether the process is well."""

    def route(path: str, **handlers: Handler) -> Route:
        return Route(path, _endpoint(gateway, handlers), methods=list(handlers), include_in_schema=False)

    one = "/api/{entity}/{id}"
    return [
        Route("/healthz", healthz),
        Route("/readyz", _readyz(gateway)),
        route("/api/openapi.json", GET=describe),
        route("/api/me", GET=me),
        route("/api/settings/mail/{mailbox}", POST=mails.deliver),
        route(parameters.HERE, GET=parameters.list_parameters),
        route(parameters.HERE + "/{workflow}", PATCH=parameters.change),
        route(parameters.HERE + "/{workflow}/{name}", GET=parameters.show, DELETE=parameters.reset),
        route("/api/{entity}", GET=list_records, POST=create_records),
        route("/api/{entity}/export", GET=exporting.export_records),
        route("/api/{entity}/import", POST=importing.import_records),
        route("/api/{entity}/why", GET=explaining.why_any),
        route(one, GET=get_record, PATCH=update_record, DELETE=delete_record),
        route(f"{one}/restore", POST=restore_record),
        route(f"{one}/history", GET=history),
        route(one + "/related/{relation}", GET=related),
        route(f"{one}/transitions", GET=transitions.list_transitions),
        route("/api/{entity}/bulk/transitions/{name}", POST=transitions.fire_several),
        route("/api/{entity}/bulk/actions/{name}", POST=actions.press_several),
        route(one + "/transitions/{name}", POST=transitions.fire),
        route(one + "/transitions/{name}/reject", POST=transitions.reject),
        route("/api/{entity}/transitions/{name}", POST=transitions.start),
        route(f"{one}/actions", GET=actions.list_actions),
        route(one + "/actions/{name}", POST=actions.press),
        route(f"{one}/shares", GET=sharing.list_shares, POST=sharing.add_share),
        route(one + "/shares/{share}", PATCH=sharing.change_share, DELETE=sharing.end_share),
        route(f"{one}/why", GET=explaining.why_one),
        Route("/api/{rest:path}", _endpoint(gateway, {}), methods=["GET", "POST", "PATCH", "PUT", "DELETE"]),
    ]


def _endpoint(gateway: Gateway, handlers: Mapping[str, Handler]) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            handler = handlers.get("GET" if request.method == "HEAD" else request.method)
            actor = await actor_of(request, gateway)
            scope.require(request, actor)
            if handler is None:
                raise Problem(404, "not-found", "There is nothing at this address.")
            return await handler(Asked(request, gateway, gateway.runtime, actor))
        except Problem as problem:
            return problem.response()
        except RecordError as error:
            return of_record_error(error).response()
        except OperatorError as error:
            log.error("the service is not available: %s", error)
            return Problem(
                503, "unavailable", "Try again in a moment.", headers={"Retry-After": "5"}
            ).response()
        except Exception:
            log.exception("%s %s failed", request.method, request.url.path)
            return Problem(500, "internal-error", "Something went wrong here; it has been logged.").response()

    return endpoint


# ---- records


async def list_records(asked: Asked) -> Response:
    """GET /api/{entity}"""
    entity = asked.entity

    def work(context: Context) -> Any:
        readable = access.readable(context, entity.name)
        names = [name for name in entity.properties if name in readable and name not in ("id", "version")]
        names += [
            relation.name
            for relation in entity.relations.values()
            if relation.holds_key and relation.name in readable
        ]
        names += [
            inverse.name for inverse in entity.single_inverses if access.inverse_readable(context, inverse)
        ]
        page = records.find(context, entity.name, query_of(asked, tuple(names)))
        return page_json(context.runtime, page)

    return reply(await in_read(asked, work))


async def create_records(asked: Asked) -> Response:
    """POST /api/{entity}: one object, or a list: all or nothing; with an Idempotency-Key, once."""
    entity = asked.entity
    body = await body_of(asked.request)
    once = once_only(asked.request, asked.actor, body)
    if isinstance(body, list):
        if not all(isinstance(item, dict) for item in body):
            raise Problem(400, "not-an-object", "Each item of the list has to be a JSON object.")

        def several(context: Context) -> Any:
            made = records.create_many(context, entity.name, [values.plain(item) for item in body])
            return {"items": [values.record_json(context.runtime, record) for record in made]}

        return reply(await in_write(asked, once(several)), 201)
    if not isinstance(body, dict):
        raise Problem(400, "not-an-object", "The body has to be a JSON object, or a list of them.")

    def one(context: Context) -> Any:
        return values.record_json(context.runtime, records.create(context, entity.name, values.plain(body)))

    made = await in_write(asked, once(one))
    return reply(made, 201, {"Location": f"/api/{entity.name}/{made['id']}", **etag(made["version"])})


async def get_record(asked: Asked) -> Response:
    """GET /api/{entity}/{id}"""
    entity, number = asked.entity, asked.number
    found = await in_read(
        asked, lambda context: values.record_json(context.runtime, records.get(context, entity.name, number))
    )
    tag = etag(found["version"])
    if asked.request.headers.get("if-none-match") == tag["ETag"]:
        return Response(status_code=304, headers=tag)
    return reply(found, headers=tag)


async def update_record(asked: Asked) -> Response:
    """PATCH /api/{entity}/{id}: a merge patch; If-Match or `version` guards against lost updates."""
    entity, number = asked.entity, asked.number
    body = await object_of(asked.request)
    matched, seen = if_match(asked.request), version_of(body)

    def work(context: Context) -> Any:
        record = records.update(
            context, entity.name, number, values.plain(body), seen if matched is None else matched
        )
        return values.record_json(context.runtime, record)

    found = await precondition(matched, in_write(asked, work))
    return reply(found, headers=etag(found["version"]))


async def delete_record(asked: Asked) -> Response:
    """DELETE /api/{entity}/{id}"""
    entity, number, matched = asked.entity, asked.number, if_match(asked.request)
    work = in_write(asked, lambda context: records.delete(context, entity.name, number, matched))
    await precondition(matched, work)
    return Response(status_code=204)


async def restore_record(asked: Asked) -> Response:
    """POST /api/{entity}/{id}/restore"""
    entity, number = asked.entity, asked.number

    def work(context: Context) -> Any:
        return values.record_json(context.runtime, records.restore(context, entity.name, number))

    found = await in_write(asked, work)
    return reply(found, headers=etag(found["version"]))


async def history(asked: Asked) -> Response:
    """GET /api/{entity}/{id}/history"""
    entity, number = asked.entity, asked.number
    before = asked.request.query_params.get("before")
    if before is not None and not (before.isascii() and before.isdigit() and len(before) < 19):
        raise Problem(400, "bad-parameter", "before is the number of a history entry", name="before")

    def work(context: Context) -> Any:
        entries = records.history(context, entity.name, number, before=int(before) if before else None)
        return values.history_json(entries)

    return reply(await in_read(asked, work))


async def related(asked: Asked) -> Response:
    """GET /api/{entity}/{id}/related/{relation}"""
    entity, number, name = asked.entity, asked.number, asked.request.path_params["relation"]

    def work(context: Context) -> Any:
        page = records.related(context, entity.name, number, name, query_of(asked, ()))
        body = page_json(context.runtime, page)
        for item, row in zip(body["items"], page.rows, strict=True):
            item["title"] = row.title
        return body

    return reply(await in_read(asked, work))


# ---- about the API itself


async def describe(asked: Asked) -> Response:
    """GET /api/openapi.json: what this principal may see, and nothing else."""
    return reply(await in_read(asked, openapi.describe))


async def me(asked: Asked) -> Response:
    """GET /api/me"""
    actor = asked.actor
    return reply(
        {
            "id": actor.id,
            "login": actor.login,
            "name": actor.name,
            "roles": sorted(actor.roles),
            "language": actor.display.language,
            "timezone": actor.display.zone,
        }
    )


async def healthz(request: Request) -> Response:
    """The process is alive."""
    return reply({"status": "alive"})


def _readyz(gateway: Gateway) -> Callable[[Request], Awaitable[Response]]:
    async def readyz(request: Request) -> Response:
        """The process can serve: its database answers."""

        def ask() -> None:
            with gateway.database.read() as connection:
                connection.exec_driver_sql("SELECT 1")

        try:
            await gateway.run(ask)
        except Exception as error:
            log.error("not ready: %s", error)
            return reply({"status": "not ready"}, 503, {"Retry-After": "5"})
        return reply({"status": "ready", "problems": len(gateway.problems)})

    return readyz
