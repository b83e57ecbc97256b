"""What a token is good for: reading only, or some entities only; it never gives more than its user may do."""

from __future__ import annotations

from starlette.requests import Request

from engine.api.problem import Problem
from engine.work.context import Actor, Scope

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
NAMING = ("fields", "sort")


def require(request: Request, actor: Actor) -> None:
    """Raise a Problem for a request that is beyond the scope of the token it came with."""
    scope = actor.scope
    if scope is None:
        return
    if scope.read_only and request.method not in SAFE:
        raise _beyond("This token is for reading only.")
    if scope.entities:
        _within(request, scope)


def _within(request: Request, scope: Scope) -> None:
    """Paths, conditions and related lists lead to records of other entities: none of them with such a token."""
    entity = request.path_params.get("entity")
    if entity is not None and entity not in scope.entities:
        raise _beyond(f"This token is not for {entity!r}.")
    if request.url.path.startswith("/api/settings/"):
        raise _beyond("This token is for single entities, and the settings belong to none.")
    if "relation" in request.path_params:
        raise _beyond("This token is for single entities: list the other one, filtered by its relation.")
    if "where" in request.query_params:
        raise _beyond("This token is for single entities: filter by properties instead of `where`.")
    named = [name for key in NAMING for name in request.query_params.get(key, "").split(",")]
    if any("." in name for name in (*named, *request.query_params)):
        raise _beyond("This token is for single entities: a path to another one is beyond it.")


def _beyond(detail: str) -> Problem:
    return Problem(403, "token-scope", detail)
