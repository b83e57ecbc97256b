"""A whole list at once: as CSV, or as one JSON object a line."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import msgspec
from starlette.responses import Response, StreamingResponse

from engine.api.problem import Problem
from engine.api.replies import in_read, in_write
from engine.api.requests import Asked, query_from
from engine.identity import events
from engine.identity.events import Origin
from engine.reading.in_json import page_json
from engine.reading.query import Page
from engine.service import exporting
from engine.service.exporting import Export
from engine.work.context import Context

FORMATS = {"csv": "text/csv; charset=utf-8", "jsonl": "application/jsonl"}


async def export_records(asked: Asked) -> Response:
    """GET /api/{entity}/export: every record of a list that one may export, `format=csv` or `jsonl`."""
    entity, given = asked.entity, asked.request.query_params
    form = given.get("format", "csv")
    if form not in FORMATS:
        raise Problem(400, "bad-parameter", f"format is one of {', '.join(FORMATS)}", name="format")
    for name in ("limit", "after", "before", "count"):
        if name in given:
            raise Problem(400, "bad-parameter", "an export is the whole list", name=name)
    query = query_from(_without_format(asked))

    def start(context: Context) -> tuple[Export, Page]:
        export = exporting.begin(context, entity.name, query)
        return export, exporting.rows(context, export)

    export, first = await in_read(asked, start)
    await in_write(asked, lambda context: _note(asked, context))
    headers = {"Content-Disposition": f'attachment; filename="{entity.name}.{form}"'}
    return StreamingResponse(_parts(asked, export, first, form), headers=headers, media_type=FORMATS[form])


def _without_format(asked: Asked) -> Any:
    kept = [(name, value) for name, value in asked.request.query_params.multi_items() if name != "format"]
    return type(asked.request.query_params)(kept)


def _note(asked: Asked, context: Context) -> None:
    actor, request = context.actor, asked.request
    remote = request.client.host if request.client else ""
    origin = Origin(remote, request.headers.get("user-agent", ""))
    events.note(context, "exported", actor.id, actor.login, origin, entity=asked.entity.name)


async def _parts(asked: Asked, export: Export, page: Page, form: str) -> AsyncIterator[bytes]:
    """The body, a page at a time, each read in a unit of its own."""
    if form == "csv":
        yield exporting.csv_head(export).encode()
    while True:
        yield _written(asked, export, page, form)
        after = page.next
        if after is None:
            return
        page = await in_read(asked, partial(exporting.rows, export=export, after=after))


def _written(asked: Asked, export: Export, page: Page, form: str) -> bytes:
    if form == "csv":
        return exporting.csv_rows(export, page).encode()
    items = page_json(asked.runtime, page)["items"]
    return b"".join(msgspec.json.encode(item) + b"\n" for item in items)
