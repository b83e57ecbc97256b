"""The function of the how-to page: in computed values, validations and filters, alike on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.app import Engine, check, open_app
from engine.errors import Invalid
from engine.reading.query import Query
from engine.service import records
from engine.work.context import SYSTEM
from tests.docs.examples import DOCS, examples, write

NUMBERS = {"Ann": "+40 (21) 555-0123", "Bob": "0215550123", "Eve": None}


@pytest.fixture
def phonebook(tmp_path: Path) -> Path:
    folder = tmp_path / "phonebook"
    (folder / "metadata").mkdir(parents=True)
    (folder / "metadata" / "app.yaml").write_text("app: phonebook\n", encoding="utf-8")
    for each in examples(DOCS / "how-to" / "expression-function.md"):
        write(each, tmp_path)
    return folder


@pytest.fixture
def engine(phonebook: Path, database_url: str) -> Iterator[Engine]:
    made = open_app(phonebook, database=database_url, apply=True, environment={})
    with made.gateway.write(SYSTEM, "cli") as context:
        for name, number in NUMBERS.items():
            records.create(context, "person", {"name": name, "number": number})
    yield made
    made.close()


def test_it_computes(engine: Engine) -> None:
    with engine.gateway.read(SYSTEM) as context:
        page = records.find(context, "person", Query(fields=("name", "dialled"), sort=("name",)))
        assert [row.cells for row in page.rows] == [
            ("Ann", "40215550123"),
            ("Bob", "0215550123"),
            ("Eve", None),
        ]


def test_it_filters(engine: Engine) -> None:
    with engine.gateway.read(SYSTEM) as context:
        where = "digits(record.number).endsWith('215550123')"
        page = records.find(context, "person", Query(fields=("name",), where=(where,)))
        assert sorted(row.cells[0] for row in page.rows) == ["Ann", "Bob"]


def test_it_judges(engine: Engine) -> None:
    with engine.gateway.write(SYSTEM, "cli") as context, pytest.raises(Invalid) as error:
        records.create(context, "person", {"name": "Max", "number": "1-2-3"})
    assert [each.message for each in error.value.errors] == ["A number has at least six digits."]


def test_without_sql_it_is_told_where_that_is_missing(phonebook: Path) -> None:
    plugin = phonebook / "plugins" / "digits.py"
    plugin.write_text(plugin.read_text("utf-8").replace(", postgresql=in_postgresql", ""), "utf-8")
    problems = check(phonebook).problems
    assert [(each.code, each.message) for each in problems] == [
        ("not-in-sql", "the database can't compute this: digits of this is computed in Python only")
    ]


def test_its_arguments_are_checked(phonebook: Path) -> None:
    entity = phonebook / "entities" / "person.yaml"
    text = entity.read_text("utf-8").replace("computed: digits(record.number)", "computed: digits(record.id)")
    entity.write_text(text, "utf-8")
    assert [each.code for each in check(phonebook).problems] == ["wrong-arguments"]


def test_a_name_that_is_taken_is_refused(phonebook: Path) -> None:
    plugin = phonebook / "plugins" / "digits.py"
    plugin.write_text(plugin.read_text("utf-8").replace('"digits"', '"trim"'), "utf-8")
    assert any("there is a function 'trim' already" in each.message for each in check(phonebook).problems)
