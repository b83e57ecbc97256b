"""`engine explain expression`: what an expression is, reads, becomes, and gives on a record."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from textwrap import indent
from typing import Annotated

import typer

from engine.app import build, open_for
from engine.checked import check as check_folder
from engine.cli.applying import DatabaseUrl
from engine.cli.metadata import AppFolder
from engine.declared.application import Application
from engine.declared.rules import Named, roots_of
from engine.declared.shapes import Shapes
from engine.errors import MetadataError, UsageError
from engine.expressions.complaint import Complaint, ExpressionError
from engine.expressions.kinds import BOOL
from engine.identity.identity import actor_named
from engine.service.explaining import columns_of, in_sql, in_words, on_record, read_paths
from engine.text.suggest import did_you_mean
from engine.to_python.compile import to_python
from engine.to_python.trace import causes
from engine.to_sql.limits import NotInSql
from engine.typecheck.check import Checked, check
from engine.work.context import SYSTEM
from engine.work.gateway import Gateway

SECRET = b"explain"
"""Keys are made of it where nothing is kept."""


class Key(StrEnum):
    """Keys of the metadata, as far as they differ in what an expression may start from."""

    where = "where"
    check = "check"
    computed = "computed"
    default = "default"


def expression(
    text: Annotated[str, typer.Argument(help="The expression.")],
    entity: Annotated[str, typer.Option(help="The entity whose record it starts from.")],
    record: Annotated[int | None, typer.Option(help="The record to try it on.")] = None,
    login: Annotated[str | None, typer.Option("--as", help="The user to try it as.")] = None,
    key: Annotated[Key, typer.Option(help="The key it is meant for.")] = Key.where,
    folder: AppFolder = Path(),
    database: DatabaseUrl = None,
) -> None:
    """Say what an expression is, what it reads, its Python, its SQL, and its value on a record."""
    found = check_folder(folder)
    if found.application is None:
        raise MetadataError(found.problems)
    known_entity(found.application, entity)
    roots = roots_of(
        found.application.entities,
        Named(frozenset(found.application.roles), frozenset(found.application.capabilities)),
        entity,
        key,
    )
    try:
        checked = check(text, roots, Shapes(found.application.entities), found.plugins.functions)
    except ExpressionError as error:
        print("\n\n".join(_complaint(text, each) for each in error.complaints))
        raise typer.Exit(1) from error
    print("\n".join(_description(checked)))
    for dialect, name in (("sqlite", "SQLite"), ("postgresql", "PostgreSQL")):
        runtime = build(found, dialect, SECRET)  # type: ignore[arg-type]
        try:
            made = in_sql(runtime, checked, entity)
        except NotInSql as problem:
            part = text[slice(*problem.span)]
            print(f"\n{name}: none. {problem.reason}: {part}")
            continue
        print(f"\n{name}:\n{indent(made.text, '    ')}")
        print("\n".join(f"      :{name} = {value}" for name, value in made.parameters.items()))
    if record is not None:
        engine = open_for(folder, database=database)
        try:
            print("\n" + "\n".join(_tried(engine.gateway, checked, entity, record, login)))
        finally:
            engine.close()


def known_entity(application: Application, name: str) -> None:
    """Raises UsageError for an entity there is not, with what was probably meant."""
    known = application.entities
    if name not in known:
        guess = did_you_mean(name, known)
        told = f"did you mean {guess!r}?" if guess else f"there is {', '.join(known)}"
        raise UsageError(f"no entity {name!r}; {told}")


def _complaint(text: str, complaint: Complaint) -> str:
    start, end = complaint.span
    marks = " " * start + "^" * max(1, end - start) + f" {complaint.hint}"
    shown = text.replace("\n", " ")
    return f"error[{complaint.code}]  {complaint.message}\n    {shown}\n    {marks.rstrip()}"


def _description(checked: Checked) -> Iterator[str]:
    yield checked.text
    yield f"\nIt is {in_words(checked)}."
    paths = read_paths(checked)
    yield "\nIt reads:" if paths else "\nIt reads nothing."
    yield from (f"    {path}" for path in paths)
    yield "\nPython:"
    made = to_python(checked.node, "true" if checked.kind is BOOL else "value")
    yield indent(made.source.rstrip(), "    ")


def _tried(gateway: Gateway, checked: Checked, entity: str, number: int, login: str | None) -> Iterator[str]:
    actor = actor_named(gateway, login) if login else SYSTEM
    with gateway.read(actor, "cli") as context:
        steps = on_record(context, checked, entity, number)
    yield f"On {entity} {number}, for {actor.login if login else 'the engine itself'}:"
    rows = list(columns_of(steps))
    width = max((min(len(value), 40) for value, _ in rows), default=0)
    yield from (f"    {value:<{width}}  {part}" for value, part in rows)
    if steps and steps[0].value is None:
        yield f"\nIt is {steps[0].shown} because {'; and '.join(causes(steps))}."
