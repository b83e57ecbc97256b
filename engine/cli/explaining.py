"""Commands that explain: an entity with the origin of every value, an expression, what an error code means."""

from __future__ import annotations

from textwrap import indent
from typing import Annotated

import typer

from engine.checked import check
from engine.cli.explaining_access import access
from engine.cli.explaining_expression import expression, known_entity
from engine.cli.explaining_transition import transition
from engine.cli.metadata import HERE, Folder
from engine.codes import CODES
from engine.declared.explain import explain_entity
from engine.errors import MetadataError, UsageError
from engine.text.suggest import did_you_mean

explain = typer.Typer(help="Why: down to file and line.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    app.add_typer(explain, name="explain")


@explain.command("entity")
def entity(name: Annotated[str, typer.Argument(help="The entity.")], folder: Folder = HERE) -> None:
    """Print an entity as it is after all layers, with the file and line each value comes from."""
    checked = check(folder)
    if checked.application is None:
        raise MetadataError(checked.problems)
    known_entity(checked.application, name)
    print(explain_entity(checked.application, name))


explain.command("expression")(expression)
explain.command("access")(access)
explain.command("transition")(transition)


@explain.command("error")
def error(code: Annotated[str, typer.Argument(help="The code in brackets.")]) -> None:
    """Say what an error code means, and what cures it."""
    found = CODES.get(code)
    if found is None:
        guess = did_you_mean(code, CODES)
        raise UsageError(f"no error code {code!r}" + (f"; did you mean {guess!r}?" if guess else ""))
    print(f"{code}: {found.title}\n\nCause: {found.cause}\nCure:  {found.cure}")
    if found.example:
        print("\nFor example:\n\n" + indent(found.example.rstrip(), "    "))
