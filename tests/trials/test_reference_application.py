"""The reference application's own tests hold."""

from __future__ import annotations

import json
import re
from pathlib import Path

from engine.checked import check
from engine.trials.reporting import Coverage
from engine.trials.running import run

ROOT = Path(__file__).resolve().parents[2]


def test_they_hold() -> None:
    checked = check(ROOT)
    assert checked.application is not None
    results = list(run(checked, checked.application.trials.values()))
    assert len(results) >= 12
    assert [each.trial.name for each in results if each.status != "ok"] == []
    walked = Coverage.of_processes(checked.application, results)
    assert walked.missed == {}  # every transition is made by one of them, and every guard refuses one


def test_its_icons_are_of_the_sprite() -> None:
    known = json.loads(
        (ROOT / "engine" / "web" / "static" / "vendor" / "icons.json").read_text(encoding="utf-8")
    )
    used = {
        (name, file.name)
        for folder in ("entities", "workflows", "ui_schema", "engine/base")
        for file in (ROOT / folder).glob("*.yaml")
        for name in re.findall(r"icon: ([a-z0-9-]+)", file.read_text(encoding="utf-8"))
    }
    assert {each for each in used if each[0] not in known} == set()
