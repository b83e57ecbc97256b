"""The command `engine` itself: its help, what was meant, and that it starts without what it does not need."""

from __future__ import annotations

import subprocess
import sys

import pytest

from engine.cli.main import COMMANDS, loaded
from tests.cli.conftest import Run

NAMES = [name for names in COMMANDS.values() for name in names]


@pytest.mark.parametrize("module", COMMANDS)
def test_the_help_says_what_each_command_says_of_itself(module: str) -> None:
    said = {name: (command.help or "").splitlines()[0] for name, command in loaded(module).items()}
    assert said == COMMANDS[module]


def test_the_help_lists_every_command(run: Run) -> None:
    shown = run("--help").out
    assert "A folder of YAML goes in" in shown
    for name in NAMES:
        assert f"\n  {name} " in shown
    assert "Find every problem" in run("check", "--help").out
    assert "entity" in run("explain", "--help").out


def test_a_command_that_is_misspelt_is_guessed(run: Run) -> None:
    refused = run("chekc")
    assert refused.status == 2
    assert "No such command 'chekc'. Did you mean 'check'?" in refused.err.replace('"', "'")


@pytest.mark.parametrize(
    ("words", "heavy"),
    [
        ((), ("sqlalchemy", "jsonschema", "starlette", "uvicorn", "engine.app", "engine.metamodel")),
        (("check",), ("starlette", "uvicorn", "watchfiles", "engine.app", "engine.service", "engine.web")),
    ],
)
def test_a_command_imports_only_what_it_needs(words: tuple[str, ...], heavy: tuple[str, ...]) -> None:
    code = (
        "import sys\nfrom engine.cli.main import main\n"
        f"sys.argv = ['engine', *{words!r}, '--help']\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
