"""What pickers offer as one types, and the bytes of files."""

from __future__ import annotations

from urllib.parse import quote

from starlette.responses import HTMLResponse, Response, StreamingResponse

from engine.access import access
from engine.drafts.draft import Draft
from engine.drafts.preview import drafted
from engine.drafts.rules import parent_facts
from engine.errors import NotFound
from engine.metamodel.entity import Entity
from engine.pages.entries import Entries
from engine.pages.fields import FormReader
from engine.pages.form import plan_of as form_plan_of
from engine.pages.form_values import values_of_form
from engine.pages.transition_form import transition_form
from engine.reading.expressions import names_along
from engine.reading.query import Link, Record
from engine.service import records
from engine.service.files import readable
from engine.web.markup import render
from engine.web.visit import Visit, whole_number
from engine.work.context import Context
from engine.work.facts import Record as Facts

MOST_OFFERED = 20

SHOWN = ("image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf")
"""Kinds of file a browser may show by itself; every other is downloaded."""


def offer_options(visit: Visit, context: Context) -> Response:
    """GET /{entity}/options/{relation}?q=: list items for a combobox."""
    relation = visit.request.path_params["relation"]
    text = visit.query("q").strip()[:200].replace("\0", "")
    found = records.options(context, visit.entity.name, relation, text, MOST_OFFERED)
    return _listed(context, visit.entity, relation, found, text)


def offer_fitting(visit: Visit) -> Response:
    """POST /{entity}/options/{relation}: the same for a form that is being filled in, which is sent along.

    The relation of a row is named with its place: `lines.0.product`.
    """
    place = visit.request.path_params["relation"]
    text = visit.text("_q").strip()[:200].replace("\0", "")
    with visit.read() as context:
        draft, parent, relation = chooser(visit, context, place)
        found = records.options(
            context, draft.entity.name, relation, text, MOST_OFFERED, draft=draft, parent=parent
        )
        return _listed(context, draft.entity, relation, found, text)


def offer_names(visit: Visit, context: Context) -> Response:
    """GET /{entity}/names?path=: what may follow a path in a condition, for completion."""
    access.require(context, visit.entity.name, "read")
    found = names_along(context, visit.entity.name, visit.query("path"))
    options = [{"value": name, "title": name, "kind": word} for name, word in found]
    return HTMLResponse(render("options.html", options=options, text=""))


def _listed(context: Context, entity: Entity, relation: str, found: list[Link], text: str) -> Response:
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


def chooser(visit: Visit, context: Context, place: str) -> tuple[Draft, Facts | None, str]:
    """The draft that chooses a record, as the form has it: of the record itself, or of one of its rows.

    Answers its parent too, where it is a row, and the name of the relation. Raises NotFound for a place that no
    form of this entity has.
    """
    number = whole_number(visit.text("_id"))
    record = records.get(context, visit.entity.name, number) if number is not None else None
    reader = _filled_in(visit, context, record)
    entries = Entries()
    for name, value in visit.form.multi_items():
        if isinstance(value, str) and not name.startswith("_"):
            entries.texts.setdefault(name, []).append(value)
    values, places = values_of_form(reader, entries, {}, ())
    draft = drafted(context, visit.entity.name, values, number)
    rows, _, rest = place.partition(".")
    if not rest:
        return draft, None, place
    position, _, relation = rest.partition(".")
    given = next((key for key, shown in places.items() if shown == f"{rows}.{position}"), "")
    at = f"{given or place.rpartition('.')[0]}."
    row = next((each for each in draft.children.get(rows, ()) if each.at == at), None)
    if row is None:
        owner = visit.entity.relations.get(rows)
        if owner is None or owner.kind != "composition":
            raise NotFound(visit.entity.name)
        row = Draft(context.runtime.entities[owner.target])
    return row, parent_facts(context, draft, row), relation


def _filled_in(visit: Visit, context: Context, record: Record | None) -> FormReader:
    """The form that is being filled in: the entity's own, or that of a transition or a button."""
    name, processes = visit.text("_transition"), context.runtime.processes
    known = processes.transition(visit.entity.name, name)
    asking = known[1] if known is not None else processes.button(visit.entity.name, name)
    if asking is not None:
        return transition_form(context, visit.entity, asking, record)
    return FormReader(context, visit.entity, form_plan_of(context, visit.entity.name), record)


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
