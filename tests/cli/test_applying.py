"""`engine apply` says what it did, and other commands run where they don't need what is not applied yet."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import NOTE, Run


def test_a_fresh_database_is_made_and_each_entity_named(run: Run, folder: Path) -> None:
    first = run("apply", folder)
    assert (first.status, first.err) == (0, "")
    *lines, last = first.out.splitlines()
    assert "note (an entity): new" in lines
    assert last == f"{len(lines)} additions made: the database holds the tables of 7 entities"
    again = run("apply", folder)
    assert again.out == "nothing to add: the database holds the tables of 7 entities\n"


def test_each_addition_is_said_in_words(run: Run, folder: Path) -> None:
    run("apply", folder)
    change(folder, "due:   {type: date}", "due:   {type: date, index: true}\n  pages: {type: integer}")
    assert run("apply", folder).out.splitlines() == [
        "note.pages: new (integer)",
        "note: due, id with an index",
        "2 additions made: the database holds the tables of 7 entities",
    ]


def test_programs_get_the_same_as_json(run: Run, folder: Path) -> None:
    run("apply", folder)
    change(folder, "due:   {type: date}", "due:   {type: date}\n  pages: {type: integer}")
    assert json.loads(run("apply", folder, "--json").out) == {
        "added": ["note.pages: new (integer)"],
        "computed": [],
        "entities": 7,
    }
    assert json.loads(run("apply", folder, "--json").out) == {"added": [], "computed": [], "entities": 7}


def test_programs_learn_what_is_in_the_way(run: Run, folder: Path) -> None:
    run("apply", folder)
    change(folder, "  due:   {type: date}", "  pages: {type: integer}")
    refused = run("apply", folder, "--json")
    assert refused.status == 1
    assert json.loads(refused.out) == {
        "added": [],
        "refused": ["note.due: date in the database, but no longer in the metadata"],
        "waiting": ["note.pages: new (integer)"],
    }
    change(folder, "integer", "intger")
    wrong = run("apply", folder, "--json")
    assert wrong.status == 1
    assert [each["code"] for each in json.loads(wrong.out)["problems"]] == ["unknown-type"]


# ---- what other commands need


INDEX = ("due:   {type: date}", "due:   {type: date, index: true}")
PROPERTY = ("due:   {type: date}", "due:   {type: date}\n  pages: {type: integer}")
ENTITY = (NOTE, f"{NOTE}---\nentity: page\nproperties: {{text: {{type: text}}}}\n")
GONE = ("  due:   {type: date}\n", "")


def test_a_user_can_be_made_in_a_new_folder(run: Run, folder: Path) -> None:
    made = run("user", "create", "ann", "--password-stdin", "--folder", folder, stdin="long enough\n")
    assert (made.status, made.out) == (0, "user ann created, without any role\n")
    assert "nothing to add" in run("apply", folder).out


@pytest.mark.parametrize("difference", [INDEX, PROPERTY, ENTITY, GONE])
def test_users_and_tokens_need_nothing_of_other_entities(
    run: Run, folder: Path, difference: tuple[str, str]
) -> None:
    run("apply", folder)
    change(folder, *difference)
    made = run("user", "create", "ann", "--password-stdin", "--folder", folder, stdin="long enough\n")
    assert (made.status, made.err) == (0, "")
    assert "ann" in run("user", "list", "--folder", folder).out
    assert run("token", "create", "ann", "--folder", folder).status == 0


def test_users_need_what_belongs_to_users(run: Run, folder: Path) -> None:
    run("apply", folder)
    (folder / "entities" / "user.yaml").write_text("extend: user\nproperties: {phone: {type: phone}}\n")
    made = run("user", "create", "ann", "--password-stdin", "--folder", folder, stdin="long enough\n")
    assert made.status == 1
    assert made.err == (
        "engine: the database differs from the metadata:\n  user.phone: new (phone)\n"
        "What to do: run `engine apply`, or start with `engine serve --apply`.\n"
    )


def test_sample_data_needs_no_index_and_says_so(run: Run, folder: Path) -> None:
    run("apply", folder)
    change(folder, *INDEX)
    made = run("sample", folder, "--records", "3")
    assert made.status == 0
    assert made.err.splitlines() == [
        "engine: not applied yet, and not needed for this:",
        "  note: due, id with an index",
        "`engine apply` makes it.",
    ]
    change(folder, "{type: date, index: true}", "{type: date, unique: true}")
    refused = run("sample", folder, "--records", "3")
    assert refused.status == 1
    assert "note: due unique" in refused.err


def change(folder: Path, old: str, new: str) -> None:
    file = folder / "entities" / "note.yaml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")
