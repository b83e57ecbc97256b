"""What pickers offer as one types, and the bytes of files."""

from __future__ import annotations

from urllib.parse import quote

from starlette.responses import HTMLResponse, Response, StreamingResponse

from engine.service import records
from engine.service.context import Context
from engine.service.files import readable
from engine.web.markup import render
from engine.web.visit import Visit

MOST_OFFERED = 20

SHOWN = ("image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf")
"""Kinds of file a browser may show by itself; every other is downloaded."""


def offer_options(visit: Visit, context: Context) -> Response:
    """GET /{entity}/options/{relation}?q=: list items for a combobox."""
    entity, relation = visit.entity, visit.request.path_params["relation"]
    text = visit.query("q").strip()[:200].replace("\0", "")
    found = records.options(context, entity.name, relation, text, MOST_OFFERED)
    several = len(entity.relations[relation].targets) > 1
    options = [
        {
            "value": f"{link.entity}:{link.id}" if several else str(link.id),
            "title": link.title,
            "kind": context.runtime.entities[link.entity].label if several else "",
        }
        for link in found
    ]
    return HTMLResponse(render("options.html", options=options, text=text))


def send_file(visit: Visit, context: Context) -> Response:
    """GET /files/{key}: to those who may read the record it belongs to."""
    value = readable(context, visit.request.path_params["key"])
    how = "inline" if value.media_type in SHOWN else "attachment"
    headers = {
        "Content-Disposition": f"{how}; filename*=utf-8''{quote(value.name)}",
        "Content-Length": str(value.size),
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "private, max-age=31536000, immutable",
    }
    return StreamingResponse(
        visit.gateway.files.open(value.key), headers=headers, media_type=value.media_type
    )
