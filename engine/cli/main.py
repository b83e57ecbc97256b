"""The command `engine`: its commands in order, and how errors become words and exit statuses."""

from __future__ import annotations

import os
import sys

import typer

from engine.cli import applying, explaining, identity, installing, logs, metadata, sampling, serving, tokens
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

app = typer.Typer(
    name="engine",
    help="A folder of YAML goes in, a running business application comes out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

for commands in (metadata, applying, serving, sampling, explaining, identity, tokens, installing):
    commands.register(app)


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
