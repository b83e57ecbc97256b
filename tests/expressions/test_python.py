"""Expressions in Python: what they give, what null and unknown do to that, and where exact numbers end."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from engine.to_python.compile import to_python
from engine.to_python.roots import Surroundings
from engine.types.money import Money
from tests.expressions.desk import checked, judged, roots, value

LARGEST = 2**63 - 1


def eur(text: str) -> Money:
    return Money(Decimal(text), "EUR")


# ---- and, or, not: every pair of true, false and unknown

T, F, U = "record.closed", "!record.closed", "record.urgent"
WORDS = {T: True, F: False, U: None}
AND = {(True, True): True, (True, None): None, (None, True): None, (None, None): None}
OR = {(False, False): False, (False, None): None, (None, False): None, (None, None): None}


@pytest.mark.parametrize("left", WORDS)
@pytest.mark.parametrize("right", WORDS)
def test_unknown_is_absorbed_where_the_other_side_decides(left: str, right: str) -> None:
    record, pair = {"closed": True}, (WORDS[left], WORDS[right])
    assert judged(f"{left} && {right}", record) is AND.get(pair, False)
    assert judged(f"{left} || {right}", record) is OR.get(pair, True)
    assert (
        judged(f"!({left} && {right})", record)
        is {True: False, False: True, None: None}[AND.get(pair, False)]
    )
    assert judged(f"!({left}) || !({right})", record) is judged(f"!({left} && {right})", record)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # null is a value to == != in, and to nothing else
        ("record.note == null", True),
        ("record.note != null", False),
        ("record.note == record.priority", True),
        ("record.note != 'a'", True),
        ("record.note == 'a'", False),
        ("record.count == record.limit", False),
        ("record.count < 1", None),
        ("!(record.count < 1)", None),
        ("record.count >= record.count", None),
        ("record.urgent", None),
        ("record.urgent == null", True),
        ("record.urgent == true", False),
        ("record.urgent != true", True),
        ("record.note in ['a', null]", True),
        ("record.note in ['a']", False),
        ("!(record.note in ['a'])", True),
        ("'a' in [record.note]", False),
        ("record.customer == null", True),
        ("record.customer.name == null", True),
        ("record.customer.owner.name != 'x'", True),
        ("record.customer.vip", None),
        ("record.place.city == null", True),
        ("record.price == null", True),
        ("record.price.amount == null", True),
        # an operation on null is unknown, which equals nothing
        ("record.count + 1 == null", None),
        ("record.count + 1 != null", None),
        ("record.count + 1 == record.count + 1", None),
        ("record.count + 1 in [null]", None),
        ("size(record.note) == 0", None),
        ("record.limit / record.limit == 1", True),
        ("record.limit / (record.limit - 10) == 1", None),
        ("record.limit / (record.limit - 10) == 1 || true", True),
        # a choice whose condition is unknown is unknown; its branches keep what they are
        ("(record.urgent ? 1 : 1) == 1", None),
        ("(record.closed ? 1 : record.count) == null", True),
        ("(record.closed ? 1 : record.count + 1) == null", None),
        ("(record.limit > 5 ? record.count : record.count + 1) == null", True),
        ("(record.limit < 5 ? record.count : record.count + 1) == null", None),
        ("(record.limit > 5 ? record.count : record.count + 1) in [null, 1]", True),
        # has, empty, truthy are never unknown
        ("has(record.note)", False),
        ("has(record.count + 1)", False),
        ("has(record.subject)", True),
        ("has(record.lines)", False),
        ("empty(record.note)", True),
        ("empty(record.subject)", True),
        ("empty(record.topics)", True),
        ("empty(record.limit)", False),
        ("truthy(record.note)", False),
        ("truthy(record.limit - 10)", False),
        ("truthy(record.closed)", False),
        ("truthy(record.urgent)", False),
        ("coalesce(record.count, 7) == 7", True),
        ("coalesce(record.count + 1, record.limit) == 10", True),
        ("coalesce(record.count, record.hours) == null", True),
        # of no items
        ("record.lines.exists(l, l.done)", False),
        ("record.lines.all(l, l.done)", True),
        ("record.lines.exists_one(l, l.done)", False),
        ("record.lines.map(l, l.amount).sum() == 0", True),
        ("record.lines.map(l, l.amount).max() == null", True),
        ("record.lines.map(l, l.amount).avg() == null", None),
        ("record.lines.first().name == null", True),
        ("record.lines.size() == 0", True),
    ],
)
def test_null_and_unknown(text: str, expected: bool | None) -> None:
    assert judged(text) is expected


# ---- numbers

NUMBERS: list[tuple[str, Any]] = [
    ("7 / 2", 3),
    ("-7 / 2", -3),
    ("7 / -2", -3),
    ("7 % 3", 1),
    ("-7 % 3", -1),
    ("7 % -3", 1),
    ("1 + 2 * 3 - 4", 3),
    ("-(1 - 3)", 2),
    ("9223372036854775807 + 1", None),
    ("-9223372036854775808 - 1", None),
    ("-9223372036854775808 / -1", None),
    ("-9223372036854775808 % -1", None),
    ("-(-9223372036854775807 - 1)", None),
    ("4611686018427387904 * 2", None),
    ("4611686018427387904 * -2", -(2**63)),
    ("0.1 + 0.2", Decimal("0.3")),
    ("0.1 + 0.2 == 0.3", True),
    ("1.10 == 1.1", True),
    ("1 + 0.5", Decimal("1.5")),
    ("1 == 1.0", True),
    ("2 > 1.5", True),
    ("1.5 * 1.5", Decimal("2.25")),
    ("1.0 / 3", Decimal("0.333333")),
    ("2.0 / 3", Decimal("0.666667")),
    ("-2.0 / 3", Decimal("-0.666667")),
    ("1.0 / 8", Decimal("0.125000")),
    ("12.34 / 100", Decimal("0.1234")),
    ("7.5 % 2", Decimal("1.5")),
    ("-7.5 % 2", Decimal("-1.5")),
    ("0.00001 * 0.00001", Decimal("0E-8")),
    ("9223372036854775.807 + 0.001", None),
    ("9223372036854775.806 + 0.001", Decimal("9223372036854775.807")),
    ("-9223372036854775.807 - 0.002", None),
    ("99999999999.9 * 99999999999.9", None),
    ("decimal('10.50') + 1", Decimal("11.50")),
    ("record.hours * record.rate", Decimal("2.500050")),
    ("record.hours / record.rate", Decimal("0.899982")),
    ("1e400 > 1.0", True),
]


@pytest.mark.parametrize(("text", "expected"), NUMBERS)
def test_numbers_are_exact_or_unknown(text: str, expected: Any) -> None:
    found = value(text, {"hours": Decimal("1.50"), "rate": Decimal("1.6667")})
    assert found == expected
    assert type(found) is type(expected)


MONEY: list[tuple[str, Any]] = [
    ("record.price + 5", eur("15.00")),
    ("record.price - money('0.01', 'EUR')", eur("9.99")),
    ("record.price * 3", eur("30.00")),
    ("record.price * 1.19", eur("11.9000")),
    ("record.price / 3", eur("3.33333333")),
    ("record.price / record.price", Decimal("1.000000")),
    ("-record.price", eur("-10.00")),
    ("record.price > 9.99", True),
    ("record.price == 10", True),
    ("record.price in [10, 20]", True),
    ("record.price.amount", Decimal("10.00")),
    ("record.price.currency", "EUR"),
    ("record.fee + money('1', 'USD')", Money(Decimal("6.00"), "USD")),
    ("record.fee + record.price", None),
    ("record.fee < record.price", None),
    ("record.fee == record.price", False),
    ("record.fee != record.price", True),
    ("record.fee == money('5', 'USD')", True),
    ("record.fee > 4", True),
    ("record.price * 1000000000000000", eur("10000000000000000.00")),
    ("record.price * 10000000000000000", None),
]


@pytest.mark.parametrize(("text", "expected"), MONEY)
def test_money_keeps_its_currency(text: str, expected: Any) -> None:
    record = {"price": eur("10.00"), "fee": Money(Decimal("5.00"), "USD")}
    assert value(text, record) == expected


# ---- texts, time

NOW = datetime(2026, 3, 31, 22, 30, tzinfo=UTC)
AROUND = Surroundings(now=NOW, today=date(2026, 4, 1))
TIMES: list[tuple[str, Any]] = [
    ("today()", date(2026, 4, 1)),
    ("now() - duration('30m')", datetime(2026, 3, 31, 22, 0, tzinfo=UTC)),
    ("today() + duration('48h')", date(2026, 4, 3)),
    ("today() + duration('47h')", date(2026, 4, 2)),
    ("today() - duration('-47h')", date(2026, 4, 2)),
    ("duration('24h') + today()", date(2026, 4, 2)),
    ("record.due - today()", timedelta(days=30)),
    ("record.due - today() > duration('48h')", True),
    ("record.opened < now()", True),
    ("now() - record.opened", timedelta(hours=22, minutes=30)),
    ("date('9999-12-31') + duration('24h')", None),
    ("timestamp('9999-12-31T23:59:59Z') + duration('1s')", None),
    ("timestamp('0001-01-01T00:00:00Z') - duration('1s')", None),
    ("duration('2000000h') * 2", "refused"),
    ("record.starts < time('10:00')", None),
    ("timestamp('2026-01-01T01:00:00+02:00') == timestamp('2025-12-31T23:00:00Z')", True),
    ("date('2026-01-31') in [date('2026-01-31'), record.due]", True),
]


@pytest.mark.parametrize(("text", "expected"), TIMES)
def test_time(text: str, expected: Any) -> None:
    if expected == "refused":
        with pytest.raises(ValueError, match="can't multiply a length of time and a whole number"):
            checked(text)
        return
    record = {"due": date(2026, 5, 1), "opened": datetime(2026, 3, 31, tzinfo=UTC)}
    assert value(text, record, AROUND) == expected


# ---- lists


def line(number: int, **more: Any) -> dict[str, Any]:
    made = {"id": number, "name": None, "amount": None, "price": None, "cost": None, "done": False}
    return {**made, **more}


LINES = (
    line(1, name="a", amount=3, price=Decimal("1.50"), cost=eur("2.00"), done=True),
    line(2, name="b", amount=None, price=Decimal("2.25"), cost=None),
    line(3, name=None, amount=5, price=None, cost=eur("0.50")),
)
LISTS: list[tuple[str, Any]] = [
    ("record.lines.size()", 3),
    ("size(record.lines)", 3),
    ("record.lines.exists(l, l.amount > 4)", True),
    ("record.lines.exists(l, l.amount > 9)", None),
    ("record.lines.all(l, l.amount > 1)", None),
    ("record.lines.all(l, l.amount > 4)", False),
    ("record.lines.all(l, l.amount == null || l.amount > 1)", True),
    ("record.lines.exists_one(l, l.done)", True),
    ("record.lines.exists_one(l, l.amount > 4)", None),
    ("record.lines.filter(l, l.done).size()", 1),
    ("record.lines.filter(l, l.amount > 4).size()", None),
    ("record.lines.filter(l, coalesce(l.amount, 0) > 2).map(l, l.id)", (1, 3)),
    ("record.lines.map(l, l.amount)", (3, None, 5)),
    ("record.lines.map(l, l.amount + 1)", None),
    ("record.lines.map(l, l.amount).sum()", 8),
    ("record.lines.map(l, l.amount + 1).sum()", 10),
    ("record.lines.map(l, l.amount).count()", 2),
    ("record.lines.map(l, l.amount).avg()", Decimal("4.000000")),
    ("record.lines.map(l, l.amount).min()", 3),
    ("record.lines.map(l, l.price).sum()", Decimal("3.75")),
    ("record.lines.map(l, l.price).avg()", Decimal("1.875000")),
    ("record.lines.map(l, l.cost).sum()", eur("2.50")),
    ("record.lines.map(l, l.cost).max()", eur("2.00")),
    ("record.lines.map(l, l.name).join(', ')", "a, b"),
    ("record.lines.map(l, l.name).first()", "a"),
    ("record.lines.first().amount", 3),
    ("record.lines[0].amount", 3),
    ("record.lines[7].amount", None),
    ("record.lines.map(l, l.amount)[1]", None),
    ("record.lines.filter(l, l.done).map(l, l.price).sum() == 1.5", True),
    ("record.lines.map(l, l.done, l.amount).sum()", 3),
    ("record.lines.exists(a, record.lines.exists(b, a.id + 1 == b.id && b.amount == 5))", True),
    ("5 in record.lines.map(l, l.amount)", True),
    ("null in record.lines.map(l, l.amount)", True),
    ("4 in record.lines.map(l, l.amount)", False),
    ("record.lines.map(l, l.cost * l.amount).sum()", eur("8.50")),
    ("'bug' in record.topics", True),
    ("record.topics.exists(t, t != 'bug')", True),
    ("record.topics == ['bug', 'wish']", True),
    ("record.topics + ['question']", ("bug", "wish", "question")),
    ("record.tags.exists(t, t.name == 'VIP')", True),
    ("'VIP' in record.tags", True),
    ("'vip' in record.tags", False),
    ("[1, 2, 3].map(x, x * x).sum()", 14),
    ("[].exists(x, x > 1)", False),
    ("[].map(x, x + 1).size()", 0),
    ("[].join('-')", ""),
    ("[3, 1, 2].max() + [3, 1, 2].min()", 4),
    ("[record.count, 1].sum()", 1),
    ("[1.5, 2].sum()", Decimal("3.5")),
]


@pytest.mark.parametrize(("text", "expected"), LISTS)
def test_lists(text: str, expected: Any) -> None:
    tags = ({"id": 1, "name": "VIP"}, {"id": 2, "name": "new"})
    record = {"lines": LINES, "topics": ("bug", "wish"), "tags": tags}
    assert value(text, record) == expected
    if expected in (True, False, None) and checked(text).kind.word == "a condition":
        assert judged(text, record) is expected


# ---- who asks, what was before, what surrounds


def test_surroundings() -> None:
    user = {"id": 7, "name": "Ada", "unit": None, "limit": 100}
    around = Surroundings(
        user=user,
        old={
            **dict.fromkeys(("count", "note", "agent", "priority")),
            "status": "open",
            "customer": {"id": 5},
        },
        roles=("agent",),
        subordinates=({"id": 8},),
        values={"settings.limit": 3, "settings.word": "x"},
        feature=lambda name: name == "billing",
        can=lambda name: name == "export",
    )
    record = {"status": "closed", "agent": {"id": 7}, "count": 4, "customer": {"id": 5}}
    expected = {
        "record.agent == user": True,
        "record.agent.id == user.id": True,
        "record.agent in user.subordinates": False,
        "user.has_role('agent')": True,
        "user.has_role('manager')": False,
        "'agent' in user.roles": True,
        "user.can('export')": True,
        "feature('billing')": True,
        "settings.limit < record.count": True,
        "user.limit > settings.limit": True,
        "is_new()": False,
        "changed(record.status)": True,
        "changed(record.note)": False,
        "changed(record.agent)": True,
        "changed(record.customer)": False,
        "changed_to(record.status, 'closed')": True,
        "changed_to(record.status, 'open')": False,
        "old.status == 'open' && record.status != old.status": True,
        "record.count > old.count": None,
        "record.about == user": False,
    }
    assert {text: judged(text, record, around) for text in expected} == expected


def test_nothing_was_before_a_new_record() -> None:
    around = Surroundings(is_new=True)
    expected = {
        "is_new()": True,
        "old == null": True,
        "old.status == null": True,
        "changed(record.status)": True,
        "changed(record.note)": False,
        "changed_to(record.status, 'open')": True,
    }
    assert {text: judged(text, None, around) for text in expected} == expected


def test_records_of_several_entities_are_told_apart() -> None:
    user = {"id": 7, "name": "Ada", "unit": None, "limit": None}
    for about, same in (
        ({"id": 7, "_entity": "user"}, True),
        ({"id": 7, "_entity": "account"}, False),
        (None, False),
    ):
        assert judged("record.about == user", {"about": about}, Surroundings(user=user)) is same


def test_computed_properties_stand_for_their_expression() -> None:
    assert value("record.double + 1", {"count": 4}) == 9
    assert judged("record.late", {"due": date(2026, 1, 1)}, AROUND) is True
    assert value("record.customer.tickets.map(t, t.double).sum()", {"customer": None}) == 0


# ---- the source


def test_the_source_has_no_names_but_ours() -> None:
    text = "record.note == 'it\\'s' && record.subject.contains(\"'\") && record.lines.exists(l, l.name == '__class__')"
    made = to_python(checked(text).node, "true")
    assert "__class__'" in made.source
    assert made.evaluate.__globals__["__builtins__"] == {}
    assert (
        made.evaluate({"note": "it's", "subject": "a'b", "lines": ({"name": "__class__"},)}, Surroundings())
        is True
    )


def test_a_guard_asks_each_value_once() -> None:
    text = "record.limit > 5 && record.status in ['open', 'pending'] && record.agent == user"
    source = to_python(checked(text, roots=roots("guard")).node, "true").source
    assert (
        source.count("record['limit']")
        == source.count("record['status']")
        == source.count("record['agent']")
        == 1
    )
