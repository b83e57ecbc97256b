"""Expressions that want too much are refused, at load by their size and while they run by what they do."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pytest

from engine.expressions.complaint import ExpressionError
from engine.expressions.kinds import BOOL, INT, ListKind, RecordKind
from engine.expressions.nodes import walk
from engine.expressions.parse import DEEPEST, LONGEST, LONGEST_CHAIN, MOST_ITEMS, MOST_NODES
from engine.expressions.reads import reads
from engine.expressions.rewrite import rewrite
from engine.functions.budget import LONGEST_TEXT, MOST_STEPS, TooMuch
from engine.to_python.compile import to_python
from engine.to_python.roots import Surroundings
from engine.to_sql.limits import MOST_LEVELS as MOST_LEVELS_IN_SQL
from engine.to_sql.limits import sql_problem
from engine.typecheck.check import check
from engine.typecheck.checking import MOST_EXPANDED, MOST_LEVELS
from engine.typecheck.schema import MemberShape, Roots
from tests.expressions.desk import FUNCTIONS, checked, complaints, said, value

SPLIT = " -- split it: a computed property can hold a part"


def nested(text: str, before: str, after: str, times: int) -> str:
    return before * times + text + after * times


HOSTILE = {
    "long": (
        "record.closed && " * 1000 + "record.closed",
        f"expression-too-long: this expression has 17,013 characters, more than {LONGEST:,}{SPLIT}",
    ),
    "nots": (
        "!" * 3000 + "record.closed",
        f"expression-too-deep: this expression is nested too deep: more than {DEEPEST} levels{SPLIT}",
    ),
    "minuses": (
        "-" * 3000 + "record.count",
        f"expression-too-deep: this expression is nested too deep: more than {DEEPEST} levels{SPLIT}",
    ),
    "brackets": (
        nested("1", "[", "]", 1500),
        f"expression-too-deep: this expression is nested too deep: more than {DEEPEST} levels{SPLIT}",
    ),
    "calls": (
        nested("1", "abs(", ")", 700),
        f"expression-too-deep: this expression is nested too deep: more than {DEEPEST} levels{SPLIT}",
    ),
    "choices": (
        "true ? 1 : " * 300 + "2",
        f"expression-too-deep: this expression is nested too deep: more than {DEEPEST} levels{SPLIT}",
    ),
    "sums": (
        "1" + "+1" * 1900,
        f"expression-too-deep: this expression is nested too deep: more than {LONGEST_CHAIN} operators in a row{SPLIT}",
    ),
    "sums in calls": (
        nested("1", "abs(", "+1+1+1+1+1+1+1+1+1)", 20),
        f"expression-too-deep: this expression is nested too deep: more than {LONGEST_CHAIN} operators in a row{SPLIT}",
    ),
    "path": (
        "record" + ".head" * 700,
        f"expression-too-deep: this expression is nested too deep: more than {LONGEST_CHAIN} operators in a row{SPLIT}",
    ),
    "parts": (
        "||".join(["record.closed"] * 260),
        f"expression-too-large: this expression has 521 parts, more than {MOST_NODES}{SPLIT}",
    ),
    "items": (
        f"record.count in [{','.join(['1'] * 1500)}]",
        (
            f"expression-too-large: this list has 1500 items, more than {MOST_ITEMS}"
            " -- keep such values in records, or mark those that are meant with a property"
        ),
    ),
    "number": (
        "9" * 3000 + " > 1",
        "number-too-large: this number does not fit 64 bits -- write it with a point",
    ),
    "pattern": (
        "record.note.matches('(((a{200}){200}){200}){200}')",
        "wrong-arguments: this pattern is too large: its repetitions come to 1,616,080,402 steps, more than 3,000",
    ),
    "open brackets": (
        "(" * 3000,
        "expression-syntax: the expression ends too early -- a value is expected: a name, a number, a text",
    ),
    "open quotes": (
        "record.note == " + "'" * 2999,
        "expression-syntax: \"''''''\" can't stand here -- an operator is expected: == && || + …",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_too_large_is_refused(name: str) -> None:
    text, expected = HOSTILE[name]
    assert said(complaints(text)[0]) == expected


def test_brackets_around_something_cost_nothing() -> None:
    assert complaints(nested("record.closed", "(", ")", 1900)) == ()


def test_conditions_in_a_row_are_flat() -> None:
    assert complaints(" && ".join(["record.closed"] * 160)) == ()


def test_what_is_just_small_enough_goes_through_every_stage() -> None:
    for text in (
        "abs(" * 45 + "record.count" + ")" * 45,
        "record.count" + "+1" * 60,
        "record.closed ? 1 : " * 40 + "2",
        "!" * 46 + "record.closed",
        "abs(" * 20 + "record.count" + "+1+1)" * 20,
    ):
        tree = check(text, Roots(records={"record": ("ticket",)}), Chain(0), FUNCTIONS).node
        assert len(list(walk(tree))) > 40
        assert rewrite(tree, lambda _: None) is tree
        assert list(reads(tree)) == ["record"]
        assert to_python(tree).source


def test_statements_are_less_deep_than_python() -> None:
    """Writing a statement down recurses a dozen times for each operation: it must not end in a RecursionError."""
    assert sql_problem(checked("record.count" + "+1" * (MOST_LEVELS_IN_SQL - 2)).node) is None
    found = sql_problem(checked("record.count" + "+1" * 40).node)
    assert found is not None
    assert found.reason == "operations stand 42 deep in one another, more than 24"


# ---- computed properties that stand for their expressions


LARGE = (
    f"expression-too-large: with what it is computed of, this has more than {MOST_EXPANDED:,} parts"
    f" or {MOST_LEVELS} levels -- keep a part of it in the database: stored: true"
)


class Chain:
    """An entity whose computed properties read one another: `p1` reads `p0`, `p2` reads `p1` …"""

    def __init__(self, length: int, expression: str = "record.{0} + record.{0}") -> None:
        self.length, self.expression = length, expression

    def member(self, entity: str, name: str) -> MemberShape | None:
        if name in ("p0", "count"):
            return MemberShape(name, INT)
        if name == "closed":
            return MemberShape(name, BOOL)
        if name == "lines":
            return MemberShape(name, ListKind(RecordKind(("ticket",))))
        if name[0] == "p" and int(name[1:]) <= self.length:
            return MemberShape(name, INT, computed=self.expression.format(f"p{int(name[1:]) - 1}"))
        return None

    def names(self, entity: str) -> Collection[str]:
        return ["p0"]

    def parent_of(self, entity: str) -> str | None:
        return None

    def named_by(self, entity: str) -> str | None:
        return None


def refused(text: str, schema: Chain) -> list[str]:
    try:
        check(text, Roots(records={"record": ("ticket",)}), schema, FUNCTIONS)
    except ExpressionError as error:
        return [said(each) for each in error.complaints]
    return []


def test_computed_properties_that_double_are_refused() -> None:
    """Thirty of them would be a tree of a thousand million nodes."""
    assert refused("record.p8 > 1", Chain(30)) == []
    assert refused("record.p30 > 1", Chain(30)) == [LARGE]


def test_a_long_row_of_computed_properties_is_refused() -> None:
    row = Chain(500, "record.{0} + 1")
    assert refused("record.p20 > 1", row) == []
    assert refused("record.p500 > 1", row) == [LARGE]


def test_lists_stay_at_three_levels_through_computed_properties() -> None:
    walks = Chain(9, "record.lines.map(l, l.{0}).sum()")
    assert refused("record.p3 > 1", walks) == []
    assert refused("record.p4 > 1", walks) == [
        "expression-too-deep: lists are nested more than 3 deep -- use a computed property for a part"
    ]


# ---- while it runs


def lines(number: int) -> dict[str, Any]:
    row = dict.fromkeys(("name", "price", "cost")) | {"done": True}
    return {"lines": tuple({"id": each, "amount": each, **row} for each in range(number))}


NESTED = [
    "record.lines.exists(a, record.lines.exists(b, a.amount + b.amount < 0))",
    "record.lines.all(a, record.lines.filter(b, a.amount == b.amount).size() == 1)",
    "record.lines.map(a, record.lines.map(b, b.amount).sum()).sum() > 0",
    "record.lines.filter(a, a.amount in record.lines.map(b, b.amount)).size() > 0",
    "record.lines.filter(a, a in record.lines).size() > 0",
    "record.lines.map(a, (record.lines + record.lines).size()).sum() > 0",
]


@pytest.mark.parametrize("text", NESTED)
def test_lists_in_lists_have_a_budget(text: str) -> None:
    assert value(text, lines(30)) in (True, False)
    with pytest.raises(TooMuch, match=f"lists in lists have more than {MOST_STEPS:,} items together"):
        value(text, lines(1001))


def test_a_list_alone_is_as_long_as_it_is() -> None:
    assert value("record.lines.filter(a, a.amount > 5).size()", lines(5_000)) == 4_994


def test_each_evaluation_has_its_own_budget() -> None:
    evaluate = to_python(checked(NESTED[0]).node, "true").evaluate
    assert [evaluate(lines(600), Surroundings()) for _ in range(4)] == [False] * 4


@pytest.mark.parametrize(
    "text",
    ["'a'" + ".replace('a', 'aaaaaaaaaaaaaaaa')" * 8, "record.note.split('').map(c, record.note).join('-')"],
)
def test_texts_do_not_grow_without_end(text: str) -> None:
    with pytest.raises(TooMuch, match=f"characters, more than {LONGEST_TEXT:,}"):
        value(text, {"note": "x" * 2_000})


def test_a_record_error_is_what_it_becomes() -> None:
    assert [base.__name__ for base in TooMuch.__mro__[1:3]] == ["RecordError", "EngineError"]
