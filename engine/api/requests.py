"""What a request says: who is asking, its body, its query; each refused clearly where it can't be understood."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

import msgspec
from starlette.datastructures import QueryParams
from starlette.requests import Request

from engine.api.problem import Problem
from engine.build.runtime import Runtime
from engine.identity import identity
from engine.identity.csrf import csrf_fits
from engine.metamodel.entity import Entity
from engine.reading.query import CountKind, Filter, Query
from engine.work.context import Actor
from engine.work.gateway import Gateway

LARGEST_BODY = 10 * 1024 * 1024
"""Bytes of a JSON body; files have their own limit."""

CSRF_HEADER = "x-csrf-token"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True)
class Asked:
    """A request of a known actor, with the runtime it keeps until its end."""

    request: Request
    gateway: Gateway
    runtime: Runtime
    actor: Actor

    @property
    def entity(self) -> Entity:
        """The entity the path names; one without an API answers like one that is not there."""
        found = self.runtime.entities.get(self.request.path_params["entity"])
        if found is None or not found.api:
            raise Problem(404, "not-found", "There is no such record, or none that you may see.")
        return found

    @property
    def number(self) -> int:
        """The record id of the path."""
        text = self.request.path_params["id"]
        if not (text.isascii() and text.isdigit() and len(text) < 20 and 0 < int(text) < 2**63):
            raise Problem(404, "not-found", "There is no such record, or none that you may see.")
        return int(text)


async def actor_of(request: Request, gateway: Gateway) -> Actor:
    """Who is asking: by bearer token, or by the session of the pages with its CSRF header."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme:
        actor = None
        if scheme.lower() == "bearer":
            actor = await gateway.run(identity.actor_of_token, gateway, token.strip())
        if actor is None:
            raise unauthorized("The token is not known, has expired, or its user is switched off.")
        return actor
    cookie = request.cookies.get(identity.SESSION_COOKIE)
    found = await gateway.run(identity.actor_of_session, gateway, cookie) if cookie else None
    if found is None:
        raise unauthorized("Send `Authorization: Bearer TOKEN`, or sign in.")
    actor, csrf = found
    if request.method not in SAFE and not csrf_fits(csrf, request.headers.get(CSRF_HEADER, "")):
        raise Problem(403, "csrf", f"With a session, a change needs its `{CSRF_HEADER}` header.")
    return actor


def unauthorized(detail: str) -> Problem:
    return Problem(401, "unauthorized", detail, headers={"WWW-Authenticate": "Bearer"})


async def body_of(request: Request) -> Any:
    """The JSON body; raises 413, 415 or 400."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in ("application/json", "application/merge-patch+json"):
        raise Problem(415, "unsupported-media-type", "The body has to be application/json.")
    if int(request.headers.get("content-length") or 0) > LARGEST_BODY:
        raise _too_large()
    chunks = bytearray()
    async for chunk in request.stream():
        chunks += chunk
        if len(chunks) > LARGEST_BODY:
            raise _too_large()
    try:
        return msgspec.json.decode(bytes(chunks))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Problem(400, "not-json", f"The body is not JSON: {error}") from error


def _too_large() -> Problem:
    return Problem(413, "too-large", f"A body has at most {LARGEST_BODY // 1024 // 1024} MB.")


async def object_of(request: Request) -> dict[str, Any]:
    """The JSON object of the body."""
    found = await body_of(request)
    if not isinstance(found, dict):
        raise Problem(400, "not-an-object", "The body has to be a JSON object.")
    return found


PAGE_KEYS = ("sort", "fields", "limit", "after", "before", "count", "q", "trash", "where")


def query_of(asked: Asked, default_fields: tuple[str, ...]) -> Query:
    """The query of a list request; every other parameter is an equality filter by property."""
    return query_from(asked.request.query_params, default_fields)


def query_from(parameters: QueryParams, default_fields: tuple[str, ...] = ()) -> Query:
    """The query that the parameters of a list say; raises a Problem for what can't be one."""
    for name in set(parameters):
        if len(parameters.getlist(name)) > 1 and name in PAGE_KEYS:
            raise Problem(400, "bad-parameter", f"{name!r} is given more than once", name=name)
    count = parameters.get("count", "none")
    if count not in get_args(CountKind):
        raise Problem(400, "bad-parameter", "count is one of exact, capped, none", name="count")
    if "after" in parameters and "before" in parameters:
        raise Problem(400, "bad-parameter", "give after or before, not both", name="before")
    limit = parameters.get("limit", "50")
    if not (limit.isascii() and limit.isdigit() and len(limit) < 9):
        raise Problem(400, "bad-limit", "limit is a number", name="limit")
    return Query(
        fields=_names(parameters.get("fields")) or default_fields,
        sort=_names(parameters.get("sort")),
        filters=tuple(_filters(parameters.multi_items())),
        text=parameters.get("q", ""),
        looks=_names(parameters.get("fields")),
        where=(parameters["where"],) if parameters.get("where", "").strip() else (),
        limit=int(limit),
        after=parameters.get("after"),
        before=parameters.get("before"),
        count=count,  # type: ignore[arg-type]
        trash=parameters.get("trash", "") in ("1", "true"),
    )


def _names(text: str | None) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip()) if text else ()


def _filters(items: list[tuple[str, str]]) -> list[Filter]:
    """`status=new` is equality; `status=` asks for records without a value."""
    return [
        Filter(name, "eq", value) if value != "" else Filter(name, "empty")
        for name, value in items
        if name not in PAGE_KEYS
    ]


def if_match(request: Request) -> int | None:
    """The version of an If-Match header, None without one; 400 for one we never issued."""
    header = request.headers.get("if-match")
    if header is None or header.strip() == "*":
        return None
    text = header.strip().removeprefix("W/").strip('"')
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Problem(412, "precondition-failed", "The If-Match header holds no ETag that was issued here.")
    return int(text)


def version_of(values: Mapping[str, Any]) -> int | None:
    """The version a body says it has seen."""
    version = values.get("version")
    if version is None:
        return None
    if not isinstance(version, int) or isinstance(version, bool) or not 0 < version < 2**63:
        raise Problem(400, "bad-version", "version is the whole number that the record was answered with")
    return version
