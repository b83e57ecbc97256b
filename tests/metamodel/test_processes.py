"""Mistakes in workflows and automations: each gets one complaint, in words that tell what to write instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.metadata import complaints

DESK = """
role: agent
---
entity: client
properties: {name: {type: text}}
access: {agent: {read: all}}
---
entity: ticket
ownership: user
properties:
  subject: {type: text, required: true}
  status: {type: state, workflow: life}
  priority: {type: choice, options: [low, high]}
  total: {type: integer, computed: "1 + 1"}
relations:
  client: {to: client}
access: {agent: {read: all, create: true, update: all, transition: all}}
---
workflow: life
entity: ticket
property: status
initial: new
states: {new: {}, closed: {final: true}}
"""

CLOSE = [
    ("from: nwe, to: closed", "unknown-state", "no state 'nwe' -- did you mean 'new'?"),
    ("from: new, to: closed, guard: true", "constant-condition", "true is always the same"),
    (
        "from: new, to: closed, after: 2 days",
        "bad-value",
        "'after' is no duration: 2 days -- for example 48h",
    ),
    (
        "from: new, to: closed, after: 2d, on: updated",
        "bad-transition",
        "it fires by 'after' or by 'on', not by both -- make it two transitions",
    ),
    (
        "from: new, to: {cel: \"record.priority == 'high' ? 'closd' : 'closed'\"}",
        "unknown-choice",
        "'closd' is none of its values -- did you mean 'closed'?",
    ),
    (
        "from: new, to: closed, do: [{set: {status: closed}}]",
        "not-writable",
        "ticket.status is a state: only transitions move it -- use `transition: NAME`",
    ),
    (
        "from: new, to: closed, do: [{set: {priority: record.priority}}]",
        "bad-value",
        "is not one of low, high. -- write an expression as {cel: record.priority}",
    ),
    (
        "from: new, to: closed, do: [{set: {client: 5}}]",
        "bad-value",
        "'client' is given a record -- an expression gives it, such as {cel: record}",
    ),
    ("from: new, to: closed, do: [{set: {subject: x}, delete: record}]", "bad-action", "one thing, not 2"),
    (
        "from: new, to: closed, form: [note]",
        "unknown-property",
        "a value of the form's own has a type: {note: {type: text}}",
    ),
    ("from: new, to: closed, form: [total]", "not-writable", "ticket.total is computed -- take it out"),
    ("from: new, to: closed, do: [{transition: clse}]", "unknown-transition", "did you mean 'close'?"),
    (
        "from: new, to: closed, form: [{why: {type: text}}], do: [{comment: 'As {form.wyh}'}]",
        "bad-template",
        "no form here asks for 'wyh' -- did you mean 'why'?",
    ),
    (
        "from: new, to: closed, form: [subject, comment], do: [{comment: 'Of {form.subject}'}]",
        "bad-template",
        "'subject' is a member of ticket -- write {subject}",
    ),
    (
        "from: new, to: closed, do: [{webhook: {url: 'https://x.example', with: {why: '{form.comment}'}}}]",
        "bad-template",
        "no form asks for anything here",
    ),
    (
        "from: new, to: closed, form: [{why: {type: text, sensitive: true}}], do: [{comment: '{form.why}'}]",
        "bad-template",
        "'form.why' can't be told in a text",
    ),
]


@pytest.mark.parametrize(("said", "code", "words"), CLOSE)
def test_a_mistake_in_a_transition_is_told_once(said: str, code: str, words: str, tmp_path: Path) -> None:
    found = complaints(tmp_path, f"{DESK}transitions: {{close: {{{said}}}}}\n")
    assert len(found) == 1, found
    assert f"error[{code}]" in found[0]
    assert words in found[0]


FOLLOWING = [
    ("on: tiket.created", "unknown-entity", "did you mean 'ticket'?"),
    (
        "on: ticket.changed",
        "bad-value",
        "(created, updated, deleted, transitioned, tagged, related): ticket.changed",
    ),
    (
        "on: ticket.created\nchanged: [subject]",
        "bad-automation",
        "'changed' goes with `updated` -- write on: ticket.updated",
    ),
    ("order: 1", "bad-automation", "an automation follows something that happens, or a time"),
]


@pytest.mark.parametrize(("said", "code", "words"), FOLLOWING)
def test_a_mistake_in_an_automation_is_told_once(said: str, code: str, words: str, tmp_path: Path) -> None:
    close = "transitions: {close: {from: new, to: closed}}"
    text = f"{DESK}{close}\n---\nautomation: it\n{said}\ndo: [{{set: {{subject: x}}}}]\n"
    found = complaints(tmp_path, text)
    assert len(found) == 1, found
    assert f"error[{code}]" in found[0]
    assert words in found[0]


def test_a_state_freezes_and_requires_what_somebody_writes(tmp_path: Path) -> None:
    text = DESK.replace("{new: {}", "{new: {freeze: [total], hide: [client], require: [client]}")
    found = complaints(tmp_path, f"{text}transitions: {{close: {{from: new, to: closed}}}}\n")
    assert [line.partition("error")[2] for line in found] == [
        "[bad-state] nobody writes 'total': there is nothing to freeze -- take it out",
        "[bad-state] 'client' is hidden and required at once -- take it out of one of them",
    ]


BUTTONS = [
    (
        "update: {do: [{comment: x}]}",
        "reserved-name",
        "'update' is what every record is granted -- choose another name",
    ),
    (
        "close: {do: [{comment: x}]}",
        "name-clash",
        "ticket has a transition 'close' already -- call one of them otherwise",
    ),
    (
        "remind: {label: Remind}",
        "bad-button",
        "this button does nothing -- say what it does: `do: […]`, or asks for: `form: […]`",
    ),
    (
        "remind: {roles: [agnt], do: [{comment: x}]}",
        "unknown-role",
        "no role 'agnt' -- did you mean 'agent'?",
    ),
    (
        "remind: {do: [{set: {status: closed}}]}",
        "not-writable",
        "ticket.status is a state: only transitions move it -- use `transition: NAME`",
    ),
    ("remind: {when: record.subjct == 'x', do: [{comment: x}]}", "unknown-property", "subjct"),
    ("remind: {form: [nothing], do: [{comment: x}]}", "unknown-property", "no property 'nothing' on ticket"),
]


@pytest.mark.parametrize(("said", "code", "words"), BUTTONS)
def test_a_mistake_in_a_button_is_told_once(said: str, code: str, words: str, tmp_path: Path) -> None:
    close = "transitions: {close: {from: new, to: closed}}"
    found = complaints(tmp_path, f"{DESK}{close}\n---\nextend: ticket\nactions:\n  {said}\n")
    assert len(found) == 1, found
    assert f"error[{code}]" in found[0]
    assert words in found[0]
