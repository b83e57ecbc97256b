"""Commands for the parameters of workflows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated

import typer

from engine.app import open_for
from engine.cli.applying import DatabaseUrl
from engine.cli.metadata import HERE, AppFolder
from engine.errors import UsageError
from engine.metamodel.property import Property
from engine.service import parameters
from engine.service.parameters import setting_json
from engine.text.suggest import did_you_mean
from engine.types.base import Refused
from engine.types.display import Display
from engine.work.context import SYSTEM, Context
from engine.work.parameters import Setting

parameter = typer.Typer(
    help="Parameters of workflows: list, set, let the default hold again.", no_args_is_help=True
)

Which = Annotated[str, typer.Argument(metavar="WORKFLOW.NAME", help="The parameter, as `list` shows it.")]
AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]


def register(app: typer.Typer) -> None:
    app.add_typer(parameter, name="parameter")


@parameter.command("list")
def list_parameters(as_json: AsJson = False, folder: AppFolder = HERE, database: DatabaseUrl = None) -> None:
    """List the parameters of workflows: the value in effect, the default, who set it when."""
    engine = open_for(folder, "user", database=database)
    try:
        with engine.gateway.read(SYSTEM, "cli") as context:
            found = parameters.listed(context)
    finally:
        engine.close()
    if as_json:
        print(json.dumps({"parameters": [setting_json(each) for each in found]}, ensure_ascii=False))
        return
    for each in found:
        print(_line(each))
    if not found:
        print("no workflow has parameters")


@parameter.command("set", context_settings={"ignore_unknown_options": True})  # so that -5 is a value
def set_parameter(
    which: Which,
    value: Annotated[str, typer.Argument(help="As an export writes it; '' for none.")],
    as_json: AsJson = False,
    folder: AppFolder = HERE,
    database: DatabaseUrl = None,
) -> None:
    """Set a parameter: in effect from the next request on, in every process."""

    def work(context: Context) -> Setting:
        known = _known(context, which)
        parameters.change(context, known.workflow, {known.name: _read(known.prop, value)})
        return parameters.one(context, known.workflow, known.name)

    _write(folder, database, work, as_json)


@parameter.command("reset")
def reset(
    which: Which, as_json: AsJson = False, folder: AppFolder = HERE, database: DatabaseUrl = None
) -> None:
    """Let the default of a parameter hold again."""

    def work(context: Context) -> Setting:
        known = _known(context, which)
        return parameters.reset(context, known.workflow, known.name)

    _write(folder, database, work, as_json)


def _write(folder: AppFolder, database: DatabaseUrl, work: parameters.Work, as_json: bool) -> None:
    engine = open_for(folder, "user", database=database)
    try:
        found = engine.gateway.writing(SYSTEM, "cli", work)
    finally:
        engine.close()
    print(json.dumps(setting_json(found), ensure_ascii=False) if as_json else _line(found))


def _known(context: Context, which: str) -> Setting:
    """The parameter that is named; by its own name alone where only one is called so."""
    found = parameters.listed(context)
    named: Sequence[Setting] = [
        each for each in found if which in (f"{each.workflow}.{each.name}", each.name)
    ]
    if len(named) == 1:
        return named[0]
    if named:
        both = " and ".join(f"{each.workflow}.{each.name}" for each in named)
        raise UsageError(f"there are {both}: say which")
    guess = did_you_mean(which, [f"{each.workflow}.{each.name}" for each in found])
    hint = f"did you mean {guess!r}?" if guess else "`engine parameter list` shows those there are"
    raise UsageError(f"there is no parameter {which!r}: {hint}")


def _read(prop: Property, text: str) -> object:
    """A value as JSON, from what is typed; why it can't be read otherwise."""
    if not text:
        return None
    try:
        return prop.type.to_json(prop.type.from_export(text))
    except Refused as refused:
        return refused


def _line(setting: Setting) -> str:
    told = f"{setting.workflow}.{setting.name} = {_text(setting.prop, setting.value)}"
    if setting.set:
        default = _text(setting.prop, setting.default)
        return f"{told}  (set by {setting.by}, {setting.at:%Y-%m-%d %H:%M} UTC; default {default})"
    if setting.unfit is not None:
        return f"{told}  (the default: {json.dumps(setting.unfit)}, set by {setting.by}, no longer fits)"
    return f"{told}  (the default)"


def _text(prop: Property, value: object) -> str:
    return "none" if value is None else prop.type.to_text(value, Display())
