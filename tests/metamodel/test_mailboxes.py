"""Mistakes in mailboxes: each gets one complaint, in words that tell what to write instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.loading.load import load
from tests.support.metadata import application, complaints, write

DESK = """
entity: person
properties: {email: {type: email}, name: {type: text}}
---
entity: case
properties:
  number: {type: autonumber, pattern: "C-{seq:04}"}
  subject: {type: text, required: true}
  picture: {type: image}
  weight: {type: integer}
relations:
  person: {to: person}
  papers: {to: paper, kind: composition, inverse: case}
---
entity: paper
properties: {file: {type: file}}
---
mailbox: desk
"""

RIGHT = """
address: [desk@example.com, help@example.com]
source: imap
folder: INBOX.Desk
every: 30s
headers: {spam: X-Spam-Flag}
find: {person: {entity: person, by: {email: {cel: mail.from}}}}
rules:
  - {when: mail.spam == 'YES', automatic: true, ignore: true}
  - {answer: case, do: [{comment: "{mail.reply}"}], attachments: papers}
  - when: person != null && mail.to.exists(x, x == 'help@example.com') && mail.attachments.size() < 3
    create: {entity: case, with: {subject: "{mail.subject}", person: {cel: person}}}
    attachments: picture
    reply: {subject: "{number}", text: "Dear {mail.from_name}: {person.name}"}
"""

RULES = [
    (
        "{when: mail.subject == 'x'}",
        "bad-mailbox",
        "this rule takes mails for nothing -- one of create, answer, ignore",
    ),
    (
        "{ignore: true, create: {entity: case}}",
        "bad-mailbox",
        "a rule does one thing with a mail, not 2 -- one of create, answer, ignore",
    ),
    ("{ignore: true, do: []}", "bad-mailbox", "'do' goes with `create` or `answer` -- take it out"),
    ("{answer: case, before: []}", "bad-mailbox", "'before' goes with `create` -- take it out"),
    ("{create: {entity: caes}}", "unknown-entity", "no entity 'caes' -- did you mean 'case'?"),
    ("{answer: caes}", "unknown-entity", "no entity 'caes' -- did you mean 'case'?"),
    (
        "{answer: {entity: case, number: nmber}}",
        "unknown-property",
        "no property 'nmber' on case -- did you mean 'number'?",
    ),
    (
        "{answer: {entity: case, number: weight}}",
        "bad-mailbox",
        "case.weight is no number of its records -- name an autonumber, or a text",
    ),
    (
        "{answer: case, attachments: weight}",
        "bad-mailbox",
        "case.weight takes no file -- name a property of type file",
    ),
    (
        "{answer: case, attachments: person}",
        "bad-mailbox",
        "case.person is no composition whose rows have one file -- name a property, or rows with one property of",
    ),
    (
        "{answer: case, attachments: papres}",
        "unknown-property",
        "no property 'papres' on case -- did you mean 'papers'?",
    ),
    (
        "{when: mail.sbject == 'x', ignore: true}",
        "unknown-property",
        "there is no mail.sbject -- did you mean 'subject'?",
    ),
    ("{when: mail, ignore: true}", "wrong-root", "mail is not a value by itself"),
    (
        "{when: mail.subject, ignore: true}",
        "type-mismatch",
        "mail.subject is a text, and when takes a condition",
    ),
    (
        "{when: record.weight == 1, create: {entity: case}}",
        "wrong-root",
        "'record' does not exist in 'when' -- here there are mail",
    ),
    (
        "{when: user != null, ignore: true}",
        "wrong-root",
        "'user' does not exist in 'when' -- here there are mail",
    ),
    (
        "{create: {entity: case, with: {subject: '{subject}'}}}",
        "bad-template",
        "'subject': there is no record yet -- say what stands in the mail: {mail.subject}",
    ),
    (
        "{create: {entity: case, with: {subject: '{mail.sbject}'}}}",
        "bad-template",
        "there is no mail.sbject -- did you mean 'subject'?",
    ),
    (
        "{create: {entity: case, with: {subject: '{mail.to}'}}}",
        "bad-template",
        "'mail.to' can't be told in a text",
    ),
    ("{create: {entity: case, with: {number: x}}}", "not-writable", ""),
    (
        "{create: {entity: case}, before: [{comment: x}]}",
        "bad-action",
        "there is no record yet for 'comment' -- put it into `do`; before the record go create, find_or_create and",
    ),
    (
        "{create: {entity: case}, do: [{transition: close}]}",
        "unknown-transition",
        "case has no transition 'close'",
    ),
    (
        "{create: {entity: case}, reply: {subject: '{nmber}', text: x}}",
        "unknown-property",
        "did you mean 'number'?",
    ),
]


@pytest.mark.parametrize(("rule", "code", "words"), RULES, ids=[each[0] for each in RULES])
def test_a_mistake_in_a_rule(tmp_path: Path, rule: str, code: str, words: str) -> None:
    (found,) = complaints(tmp_path, f"{DESK}rules:\n  - {rule}\n")
    assert f"[{code}]" in found
    assert words in found


KEYS = [
    ("folder: INBOX", "bad-mailbox", "'folder' goes with `source: imap` -- add that, or take it out"),
    (
        "source: imap\nevery: 5s",
        "bad-mailbox",
        "a mailbox is not looked at oftener than every 10 seconds -- write every: 10s, or more",
    ),
    (
        "headers: {subject: X-Subject}",
        "reserved-name",
        "mail.subject is known already -- choose another name",
    ),
    ("find: {mail: {entity: person, by: {name: x}}}", "reserved-name", "'mail' means something else here"),
    ("find: {p: {entity: persn, by: {name: x}}}", "unknown-entity", "did you mean 'person'?"),
    ("find: {p: {entity: person, by: {nmae: x}}}", "unknown-property", "did you mean 'name'?"),
    ("find: {p: {entity: person, by: {}}}", "bad-action", "what it is found by is not said"),
    ("address: desk", "bad-value", ""),
    ("fold: x", "unknown-key", ""),
]


@pytest.mark.parametrize(("key", "code", "words"), KEYS, ids=[each[0] for each in KEYS])
def test_a_mistake_in_a_mailbox(tmp_path: Path, key: str, code: str, words: str) -> None:
    (found,) = complaints(tmp_path, f"{DESK}{key}\nrules: [{{when: mail.automatic, ignore: true}}]\n")
    assert f"[{code}]" in found
    assert words in found


def test_two_mailboxes_have_two_addresses(tmp_path: Path) -> None:
    box = "address: a@b.example\nrules: [{when: mail.automatic, ignore: true}]\n"
    (found,) = complaints(tmp_path, f"{DESK}{box}---\nmailbox: other\n{box}")
    assert "a@b.example is the mailbox 'desk' already -- give each its own" in found


def test_a_rule_that_no_mail_comes_to_is_warned_of(tmp_path: Path) -> None:
    first, second = "  - {create: {entity: paper}}\n", "  - {automatic: true, ignore: true}\n"
    (found,) = complaints(tmp_path, f"{DESK}rules:\n{first}{second}{first}")
    assert "warning[bad-mailbox] no mail comes to this rule: 'Rule 1' takes every one before" in found
    assert found.startswith("example.yaml:22:")


def test_a_rule_with_a_wrong_condition_is_not_taken_for_one_that_takes_every_mail(tmp_path: Path) -> None:
    first, second = (
        "  - {when: mail.frm == 'x', create: {entity: paper}}\n",
        "  - {create: {entity: paper}}\n",
    )
    (found,) = complaints(tmp_path, f"{DESK}rules:\n{first}{second}")
    assert "there is no mail.frm" in found


def test_an_installation_says_its_own_address(tmp_path: Path) -> None:
    crm, shop = tmp_path / "crm", tmp_path / "shop"
    write(crm, DESK + RIGHT)
    more = "extend: {mailbox: desk}\naddress: desk@shop.example\nrules: {add: [{automatic: true, ignore: true}]}\n"
    write(shop, f"# metadata/app.yaml\napp: shop\nuses: [../crm]\n# metadata/mailboxes.yaml\n{more}")
    made = load(shop).mailboxes["desk"]
    assert (made.addresses, len(made.rules)) == (("desk@shop.example",), 4)


def test_what_is_right(tmp_path: Path) -> None:
    made = application(tmp_path, DESK + RIGHT).mailboxes["desk"]
    assert made.addresses == ("desk@example.com", "help@example.com")
    assert (made.reads, made.folder, made.every.total_seconds()) == (True, "INBOX.Desk", 30)
    assert made.variable == "ENGINE_MAILBOX_DESK_URL"
    assert [(rule.ignore, rule.answers, rule.entity) for rule in made.rules] == [
        (True, False, ""),
        (False, True, "case"),
        (False, False, "case"),
    ]
    assert [name for name in ("case", "person", "paper") if made.answers(name)] == ["case"]
