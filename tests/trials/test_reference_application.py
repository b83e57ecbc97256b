"""The reference application's own tests hold."""

from __future__ import annotations

from pathlib import Path

from engine.checked import check
from engine.trials.running import run

ROOT = Path(__file__).resolve().parents[2]


def test_they_hold() -> None:
    checked = check(ROOT)
    assert checked.application is not None
    results = list(run(checked, checked.application.trials.values()))
    assert len(results) >= 12
    assert [each.trial.name for each in results if each.status != "ok"] == []
