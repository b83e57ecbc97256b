"""Records in files: the commands import and export."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import IO, Annotated, BinaryIO, cast

import typer

from engine.app import open_for
from engine.cli.applying import DatabaseUrl
from engine.cli.explaining_expression import known_entity
from engine.cli.metadata import HERE, AppFolder
from engine.errors import OperatorError, UsageError
from engine.identity import events, identity
from engine.importing.columns import Options
from engine.importing.report import Rejects, Report
from engine.importing.running import Job, run
from engine.importing.table import Form, Table
from engine.reading.in_json import page_json
from engine.reading.query import Query
from engine.service import exporting
from engine.work.context import SYSTEM, Actor
from engine.work.gateway import Gateway

STDIN = Path("-")
JSON_ENDINGS = (".jsonl", ".ndjson")

Entity = Annotated[str, typer.Argument(help="The entity's name.")]
As = Annotated[str | None, typer.Option("--as", help="The user who does it, by login; the system without.")]


class FileForm(StrEnum):
    """How a file is written."""

    csv = "csv"
    jsonl = "jsonl"


class ImportMode(StrEnum):
    """What becomes of rows with a record and without."""

    create = "create"
    update = "update"
    upsert = "upsert"
    skip = "skip"


class OnError(StrEnum):
    """What becomes of the others when a row is refused."""

    stop = "stop"
    skip = "skip"


FormOption = Annotated[
    FileForm | None, typer.Option("--format", help="csv or jsonl; by the file's name without.")
]


def register(app: typer.Typer) -> None:
    app.command("import")(import_)
    app.command()(export)


def import_(
    entity: Entity,
    file: Annotated[Path, typer.Argument(help="CSV or JSON lines, in UTF-8; - for standard input.")],
    mode: Annotated[
        ImportMode, typer.Option(help="create, update, upsert (both), or skip what is there already.")
    ] = ImportMode.create,
    key: Annotated[
        list[str] | None,
        typer.Option(help="The property its record is found by; may be given several times."),
    ] = None,
    column: Annotated[
        list[str] | None, typer.Option(help="HEAD=PROPERTY for a column, HEAD= to leave it out.")
    ] = None,
    on_error: Annotated[
        OnError, typer.Option("--on-error", help="stop: all rows or none; skip: those that are not refused.")
    ] = OnError.stop,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Try everything, and keep nothing.")] = False,
    rejects: Annotated[
        Path | None, typer.Option(help="Where the refused rows are written, with the reasons.")
    ] = None,
    form: FormOption = None,
    actor: As = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    folder: AppFolder = HERE,
    database: DatabaseUrl = None,
) -> None:
    """Import records from a file: the rows that are refused are told with their lines and reasons."""
    columns = dict(_pair(each) for each in column or ())
    options = Options(mode.value, tuple(key or ()), columns, on_error is OnError.skip, dry_run)
    engine = open_for(folder, database=database)
    try:
        known_entity(engine.gateway.runtime.application, entity)
        with _read(file) as source, _rejects(rejects) as kept:
            table = Table(source, _form(form, file))
            kept_as = Rejects(kept, as_csv=table.form == "csv") if kept is not None else None
            job = Job(_actor(engine.gateway, actor), entity, table, options, kept_as)
            report = run(engine.gateway, job)
        if report.written:
            _note(engine.gateway, job.actor, "imported", entity)
    finally:
        engine.close()
    print(json.dumps(report.as_json(), ensure_ascii=False) if as_json else told(report))
    raise typer.Exit(1 if report.refused else 0)


def export(
    entity: Entity,
    file: Annotated[Path | None, typer.Argument(help="Where to; standard output without.")] = None,
    where: Annotated[str | None, typer.Option(help="A condition on the records.")] = None,
    fields: Annotated[
        str | None, typer.Option(help="Paths, with commas between; all that may be exported without.")
    ] = None,
    sort: Annotated[str | None, typer.Option(help="Paths to sort by, - before one for descending.")] = None,
    form: FormOption = None,
    actor: As = None,
    folder: AppFolder = HERE,
    database: DatabaseUrl = None,
) -> None:
    """Export records as CSV or JSON lines, in the form that import reads."""
    query = Query(fields=_names(fields), sort=_names(sort), where=(where,) if where else ())
    engine = open_for(folder, database=database)
    try:
        known_entity(engine.gateway.runtime.application, entity)
        who = _actor(engine.gateway, actor)
        parts = _parts(engine.gateway, who, entity, query, _form(form, file or STDIN))
        first = next(parts)
        with _write(file) as target:
            target.write(first)
            for part in parts:
                target.write(part)
        _note(engine.gateway, who, "exported", entity)
    finally:
        engine.close()


def _parts(gateway: Gateway, actor: Actor, entity: str, query: Query, form: Form) -> Iterator[bytes]:
    """The file, a page at a time; all pages of one state of the database."""
    with gateway.read(actor, "cli") as context:
        begun = exporting.begin(context, entity, query)
        yield exporting.csv_head(begun).encode() if form == "csv" else b""
        after = None
        while True:
            page = exporting.rows(context, begun, after)
            if form == "csv":
                yield exporting.csv_rows(begun, page).encode()
            else:
                items = page_json(context.runtime, page)["items"]
                yield "".join(json.dumps(item, ensure_ascii=False) + "\n" for item in items).encode()
            after = page.next
            if after is None:
                return


def told(report: Report) -> str:
    """The report for people."""
    counts = (
        (report.created, "created"),
        (report.updated, "updated"),
        (report.unchanged, "unchanged"),
        (report.skipped, "skipped"),
        (report.refused, "refused"),
    )
    lines = [
        f"line {each.line}: {f'{each.column}: ' if each.column else ''}{each.message}"
        for each in report.errors
    ]
    if report.more_errors:
        lines.append(f"and {report.more_errors:,} more complaints")
    if report.ignored:
        lines.append(
            f"not imported, for it is set by the engine or was left out: {', '.join(report.ignored)}"
        )
    summary = ", ".join(f"{number:,} {word}" for number, word in counts if number) or "no rows"
    if report.dry_run:
        lines.append(f"a dry run, nothing is kept: {summary}")
    elif report.written:
        lines.append(summary)
    else:
        lines.append(f"nothing is imported: {report.refused:,} of {report.rows:,} rows are refused")
    return "\n".join(lines)


# ---- what the words mean


def _pair(text: str) -> tuple[str, str]:
    head, mark, path = text.rpartition("=")
    if not mark:
        raise UsageError(f"--column {text!r} is not HEAD=PROPERTY")
    return head, path


def _names(text: str | None) -> tuple[str, ...]:
    return tuple(name.strip() for name in (text or "").split(",") if name.strip())


def _form(given: FileForm | None, file: Path) -> Form:
    if given is not None:
        return given.value
    return "jsonl" if file.suffix.lower() in JSON_ENDINGS else "csv"


def _actor(gateway: Gateway, login: str | None) -> Actor:
    return SYSTEM if login is None else identity.actor_named(gateway, login)


def _note(gateway: Gateway, actor: Actor, kind: str, entity: str) -> None:
    gateway.writing(
        actor, "cli", lambda context: events.note(context, kind, actor.id, actor.login, entity=entity)
    )


# ---- files


@contextmanager
def _read(file: Path) -> Iterator[BinaryIO]:
    if file == STDIN:
        with tempfile.TemporaryFile() as kept:  # what comes by a pipe can't be read twice
            kept.write(sys.stdin.buffer.read())
            yield cast(BinaryIO, kept)
        return
    with _open(file, "rb") as opened:
        yield cast(BinaryIO, opened)


@contextmanager
def _rejects(file: Path | None) -> Iterator[BinaryIO | None]:
    if file is None:
        yield None
        return
    with _open(file, "wb") as opened:
        yield cast(BinaryIO, opened)


@contextmanager
def _write(file: Path | None) -> Iterator[BinaryIO]:
    if file is None or file == STDIN:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    with _open(file, "wb") as opened:
        yield cast(BinaryIO, opened)


def _open(file: Path, how: str) -> IO[bytes]:
    try:
        return cast(IO[bytes], file.open(how))
    except OSError as error:
        raise OperatorError(f"{file} can't be opened: {error.strerror}") from error
