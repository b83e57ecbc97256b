"""Why somebody may do something: for administrators, and whoever has the capability `see_access`."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import Response

from engine.access import access
from engine.errors import NotFound, UsageError
from engine.identity.identity import actor_named
from engine.metamodel.access import ACTIONS
from engine.reading.reading import get_identity
from engine.service.cures import cure
from engine.service.why import Why, explain, who_may
from engine.web.visit import Visit, whole_number
from engine.work.context import Context


def _explained(visit: Visit, context: Context, asked: Mapping[str, str]) -> Why:
    """The explanation of what was asked."""
    if asked["entity"] not in context.runtime.entities:
        raise UsageError(f"no entity {asked['entity']!r}")
    number = whole_number(asked["id"]) if asked["id"] else None
    if asked["id"] and number is None:
        raise UsageError("the record's number is a whole number")
    actor = actor_named(visit.gateway, asked["user"])
    if not context.actor.administrator and number is not None:
        get_identity(context, asked["entity"], number, "read")  # what they can't see themselves stays hidden
    member = asked["property"] or None
    return explain(context, actor, asked["action"] or "read", asked["entity"], number, member)


def show_access(visit: Visit, context: Context) -> Response:
    """GET /settings/access?user=…&action=…&entity=…&id=…&property=…"""
    if not access.can(context, "see_access"):
        access.refuse(context, "user", "explain", "no capability see_access")
    asked = {name: visit.query(name).strip() for name in ("user", "action", "entity", "id", "property")}
    why = found = None
    said, roles = "", []
    if asked["user"]:
        try:
            why = _explained(visit, context, asked)
            found = cure(context, why)
            roles = who_may(context, why.entity, why.member) if why.member else []
        except (UsageError, NotFound) as wrong:
            said = str(wrong)
    return visit.page(
        context,
        "access.html",
        title="Why may somebody?",
        asked=asked,
        actions=ACTIONS,
        entities=sorted(context.runtime.entities.values(), key=lambda entity: entity.label),
        why=why,
        cure=found,
        said=said,
        roles=roles,
    )
