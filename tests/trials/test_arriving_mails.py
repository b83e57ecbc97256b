"""Tests of the configuration in which mails arrive: what holds, what does not and in which words, and mistakes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.conftest import run as run_fixture
from tests.support.metadata import problems, write
from tests.support.post_office import POST_OFFICE

run = run_fixture

FOLDER = f"# metadata/app.yaml\n{POST_OFFICE.lstrip()}# metadata/tests/example.yaml\n"
GIVEN = """test: it
as: agent
given:
  kim: {user: {roles: [agent]}}
  ana: {person: {name: Ana, email: ana@acme.example, keeper: kim}}
  c:   {case: {subject: Old, person: ana, keeper: kim}}
  d:   {case: {subject: Other, status: closed, keeper: kim}}
"""

HOLD = {
    "made": """when:
  mail: {from: A <Ana@acme.example>, subject: Lamp, text: Hm, attachments: [a.pdf]}
  to: desk
  makes: case
then:
  expect: [record.subject == 'Lamp', record.person == ana, record.papers.size() == 1, record != c]
  notified: [{to: kim, subject: came in}]
  replied: ["Thank you, A"]
""",
    "joined": """when: {mail: {from: ana@acme.example, answers: c, text: "Yes.\\n> old"}, to: desk, on: c}
then: {comments: ["ana: Yes."], expect: [c.status == 'new'], not_notified: [kim]}
""",
    "reopened": """when: {mail: {from: x@y.example, answers: d, text: Yes}, to: desk, on: d}
then: {expect: [d.status == 'new'], notified: [{to: kim, subject: open again}], open: [close]}
""",
    "a step": """steps:
  - {mail: {from: ana@acme.example, subject: One}, to: desk, makes: case, named: n}
when: {mail: {from: ana@acme.example, subject: Two}, to: desk, makes: case}
then: {expect: [n.subject == 'One', record.subject == 'Two']}
""",
    "no rule": """when: {mail: {from: x@y.example, subject: Lamp}, to: desk}
then: {refused: no rule takes it}
""",
    "ignored": """when: {mail: {from: ana@acme.example, headers: {X-Spam-Flag: "YES"}}, to: desk}
then: {refused: ignored by 'Spam'}
""",
    "a machine": """when: {mail: {from: ana@acme.example, subject: Lamp, automatic: true}, to: desk}
then: {refused: No person wrote it}
""",
    "refused": """when: {mail: {from: x@nodot, subject: hello}, to: desk, makes: case}
then: {refused: is not an e-mail address}
""",
    "only that it is taken": """when: {mail: {from: ana@acme.example, subject: Lamp}, to: desk}
then: {notified: [{to: kim}]}
""",
}


@pytest.mark.parametrize("name", HOLD)
def test_what_holds(run: Run, tmp_path: Path, name: str) -> None:
    told = run("test", write(tmp_path, FOLDER + GIVEN + HOLD[name]))
    assert told.status == 0, told.out


FAIL = {
    "another entity": (
        (
            "when: {mail: {from: ana@acme.example, subject: Lamp}, to: desk, makes: person}\n"
            "then: {expect: [c.status == 'new']}\n"
        ),
        "it makes no person: it is case 3 by 'Questions'",
    ),
    "another record": (
        (
            "when: {mail: {from: ana@acme.example, subject: Lamp, text: Hm, answers: d}, to: desk, on: c}\n"
            "then: {expect: [c.status == 'new']}\n"
        ),
        "it does not answer 'c': it is case 2 by 'Answers'",
    ),
    "nothing": (
        "when: {mail: {from: x@y.example}, to: desk, makes: case}\nthen: {expect: [c.status == 'new']}\n",
        "no rule takes it",
    ),
    "other words": (
        "when: {mail: {from: ana@acme.example, subject: Lamp}, to: desk, makes: case}\nthen: {replied: [Go away]}\n",
        "they are answered 'C-0003: Lamp",
    ),
    "no words": (
        "when: {mail: {from: x@y.example, subject: hello}, to: desk, makes: case}\nthen: {replied: [Thank you]}\n",
        "they are not answered",
    ),
    "not refused": (
        "when: {mail: {from: ana@acme.example, subject: Lamp}, to: desk, makes: case}\nthen: {refused: true}\n",
        "expected: it is refused",
    ),
}


@pytest.mark.parametrize("name", FAIL)
def test_what_does_not_hold(run: Run, tmp_path: Path, name: str) -> None:
    text, words = FAIL[name]
    told = run("test", write(tmp_path, FOLDER + GIVEN + text))
    assert told.status == 1
    assert words in told.out


MISTAKES = {
    "no mailbox": (
        "when: {mail: {from: a@b.example}}\nthen: {refused: true}\n",
        "bad-test",
        "add `to: NAME`",
    ),
    "an unknown one": (
        "when: {mail: {from: a@b.example}, to: dsk}\nthen: {refused: true}\n",
        "unknown-document",
        "no mailbox 'dsk'",
    ),
    "an unknown entity": (
        "when: {mail: {}, to: desk, makes: cas}\nthen: {refused: true}\n",
        "unknown-entity",
        "no entity 'cas'",
    ),
    "an unknown record": (
        "when: {mail: {}, to: desk, on: e}\nthen: {refused: true}\n",
        "unknown-given",
        "no given record 'e'",
    ),
    "an unknown answer": (
        "when: {mail: {answers: e}, to: desk}\nthen: {refused: true}\n",
        "unknown-given",
        "no given record 'e'",
    ),
    "both": (
        "when: {mail: {}, to: desk, on: c, makes: case}\nthen: {refused: true}\n",
        "bad-test",
        "or it joins one",
    ),
    "a page": (
        "when: {mail: {}, to: desk, on: c}\nthen: {visible: [subject]}\n",
        "bad-test",
        "says nothing of 'mail'",
    ),
    "replied by nobody": ("when: {read: c}\nthen: {replied: [x]}\n", "bad-test", "it belongs to `mail`"),
    "to of something else": (
        "when: {read: c, to: desk}\nthen: {visible: [subject]}\n",
        "bad-test",
        "'to' says nothing",
    ),
    "comments on nothing": (
        "when: {mail: {}, to: desk}\nthen: {comments: [x]}\n",
        "bad-test",
        "on one record",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_one_complaint(tmp_path: Path, name: str) -> None:
    text, code, words = MISTAKES[name]
    (found,) = problems(tmp_path, FOLDER + GIVEN + text)
    assert found.code == code
    assert words in f"{found.message} -- {found.hint}"
    assert found.place.file == "metadata/tests/example.yaml"
