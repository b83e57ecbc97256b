"""What a process of `engine serve` does once before it answers."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from engine.app import open_for
from engine.cli import process
from engine.cli.serving import tell_code
from tests.cli.conftest import Run


def test_a_process_serves_and_its_application_is_not_searched_for_garbage(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENGINE_FOLDER", str(folder))
    before = gc.get_freeze_count()
    try:
        pages = process.application()
        assert gc.get_freeze_count() > before + 10_000
        assert TestClient(pages).get("/healthz").status_code == 200
    finally:
        gc.unfreeze()


def test_a_start_prints_the_code_of_the_set_up_while_there_are_no_users(
    folder: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    run("apply", folder)
    engine = open_for(folder)
    try:
        tell_code(engine, "http://here")
        printed = capsys.readouterr().out
        assert "Make the first administrator at http://here/sign-in/set-up with the code " in printed
        run("user", "create", "root", "--password-stdin", "--folder", folder, stdin="correct horse\n")
        tell_code(engine, "http://here")
        assert capsys.readouterr().out == ""
    finally:
        engine.close()
