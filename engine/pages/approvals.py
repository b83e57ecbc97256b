"""Approvals a record waits for, as its page tells them: who has agreed, who is waited for, and refusing."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from engine.errors import Invalid, NotFound
from engine.process import firing
from engine.process.approving import Standing, standings
from engine.reading.query import Record
from engine.web.toast import Toast
from engine.web.visit import Visit, whole_number
from engine.work.context import Context
from engine.work.stored import Stored


@dataclass(frozen=True)
class Panel:
    """An approval as the page draws it; `refuse_url` is "" for whom it does not wait."""

    standing: Standing
    name: str
    label: str
    refuse_url: str


def approvals_of(context: Context, record: Record, stored: Stored | None) -> list[Panel]:
    """The approvals that a record waits for, which is stored so; nothing is asked where it waits for none."""
    if stored is None:
        return []
    return [_panel(record, each) for each in standings(context, record.entity, stored)]


def _panel(record: Record, standing: Standing) -> Panel:
    transition = standing.transition
    address = f"/{record.entity}/{record.id}/transitions/{transition.name}/reject"
    return Panel(standing, transition.name, transition.label, address if standing.mine else "")


def refuse(visit: Visit) -> Response:
    """POST /{entity}/{id}/transitions/{name}/reject"""
    entity, number, name = visit.entity, visit.number, visit.request.path_params["name"]
    back = visit.next_path or f"/{entity.name}/{number}"
    version = whole_number(visit.text("_version"))
    comment = visit.text("comment")
    try:
        record = visit.write(lambda unit: firing.reject(unit, entity.name, number, name, comment, version))
    except Invalid as invalid:
        return visit.go(back, Toast(" ".join(each.message for each in invalid.errors), "red"))
    with visit.read() as context:
        found = context.runtime.processes.transition(entity.name, name)
    if found is None:
        raise NotFound(entity.name, name)
    return visit.go(back, Toast(f"{entity.label} {record.title}: {found[1].label} was refused."))
