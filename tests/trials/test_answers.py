"""Tests of the configuration that press buttons, and that agree to approvals or refuse them; and recording both."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from engine.app import open_app
from engine.identity.identity import actor_named
from engine.process import firing, pressing
from engine.service import records
from engine.work.context import SYSTEM
from tests.cli.conftest import Run
from tests.cli.conftest import run as run_fixture
from tests.support.metadata import proven, write

run = run_fixture

APP = """
app: offers
---
role: rep
---
role: boss
---
entity: task
properties: {text: {type: text}}
---
entity: offer
properties:
  name:  {type: text, required: true}
  price: {type: integer, default: 1}
  state: {type: state, workflow: way}
actions:
  call:
    guard: {check: record.price > 0, message: It costs nothing.}
    form: [{comment: required}, price]
    do: [{create: {entity: task, with: {text: "Call {name}"}}}]
  never_used: {do: [{comment: Hm}], when: record.price > 5}
access:
  rep:  {create: true, read: all, update: all, transition: all, call: all, never_used: all}
  boss: {read: all, transition: all}
---
workflow: way
entity: offer
property: state
initial: draft
states: {draft: {}, review: {}, good: {final: true}}
transitions:
  submit:  {from: draft, to: review, roles: [rep]}
  approve: {from: review, to: good, approval: {roles: [boss], at_least: 2, reject_to: draft}, form: [comment]}
"""
FOLDER = f"# metadata/app.yaml\n{APP.lstrip()}# metadata/tests/example.yaml\n"
PEOPLE = "one: {user: {roles: [boss]}}, two: {user: {roles: [boss]}}"
GIVEN = f"test: it\nas: rep\ngiven: {{o: {{offer: {{name: Lamps}}}}, {PEOPLE}}}\n"
SUBMIT = "steps:\n  - {transition: submit, on: o}\n"

HOLDS = {
    "refused": GIVEN + SUBMIT + "  - {transition: approve, on: o, as: one}\n"
    "when: {reject: approve, on: o, as: two, with: {comment: Too dear}}\n"
    "then: {expect: [o.state == 'draft']}\n",
    "refused on the way": GIVEN
    + SUBMIT
    + "  - {reject: approve, on: o, as: one, with: {comment: Too dear}}\n"
    + "when: {transition: submit, on: o}\nthen: {expect: [o.state == 'review']}\n",
    "agreed": GIVEN + SUBMIT + "  - {transition: approve, on: o, as: one}\n"
    "when: {transition: approve, on: o, as: two}\nthen: {expect: [o.state == 'good']}\n",
    "no reason": GIVEN + SUBMIT + "when: {reject: approve, on: o, as: one}\nthen: {refused: Say why}\n",
    "not asked": GIVEN + SUBMIT + "when: {reject: approve, on: o, with: {comment: Mine}}\n"
    "then: {refused: may not, expect: [o.state == 'review']}\n",
    "a button": GIVEN + "when: {press: call, on: o, with: {comment: Hello, price: 3}}\n"
    "then: {expect: [o.price == 3], open: [call, submit], not_open: [never_used]}\n",
    "its guard": GIVEN + "when: {press: call, on: o, with: {comment: Hello, price: 0}}\n"
    "then: {refused: It costs nothing, expect: [o.price == 1]}\n",
    "its form": GIVEN + "when: {press: call, on: o}\nthen: {refused: comment}\n",
    "no grant": GIVEN
    + "when: {press: call, on: o, as: one, with: {comment: Hello}}\nthen: {refused: may not}\n",
}


@pytest.mark.parametrize("name", HOLDS)
def test_what_holds(name: str, run: Run, tmp_path: Path) -> None:
    told = run("test", write(tmp_path, FOLDER + HOLDS[name]))
    assert told.status == 0, told.out + told.err


def test_what_a_button_is_not_is_told(run: Run, tmp_path: Path) -> None:
    test = GIVEN + "when: {read: o}\nthen: {open: [never_used], not_open: [call]}\n"
    told = run("test", write(tmp_path, FOLDER + test))
    assert told.status == 1
    assert "expected: never_used is open\n" in told.out
    assert "got:      it is not: Never used" in told.out
    assert "expected: call is not open\n" in told.out
    assert "got:      it is open\n" in told.out


WRONG = {
    "no such button": (GIVEN + "when: {press: cal, on: o}\nthen: {refused: true}\n", "unknown-action"),
    "pressed nowhere": (GIVEN + "when: {press: call}\nthen: {refused: true}\n", "bad-test"),
    "not asked for": (
        GIVEN + "when: {press: call, on: o, with: {name: X}}\nthen: {refused: true}\n",
        "unknown-property",
    ),
    "a transition": (GIVEN + "when: {press: submit, on: o}\nthen: {refused: true}\n", "unknown-action"),
    "no approval": (GIVEN + "when: {reject: submit, on: o}\nthen: {refused: true}\n", "bad-test"),
    "no transition": (GIVEN + "when: {reject: call, on: o}\nthen: {refused: true}\n", "unknown-transition"),
    "not a reason": (
        GIVEN + "when: {reject: approve, on: o, with: {why: X}}\nthen: {refused: true}\n",
        "unknown-property",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_test_is_a_problem_of_the_metadata(name: str, tmp_path: Path) -> None:
    text, code = WRONG[name]
    assert [each.code for each in proven(tmp_path, FOLDER + text)] == [code]


def test_buttons_and_their_guards_are_covered(run: Run, tmp_path: Path) -> None:
    tests = "---\n".join(
        HOLDS[name].replace("test: it", f"test: {name}") for name in ("its guard", "refused")
    )
    told = run("test", write(tmp_path, FOLDER + tests), "--coverage").out
    # submit was made and the guard refused; to refuse an approval makes no transition
    assert "2 of 5 transitions, buttons and guards exercised" in told, told
    assert "offer: approve is made" in told
    assert "offer: call is used" in told
    told = run("test", write(tmp_path, FOLDER + HOLDS["a button"])).out
    assert "1 of 5 transitions, buttons and guards exercised" in told, told


def test_what_was_pressed_and_answered_is_recorded(run: Run, tmp_path: Path) -> None:
    folder, database = (
        write(tmp_path / "app", f"# metadata/app.yaml\n{APP.lstrip()}"),
        f"sqlite:///{tmp_path}/x.db",
    )
    engine = open_app(folder, database=database, apply=True, environment={})
    with engine.gateway.write(SYSTEM, "cli") as context:
        for login, role in (("ana", "rep"), ("ben", "boss"), ("bea", "boss")):
            records.create(context, "user", {"login": login, "name": login, "roles": [role]})

    def do(login: str, what: Any, *values: Any) -> Any:
        with engine.gateway.write(actor_named(engine.gateway, login), "page") as context:
            return what(context, "offer", *values)

    number = do("ana", records.create, {"name": "Lamps"}).id
    do("ana", pressing.press, number, "call", {"comment": "Hello", "price": 3})
    do("ana", firing.fire, number, "submit", {})
    do("ben", firing.fire, number, "approve", {"comment": "Fine"})
    do("bea", firing.reject, number, "approve", "Too dear")
    engine.close()
    told = run("test", folder, "--record", f"offer/{number}", "--database", database)
    document = yaml.safe_load(told.out)
    assert document["steps"][1:] == [
        {"press": "call", "on": "it", "with": {"comment": "Hello", "price": 3}},
        {"transition": "submit", "on": "it"},
        {"transition": "approve", "on": "it", "with": {"comment": "Fine"}, "as": "user_2"},
    ]
    assert document["when"] == {
        "reject": "approve",
        "on": "it",
        "with": {"comment": "Too dear"},
        "as": "user_3",
    }
    assert "left out" not in told.out
    (folder / "metadata" / "tests.yaml").write_text(told.out, encoding="utf-8")
    again = run("test", folder)
    assert again.status == 0, again.out
