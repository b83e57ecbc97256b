"""What somebody was told by processes: read, one by one or all at once."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import RedirectResponse, Response

from engine.pages.moments import Moment, moment_of
from engine.process import telling
from engine.reading import titles
from engine.web.visit import Visit, whole_number
from engine.work.context import Context

HERE = "/notifications"
EACH_PAGE = 30


@dataclass(frozen=True)
class Line:
    """Something that was told, as the page shows it; `url` is "" where the record can't be read (any more)."""

    id: int
    subject: str
    text: str
    about: str
    icon: str
    url: str
    new: bool
    when: Moment


def show(visit: Visit, context: Context) -> Response:
    """GET /notifications"""
    before = whole_number(visit.query("before"))
    found = telling.told(context, EACH_PAGE + 1, before)
    shown = found[:EACH_PAGE]
    return visit.page(
        context,
        "notifications.html",
        title="Notifications",
        lines=_lines(context, shown),
        unread=telling.unread(context),
        older=f"{HERE}?before={shown[-1].id}" if len(found) > EACH_PAGE else "",
    )


def _lines(context: Context, several: list[telling.Notification]) -> list[Line]:
    """What was told, with links to the records that can be read; a statement for each entity among them."""
    seen = titles.of(context, {(each.entity, each.record_id) for each in several})
    return [_line(context, each, (each.entity, each.record_id) in seen) for each in several]


def _line(context: Context, told: telling.Notification, seen: bool) -> Line:
    entity = context.runtime.entities.get(told.entity)
    return Line(
        id=told.id,
        subject=told.subject,
        text=told.text,
        about=entity.label if entity is not None else "",
        icon=(entity.icon if entity is not None else "") or "bell",
        url=f"/{told.entity}/{told.record_id}" if seen else "",
        new=told.read_at is None,
        when=moment_of(told.at, context.actor.display, context.now),
    )


def act(visit: Visit) -> Response:
    """POST /notifications: one was read, and where it leads to is shown; or all were."""
    number = whole_number(visit.text("id"))

    def work(context: Context) -> str:
        telling.read(context, number)
        if number is None or not visit.text("go"):
            return HERE
        return next((line.url for line in _lines(context, telling.told(context, 1, number + 1))), "") or HERE

    return RedirectResponse(visit.write(work), 303)
