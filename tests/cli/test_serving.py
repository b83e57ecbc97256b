"""What a process of `engine serve` does once before it answers."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from engine.cli import worker


def test_a_worker_serves_and_its_application_is_not_searched_for_garbage(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENGINE_FOLDER", str(folder))
    before = gc.get_freeze_count()
    try:
        pages = worker.application()
        assert gc.get_freeze_count() > before + 10_000
        assert TestClient(pages).get("/healthz").status_code == 200
    finally:
        gc.unfreeze()
