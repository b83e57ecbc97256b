"""`engine explain`: an expression with its SQL and its values; the graph of what is computed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Outcome, Run
from tests.support.metadata import write

DESK = """
# metadata/app.yaml
app: desk
settings: {currency: EUR, timezone: UTC}

# entities/ticket.yaml
entity: ticket
properties:
  subject: {type: text, required: true}
  status:  {type: choice, options: [open, closed], default: open}
  due_at:  {type: datetime}
  hours:   {type: decimal}
  overdue: {type: boolean, computed: "record.due_at < now() && record.status != 'closed'"}
  spent:   {type: decimal, computed: "record.hours * 2", stored: true}
relations:
  account: {to: account, inverse: tickets}

# entities/account.yaml
entity: account
properties:
  name: {type: text, required: true}
  open: {type: integer, computed: "record.tickets.filter(t, t.status == 'open').size()", stored: true}
"""


@pytest.fixture
def desk(tmp_path: Path, run: Run) -> Path:
    """The desk's folder, with a database that has one ticket."""
    folder = tmp_path / "desk"
    write(folder, DESK)
    database = f"sqlite:///{tmp_path / 'desk.db'}"
    assert run("apply", folder, "--database", database).status == 0
    assert run("sample", folder, "--entity", "ticket", "--records", 1, "--database", database).status == 0
    return folder


def explained(run: Run, desk: Path, text: str, *more: object) -> Outcome:
    database = f"sqlite:///{desk.parent / 'desk.db'}"
    words = ("explain", "expression", text, "--entity", "ticket", "--folder", desk, "--database", database)
    return run(*words, *map(str, more))


def test_an_expression_is_told_with_what_becomes_of_it(run: Run, desk: Path) -> None:
    told = explained(run, desk, "record.overdue && record.account.name == 'Acme'")
    assert told.status == 0
    blocks = told.out.split("\n\n")
    assert blocks[:3] == [
        "record.overdue && record.account.name == 'Acme'",
        "It is a condition that can be unknown, and then counts as not true.",
        "It reads:\n    record.due_at\n    record.status\n    record.account.name\n    now()",
    ]
    assert blocks[3].startswith("Python:\n    def evaluate(record, roots):\n        return ")
    assert blocks[4].startswith("SQLite:\n    SELECT ticket.id")
    assert "LEFT OUTER JOIN account AS account_1 ON account_1.id = ticket.account" in blocks[4]
    assert ":e_0 = now()" in blocks[4]
    assert "= 'Acme'" in blocks[4]
    assert blocks[5].startswith("PostgreSQL:\n    SELECT ticket.id")


def test_its_parts_are_tried_on_a_record(run: Run, desk: Path) -> None:
    told = explained(run, desk, "record.status in ['open', 'closed'] && record.subject == 'x'", "--record", 1)
    assert told.status == 0
    lines = told.out.partition("On ticket 1, for the engine itself:\n")[2].splitlines()
    assert [line.split()[0] for line in lines[:2]] == ["false", "true"]
    assert lines[0].endswith("  record.status in ['open', 'closed'] && record.subject == 'x'")
    assert lines[2].endswith("      record.status")


def test_an_unknown_is_explained(run: Run, desk: Path) -> None:
    told = explained(run, desk, "1 / (size(record.subject) - size(record.subject))", "--record", 1)
    assert "It is unknown because 1 / (size(record.subject) - size(record.subject)) fails" in told.out


def test_what_has_no_sql_says_why(run: Run, desk: Path) -> None:
    told = explained(run, desk, "record.subject.split(' ').size() > 2")
    assert "\nSQLite: none. split of this is computed in Python only: record.subject.split(' ')\n" in told.out
    assert "\nPostgreSQL: none. " in told.out


def test_mistakes_are_underlined(run: Run, desk: Path) -> None:
    told = explained(run, desk, "record.hourz > 2 && record.status == 'opne'")
    assert told.status == 1
    assert told.out == (
        "error[unknown-property]  no property 'hourz' on ticket\n"
        "    record.hourz > 2 && record.status == 'opne'\n"
        "           ^^^^^ did you mean 'hours'?\n"
        "\n"
        "error[unknown-choice]  can't compare choice 'status' with 'opne'\n"
        "    record.hourz > 2 && record.status == 'opne'\n"
        "                                         ^^^^^^ its values are open, closed; did you mean 'open'?\n"
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--record", 99), "there is no ticket 99"),
        (("--record", 1, "--as", "nobody"), "there is no user 'nobody'"),
    ],
)
def test_who_and_what_is_not_there(run: Run, desk: Path, words: tuple[object, ...], said: str) -> None:
    told = explained(run, desk, "record.hours > 2", *words)
    assert told.status != 0
    assert said in told.err


def test_an_entity_that_is_not_there(run: Run, desk: Path) -> None:
    told = run("explain", "expression", "1", "--entity", "tiket", "--folder", desk)
    assert (told.status, told.err) == (2, "engine: no entity 'tiket'; did you mean 'ticket'?\n")


def test_an_entity_shows_what_is_computed_of_what(run: Run, desk: Path) -> None:
    ticket = run("explain", "entity", "ticket", desk).out
    assert ticket.rpartition("# computed:\n")[2] == (
        "#   overdue: due_at, status, now()\n"
        "#   spent (stored): hours\n"
        "\n"
        "# what is computed from it:\n"
        "#   status → account.open, overdue\n"
        "#   due_at → overdue\n"
        "#   hours → spent\n"
    )
    account = run("explain", "entity", "account", desk).out
    assert account.endswith(
        "#   open (stored): tickets.status\n\n# what is computed from it:\n#   tickets → open\n"
    )


def test_why_a_list_has_not_a_record(run: Run, desk: Path) -> None:
    database = ("--database", f"sqlite:///{desk.parent / 'desk.db'}")
    made = (
        "user",
        "create",
        "root",
        "--folder",
        desk,
        "--role",
        "administrator",
        "--password-stdin",
        *database,
    )
    assert run(*made, stdin="correct horse battery\n").status == 0
    ask = ("explain", "access", "root", "read")
    there = ("ticket/1", "--folder", desk, *database)
    told = run(*ask, *there, "--filter", "hours=", "--where", "record.status != null")
    assert "the filter: hours is empty" in told.out
    assert "the condition: record.status != null" in told.out
    assert run(*ask, *there, "--search", "nothing of the kind").status == 1
    assert "write PATH=VALUE" in run(*ask, *there, "--filter", "hours").err
    assert "no view 'mine' of ticket" in run(*ask, *there, "--view", "mine").err
    assert "no property or relation 'nix'" in run(*ask, *there, "--filter", "nix=1").err
    assert "about one record" in run(*ask, "ticket", *there[1:], "--search", "x").err
