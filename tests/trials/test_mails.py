"""`engine test`: who is mailed what."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.conftest import run as run_fixture
from tests.support.metadata import proven, write

run = run_fixture

DESK = """
# metadata/app.yaml
app: desk
---
role: agent
---
entity: case
title: "{subject}"
ownership: user
properties:
  subject: {type: text, required: true}
  status:  {type: state, workflow: life}
access:
  agent: {create: true, read: all, update: all, transition: all}
---
workflow: life
entity: case
property: status
initial: new
states: {new: {}, done: {final: true}}
transitions:
  finish:
    from: new
    to: done
    do: [{notify: {to: record.owner, subject: "{subject} is done", text: "Nothing is left.", mail: true}}]
  look: {from: new, to: same, do: [{notify: {to: record.owner, subject: "{subject} was looked at"}}]}
# metadata/tests/example.yaml
"""
MINE = """test: it
as: agent
given:
  carla: {user: {roles: [agent], email: carla@example.org}}
  dan:   {user: {roles: [agent]}}
  c:     {case: {subject: Help, owner: carla}}
  d:     {case: {subject: More, owner: dan}}
"""
FINISH = "when: {transition: finish, on: c}\n"

GOOD = {
    "by the name of who": FINISH + "then: {mailed: [{to: carla, subject: help IS done, text: nothing}]}\n",
    "by an address": FINISH + "then: {mailed: [{to: Carla@example.org}], not_mailed: [dan, user]}\n",
    "no other address": FINISH + "then: {not_mailed: [else@example.org]}\n",
    "told, not mailed": "when: {transition: look, on: c}\nthen: {notified: [{to: carla}], not_mailed: [carla]}\n",
    "only what it does itself": "steps: [{transition: finish, on: c}]\nwhen: {read: c}\nthen: {not_mailed: [carla]}\n",
}
BAD = {
    "nothing": (
        "when: {transition: look, on: c}\nthen: {mailed: [{to: carla, subject: looked}]}\n",
        ("carla is mailed 'looked'", "they are mailed nothing"),
    ),
    "other words": (
        FINISH + "then: {mailed: [{to: carla, text: Something}]}\n",
        ("carla is mailed 'Something'", "they are mailed 'Help is done' / 'Nothing is left.'"),
    ),
    "nevertheless": (
        FINISH + "then: {not_mailed: [carla]}\n",
        ("carla is mailed nothing", "they are mailed 'Help is done' / 'Nothing is left.'"),
    ),
    "without an address": (
        "when: {transition: finish, on: d}\nthen: {mailed: [{to: dan}]}\n",
        ("dan is mailed something", "they have no e-mail address"),
    ),
}
WRONG = {
    "nobody of the name": (FINISH + "then: {mailed: [{to: carl}]}\n", "unknown-given"),
    "no user": (FINISH + "then: {not_mailed: [c]}\n", "unknown-given"),
    "whom": (FINISH + "then: {mailed: [{subject: done}]}\n", "missing-key"),
}


@pytest.mark.parametrize("name", GOOD)
def test_what_holds(name: str, run: Run, tmp_path: Path) -> None:
    told = run("test", write(tmp_path, DESK + MINE + GOOD[name]))
    assert told.status == 0, told.out + told.err


@pytest.mark.parametrize("name", BAD)
def test_what_fails_is_told(name: str, run: Run, tmp_path: Path) -> None:
    text, (expected, got) = BAD[name]
    told = run("test", write(tmp_path, DESK + MINE + text))
    assert told.status == 1, told.out
    assert f"expected: {expected}\n" in told.out
    assert f"got:      {got}" in told.out


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_test_is_a_problem_of_the_metadata(name: str, tmp_path: Path) -> None:
    text, code = WRONG[name]
    found = [each for each in proven(tmp_path, DESK + MINE + text) if each.code != "target-may-be-missing"]
    assert [each.code for each in found] == [code], found
