"""The start page: what is new among what one may see, and how much there is of everything."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from starlette.responses import Response

from engine.access import access
from engine.pages.moments import Moment, moment_of
from engine.reading.query import Link, Query
from engine.service import records
from engine.web.frame import FALLBACK_ICON, destinations
from engine.web.visit import Visit
from engine.work.context import Context

MOST_PLACES = 60
"""Of so many entities the start page tells, in the order of the menu: each costs two queries."""

MOST_NEWS = 14
FROM_EACH = 5


@dataclass(frozen=True)
class Tile:
    """An entity with its number of records."""

    label: str
    icon: str
    url: str
    count: str
    create_url: str
    create_label: str


@dataclass(frozen=True)
class News:
    """A record that was made or changed lately."""

    title: str
    url: str
    label: str
    icon: str
    who: str
    created: bool
    when: Moment
    at: datetime


def show_home(visit: Visit, context: Context) -> Response:
    """GET /"""
    news = sorted(_news(context), key=lambda each: each.at, reverse=True)[:MOST_NEWS]
    return visit.page(
        context,
        "home.html",
        title=context.runtime.application.label,
        description=context.runtime.application.description,
        tiles=list(_tiles(context)),
        news=news,
        first_name=context.actor.name.split()[0] if context.actor.name.split() else context.actor.name,
    )


def _tiles(context: Context) -> Iterator[Tile]:
    for each in destinations(context)[:MOST_PLACES]:
        entity = context.runtime.entities[each.entity]
        if entity.singleton:
            continue
        page = records.find(context, entity.name, Query(limit=1, count="capped"))
        count = page.count
        creates = access.may(context, entity.name, "create") and not entity.child_of
        yield Tile(
            label=entity.plural,
            icon=each.icon or FALLBACK_ICON,
            url=f"/{entity.name}",
            count=f"{count.value:,}{'' if count.exact else '+'}" if count else "",
            create_url=f"/{entity.name}/new" if creates else "",
            create_label=f"New {entity.label.lower()}",
        )


def _news(context: Context) -> Iterator[News]:
    for each in destinations(context)[:MOST_PLACES]:
        entity = context.runtime.entities[each.entity]
        readable = access.readable(context, entity.name)
        if "updated_at" not in readable:
            continue
        fields = ("updated_at", *(name for name in ("updated_by",) if name in readable))
        query = Query(fields=fields, sort=("-updated_at",), limit=FROM_EACH)
        for row in records.find(context, entity.name, query).rows:
            at, who = row.cells[0], row.cells[1] if len(row.cells) > 1 else None
            yield News(
                title=row.title,
                url=f"/{entity.name}/{row.id}",
                label=entity.label,
                icon=each.icon or FALLBACK_ICON,
                who=who.title if isinstance(who, Link) else "",
                created=row.version == 1,
                when=moment_of(at, context.actor.display, context.now),
                at=at,
            )
