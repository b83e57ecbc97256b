"""Sharing one record: with whom it is shared, sharing it further, ending it; and why one may not do something."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time
from typing import Any

from starlette.responses import Response

from engine.access import access
from engine.errors import FieldError, Forbidden, Invalid, NotFound
from engine.metamodel.access import ACTIONS, SharedLevel
from engine.reading.query import Query
from engine.service import records, sharing
from engine.service.asking import Question, ask_of_oneself
from engine.types.base import Refused
from engine.types.date import DateType
from engine.web.toast import Toast
from engine.web.visit import Visit, whole_number
from engine.work.context import Context

MOST_OFFERED = 500
LEVEL_WORDS: Mapping[SharedLevel, str] = {"read": "Read", "edit": "Read and edit", "full": "Everything"}


def show_shares(visit: Visit, context: Context) -> Response:
    """GET /{entity}/{id}/share"""
    return _page(visit, context)


def _page(visit: Visit, context: Context, errors: tuple[FieldError, ...] = (), status: int = 200) -> Response:
    entity, number = visit.entity, visit.number
    record = records.get(context, entity.name, number)
    display = context.actor.display
    shares = [
        (
            each,
            LEVEL_WORDS[each.level],
            DateType().to_text(each.ends_at.date(), display) if each.ends_at else "",
        )
        for each in sharing.shares_of(context, entity.name, number)
    ]
    return visit.page(
        context,
        "share.html",
        title=f"Share {record.title}",
        status=status,
        entity=entity,
        record=record,
        shares=shares,
        levels=[(level, LEVEL_WORDS[level]) for level in sharing.LEVELS],
        people=list(_people(context)),
        errors={
            name: [each.message for each in errors if each.at == name]
            for name in ("to", "level", "ends_at", "")
        },
        given={name: visit.text(name) for name in ("to", "level", "ends_at")},
    )


def _people(context: Context) -> list[tuple[str, list[tuple[str, str]]]]:
    """Everybody a record can be shared with, by kind, as far as the actor may see them."""
    found: list[tuple[str, list[tuple[str, str]]]] = []
    for kind, label in (("user", "Users"), ("group", "Groups")):
        if access.may(context, kind, "read"):
            page = records.find(context, kind, Query(sort=("name",), limit=MOST_OFFERED))
            found.append((label, [(f"{kind}:{row.id}", row.title) for row in page.rows]))
    roles = context.runtime.application.roles.values()
    found.append(
        ("Roles", [(f"role:{role.name}", role.label) for role in roles if role.name != "administrator"])
    )
    return found


def add_share(visit: Visit) -> Response:
    """POST /{entity}/{id}/share"""
    entity, number = visit.entity, visit.number
    try:
        to, level, ends_at = _asked(visit)
        visit.write(lambda unit: sharing.share(unit, entity.name, number, to, level, ends_at))
    except Invalid as invalid:
        told = tuple(
            FieldError("to" if each.at in ("user", "group", "role") else each.at, each.code, each.message)
            for each in invalid.errors
        )
        with visit.read() as context:
            return _page(visit, context, told, 422)
    return visit.go(f"/{entity.name}/{number}/share", Toast("It is shared."))


def _asked(visit: Visit) -> tuple[dict[str, Any], SharedLevel, datetime | None]:
    """What the form asks for; raises Invalid with every complaint."""
    errors = []
    kind, _, key = visit.text("to").partition(":")
    to: dict[str, Any] = {kind: whole_number(key) if kind in ("user", "group") else key}
    if not key:
        errors.append(FieldError("to", "required", "Choose with whom it is shared."))
    level = next((each for each in sharing.LEVELS if each == visit.text("level")), sharing.LEVELS[0])
    ends_at = None
    if visit.text("ends_at").strip():
        try:
            day = DateType().parse_text(visit.text("ends_at"), visit.actor.display)
            ends_at = datetime.combine(day, time.max, visit.actor.display.timezone).astimezone(UTC)
        except Refused as refused:
            errors.append(FieldError("ends_at", refused.code, str(refused)))
        except OverflowError:
            errors.append(FieldError("ends_at", "bad-share", "This day is too far away."))
    if errors:
        raise Invalid(errors)
    return to, level, ends_at


def end_share(visit: Visit) -> Response:
    """POST /{entity}/{id}/share/end"""
    entity, number = visit.entity, visit.number
    which = whole_number(visit.text("share"))
    if which is None:
        raise NotFound("share")
    visit.write(lambda unit: sharing.unshare(unit, entity.name, number, which))
    with visit.read() as context:
        try:
            sharing.shares_of(context, entity.name, number)
        except (Forbidden, NotFound):
            return visit.go(f"/{entity.name}", Toast("It is no longer shared."))
    return visit.go(f"/{entity.name}/{number}/share", Toast("It is no longer shared with them."))


def show_why(visit: Visit, context: Context) -> Response:
    """GET /{entity}/{id}/why?action=…: why the reader may or may not do something to a record they may read.

    The words of the grants alone: what conditions read may be hidden from them.
    """
    record = records.get(context, visit.entity.name, visit.number)
    action = visit.query("action", "update")
    if action not in ACTIONS:
        raise NotFound(visit.entity.name, record.id)
    why = ask_of_oneself(context, Question(action, visit.entity.name, record.id))
    return visit.page(
        context,
        "why.html",
        title=f"Why {'I may' if why.answer else 'I may not'} {action} this",
        entity=visit.entity,
        record=record,
        why=why,
        action=action,
        words=[(reason.holds, reason.words) for reason in why.reasons],
    )
