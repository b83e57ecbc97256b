"""`engine explain transition`: open or not, why, down to file and line, for people and for programs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.app import open_app
from engine.service import records
from engine.work.context import SYSTEM
from tests.cli.conftest import Run
from tests.support.metadata import write
from tests.support.tickets import TICKETS


@pytest.fixture
def desk(tmp_path: Path) -> tuple[Path, str]:
    """The tickets' folder, with a database in which ana has one ticket."""
    folder, database = tmp_path / "desk", f"sqlite:///{tmp_path / 'desk.db'}"
    write(folder, f"# metadata/app.yaml\n{TICKETS.lstrip()}")
    engine = open_app(folder, database=database, apply=True)
    with engine.gateway.write(SYSTEM, "cli") as context:
        ana = records.create(context, "user", {"login": "ana", "name": "Ana", "roles": ["agent"]}).id
        records.create(context, "ticket", {"subject": "Help", "owner": ana})
    engine.close()
    return folder, database


def test_one_transition_in_words(run: Run, desk: tuple[Path, str]) -> None:
    folder, database = desk
    words = ("explain", "transition", "ticket/1", "assign", "--as", "ana", "--folder", folder)
    told = run(*words, "--database", database)
    line = 1 + (folder / "metadata" / "app.yaml").read_text().partition("    guard: {check: record.client")[
        0
    ].count("\n")
    assert told.status == 1
    assert told.out.splitlines()[:5] == [
        "assign: not open for ana (ticket 1: new → assigned)",
        f"  ✗ guard: Say whose ticket it is.  (metadata/app.yaml:{line})",
        "      record.client != null = false",
        "        record.client = null",
        f"  ✓ rights: ana may move this ticket, as agent.  (metadata/app.yaml:{line - 4})",
    ]


def test_all_transitions_as_json(run: Run, desk: tuple[Path, str]) -> None:
    folder, database = desk
    told = run("explain", "transition", "ticket/1", "--folder", folder, "--database", database, "--json")
    assert told.status == 0
    found = {each["name"]: each for each in json.loads(told.out)}
    assert found["note"]["open"] is True
    assert (found["note"]["from"], found["note"]["to"]) == ("new", "new")
    assert found["close"]["reasons"][0]["kind"] == "state"
    assert found["assign"]["reasons"][0]["values"] == {
        "record.client != null": "false",
        "record.client": "null",
    }


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("ticket/1", "asign"), "there is no transition of ticket 'asign'; did you mean 'assign'?"),
        (("ticket",), "'ticket' is no record: write ENTITY/ID, for example ticket/5"),
        (("tiket/1",), "no entity 'tiket'; did you mean 'ticket'?"),
        (("ticket/99",), "there is no ticket 99"),
    ],
)
def test_what_is_not_there(run: Run, desk: tuple[Path, str], words: tuple[str, ...], said: str) -> None:
    folder, database = desk
    told = run("explain", "transition", *words, "--folder", folder, "--database", database)
    assert told.status == 2
    assert said in told.err
