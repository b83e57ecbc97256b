"""`engine test` of processes: transitions with their forms, steps before, time that passes, what is open, coverage."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.conftest import run as run_fixture
from tests.support.metadata import proven, write
from tests.support.tickets import TICKETS

run = run_fixture

DESK = f"# metadata/app.yaml\n{TICKETS.lstrip()}# metadata/tests/example.yaml\n"
GIVEN = "given: {t: {ticket: {subject: Help, owner: user, client: {client: {name: Acme}}}}}\n"
MINE = f"test: it\nas: agent\n{GIVEN}"
CALLED = MINE.replace("}}}\n", "}}, c: {call: {ticket: t, outcome: answered}}}\n")
ASSIGN = "{transition: assign, on: t, with: {comment: Mine}}"

PLAN = (
    "test: it\nas: agent\ngiven: {p: {plan: {name: Plan, owner: user}}, boss: {user: {roles: [manager]}}}\n"
)
REFUSE = "{reject: approve, on: p, as: boss, with: {comment: Too dear}}"
ESCALATED = (
    MINE.replace("owner: user", "owner: user, priority: high")
    + f"steps: [{ASSIGN}]\nwhen: {{transition: back, on: t, at: +3d}}\n"
)

GOOD = {
    "made": MINE + f"when: {ASSIGN}\nthen: {{expect: [t.status == 'assigned', record.moves == 1]}}\n",
    "refused by a guard": "test: it\nas: agent\ngiven: {t: {ticket: {subject: Help, owner: user}}}\n"
    f"when: {ASSIGN}\nthen: {{refused: Say whose ticket, expect: [t.status == 'new']}}\n",
    "refused by the code": "test: it\nas: agent\ngiven: {t: {ticket: {subject: Help, owner: user}}}\n"
    f"when: {ASSIGN}\nthen: {{refused: guard}}\n",
    "a form": MINE + "when: {transition: assign, on: t}\nthen: {refused: Comment must be filled in}\n",
    "not theirs": f"test: it\nas: agent\n{GIVEN.replace('owner: user', 'owner: ana')[:-2]}, ana: {{user: {{}}}}}}\n"
    f"when: {ASSIGN}\nthen: {{refused: may not}}\n",
    "given in a state": CALLED.replace("subject: Help", "subject: Help, status: assigned")
    + "when: {transition: solve, on: t, with: {answer: Switch it on, hours: 2}}\n"
    "then: {expect: [t.status == 'solved', t.moves == 2]}\n",
    "time passes in a given state": MINE.replace(
        "subject: Help", "subject: Help, priority: high, status: assigned"
    )
    + "when: {at: +3d, on: t}\nthen: {expect: [t.status == 'escalated']}\n",
    "a beginning": "test: it\nas: agent\nwhen: {transition: call_in, on: ticket, with: {subject: Help, client: c}}\n"
    "given: {c: {client: {name: Acme}}}\nthen: {expect: [record.status == 'assigned', record.owner == user]}\n",
    "steps before": CALLED + f"steps: [{ASSIGN}]\n"
    "when: {transition: solve, on: t, with: {answer: Switch it on, hours: 2}}\n"
    "then: {expect: [t.status == 'solved', t.moves == 3]}\n",
    "somebody else": CALLED + f"steps: [{ASSIGN}, "
    "{transition: solve, on: t, with: {answer: Done}}]\n"
    "when: {transition: close, on: t, as: manager}\nthen: {expect: [t.status == 'closed']}\n",
    "named on the way": "test: it\nas: agent\nsteps: [{create: ticket, with: {subject: Help}, named: t}]\n"
    "when: {update: t, with: {subject: More}}\nthen: {expect: [t.subject == 'More']}\n",
    "time passes": MINE.replace("owner: user", "owner: user, priority: high")
    + f"steps: [{ASSIGN}]\nwhen: {{at: +3d, on: t}}\nthen: {{expect: [t.status == 'escalated']}}\n",
    "too early": MINE.replace("owner: user", "owner: user, priority: high")
    + f"steps: [{ASSIGN}]\nwhen: {{at: +47h}}\nthen: {{expect: [t.status == 'assigned']}}\n",
    "the condition of a timer": MINE
    + f"steps: [{ASSIGN}]\nwhen: {{at: +3d}}\nthen: {{expect: [t.status == 'assigned']}}\n",
    "later": MINE.replace("owner: user", "owner: user, priority: high")
    + f"steps: [{ASSIGN}]\nwhen: {{transition: back, on: t, at: +3d}}\nthen: {{expect: [t.status == 'assigned']}}\n",
    "somebody is told": f"{PLAN}when: {REFUSE}\n"
    "then: {notified: [{to: user, subject: WAS refused, text: dear}, {to: user}], not_notified: [boss]}\n",
    "only what it does itself counts": f"{PLAN}steps: [{REFUSE}]\nwhen: {{read: p}}\nthen: {{not_notified: [user]}}\n",
    "a comment": f"{ESCALATED}then: {{comments: ['No longer escalated: Help']}}\n",
    "open": MINE + "when: {read: t}\nthen: {open: [assign, note], not_open: [solve, close, escalate]}\n",
    "open for a manager only": CALLED + f"steps: [{ASSIGN}, "
    "{transition: solve, on: t, with: {answer: Done}}]\nwhen: {read: t}\nthen: {open: [note], not_open: [close]}\n",
}


@pytest.mark.parametrize("name", GOOD)
def test_what_holds(name: str, run: Run, tmp_path: Path) -> None:
    told = run("test", write(tmp_path, DESK + GOOD[name]))
    assert told.status == 0, told.out + told.err
    assert told.out.startswith("ok      it\n\n1 ok in ")


BAD = {
    "a step": (
        MINE
        + f"steps: [{{transition: solve, on: t, with: {{answer: x}}}}]\nwhen: {ASSIGN}\nthen: {{refused: true}}\n",
        ("the steps are done", "it is refused: Solve is not open: the ticket is New"),
    ),
    "closed": (
        MINE + "when: {read: t}\nthen: {open: [solve]}\n",
        ("solve is open", "it is not: Solve is not open: the ticket is New, and it leads on from Assigned."),
    ),
    "nobody is told": (
        f"{PLAN}when: {REFUSE}\nthen: {{notified: [{{to: boss, subject: refused}}]}}\n",
        ("boss is told 'refused'", "they are told nothing"),
    ),
    "other words": (
        f"{PLAN}when: {REFUSE}\nthen: {{notified: [{{to: user, text: Too late}}]}}\n",
        ("user is told 'Too late'", "they are told 'Plan was refused: Approve' / 'Too dear'"),
    ),
    "told nevertheless": (
        f"{PLAN}when: {REFUSE}\nthen: {{not_notified: [user]}}\n",
        ("user is told nothing", "they are told 'Plan was refused: Approve' / 'Too dear'"),
    ),
    "another comment": (
        f"{ESCALATED}then: {{comments: [Escalated again]}}\n",
        ("there is a comment 'Escalated again'", "the comments are 'No longer escalated: Help'"),
    ),
    "no comment": (
        f"{PLAN}when: {{read: p}}\nthen: {{comments: [Something]}}\n",
        ("there is a comment 'Something'", "there is no comment"),
    ),
    "open": (MINE + "when: {read: t}\nthen: {not_open: [assign]}\n", ("assign is not open", "it is open")),
}


@pytest.mark.parametrize("name", BAD)
def test_what_fails_is_told(name: str, run: Run, tmp_path: Path) -> None:
    text, (expected, got) = BAD[name]
    told = run("test", write(tmp_path, DESK + text))
    assert told.status == 1, told.out
    assert f"expected: {expected}\n" in told.out
    assert f"got:      {got}" in told.out


WRONG = {
    "a transition": (MINE + "when: {transition: clos, on: t}\nthen: {refused: true}\n", "unknown-transition"),
    "a given state": (
        MINE.replace("subject: Help", "subject: Help, status: asigned")
        + "when: {read: t}\nthen: {visible: [subject]}\n",
        "unknown-state",
    ),
    "no record": (MINE + "when: {transition: close}\nthen: {refused: true}\n", "bad-test"),
    "an entity": (MINE + "when: {transition: close, on: ticket}\nthen: {refused: true}\n", "bad-test"),
    "a beginning": (MINE + "when: {transition: call_in, on: t}\nthen: {refused: true}\n", "bad-test"),
    "a value": (
        MINE + "when: {transition: close, on: t, with: {x: 1}}\nthen: {refused: true}\n",
        "unknown-property",
    ),
    "whom to tell": (
        MINE + "when: {read: t}\nthen: {notified: [{to: anna}]}\n",
        "unknown-given",
    ),
    "whom not to tell": (MINE + "when: {read: t}\nthen: {not_notified: [t]}\n", "unknown-given"),
    "comments of nothing": (MINE + "when: {at: +3d}\nthen: {comments: [x]}\n", "bad-test"),
    "a time": (MINE + "when: {at: 3 days}\nthen: {expect: [t.id == 1]}\n", "bad-value"),
    "an open one": (MINE + "when: {read: t}\nthen: {open: [clos]}\n", "unknown-transition"),
    "open of nothing": (MINE + "when: {at: +3d}\nthen: {open: [close]}\n", "bad-test"),
    "a name": (MINE + "when: {create: ticket, named: t}\nthen: {expect: [t.id == 1]}\n", "reserved-name"),
    "a role": (
        MINE + f"steps: [{{read: t, as: agnt}}]\nwhen: {ASSIGN}\nthen: {{refused: true}}\n",
        "unknown-role",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_test_is_a_problem_of_the_metadata(name: str, tmp_path: Path) -> None:
    text, code = WRONG[name]
    found = [each for each in proven(tmp_path, DESK + text) if each.code != "target-may-be-missing"]
    assert [each.code for each in found] == [code], found


def test_transitions_and_guards_are_covered(run: Run, tmp_path: Path) -> None:
    tests = "---\n".join(
        GOOD[name].replace("test: it", f"test: {name}")
        for name in ("made", "refused by a guard", "time passes")
    )
    folder = write(tmp_path, DESK + tests)
    told = run("test", folder, "--coverage").out
    assert "3 of 21 transitions and guards exercised" in told, told
    assert "ticket: solve is refused: Call the client first." in told
    assert "ticket: assign is refused" not in told
    answer = json.loads(run("test", folder, "--json").out)
    assert answer["processes"]["steps"] == 21
    assert len(answer["processes"]["not_exercised"]) == 18
