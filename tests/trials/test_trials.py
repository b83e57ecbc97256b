"""`engine test`: tests of the configuration, what they can say, and what is told of one that fails."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.conftest import run as run_fixture
from tests.support.metadata import complaints, write

run = run_fixture

DESK = """
# metadata/app.yaml
app: helpdesk
---
role: agent
---
role: manager
---
entity: account
properties:
  name: {type: text, required: true}
access:
  agent: {read: all}
---
entity: ticket
ownership: user
properties:
  subject: {type: text, required: true}
  status:  {type: choice, options: [new, closed], default: new}
  cost:    {type: integer, access: {read: [manager]}}
  reason:  {type: text, required_if: record.status == 'closed'}
relations:
  account: {to: account}
access:
  agent:   {create: true, read: own, update: own}
  manager: {read: all, delete: all}
# metadata/tests/example.yaml
"""
HEAD = "test: it\nas: agent\n"
MINE = HEAD + "given: {t: {ticket: {subject: Help, owner: user}}}\n"

GOOD = {
    "their own are listed": HEAD + "given:\n"
    "  mine:   {ticket: {subject: Help, owner: user, account: {account: {name: Acme}}}}\n"
    "  theirs: {ticket: {subject: Help, owner: ana}}\n"
    "  ana:    {user: {roles: [agent]}}\n"
    "when: {list: ticket}\nthen: {listed: [mine], not_listed: [theirs]}\n",
    "no cost": MINE + "when: {read: t}\nthen: {visible: [subject], hidden: [cost], required: [subject]}\n",
    "the form as the values make it": MINE
    + "when: {update: t, with: {status: closed, reason: Done}}\nthen: {required: [reason]}\n",
    "a change": MINE + "when: {update: t, with: {status: closed, reason: Done}}\n"
    "then: {expect: [t.status == 'closed', t.owner == user, record.id == t.id]}\n",
    "a new one": HEAD
    + "when: {create: ticket, with: {subject: New}}\nthen: {expect: [record.owner == user]}\n",
    "refused, and nothing happened": MINE
    + "when: {delete: t}\nthen: {refused: may not, expect: [t.subject == 'Help']}\n",
    "an invalid value": MINE + "when: {update: t, with: {subject: null}}\nthen: {refused: required}\n",
    "a given user acts": "test: it\nas: ana\ngiven: {ana: {user: {roles: [manager]}}, t: {ticket: {subject: A}}}\n"
    "when: {delete: t}\nthen: {expect: [user == ana]}\n",
    "somebody described": "test: it\nas: {roles: [agent], unit: north}\ngiven: {north: {unit: {name: North}}}\n"
    "when: {create: ticket, with: {subject: A, account: null}}\nthen: {expect: [user.unit == north]}\n",
}


@pytest.mark.parametrize("name", GOOD)
def test_what_holds(name: str, run: Run, tmp_path: Path) -> None:
    told = run("test", write(tmp_path, DESK + GOOD[name]))
    assert told.status == 0, told.out + told.err
    assert told.out.startswith("ok      it\n\n1 ok in ")


BAD = {
    "seen": (MINE + "when: {read: t}\nthen: {visible: [cost]}\n", "cost is visible", "it is hidden", 5),
    "unseen": (
        MINE + "when: {read: t}\nthen: {hidden: [subject]}\n",
        "subject is hidden",
        "it is visible",
        5,
    ),
    "done": (MINE + "when: {read: t}\nthen: {refused: true}\n", "it is refused", "it is done", 5),
    "otherwise": (
        MINE + "when: {delete: t}\nthen: {refused: frozen}\n",
        "it is refused with 'frozen'",
        "it is refused: You may not delete tickets.",
        5,
    ),
    "refused": (
        MINE + "when: {delete: t}\nthen: {visible: [subject]}\n",
        "it is done",
        "it is refused: You may",
        4,
    ),
    "false": (
        MINE + "when: {read: t}\nthen: {expect: [t.status == 'closed']}\n",
        "t.status == 'closed'",
        "t.status = 'new'",
        5,
    ),
    "missing": (
        HEAD + "given: {t: {ticket: {subject: A}}}\nwhen: {list: ticket}\nthen: {listed: [t]}\n",
        "t is in the list",
        "it is not in the list",
        5,
    ),
    "not made": (
        HEAD + "given: {t: {ticket: {}}}\nwhen: {list: ticket}\nthen: {listed: [t]}\n",
        "the given records are there",
        "the given ticket can't be made: subject:",
        3,
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_what_fails_is_told_with_its_place(name: str, run: Run, tmp_path: Path) -> None:
    text, expected, got, line = BAD[name]
    told = run("test", write(tmp_path, DESK + text))
    assert told.status == 1
    lines = told.out.splitlines()
    assert lines[0] == "failed  it"
    assert lines[1] == f"        metadata/tests/example.yaml:{line}: expected: {expected}"
    assert lines[2].strip().startswith(f"got:      {got}")


WRONG = {
    "an entity": (
        HEAD + "given: {t: {tiket: {}}}\nwhen: {list: ticket}\nthen: {refused: true}\n",
        "unknown-entity",
    ),
    "no values": (
        HEAD + "given: {t: {ticket: 5}}\nwhen: {list: ticket}\nthen: {refused: true}\n",
        "wrong-type",
    ),
    "a property": (MINE + "when: {read: t}\nthen: {hidden: [kost]}\n", "unknown-property"),
    "a value": (MINE + "when: {update: t, with: {kost: 1}}\nthen: {refused: true}\n", "unknown-property"),
    "a role": ("test: it\nas: agnt\nwhen: {list: ticket}\nthen: {refused: true}\n", "unknown-role"),
    "a record": (MINE + "when: {read: u}\nthen: {hidden: [cost]}\n", "unknown-given"),
    "an expression": (MINE + "when: {read: t}\nthen: {expect: [t.kost == 1]}\n", "unknown-property"),
    "two acts": (MINE + "when: {read: t, delete: t}\nthen: {refused: true}\n", "bad-test"),
    "no act": (MINE + "when: {}\nthen: {refused: true}\n", "bad-test"),
    "a list of one": (MINE + "when: {read: t}\nthen: {listed: [t]}\n", "bad-test"),
    "a word of expressions": (
        HEAD + "given: {now: {ticket: {}}}\nwhen: {list: ticket}\nthen: {refused: true}\n",
        "reserved-name",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_test_is_a_problem_of_the_metadata(name: str, tmp_path: Path) -> None:
    text, code = WRONG[name]
    found = complaints(tmp_path, DESK + text)
    assert len(found) == 1, found
    assert f"error[{code}]" in found[0]
    assert found[0].startswith("metadata/tests/example.yaml:")


def test_coverage_filter_and_json(run: Run, tmp_path: Path) -> None:
    folder = write(tmp_path, DESK + GOOD["no cost"])
    told = run("test", folder, "--coverage").out
    assert "2 of 7 rules of access exercised" in told
    assert "  metadata/app.yaml:23  ticket: agent may update: their own" in told
    assert "ticket: agent may read" not in told
    assert "no tests" in run("test", folder, "-k", "nothing").out
    answer = json.loads(run("test", folder, "--json").out)
    assert answer["tests"][0]["status"] == "ok"
    assert answer["coverage"]["rules"] == 7
    assert len(answer["coverage"]["not_exercised"]) == 5
