"""What `engine check` says of workflows that make no sense, in its exact words; and what it does not complain of."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.metadata import proven
from tests.support.tickets import TICKETS

DESK = """
role: agent
---
role: manager
---
entity: ticket
ownership: user
properties:
  status: {type: state, workflow: life}
  kind:   {type: choice, options: [bug, wish], required: true}
  urgent: {type: boolean}
  answer: {type: text}
  rank:   {type: integer}
access:
  agent:   {create: true, read: all, update: all, transition: own}
  manager: {read: all}
---
workflow: life
entity: ticket
property: status
initial: new
"""
LIFE = "states: {new: {}, work: {}, done: {final: true}}\n"
WAYS = "  begin: {from: new, to: work}\n  end: {from: work, to: done}\n"

WRONG = {
    "unreachable with what is behind it": (
        (
            "states: {new: {}, done: {final: true}, a: {}, b: {}}\ntransitions:\n  end: {from: new, to: done}\n"
            "  x: {from: a, to: b}\n  y: {from: b, to: done}\n"
        ),
        "error[unreachable-state] no record ever gets into 'a', nor into 'b' behind it",
    ),
    "dead end": (
        (
            f"states: {{new: {{}}, work: {{}}, done: {{final: true}}, odd: {{}}}}\ntransitions:\n{WAYS}"
            "  stray: {from: work, to: odd}\n"
        ),
        "error[dead-end-state] 'odd' can't be left, and it is not final: new → work → odd",
    ),
    "trap": (
        (
            f"states: {{new: {{}}, work: {{}}, done: {{final: true}}, a: {{}}, b: {{}}}}\ntransitions:\n{WAYS}"
            "  c: {from: work, to: a}\n  d: {from: a, to: b}\n  e: {from: b, to: a}\n"
        ),
        "warning[no-way-to-final] from 'a' no way leads to a final state: a → b → a",
    ),
    "time": (
        (
            f"{LIFE}transitions:\n{WAYS}  late: {{from: work, to: new, after: 2d, when: record.urgent}}\n"
            "  later: {from: work, to: done, after: 3d, when: record.urgent, guard: record.answer != null}\n"
        ),
        (
            "warning[shadowed-transition] 'later' does not fire by itself from 'work': 'late' comes first "
            "(new → work → new)"
        ),
    ),
    "event": (
        (
            f"{LIFE}transitions:\n{WAYS}  a: {{from: work, to: new, on: updated}}\n"
            "  b: {from: work, to: done, on: updated, changed: [rank]}\n"
        ),
        "warning[shadowed-transition] 'b' does not fire by itself from 'work': 'a' comes first (new → work → new)",
    ),
    "twins": (
        f"{LIFE}transitions:\n{WAYS}  finish: {{from: [new, work], to: done, label: Finish}}\n",
        "warning[same-transition] 'finish' does from 'work' what 'end' does",
    ),
    "two beginnings": (
        f"{LIFE}transitions:\n{WAYS}  call: {{from: start, to: work}}\n  mail: {{from: start, to: work}}\n",
        "warning[same-transition] 'mail' does from the start what 'call' does",
    ),
    "contradiction": (
        (
            f"{LIFE}transitions:\n{WAYS}"
            "  x: {from: work, to: new, guard: \"record.kind == 'bug' && record.kind == 'wish'\"}\n"
        ),
        (
            "error[guard-never-holds] record.kind == 'bug' && record.kind == 'wish' never holds from 'work': "
            "'x' is never open"
        ),
    ),
    "a state of two": (
        f"{LIFE}transitions:\n{WAYS}  x: {{from: [new, work], to: done, guard: record.status == 'work'}}\n",
        "warning[guard-never-holds] record.status == 'work' never holds from 'new': 'x' is not open there",
    ),
    "always": (
        (
            f"{LIFE}transitions:\n{WAYS}"
            "  x: {from: work, to: new, guard: \"record.kind != 'bug' || record.kind != 'wish'\"}\n"
        ),
        (
            "warning[guard-always-holds] record.kind != 'bug' || record.kind != 'wish' always holds from 'work': "
            "it decides nothing"
        ),
    ),
    "gap": (
        (
            "states: {new: {freeze: [urgent]}, done: {final: true}}\ntransitions:\n"
            "  a: {from: new, to: done, guard: record.urgent}\n"
            "  b: {from: new, to: done, guard: record.urgent == false}\n"
        ),
        "warning[guard-gap] no transition leaves 'new' for a record with urgent: nothing",
    ),
    "no target": (
        f"{LIFE}transitions:\n{WAYS}  x: {{from: work, to: {{cel: \"record.rank > 3 ? 'new' : 'done'\"}}}}\n",
        "warning[target-may-be-missing] 'x' may lead nowhere: what chooses its target may give nothing",
    ),
    "a role in vain": (
        f"{LIFE}transitions:\n{WAYS}  x: {{from: work, to: new, roles: [agent, manager]}}\n",
        "warning[nobody-fires] 'manager' may not move ticket records: they never fire 'x' (new → work → x)",
    ),
    "no role": (
        f"{LIFE}transitions:\n{WAYS}  x: {{from: work, to: new, roles: []}}\n",
        "warning[nobody-fires] no role fires 'x': only administrators do",
    ),
    "frozen before": (
        (
            "states: {new: {}, work: {freeze: all}, done: {final: true, require: [answer]}}\n"
            f"transitions:\n{WAYS}"
        ),
        (
            "warning[requirement-out-of-reach] 'done' requires 'answer': 'work' freezes it, and 'end' does not ask "
            "for it: new → work → done"
        ),
    ),
    "round by time": (
        (
            f"{LIFE}transitions:\n{WAYS}"
            "  a: {from: new, to: work, after: 1d}\n  b: {from: work, to: new, after: 12h}\n"
        ),
        "warning[timer-cycle] records go round by themselves every 36 hours: new → work → new, by 'a' and 'b'",
    ),
    "round by events": (
        (
            f"{LIFE}transitions:\n{WAYS}"
            "  a: {from: new, to: work, on: updated}\n  b: {from: work, to: new, on: updated}\n"
        ),
        (
            "error[trigger-cycle] this would never end: ticket.a changes ticket.status → ticket.b changes "
            "ticket.status → ticket.a"
        ),
    ),
    "counting": (
        (
            f"{LIFE}transitions:\n{WAYS}"
            "---\nautomation: count\non: ticket.updated\ndo: [{set: {rank: {cel: record.rank + 1}}}]\n"
        ),
        "warning[trigger-cycle] this may never end: count changes ticket.rank → count",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_makes_no_sense_is_told_once(name: str, tmp_path: Path) -> None:
    text, words = WRONG[name]
    found = proven(tmp_path, DESK + text)
    assert [f"{each.level}[{each.code}] {each.message}" for each in found] == [words]
    assert found[0].hint
    assert found[0].source


RIGHT = {
    "a circle by hand without an end": "states: {new: {}, work: {}}\ntransitions:\n  a: {from: new, to: work}\n"
    "  b: {from: work, to: new}\n",
    "asked for": "states: {new: {}, work: {freeze: all}, done: {final: true, require: [answer]}}\ntransitions:\n"
    "  begin: {from: new, to: work}\n  end: {from: work, to: done, form: [answer]}\n",
    "required before": "states: {new: {}, work: {freeze: all, require: [answer]}, "
    f"done: {{final: true, require: [answer]}}}}\ntransitions:\n{WAYS}",
    "set by an action": "states: {new: {}, work: {freeze: all}, done: {final: true, require: [answer]}}\ntransitions:\n"
    "  begin: {from: new, to: work}\n  end: {from: work, to: done, do: [{set: {answer: Done}}]}\n",
    "for different people": f"{LIFE}transitions:\n{WAYS}  x: {{from: work, to: new, roles: [agent]}}\n"
    "  y: {from: work, to: new, form: [answer]}\n",
    "by different conditions": f"{LIFE}transitions:\n{WAYS}"
    "  a: {from: work, to: new, after: 1d, when: record.urgent}\n"
    "  b: {from: work, to: done, after: 2d}\n",
    "what is set once": f"{LIFE}transitions:\n{WAYS}"
    "---\nautomation: mark\non: ticket.updated\ndo: [{set: {rank: 3}}]\n",
    "what hangs on nothing that is written": f"{LIFE}transitions:\n{WAYS}---\nautomation: mark\non: ticket.updated\n"
    "do: [{set: {answer: {cel: string(record.rank)}}}]\n",
}


@pytest.mark.parametrize("name", RIGHT)
def test_what_makes_sense_is_not_complained_of(name: str, tmp_path: Path) -> None:
    assert proven(tmp_path, DESK + RIGHT[name]) == ()


def test_the_tickets_are_sound_but_for_one_target(tmp_path: Path) -> None:
    found = proven(tmp_path, f"# metadata/app.yaml\n{TICKETS}")
    assert [each.code for each in found] == ["target-may-be-missing"]
