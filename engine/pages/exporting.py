"""A list as a file: the columns, filters and order that the grid shows."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

from starlette.responses import Response, StreamingResponse

from engine.access import access
from engine.errors import BadQuery
from engine.identity import events
from engine.pages.grid import query_shown
from engine.reading.query import Page
from engine.service import exporting
from engine.service.exporting import Export
from engine.web.visit import Visit
from engine.work.context import Context

MARK = "\ufeff"
"""The byte order mark: without it spreadsheets take UTF-8 for the encoding of old Windows."""


def export_grid(visit: Visit, context: Context) -> Response:
    """GET /{entity}/export?…, the list's own parameters: what it shows, all pages of it, as CSV."""
    entity = visit.entity
    access.require(context, entity.name, "export")
    query = query_shown(context, entity, visit.request.query_params)
    fields = tuple(path for path in query.fields if _leaves(context, entity.name, path))
    export = exporting.begin(context, entity.name, replace(query, fields=fields))
    first = exporting.rows(context, export)
    visit.write(lambda unit: _note(visit, unit))
    headers = {
        "Content-Disposition": f'attachment; filename="{entity.name}.csv"',
        "Cache-Control": "no-store",
    }
    return StreamingResponse(
        _parts(visit, export, first), headers=headers, media_type="text/csv; charset=utf-8"
    )


def _leaves(context: Context, entity: str, path: str) -> bool:
    """Whether a column of the grid may be exported; what may not is left out."""
    try:
        exporting.exported(context, entity, path)
    except BadQuery:
        return False
    return True


def _note(visit: Visit, context: Context) -> None:
    actor = context.actor
    events.note(context, "exported", actor.id, actor.login, visit.origin, entity=visit.entity.name)


async def _parts(visit: Visit, export: Export, page: Page) -> AsyncIterator[str]:
    """The file, a page at a time, each read in a unit of its own."""
    yield MARK + exporting.csv_head(export)
    while True:
        yield exporting.csv_rows(export, page)
        if page.next is None:
            return
        page = await visit.gateway.run(_next, visit, export, page.next)


def _next(visit: Visit, export: Export, after: str) -> Page:
    with visit.read() as context:
        return exporting.rows(context, export, after)
