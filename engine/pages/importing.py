"""Importing a file into a list: it is sent, its columns are matched and may be changed, tried, and imported.

Between the steps the file lies in the file store, its sender's and nobody else's; a step is all in its request.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast

from starlette.datastructures import UploadFile
from starlette.responses import Response

from engine.access import access
from engine.errors import FieldError, Invalid, NotFound
from engine.identity import events
from engine.importing.columns import MODES, Columns, Mode, Options
from engine.importing.report import REASON, Rejects, Report
from engine.importing.running import MOST_AT_ONCE, Job, run
from engine.importing.table import Form, Table, bad_file
from engine.service.files import readable, upload
from engine.store import files
from engine.types.base import Refused
from engine.types.file import FileValue
from engine.web.visit import Visit
from engine.work.context import Context

MODE_WORDS: dict[Mode, str] = {
    "create": "Create a record for each row",
    "upsert": "Create, or update where the record is there",
    "update": "Update records that are there",
    "skip": "Create, and leave alone what is there",
}
JSON_ENDINGS = (".jsonl", ".ndjson")
KEPT_IN_MEMORY = 1024 * 1024
EXAMPLES = 3
LONGEST_EXAMPLE = 60
MOST_SHOWN = 100
"""Complaints that the page shows; the file of rejects has them all."""


@dataclass(frozen=True)
class Matched:
    """A column of the file, with cells as examples, what it is taken for, and what is wrong with that."""

    position: int
    head: str
    examples: str
    path: str
    key: bool
    choices: tuple[tuple[str, str], ...]
    errors: tuple[str, ...]


@dataclass(frozen=True)
class Outcome:
    """What a step came to: complaints about file and columns, a report, and where the refused rows are."""

    errors: tuple[FieldError, ...] = ()
    report: Report | None = None
    rejects: str = ""


def show(visit: Visit, context: Context) -> Response:
    """GET /{entity}/import, and with `file` the columns of one that was sent; `template` is an empty file."""
    entity = visit.entity
    access.require(context, entity.name, "import")
    if visit.query("template"):
        return _template(visit, context)
    key = visit.query("file")
    return _columns(visit, context, readable(context, key)) if key else _page(visit, context)


def act(visit: Visit) -> Response:
    """POST /{entity}/import: send a file, try it, or import it."""
    with visit.read() as context:
        access.require(context, visit.entity.name, "import")
        key = visit.text("file")
        sent = readable(context, key) if key else None
    if sent is None:
        return _receive(visit)
    dry_run = visit.text("do") != "import"
    try:
        outcome = _run(visit, sent, dry_run=dry_run)
    except Invalid as invalid:
        outcome = Outcome(invalid.errors)
    with visit.read() as context:
        if outcome.report is not None and outcome.report.written:
            return _page(visit, context, outcome)
        return _columns(visit, context, sent, outcome, 200 if dry_run and not outcome.errors else 422)


# ---- the steps


def _receive(visit: Visit) -> Response:
    """Keep the file that was sent, and go on to its columns."""
    given = visit.form.get("upload")
    try:
        if not isinstance(given, UploadFile) or not given.filename:
            raise bad_file("Choose a file first.")
        kept = upload(visit.gateway, visit.actor, given.file, given.filename, given.content_type or "")
    except (Invalid, Refused) as error:
        told = error.errors if isinstance(error, Invalid) else (FieldError("", error.code, str(error)),)
        with visit.read() as context:
            return _page(visit, context, Outcome(tuple(told)), 422)
    return visit.go(f"/{visit.entity.name}/import?file={kept.key}")


def _run(visit: Visit, sent: FileValue, *, dry_run: bool) -> Outcome:
    """Try the file, or import it; afterwards it is gone, so that nobody imports it twice by accident."""
    with _opened(visit, sent) as table, SpooledTemporaryFile(KEPT_IN_MEMORY) as spooled:
        refused = cast(BinaryIO, spooled)
        rejects = Rejects(refused, as_csv=table.form == "csv")
        options = _options(visit, table, dry_run=dry_run)
        job = Job(visit.actor, visit.entity.name, table, options, rejects, MOST_AT_ONCE, visit.runtime)
        report = run(visit.gateway, job)
        if not report.written:
            return Outcome(report=report)
        kept = _keep(visit, refused) if report.refused else ""
    visit.write(lambda context: _done(visit, context, sent))
    return Outcome(report=report, rejects=kept)


def _keep(visit: Visit, refused: BinaryIO) -> str:
    refused.seek(0)
    return upload(visit.gateway, visit.actor, refused, f"{visit.entity.name}-rejects.csv", "text/csv").key


def _done(visit: Visit, context: Context, sent: FileValue) -> None:
    actor = context.actor
    events.note(context, "imported", actor.id, actor.login, visit.origin, entity=visit.entity.name)
    for key in files.forget(context.connection, [sent.key]):
        context.after_commit.append(lambda key=key: visit.gateway.files.delete(key))  # type: ignore[misc]


def _options(visit: Visit, table: Table, *, dry_run: bool) -> Options:
    """What the form says."""
    mode = next((each for each in MODES if each == visit.text("mode")), MODES[0])
    paths = _given(visit, table)
    key = tuple(
        dict.fromkeys(
            path.partition(".")[0] if path.partition(".")[2] else path for path in _keys(visit, paths)
        )
    )
    columns = dict(zip(table.heads, paths, strict=True))
    return Options(mode, () if mode == "create" else key, columns, visit.text("skip") == "yes", dry_run)


def _given(visit: Visit, table: Table) -> list[str]:
    return [visit.text(f"column.{position}") for position in range(len(table.heads))]


def _keys(visit: Visit, paths: list[str]) -> Iterator[str]:
    for text in visit.texts("key"):
        if text.isascii() and text.isdigit() and int(text[:6]) < len(paths) and paths[int(text[:6])]:
            yield paths[int(text[:6])]


@contextmanager
def _opened(visit: Visit, sent: FileValue) -> Iterator[Table]:
    """The file that was sent, as rows."""
    form: Form = "jsonl" if sent.name.lower().endswith(JSON_ENDINGS) else "csv"
    with SpooledTemporaryFile(KEPT_IN_MEMORY) as spooled:
        for chunk in visit.gateway.files.open(sent.key):
            spooled.write(chunk)
        yield Table(cast(BinaryIO, spooled), form)


# ---- the pages


def _page(visit: Visit, context: Context, outcome: Outcome | None = None, status: int = 200) -> Response:
    """The form that asks for a file; or what became of one."""
    entity = visit.entity
    return visit.page(
        context,
        "import.html",
        title=f"Import {entity.plural.lower()}",
        status=status,
        entity=entity,
        outcome=outcome or Outcome(),
        most=MOST_AT_ONCE,
        megabytes=context.runtime.application.settings.max_upload_mb,
        most_shown=MOST_SHOWN,
        sees=access.may(context, entity.name, "read"),
    )


def _columns(
    visit: Visit, context: Context, sent: FileValue, outcome: Outcome | None = None, status: int = 200
) -> Response:
    """The columns of the file, as they are matched, and what trying it came to."""
    outcome = outcome or Outcome()
    try:
        with _opened(visit, sent) as table:
            matched = _matched(visit, context, table, outcome)
            rows = table.count()
    except Invalid as invalid:
        return _page(visit, context, Outcome(invalid.errors), 422)
    heads = {each.head for each in matched}
    mode = visit.text("mode")
    may = {action: access.may(context, visit.entity.name, action) for action in ("create", "update")}
    return visit.page(
        context,
        "import_columns.html",
        title=f"Import {visit.entity.plural.lower()}",
        status=status,
        entity=visit.entity,
        file=sent,
        rows=rows,
        matched=matched,
        errors=[each for each in outcome.errors if each.at not in heads],
        outcome=outcome,
        modes=[(each, words) for each, words in MODE_WORDS.items() if _open(each, may)],
        mode=mode,
        skip=visit.text("skip") == "yes",
        most_shown=MOST_SHOWN,
    )


def _open(mode: Mode, may: dict[str, bool]) -> bool:
    needed = {
        "create": ("create",),
        "skip": ("create",),
        "update": ("update",),
        "upsert": ("create", "update"),
    }
    return all(may[action] for action in needed[mode])


def _matched(visit: Visit, context: Context, table: Table, outcome: Outcome) -> list[Matched]:
    columns = Columns(context, visit.entity)
    asked = "file" in visit.form
    given = _given(visit, table) if asked else [columns.guess(head) for head in table.heads]
    keys = set(visit.texts("key"))
    examples = [line.raw for line in islice(table.lines(), EXAMPLES) if not line.fault]
    return [
        Matched(
            position,
            head,
            _example([cells[position] for cells in examples]),
            path,
            str(position) in keys,
            _choices(columns, path),
            tuple(each.message for each in outcome.errors if each.at == head),
        )
        for position, (head, path) in enumerate(zip(table.heads, given, strict=True))
        if head != REASON
    ]


def _example(cells: list[str]) -> str:
    text = " · ".join(cell for cell in cells if cell)
    return text if len(text) <= LONGEST_EXAMPLE else f"{text[:LONGEST_EXAMPLE]}…"


def _choices(columns: Columns, path: str) -> tuple[tuple[str, str], ...]:
    """What a column may be taken for: members by their labels, related records also by their id."""
    found: dict[str, str] = {}
    for name, label in columns.known.items():
        found[name] = label
        relation = columns.entity.relations.get(name)
        if relation is not None and relation.holds_key:
            found[f"{name}.id"] = f"{label}: id"
    if path and path not in found:
        name, _, rest = path.partition(".")
        found[path] = f"{columns.known.get(name, name)}: {rest}"
    return tuple(found.items())


def _template(visit: Visit, context: Context) -> Response:
    """A file with the columns that may be imported, and no rows."""
    columns = Columns(context, visit.entity)
    names = [name for name in columns.known if columns.written(name) and columns.writes(name)]
    if not names:
        raise NotFound(visit.entity.name)
    headers = {
        "Content-Disposition": f'attachment; filename="{visit.entity.name}.csv"',
        "Cache-Control": "no-store",
    }
    return Response("\ufeff" + ",".join(names) + "\r\n", headers=headers, media_type="text/csv")
