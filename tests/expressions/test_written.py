"""Checked trees as text, and the value of each of their parts."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from engine.expressions.written import constant, written
from engine.to_python.roots import Surroundings
from engine.to_python.trace import causes, trace
from engine.types.money import Money
from tests.expressions.desk import checked
from tests.expressions.test_conditions import CONDITIONS

AS_WRITTEN = [
    "record.count + 1 > record.limit && !record.closed || record.note == null",
    "(record.closed || record.urgent) && record.count == 2",
    "!(record.status in ['open', 'pending'])",
    "-(record.count + 1)",
    "record.count - (record.limit - 1)",
    "record.count * 2 + record.limit / 3 % 5",
    "record.closed ? record.count : record.limit",
    "(record.closed ? 1 : 2) + 3",
    "record.customer.owner.name.startsWith('Al') || record.place.city == 'Cluj'",
    "record.lines.exists(line, line.done && line.amount > 5)",
    "record.lines.filter(a, a.done).map(b, b.amount).sum() + record.lines.size()",
    "record.tags.map(t, t.name).join(', ')",
    "record.topics[0] == 'bug'",
    "coalesce(record.count, record.limit, 3)",
    "has(record.note) || empty(record.tags) || truthy(record.count)",
    "now() > record.opened && today() == record.due && is_new()",
    "user.has_role('agent') || user.can('export') || feature('billing') || settings.word == 'x'",
    "record.opened < timestamp('2026-01-02T03:04:05Z') || record.lasts > duration('1h30m')",
    "record.due == date('2026-01-31')",
    r"record.note == 'it\'s'",
]


@pytest.mark.parametrize("text", AS_WRITTEN)
def test_a_tree_is_written_as_it_was_read(text: str) -> None:
    assert written(checked(text).node) == text


@pytest.mark.parametrize("text", [text for text, _, _ in CONDITIONS])
def test_what_is_written_means_the_same(text: str) -> None:
    once = written(checked(written(checked(text).node)).node)
    assert written(checked(once).node) == once


@pytest.mark.parametrize(
    ("text", "expected"),
    [("record.late", "record.due < today()"), ("record.double + 1", "record.count * 2 + 1")],
)
def test_a_computed_property_is_spelled_out(text: str, expected: str) -> None:
    assert written(checked(text).node) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "null"),
        (True, "true"),
        (Decimal("1.50"), "1.50"),
        (Money(Decimal("2.00"), "EUR"), "money('2.00', 'EUR')"),
        (Money(Decimal(5), ""), "5"),
        (time(8, 30), "'08:30:00'"),
        (timedelta(days=-2), "duration('-48h')"),
        (timedelta(seconds=90, microseconds=5), "duration('1m30.000005s')"),
        (timedelta(), "duration('0s')"),
        ((1, None, "x"), "[1, null, 'x']"),
        ({"id": 7, "_entity": "line", "name": "x"}, "line 7"),
        (datetime(2026, 1, 2, tzinfo=UTC), "timestamp('2026-01-02T00:00:00Z')"),
        (date(2026, 1, 2), "date('2026-01-02')"),
    ],
)
def test_values_are_written_as_one_would_write_them(value: Any, expected: str) -> None:
    assert constant(value) == expected


# ---- traces

RECORD: dict[str, Any] = {
    "id": 1,
    "count": None,
    "limit": 0,
    "closed": False,
    "status": "open",
    "note": "x",
    "customer": None,
    "due": None,
    "lines": (
        {"id": 1, "_entity": "line", "amount": 3, "done": True},
        {"id": 2, "_entity": "line", "amount": None, "done": False},
    ),
}


def steps(text: str) -> list[str]:
    found = trace(checked(text).node, RECORD, Surroundings(today=date(2026, 3, 1)))
    return [f"{'  ' * step.depth}{step.text} = {step.shown}" for step in found]


def why(text: str) -> list[str]:
    return causes(trace(checked(text).node, RECORD, Surroundings()))


def test_every_part_has_its_value() -> None:
    assert steps("record.count + 1 > 2 || record.status == 'open'") == [
        "record.count + 1 > 2 || record.status == 'open' = true",
        "  record.count + 1 > 2 = unknown",
        "    record.count + 1 = unknown",
        "      record.count = null",
        "  record.status == 'open' = true",
        "    record.status = 'open'",
    ]


def test_a_path_says_where_it_ends() -> None:
    assert steps("record.customer.owner.name == 'Al'") == [
        "record.customer.owner.name == 'Al' = false",
        "  record.customer.owner.name = null",
        "    record.customer.owner = null",
        "      record.customer = null",
    ]


def test_lists_show_what_becomes_of_their_items() -> None:
    assert steps("record.lines.all(l, l.amount > 2)") == [
        "record.lines.all(l, l.amount > 2) = unknown",
        "  record.lines = [line 1, line 2]",
        "  l = line 1",
        "    l.amount > 2 = true",
        "      l.amount = 3",
        "  l = line 2",
        "    l.amount > 2 = unknown",
        "      l.amount = null",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("record.count + 1 > 2", ["record.count is null"]),
        ("record.customer.owner.name + '!'", ["record.customer is null"]),
        ("record.lines.all(l, l.amount > 2)", ["l.amount is null"]),
        ("record.late", ["record.due is null"]),
        (
            "5 / record.limit > 1",
            [
                "5 / record.limit fails: a division by zero, too large, outside a list, or different currencies"
            ],
        ),
        ("record.limit == 0", []),
    ],
)
def test_what_made_it_unknown_is_told(text: str, expected: list[str]) -> None:
    assert why(text) == expected
