"""Expressions in metadata: every mistake is told at its place in the file, whatever YAML was written around it."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.loading.load import check
from tests.support.metadata import application, complaints, write

TICKET = """\
entity: ticket
title: "{subject}"
properties:
  subject: {type: text, required: true}
  status: {type: choice, options: [open, closed]}
  priority: {type: choice, options: [low, normal, high]}
  hours: {type: decimal, scale: 2}
  due: {type: date}
  done: {type: boolean}
"""

MISTAKES: list[tuple[str, list[str]]] = [
    (
        """\
  note: {type: text, visible_if: record.priority == 'hgih'}
""",
        [
            (
                "10:53 error[unknown-choice] can't compare choice 'priority' with 'hgih'"
                " -- its values are low, normal, high; did you mean 'high'?"
            ),
        ],
    ),
    (
        """\
  note:
    type: text
    visible_if: record.stauts == 'open'
""",
        [
            ("12:24 error[unknown-property] no property 'stauts' on ticket -- did you mean 'status'?"),
        ],
    ),
    (
        """\
  note:
    type: text
    visible_if: 'record.status == ''opne'''
""",
        [
            (
                "12:35 error[unknown-choice] can't compare choice 'status' with 'opne'"
                " -- its values are open, closed; did you mean 'open'?"
            ),
        ],
    ),
    (
        """\
  note:
    type: text
    visible_if: "record.status ==\\t\\"opne\\" && !done"
""",
        [
            (
                "12:36 error[unknown-choice] can't compare choice 'status' with 'opne'"
                " -- its values are open, closed; did you mean 'open'?"
            ),
            ("12:49 error[unknown-name] nothing is called 'done' -- write record.done"),
        ],
    ),
    (
        """\
  note:
    type: text
    required_if: |
      record.done
        && record.hours > '8'
        && foo
""",
        [
            (
                "14:12 error[type-mismatch] can't compare a decimal number with a text"
                " -- write the number without quotes"
            ),
            ("15:12 error[unknown-name] nothing is called 'foo' -- here there are old, record, user"),
        ],
    ),
    (
        """\
  note:
    type: text
    required_if: >-
      record.done
      && record.hourz > 8
""",
        [
            ("14:17 error[unknown-property] no property 'hourz' on ticket -- did you mean 'hours'?"),
        ],
    ),
    (
        """\
  note:
    type: text
    readonly_if: record.done
      and record.hours > 8
""",
        [
            ("13:7 error[expression-syntax] 'and' can't stand here -- here it is written &&"),
        ],
    ),
    (
        """\
  note:
    type: text
    visible_if: !record.doen
""",
        [
            (
                "12:17 error[expression-needs-quotes] YAML can't read the expression of 'visible_if' without quotes"
                " -- quote it: visible_if: '!record.doen'"
            ),
        ],
    ),
    (
        """\
  left: {type: decimal, scale: 2, computed: record.hours - '8'}
""",
        [
            (
                "10:45 error[type-mismatch] can't subtract a decimal number and a text"
                " -- write the number without quotes"
            ),
        ],
    ),
    (
        """\
  late: {type: boolean, computed: record.due < now()}
""",
        [
            (
                "10:35 error[type-mismatch] can't compare a date with a moment"
                " -- write date(…) around the moment"
            ),
        ],
    ),
    (
        """\
  since: {type: date, default: {cel: now()}}
""",
        [
            (
                "10:38 error[type-mismatch] this gives a moment, and the property keeps a date"
                " -- write today(), or date(…) around it"
            ),
        ],
    ),
    (
        """\
  twice: {type: decimal, scale: 2, computed: record.lines.hours * 2}
relations:
  lines: {to: ticket, kind: many_to_many}
""",
        [
            (
                "10:59 error[to-many-as-one] record.lines leads to many records"
                " -- say which: .exists(x, x.hours …), .map(x, x.hours), .first().hours"
            ),
        ],
    ),
    (
        """\
relations:
  before: {to: ticket, options_where: option.due < record.duo}
""",
        [
            ("11:59 error[unknown-property] no property 'duo' on ticket -- did you mean 'due'?"),
        ],
    ),
    (
        """\
validations:
  - check: record.hours >= 0 &&
    message: No
""",
        [
            (
                "11:31 error[expression-syntax] the expression ends too early"
                " -- a value is expected: a name, a number, a text"
            ),
        ],
    ),
    (
        """\
unique:
  - {of: [subject], where: record.created_by.active}
""",
        [
            (
                "11:28 error[unique-reads-beyond] a unique key can't depend on another record"
                " -- compare properties of the record itself with fixed values"
            ),
        ],
    ),
    (
        """\
  age: {type: integer, stored: true, computed: record.due.yaer()}
""",
        [
            ("10:59 error[unknown-function] there is no function 'yaer' -- did you mean 'year'?"),
        ],
    ),
    (
        """\
  over: {type: boolean, stored: true, computed: record.due < today()}
""",
        [
            (
                "10:62 error[stored-needs-clock] a stored value would not follow today()"
                " -- take `stored` out: then it is computed whenever it is read"
            ),
        ],
    ),
    (
        """\
access:
  administrator: {read: {where: record.owner == user.id}}
""",
        [
            ("11:40 error[unknown-property] no property 'owner' on ticket -- did you mean 'done'?"),
        ],
    ),
    (
        "validations:\n  - {at: hours}\n  - {check: record.hors > 1, message: No}\n",
        [
            "11:6 error[missing-key] an item of 'validations' needs 'check' and 'message' -- add `check: …`",
            "12:20 error[unknown-property] no property 'hors' on ticket -- did you mean 'hours'?",
        ],
    ),
]


@pytest.mark.parametrize(("text", "expected"), MISTAKES)
def test_a_mistake_stands_where_it_stands(text: str, expected: list[str], tmp_path: Path) -> None:
    found = [line for line in complaints(tmp_path, TICKET + text) if "not-enforced-yet" not in line]
    assert found == [f"example.yaml:{line}" for line in expected]


@pytest.mark.parametrize(
    "text",
    [
        "  x: {type: txt}\n  y: {type: text, visible_if: record.x == 'a'}\n",
        "  x: {type: choice}\n  y: {type: text, visible_if: record.x == 'a' && record.x in ['b']}\n",
        "  x: {type: text, visible_if: record.o.name == 'a'}\nrelations:\n  o: {to: nobody}\n",
        "  x: {type: integer, computed: record.z +}\n  y: {type: text, visible_if: record.x == 1}\n",
        "validations:\n  - check: !record.done\n    message: Done\n",
        "  x: {type: integer, computed: record.noo}\n  y: {type: integer, computed: record.x + 1}\n",
    ],
)
def test_no_mistake_follows_from_another(text: str, tmp_path: Path) -> None:
    assert len(complaints(tmp_path, TICKET + text)) == 1


def test_every_rule_knows_where_it_belongs(tmp_path: Path) -> None:
    text = (
        "  note: {type: text, visible_if: record.done, required_if: changed(record.status)}\n"
        "  left: {type: decimal, scale: 2, computed: 8 - record.hours, stored: true}\n"
        "relations:\n  before: {to: ticket, options_where: option.due < record.due}\n"
        "validations:\n  - {check: record.hours > 0, message: No, at: hours}\n"
        "unique:\n  - {of: [subject], where: record.status == 'open'}\n"
    )
    app = application(tmp_path, TICKET + text)
    found = {(rule.key, rule.member, rule.condition) for rule in app.rules if rule.entity == "ticket"}
    assert found == {
        ("visible_if", "note", True),
        ("required_if", "note", True),
        ("computed", "left", False),
        ("options_where", "before", True),
        ("check", "hours", True),
        ("unique", "subject", True),
    }


def test_a_rule_over_drafts_may_lack_what_is_required(tmp_path: Path) -> None:
    """The text is checked over stored records, and when asked for over a form in which nothing is filled in yet."""
    app = application(tmp_path, TICKET + "  note: {type: text, visible_if: record.subject != 'x'}\n")
    (rule,) = (rule for rule in app.rules if rule.member == "note")
    assert [str(made.node.left.null) for made in (rule.checked, rule.loose)] == ["Null.NEVER", "Null.VALUE"]  # type: ignore[attr-defined]


STAGES = """\
entity: deal
properties:
  stage:
    type: choice
    options:
      new: {odds: 10, share: 0.5, sure: false, word: fresh, mixed: 1}
      won: {odds: 100, share: 1, sure: true, mixed: no}
  plain: {type: choice, options: [a, b]}
  value: {type: integer, computed: record.stage.%s}
"""
ATTRIBUTES = [
    ("odds", []),
    ("odds * 2", []),
    ("word", ["type-mismatch] this gives a text, and the property keeps a whole number"]),
    ("share", ["type-mismatch] this gives a decimal number, and the property keeps a whole number"]),
    ("sure", ["type-mismatch] this gives a condition, and the property keeps a whole number"]),
    ("ods", ["unknown-property] the options of record.stage say no 'ods' -- did you mean 'odds'?"]),
    (
        "mixed",
        [
            "type-mismatch] the options say 'mixed' in values of several kinds, or in more than a number or text"
        ],
    ),
]


@pytest.mark.parametrize(("attribute", "expected"), ATTRIBUTES)
def test_options_say_more_of_themselves(attribute: str, expected: list[str], tmp_path: Path) -> None:
    found = [line.partition(" error[")[2] for line in complaints(tmp_path, STAGES % attribute)]
    assert len(found) == len(expected)
    assert all(line.startswith(each) for line, each in zip(found, expected, strict=True))


def test_options_that_say_nothing_are_told_how(tmp_path: Path) -> None:
    text = STAGES.replace("record.stage.%s", "record.plain.odds")
    (found,) = complaints(tmp_path, text)
    assert found.endswith("say no 'odds' -- give it to the options, as in a: {odds: …}")


def test_the_other_side_of_a_one_to_one_is_one_record(tmp_path: Path) -> None:
    one = "relations:\n  twin: {to: ticket, kind: one_to_one, inverse: of}\n"
    right = application(tmp_path, TICKET + "  note: {type: text, visible_if: record.of.done}\n" + one)
    assert [rule.member for rule in right.rules if rule.entity == "ticket"] == ["note"]
    where = "unique:\n  - {of: [subject], where: record.of == null}\n"
    assert [
        line for line in complaints(tmp_path, TICKET + one + where) if "not-enforced-yet" not in line
    ] == [
        (
            "example.yaml:13:28 error[unique-reads-beyond] a unique key can't depend on another record"
            " -- compare properties of the record itself with fixed values"
        ),
    ]


UNIQUE = [
    ("record.status == 'open'", ""),
    ("has(record.due) && !record.done", ""),
    ("record.created_by == null", ""),
    ("record.created_by.name == 'a'", "another record"),
    ("record.due < today()", "what surrounds the record"),
    ("record.tags.size() > 0", "other records"),
]


@pytest.mark.parametrize(("where", "what"), UNIQUE)
def test_a_unique_key_reads_its_own_record(where: str, what: str, tmp_path: Path) -> None:
    text = f'features: {{tags: true}}\nunique:\n  - {{of: [subject], where: "{where}"}}\n'
    _, problems = check(write(tmp_path, TICKET + text))
    expected = [f"a unique key can't depend on {what}"] if what else []
    assert [problem.message for problem in problems if problem.code != "not-enforced-yet"] == expected
