"""A file of rows at once: each a record created or changed, and a report of what became of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, cast, get_args

from starlette.responses import Response

from engine.access import access
from engine.api.once import HEADER, Work, once_only
from engine.api.problem import Problem
from engine.api.replies import in_read, in_write, reply
from engine.api.requests import Asked
from engine.identity import events
from engine.identity.events import Origin
from engine.importing.columns import Mode, Options
from engine.importing.report import Report
from engine.importing.running import MOST_AT_ONCE, Job, prepare, run
from engine.importing.table import Form, Table
from engine.work.context import Context

FORMS: dict[str, Form] = {
    "text/csv": "csv",
    "application/x-ndjson": "jsonl",
    "application/jsonl": "jsonl",
}
KEPT_IN_MEMORY = 1024 * 1024
YES_OR_NO = {"true": True, "false": False}
PARAMETERS = ("mode", "key", "dry_run", "on_error")


async def import_records(asked: Asked) -> Response:
    """POST /api/{entity}/import: a file of rows, CSV or JSON lines; all of them or none, unless `on_error=skip`.

    With an Idempotency-Key it is imported once, in one transaction.
    """
    entity = asked.entity
    await in_read(asked, lambda context: access.require(context, entity.name, "import"))
    options = _options(asked)
    media_type = asked.request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in FORMS:
        raise Problem(415, "unsupported-media-type", f"The body has to be one of {', '.join(FORMS)}.")
    with SpooledTemporaryFile(KEPT_IN_MEMORY) as spooled:
        file = cast(BinaryIO, spooled)
        await _receive(asked, file)
        done = _Done(
            once_only(asked.request, asked.actor, [_digest(file), media_type, asked.request.url.query])
        )
        report = await asked.gateway.run(_run, asked, file, FORMS[media_type], options, done)
    if done.again is not None:
        return reply(done.again)
    if report.written:
        await in_write(asked, lambda context: _note(asked, context))
    if report.written or report.dry_run:
        return reply(report.as_json())
    told = f"Nothing is imported: {report.refused:,} of {report.rows:,} rows are refused."
    raise Problem(422, "not-imported", told, report=report.as_json())


@dataclass
class _Done:
    """An import under its key: `again` is the answer it had, where it was done before."""

    once: Callable[[Work], Work]
    again: Any = None

    def __call__(self, work: Work) -> Work:
        began = False

        def begun(context: Context) -> Any:
            nonlocal began
            began = True
            return work(context)

        kept = self.once(begun)

        def inside(context: Context) -> Any:
            nonlocal began
            began = False
            answer = kept(context)
            self.again = None if began else answer
            return answer

        return inside


def _digest(file: BinaryIO) -> str:
    file.seek(0)
    found = sha256()
    while chunk := file.read(KEPT_IN_MEMORY):
        found.update(chunk)
    return found.hexdigest()


def _run(asked: Asked, file: BinaryIO, form: Form, options: Options, done: _Done) -> Report:
    table = Table(file, form)
    job = Job(
        asked.actor,
        asked.entity.name,
        table,
        options,
        most=MOST_AT_ONCE,
        runtime=asked.runtime,
        once=done if HEADER in asked.request.headers else None,
    )
    scope = asked.actor.scope
    if scope is not None and scope.entities:
        with asked.gateway.read(asked.actor, "api", asked.runtime) as context:
            beyond = prepare(context, job).looks_into - scope.entities
        if beyond:
            told = f"This token is not for {sorted(beyond)[0]!r}: name related records by their id, in a column `….id`."
            raise Problem(403, "token-scope", told)
    return run(asked.gateway, job)


def _options(asked: Asked) -> Options:
    given = asked.request.query_params
    for name in set(given):
        if name not in PARAMETERS:
            raise Problem(400, "bad-parameter", f"an import takes {', '.join(PARAMETERS)}", name=name)
        if len(given.getlist(name)) > 1:
            raise Problem(400, "bad-parameter", f"{name!r} is given more than once", name=name)
    mode, dry_run, on_error = (
        given.get("mode", "create"),
        given.get("dry_run", "false"),
        given.get("on_error", "stop"),
    )
    if mode not in get_args(Mode):
        raise Problem(400, "bad-parameter", f"mode is one of {', '.join(get_args(Mode))}", name="mode")
    if dry_run not in YES_OR_NO:
        raise Problem(400, "bad-parameter", "dry_run is true or false", name="dry_run")
    if on_error not in ("stop", "skip"):
        raise Problem(400, "bad-parameter", "on_error is stop or skip", name="on_error")
    key = tuple(name.strip() for name in given.get("key", "").split(",") if name.strip())
    return Options(cast(Mode, mode), key, {}, on_error == "skip", YES_OR_NO[dry_run])


async def _receive(asked: Asked, file: BinaryIO) -> None:
    """The body, of the size a file may have."""
    megabytes = asked.runtime.application.settings.max_upload_mb
    too_large = Problem(413, "too-large", f"A file here has at most {megabytes} MB.")
    length = asked.request.headers.get("content-length", "0")
    if length.isdigit() and int(length) > megabytes * 1024 * 1024:
        raise too_large
    size = 0
    async for chunk in asked.request.stream():
        size += len(chunk)
        if size > megabytes * 1024 * 1024:
            raise too_large
        file.write(chunk)


def _note(asked: Asked, context: Any) -> None:
    actor, request = context.actor, asked.request
    origin = Origin(request.client.host if request.client else "", request.headers.get("user-agent", ""))
    events.note(context, "imported", actor.id, actor.login, origin, entity=asked.entity.name)
