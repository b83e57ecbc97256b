"""The command `engine`: its commands in order, and how errors become words and exit statuses."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Mapping
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_group

from engine.cli import logs
from engine.errors import (
    EngineError,
    FieldError,
    Invalid,
    MetadataError,
    OperatorError,
    SchemaDiffers,
    UsageError,
)
from engine.text import report

COMMANDS: Mapping[str, Mapping[str, str]] = {
    "metadata": {
        "check": "Find every problem in the metadata and plugins of an application.",
        "schema": "Write the JSON Schema of each document kind, for editors.",
        "new": "Make a smallest application that runs, commented.",
    },
    "reviewing": {
        "access": "Print who may do what, line by line, or lock it into a file that is reviewed.",
        "diff": "Say who gains and loses what by the metadata since a revision, and how many records that is.",
        "test": "Run the tests of the configuration on a database of their own.",
    },
    "applying": {
        "apply": "Bring the database to the metadata, as far as that only adds, and say what was added."
    },
    "serving": {"serve": "Run an application."},
    "working": {"worker": "Carry out the jobs of an application, in a process of its own."},
    "mail": {
        "mail": "Mails that arrive: deliver one to a mailbox, list what arrived, let one go through again."
    },
    "sampling": {"sample": "Fill an application with believable, made-up records."},
    "transfer": {
        "import": "Import records from a file: the rows that are refused are told with their lines and reasons.",
        "export": "Export records as CSV or JSON lines, in the form that import reads.",
    },
    "explaining": {"explain": "Why: down to file and line."},
    "diagrams": {
        "diagram": "Draw a workflow: as a picture (SVG) or as text (Mermaid). Without --out the text is printed."
    },
    "identity": {"user": "Users: create, list, disable, set a password, roles."},
    "security": {"events": "List security events: who signed in, who failed to, and what changed."},
    "tokens": {"token": "API tokens: create, list, revoke."},
    "parameters": {"parameter": "Parameters of workflows: list, set, let the default hold again."},
    "installing": {
        "shell": "Open a Python prompt with the application: `engine`, `gateway`, `records`, `read()` and `write()`.",
        "doctor": "Say whether this installation is healthy.",
    },
}
"""The modules of commands, with what each says of itself: `engine --help` imports none, a command only its own."""


class Commands(TyperGroup):
    """The commands, each imported when it is asked for."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._homes = {name: module for module, names in COMMANDS.items() for name in names}
        self.commands = dict.fromkeys(self._homes)  # type: ignore[assignment]  # the names, for what was meant

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        module = self._homes.get(cmd_name)
        return None if module is None else loaded(module)[cmd_name]

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """The list of commands in the help."""
        said = {name: text for names in COMMANDS.values() for name, text in names.items()}
        with formatter.section("Commands"):
            formatter.write_dl(list(said.items()))


def loaded(module: str) -> Mapping[str, Any]:
    """The commands of a module."""
    own = typer.Typer(rich_markup_mode=None)
    own.callback()(_nothing)  # so that it is a group, even of one
    importlib.import_module(f"engine.cli.{module}").register(own)
    return get_group(own).commands


def _nothing() -> None:
    pass


app = typer.Typer(
    name="engine",
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def root() -> None:
    """A folder of YAML goes in, a running business application comes out."""


def main() -> None:
    """Run the command line. Exit status: 0 done, 1 the answer is no, 2 wrong usage, 3 a fault outside."""
    try:
        logs.configure(os.environ)
        app()
    except MetadataError as error:
        say(report.as_text(error.problems))
        say(f"\n{report.summary(error.problems)}")
        sys.exit(1)
    except SchemaDiffers as error:
        complain(str(error))
        sys.exit(1)
    except UsageError as error:
        complain(str(error))
        sys.exit(2)
    except OperatorError as error:
        complain(str(error))
        sys.exit(3)
    except Invalid as error:
        complain("\n".join(_field(each) for each in error.errors))
        sys.exit(1)
    except EngineError as error:
        complain(str(error))
        sys.exit(1)
    except KeyboardInterrupt:
        complain("stopped")
        sys.exit(130)


def _field(error: FieldError) -> str:
    return f"{error.at}: {error.message}" if error.at else error.message


def say(text: str) -> None:
    print(text, flush=True)


def complain(text: str) -> None:
    print(f"engine: {text}", file=sys.stderr, flush=True)
