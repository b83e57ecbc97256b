"""A whole file: in portions, in one transaction where all rows or none are wanted, else each portion in its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from engine.build.runtime import Runtime
from engine.errors import Conflict, FieldError, Invalid, RecordError
from engine.importing.columns import Options, Plan, plan
from engine.importing.lookups import Lookups
from engine.importing.report import REASON, Outcome, Rejects, Report, RowError
from engine.importing.rows import Row
from engine.importing.table import Line, Table, bad_file
from engine.service import events
from engine.service.dependents import together
from engine.work.context import Actor, Context
from engine.work.gateway import Gateway

PORTION = 200
"""Rows that settle together, and that are held at once."""

MOST_AT_ONCE = 20_000
"""Rows of a file that is sent by a page or the API: somebody waits for the answer. The command takes any number."""


Work = Callable[[Context], Any]


@dataclass(frozen=True)
class Job:
    """Who imports what into which entity; at most `most` rows where that is said.

    `once` makes of the work what is done once, however often it is asked for; then all of it is one transaction.
    """

    actor: Actor
    entity: str
    table: Table
    options: Options
    rejects: Rejects | None = None
    most: int | None = None
    runtime: Runtime | None = None
    once: Callable[[Work], Work] | None = None


@dataclass
class Done:
    """What a portion came to."""

    report: Report = field(default_factory=Report)
    refused: list[tuple[Line, str]] = field(default_factory=list)


class _TakenBack(Exception):
    """Ends the transaction of an import that is not to be kept."""


def run(gateway: Gateway, job: Job) -> Report:
    """Import a file. Raises Forbidden without the grants, and Invalid for a file or columns that can't be used.

    Complaints about rows are in the report.
    """
    runtime = job.runtime or gateway.runtime
    with gateway.read(job.actor, "import", runtime) as context:
        planned = prepare(context, job)
    if job.options.skip and not job.options.dry_run and job.once is None:
        return _each_portion(gateway, job, planned, runtime)
    return _all_or_nothing(gateway, job, planned, runtime)


def prepare(context: Context, job: Job) -> Plan:
    """Look through the file, and match its columns."""
    given = {head: "" for head in job.table.heads if head == REASON} | dict(job.options.columns)
    options = Options(job.options.mode, job.options.key, given, job.options.skip, job.options.dry_run)
    planned = plan(context, job.entity, job.table, options)
    if job.most is not None and job.table.count() > job.most:
        message = f"The file has more than {job.most:,} rows: divide it, or use the command `engine import`."
        raise bad_file(message)
    return planned


def _all_or_nothing(gateway: Gateway, job: Job, planned: Plan, runtime: Runtime) -> Report:
    report = Report()

    def work(context: Context) -> Any:
        nonlocal report
        report = _begun(job, planned)
        for lines in _portions(job.table):
            _take(job, report, portion(context, planned, lines))
        if job.options.dry_run or (report.refused and not job.options.skip):
            raise _TakenBack
        return replace(report, written=True).as_json()

    try:
        gateway.writing(job.actor, "import", work if job.once is None else job.once(work), runtime)
        report.written = True
    except _TakenBack:
        pass
    return report


def _each_portion(gateway: Gateway, job: Job, planned: Plan, runtime: Runtime) -> Report:
    report = _begun(job, planned)
    for lines in _portions(job.table):

        def work(context: Context, lines: Sequence[Line] = lines) -> Done:
            return portion(context, planned, lines)

        _take(job, report, gateway.writing(job.actor, "import", work, runtime))
    report.written = True
    return report


def _begun(job: Job, planned: Plan) -> Report:
    if job.rejects is not None:
        job.rejects.begin(job.table.heads)
    ignored = tuple(head for head in planned.ignored if head != REASON)
    return Report(dry_run=job.options.dry_run, ignored=ignored)


def _take(job: Job, report: Report, done: Done) -> None:
    report.add(done.report)
    if job.rejects is not None:
        job.rejects.add(done.refused)


def _portions(table: Table) -> Iterator[list[Line]]:
    lines = table.lines()
    while several := list(islice(lines, PORTION)):
        yield several


# ---- a portion


def portion(context: Context, planned: Plan, lines: Sequence[Line]) -> Done:
    """Import some rows: what is refused of one undoes that one. They settle together.

    Where what hangs on them can't be settled, each is tried by itself, so that the one is found.
    """
    try:
        with events.undoable(context):
            return _together(context, planned, lines)
    except RecordError as error:
        if len(lines) > 1:
            done = Done()
            for line in lines:
                one = portion(context, planned, [line])
                done.report.add(one.report)
                done.refused += one.refused
            return done
        done = Done()
        _refused(planned, done, lines[0], error)
        return done


def _together(context: Context, planned: Plan, lines: Sequence[Line]) -> Done:
    done, lookups = Done(), Lookups(context)
    with together(context):
        for line in lines:
            try:
                done.report.count(_one(context, planned, line, lookups))
            except RecordError as error:
                _refused(planned, done, line, error)
    return done


def _one(context: Context, planned: Plan, line: Line, lookups: Lookups) -> Outcome:
    with events.undoable(context):
        outcome = Row(context, planned, line, lookups).write()
        events.follow(context)
    return outcome


def _refused(planned: Plan, done: Done, line: Line, error: RecordError) -> None:
    errors = error.errors if isinstance(error, Invalid) else [FieldError("", _code(error), _sentence(error))]
    told = [RowError(line.number, planned.head(each.at), each.code, each.message) for each in errors]
    done.report.refuse(told)
    done.refused.append((line, " ".join(f"{each.column}: {each.message}".lstrip(": ") for each in told)))


def _code(error: RecordError) -> str:
    return "conflict" if isinstance(error, Conflict) else "not-allowed"


def _sentence(error: RecordError) -> str:
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}"
