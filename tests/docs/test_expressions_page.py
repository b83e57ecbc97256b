"""The page of the language: its tables of values are so, and its limits are those of the code."""

from __future__ import annotations

import re

import pytest

from engine.declared.rules import CONDITIONS, JUDGING
from engine.expressions import parse
from engine.functions import budget
from engine.to_sql import limits as sql_limits
from engine.typecheck import checking
from tests.docs.examples import DOCS
from tests.expressions.desk import value

PAGE = (DOCS / "reference" / "expressions.md").read_text(encoding="utf-8")
TABLES = re.findall(r"^\| expression \| value \|\n\|---\|---\|\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
ROWS = [row for table in TABLES for row in re.findall(r"^\| `(.+?)` \| `(.+?)` \|$", table, re.MULTILINE)]


def test_there_are_tables() -> None:
    assert len(TABLES) == 2
    assert len(ROWS) == sum(table.count("\n") for table in TABLES)


@pytest.mark.parametrize(("text", "expected"), ROWS)
def test_an_expression_has_the_value_it_is_said_to_have(text: str, expected: str) -> None:
    record = {"count": None, "customer": None, "limit": 10}
    assert value(text.replace("\\|", "|"), record) == value(expected)


@pytest.mark.parametrize(
    "limit",
    [
        f"| characters | {parse.LONGEST:,} |",
        f"| parts | {parse.MOST_NODES}; with the computed properties it reads {checking.MOST_EXPANDED:,} |",
        f"| operations deep | {parse.DEEPEST} |",
        f"| items of a list that is written out | {parse.MOST_ITEMS} |",
        f"| steps of a path | {checking.MOST_HOPS} |",
        f"| lists within lists | {checking.MOST_NESTED} |",
        f"in one evaluation | {budget.MOST_STEPS:,} |",
        f"walk {sql_limits.MOST_JOINS} relations",
        f"\n{sql_limits.MOST_SUBQUERIES} lists, nested at most {sql_limits.MOST_NESTED} deep",
        f"operations at most {sql_limits.MOST_LEVELS} deep",
    ],
)
def test_limits_are_those_of_the_code(limit: str) -> None:
    assert limit in PAGE


def test_every_key_is_told() -> None:
    written = {"check": "validations: check", "unique": "unique: where"}
    for key in CONDITIONS | JUDGING | {"computed", "default"}:
        assert f"| `{written.get(key, key)}" in PAGE
