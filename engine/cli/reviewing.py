"""Commands for whoever reviews a change of metadata: access, diff, test."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from engine.app import open_for
from engine.checked import check
from engine.cli.applying import DatabaseUrl
from engine.cli.explaining_access import parsed
from engine.cli.explaining_expression import known_entity
from engine.cli.metadata import HERE, Folder
from engine.declared.application import Application
from engine.errors import MetadataError, NotFound, UsageError
from engine.matrix import lock, telling
from engine.matrix.compare import compare
from engine.matrix.matrix import matrix_of
from engine.matrix.revision import checked_at
from engine.matrix.trying import counted, database_of, shown
from engine.recording.document import recorded
from engine.trials import reporting, running
from engine.work.context import SYSTEM


def register(app: typer.Typer) -> None:
    app.command()(access)
    app.command()(diff)
    app.command("test")(run_tests)


def access(
    folder: Folder = HERE,
    write: Annotated[bool, typer.Option("--lock", help=f"Write it to {lock.FILE} instead.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Print who may do what, line by line, or lock it into a file that is reviewed."""
    matrix = matrix_of(application_of(folder))
    if write:
        lock.save_lock(folder, matrix)
    lines = lock.written_lines(matrix)
    if as_json:
        print(
            json.dumps({"lines": lines, "lock": lock.FILE if write else None}, ensure_ascii=False, indent=2)
        )
    elif write:
        print(f"{lock.FILE}: {len(lines)} lines. Review what changed, and keep it with the metadata.")
    else:
        print(lock.as_text(matrix), end="")


def application_of(folder: Folder) -> Application:
    """The application of a folder; raises MetadataError with every problem."""
    checked = check(folder)
    if checked.application is None:
        raise MetadataError(checked.problems)
    return checked.application


def diff(
    revision: Annotated[str, typer.Argument(help="A commit, branch or tag of git.", metavar="REV")],
    folder: Folder = HERE,
    database: DatabaseUrl = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Say who gains and loses what by the metadata since a revision, and how many records that is."""
    now = check(folder)
    if now.application is None:
        raise MetadataError(now.problems)
    with checked_at(folder, revision) as then:
        assert then.application is not None
        changes = compare(matrix_of(then.application), matrix_of(now.application))
        url = database_of(folder, now, database) if changes else None
        found = counted(then, now, url, changes) if url is not None else None
    if as_json:
        print(json.dumps(telling.for_programs(changes, found), ensure_ascii=False, indent=2))
        return
    print("\n".join(telling.in_words(changes, revision)))
    if found is not None:
        print("\n" + "\n".join(telling.counted_in_words(found, shown(url or ""))))


def run_tests(
    folder: Folder = HERE,
    only: Annotated[str, typer.Option("-k", help="Only tests whose name holds this.", metavar="TEXT")] = "",
    coverage: Annotated[
        bool, typer.Option("--coverage", help="List the rules of access that no test exercised.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    record: Annotated[
        str | None,
        typer.Option(
            "--record", help="Print a test of what was done with a record instead.", metavar="ENTITY/ID"
        ),
    ] = None,
    database: DatabaseUrl = None,
) -> None:
    """Run the tests of the configuration on a database of their own."""
    if record is not None:
        print(_recorded(folder, database, record), end="")
        return
    checked = check(folder)
    if checked.application is None:
        raise MetadataError(checked.problems)
    trials = [each for each in checked.application.trials.values() if only.casefold() in each.name.casefold()]
    results = []
    for result in running.run(checked, trials):
        results.append(result)
        if not as_json:
            print("\n".join(reporting.lines(result)), flush=True)
    covered = reporting.Coverage.of(checked.application, results)
    walked = reporting.Coverage.of_processes(checked.application, results)
    if as_json:
        print(json.dumps(reporting.for_programs(results, covered, walked), ensure_ascii=False, indent=2))
    else:
        told = {} if only else {"rules of access": covered, reporting.steps_of(checked.application): walked}
        print("\n".join(reporting.summary(results, told, whole=coverage)))
    raise typer.Exit(1 if any(each.status == "failed" for each in results) else 0)


def _recorded(folder: Folder, database: str | None, target: str) -> str:
    """What was done with a record, as a test; raises UsageError where there is no such record."""
    entity, number, member = parsed(target)
    if number is None or member is not None:
        raise UsageError(f"{target!r} is no record: write ENTITY/ID, for example ticket/5")
    engine = open_for(folder, database=database)
    try:
        known_entity(engine.gateway.runtime.application, entity)
        with engine.gateway.read(SYSTEM, "cli") as context:
            return recorded(context, entity, number)
    except NotFound as missing:
        raise UsageError(str(missing)) from missing
    finally:
        engine.close()
