"""The command line, run in the test's own process."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from engine.cli import logs
from engine.cli.main import main


@dataclass(frozen=True)
class Outcome:
    """What a command answered."""

    status: int
    out: str
    err: str


Run = Callable[..., Outcome]


@pytest.fixture(autouse=True)
def own_logging() -> Iterator[None]:
    """Leave logging as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name in logs.OURS:
        logging.getLogger(name).setLevel(logging.NOTSET)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run `engine` with some words; `stdin` is what it reads."""
    for name in ("ENGINE_DATABASE_URL", "ENGINE_SECRET_KEY", "ENGINE_LOG", "PORT"):
        monkeypatch.delenv(name, raising=False)

    def running(*words: str | Path, stdin: str = "") -> Outcome:
        monkeypatch.setattr("sys.argv", ["engine", *map(str, words)])
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin.encode()), encoding="utf-8"))
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return Outcome(int(ended.value.code or 0), said.out, said.err)

    return running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An application of one entity."""
    root = tmp_path / "notes"
    for name in ("metadata", "entities"):
        (root / name).mkdir(parents=True)
    (root / "metadata" / "app.yaml").write_text("app: notes\n", encoding="utf-8")
    (root / "entities" / "note.yaml").write_text(NOTE, encoding="utf-8")
    return root


NOTE = """entity: note
properties:
  title: {type: text, required: true}
  due:   {type: date}
"""
