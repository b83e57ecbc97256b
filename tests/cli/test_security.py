"""`engine events`: as lines, as JSON, of one user, of one kind."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Run


def test_events_are_listed(run: Run, folder: Path) -> None:
    assert run("events", "--folder", folder).out == "no events\n"
    run("user", "create", "ann", "--password-stdin", "--folder", folder, stdin="correct horse\n")
    run("token", "create", "ann", "--name", "nightly", "--folder", folder)
    lines = run("events", "--folder", folder).out.splitlines()
    assert [line.split()[3] for line in lines] == ["token-created", "user-created"]
    assert lines[0].endswith("“nightly”, by System")
    found = json.loads(run("events", "ann", "--kind", "user-created", "--json", "--folder", folder).out)
    assert [(each["kind"], each["login"], each["source"]) for each in found["events"]] == [
        ("user-created", "ann", "cli")
    ]


def test_a_kind_there_is_not_is_told(run: Run, folder: Path) -> None:
    refused = run("events", "--kind", "sign-in-fail", "--folder", folder)
    assert (refused.status, refused.out) == (2, "")
    assert "did you mean 'sign-in-failed'?" in refused.err
