"""What `engine check` says of buttons that make no sense, and that it does not complain of others."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest

from engine.checked import check
from tests.support.metadata import proven, write

DESK = """
role: agent
---
role: clerk
---
entity: ticket
properties:
  kind:   {type: choice, options: [bug, wish], required: true}
  urgent: {type: boolean}
  rank:   {type: integer}
actions:
  press: {do: [{comment: Pressed}]%s}
access: {agent: {create: true, read: all, press: all}, clerk: {read: all}}
"""

WRONG = {
    "never": (
        ", guard: \"record.kind == 'bug' && record.kind == 'wish'\"",
        "error[guard-never-holds] record.kind == 'bug' && record.kind == 'wish' never holds: 'press' is never open",
    ),
    "when never": (
        ", when: record.urgent && !record.urgent",
        "error[guard-never-holds] record.urgent && !record.urgent never holds: 'press' is never open",
    ),
    "always": (
        ", guard: \"record.kind in ['bug', 'wish']\"",
        "warning[guard-always-holds] record.kind in ['bug', 'wish'] always holds: it decides nothing",
    ),
    "behind when": (
        ", when: record.urgent, guard: [{check: record.urgent}, {check: record.rank > 1}]",
        "warning[guard-always-holds] record.urgent always holds where record.urgent: it decides nothing",
    ),
    "never behind when": (
        ', when: record.urgent, guard: "!record.urgent"',
        "error[guard-never-holds] !record.urgent never holds where record.urgent: 'press' is never open",
    ),
    "a role without a grant": (
        ", roles: [clerk]",
        "warning[nobody-fires] no role that 'press' names may use it: none of them is granted press",
    ),
}


def told(folder: Path, more: str, desk: str = DESK) -> list[str]:
    return [f"{each.level}[{each.code}] {each.message}" for each in proven(folder, desk % more)]


@pytest.mark.parametrize("name", WRONG)
def test_what_makes_no_sense(name: str, tmp_path: Path) -> None:
    more, expected = WRONG[name]
    assert told(tmp_path, more) == [expected]


def test_a_button_for_nobody(tmp_path: Path) -> None:
    assert told(tmp_path, "", DESK.replace(", press: all", "")) == [
        "warning[nobody-fires] no role may use 'press': only administrators use it"
    ]


@pytest.mark.parametrize(
    "more",
    [
        "",
        ", guard: record.urgent",
        ", when: record.urgent, guard: record.rank > 1",
        ', when: record.urgent, form: [urgent], guard: "!record.urgent"',  # the form may change it
        ", guard: record.rank == null || record.rank != null",  # too many values to try
        ", form: [urgent], guard: record.urgent != old.urgent",  # which reads more than the record
        ", roles: [agent, clerk]",
    ],
)
def test_what_may_be_is_not_complained_of(more: str, tmp_path: Path) -> None:
    assert told(tmp_path, more) == []


def test_the_proof_says_what_trying_by_hand_says(tmp_path: Path) -> None:
    """Every pair of a `when` and a guard: complained of exactly where the guard never or always holds behind it."""
    holds = {
        "record.urgent": lambda urgent, kind: urgent is True,
        "!record.urgent": lambda urgent, kind: urgent is False,
        "record.kind == 'bug'": lambda urgent, kind: kind == "bug",
        "record.kind == 'wish'": lambda urgent, kind: kind == "wish",
    }
    records = list(product((True, False, None), ("bug", "wish")))
    pairs = list(product(holds, repeat=2))
    actions = "".join(
        f'  b{number}: {{when: "{when}", guard: "{guard}", do: [{{comment: x}}]}}\n'
        for number, (when, guard) in enumerate(pairs)
    )
    grants = "".join(f", b{number}: all" for number in range(len(pairs)))
    desk = DESK.replace("  press: {do: [{comment: Pressed}]%s}\n", actions).replace(", press: all", grants)
    found = check(write(tmp_path, f"# metadata/app.yaml\napp: desk\n---\n{desk.lstrip()}"))
    lines = (tmp_path / "metadata" / "app.yaml").read_text(encoding="utf-8").splitlines()
    said = {(lines[each.place.line - 1].split(":")[0].strip(), each.code) for each in found.problems}
    expected = set()
    for number, (when, guard) in enumerate(pairs):
        answers = {holds[guard](*each) for each in records if holds[when](*each)}
        if len(answers) == 1:
            code = "guard-always-holds" if True in answers else "guard-never-holds"
            expected.add((f"b{number}", code))
    assert said == expected
