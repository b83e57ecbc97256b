"""Every marked example of the documentation is carried out: files are checked, commands run, answers compared."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from engine.app import check
from engine.text import report
from tests.conftest import lacking
from tests.docs.examples import DOCS, ROOT, Example, examples, pages, write
from tests.support import warm

SERVED = "127.0.0.1:8000"
PATIENCE = 30.0
INSTALLED = Path(sys.executable).parent
"""The folder of the command as users have it: where a server is started, and all that COLD says."""

COLD = {ROOT / "docs" / "how-to" / "property-type.md"}
"""Pages whose commands are processes that import everything anew; those of the others are started warm."""

WITH_COMMANDS = [page for page in pages() if any(each.kind == "run" for each in examples(page))]


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_the_applications_of_a_page_have_no_errors(page: Path, tmp_path: Path) -> None:
    found = [each for each in examples(page) if each.kind == "file"]
    for name in dict.fromkeys(each.app for each in found):
        (tmp_path / name / "metadata").mkdir(parents=True)
        (tmp_path / name / "metadata" / "app.yaml").write_text(f"app: {name}\n", encoding="utf-8")
    for each in found:
        write(each, tmp_path)
    for name in dict.fromkeys(each.app for each in found):
        problems = check(tmp_path / name).problems
        assert [each for each in problems if each.level == "error"] == [], report.as_text(problems)


@pytest.mark.parametrize("page", WITH_COMMANDS, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_commands_of_a_page_do_what_it_says(page: Path, tmp_path: Path) -> None:
    if any("curl" in each.body for each in examples(page)) and shutil.which("curl") is None:
        lacking("curl")
    story = Story(tmp_path, INSTALLED if page in COLD else warm.COMMANDS)
    with story.carried_out():
        for each in examples(page):
            story.take(each)


class Story:
    """The blocks of one page, carried out one after the other in a folder of its own.

    `commands` is the folder in which bash finds the command `engine`.
    """

    def __init__(self, folder: Path, commands: Path) -> None:
        self.folder = folder
        self.port = _free_port()
        self.last = ""
        self.printed = ""
        self._servers = ExitStack()
        names = {
            name: value for name, value in os.environ.items() if not name.startswith(("ENGINE_", "PORT"))
        }
        path = os.pathsep.join([str(commands), str(INSTALLED), os.environ["PATH"]])
        self.environment = {**names, "PATH": path, "COLUMNS": "100", "NO_COLOR": "1"}

    @contextmanager
    def carried_out(self) -> Iterator[None]:
        with self._servers:
            yield

    def take(self, example: Example) -> None:
        if example.kind == "file":
            write(example, self.folder)
        elif example.kind == "run":
            self._run(example)
        elif example.kind == "output":
            assert self.printed.strip() == example.body.strip()
        elif example.kind == "answer":
            self._answer(json.loads(example.body), example.line)

    def _run(self, example: Example) -> None:
        self.last = example.body.replace(SERVED, f"127.0.0.1:{self.port}")
        if "engine serve" in example.body:
            self._serve(example.body)
        else:
            self.printed = self._bash(self.last)

    def _bash(self, commands: str) -> str:
        """Run commands; what they export is kept for the next."""
        kept = self.folder / ".exported"
        script = f"{commands}\n\n{{ export -p | grep '^declare -x TOKEN' || true; }} > {kept}\n"
        before = f"set -e\n. {kept}\n" if kept.exists() else "set -e\n"
        done = subprocess.run(
            ["bash", "-c", before + script],
            cwd=self.folder,
            env={**self.environment, **warm.SERVER.told()},
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def _serve(self, command: str) -> None:
        words = [*command.split(), "--port", str(self.port)]
        server = subprocess.Popen(
            [str(INSTALLED / words[0]), *words[1:]],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._servers.callback(_stop, server)
        assert server.stdout is not None
        assert server.stdout.readline().strip() == f"http://127.0.0.1:{self.port}"

    def _answer(self, wanted: Any, line: int) -> None:
        """Compare; ask again for a while, for a server begins, and a change is read, a moment later."""
        end = time.monotonic() + PATIENCE
        while not _fits(wanted, _json(self.printed)):
            assert time.monotonic() < end, f"line {line}: {self.printed}"
            time.sleep(0.2)
            self.printed = self._bash(self.last)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _fits(wanted: Any, found: Any) -> bool:
    """Whether an answer holds what the page says; it may hold more keys."""
    if wanted == "…":
        return True
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(
            name in found and _fits(value, found[name]) for name, value in wanted.items()
        )
    if isinstance(wanted, list):
        return isinstance(found, list) and len(found) == len(wanted) and all(map(_fits, wanted, found))
    return bool(wanted == found)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def _stop(server: subprocess.Popen[str]) -> None:
    server.terminate()
    server.wait(30)
    if server.stdout is not None:
        server.stdout.close()


def test_there_are_examples() -> None:
    assert len(WITH_COMMANDS) > 2
    assert sum(len(examples(page)) for page in pages()) > 30


def test_an_example_without_its_comment_is_seen() -> None:
    """Each block of YAML or Python on a page people write is carried out by some test."""
    bare = []
    for page in pages():
        if page.parent.name == "reference":
            continue
        text = page.read_text(encoding="utf-8")
        for fence in ("```yaml\n", "```python\n"):
            if text.count(fence) != sum(text.count(f" -->\n{gap}{fence}") for gap in ("", "\n")):
                bare.append(f"{page.relative_to(DOCS.parent)}: {fence.strip()}")
    assert bare == []
