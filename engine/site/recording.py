"""The page on which an administrator records a test: it begins at a record, and ends with the test's YAML."""

from __future__ import annotations

from starlette.responses import Response

from engine.errors import BadQuery
from engine.pages.moments import moment_of
from engine.recording import running
from engine.service import records
from engine.web.toast import Toast
from engine.web.visit import Visit
from engine.work.context import Context


def show(visit: Visit, context: Context) -> Response:
    """GET /{entity}/{id}/recording: what is recorded, or was; with `download=1` the test as a file."""
    running.require(context)
    record = records.get(context, visit.entity.name, visit.number)
    found = running.running(context)
    here = found is not None and (found.entity, found.number) == (record.entity, record.id)
    if here and found is not None and found.document and visit.query("download"):
        name = f"{record.entity}-{record.id}.yaml"
        return Response(
            found.document,
            media_type="application/yaml",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )
    return visit.page(
        context,
        "recording.html",
        title="Record a test",
        entity=visit.entity,
        record=record,
        recording=found if here else None,
        elsewhere=found if found is not None and not here and found.document is None else None,
        since=moment_of(found.started_at, context.actor.display, context.now) if found else None,
    )


def act(visit: Visit) -> Response:
    """POST /{entity}/{id}/recording: start, stop, or discard."""
    here, what = f"/{visit.entity.name}/{visit.number}", visit.text("do")
    if what == "start":
        visit.write(lambda context: _start(context, visit.entity.name, visit.number))
        return visit.go(here, Toast("What is done with this from now on is recorded."))
    if what == "stop":
        visit.write(running.stop)
        return visit.go(f"{here}/recording")
    if what == "discard":
        visit.write(running.discard)
        return visit.go(here, Toast("The recording was discarded."))
    raise BadQuery("unknown-action", "do", "Start, stop, or discard a recording.")


def _start(context: Context, entity: str, number: int) -> None:
    running.require(context)
    records.get(context, entity, number)
    running.start(context, entity, number)
