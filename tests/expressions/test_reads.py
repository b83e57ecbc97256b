"""What expressions read, so that it is there before they are evaluated."""

from __future__ import annotations

import pytest

from engine.expressions.nodes import is_ambient
from engine.expressions.reads import reads
from tests.expressions.desk import checked

READS: list[tuple[str, dict[str, list[str]]]] = [
    ("1 + 1", {}),
    ("now() > timestamp('2026-01-01T00:00:00Z')", {}),
    ("settings.limit > 1 && feature('billing') && user.has_role('agent')", {}),
    ("record.note == 'a'", {"record": ["note"]}),
    ("record.note == record.subject || record.note == 'b'", {"record": ["note", "subject"]}),
    ("record.customer == null", {"record": ["customer"]}),
    ("record.customer.owner.name == 'x'", {"record": ["customer.owner.name"]}),
    ("record.customer.name == 'x' && has(record.customer)", {"record": ["customer.name"]}),
    ("record.agent == user", {"record": ["agent"], "user": []}),
    ("record.agent.id == user.id", {"record": ["agent.id"], "user": ["id"]}),
    ("record.place.city == 'x' && record.price.amount > 1", {"record": ["place", "price"]}),
    ("record.lines.size() > 1", {"record": ["lines"]}),
    ("record.lines.exists(l, l.amount > record.limit)", {"record": ["limit", "lines.amount"]}),
    ("record.lines.filter(l, l.done).map(l, l.price).sum() > 1.0", {"record": ["lines.done", "lines.price"]}),
    ("record.lines.filter(l, l.done).first().name == 'x'", {"record": ["lines.done", "lines.name"]}),
    ("record.lines[0].name == 'x'", {"record": ["lines.name"]}),
    (
        "record.lines.exists(a, record.lines.exists(b, a.id < b.amount))",
        {"record": ["lines.amount", "lines.id"]},
    ),
    (
        "record.customer.tickets.exists(t, t.agent.unit.name == 'x')",
        {"record": ["customer.tickets.agent.unit.name"]},
    ),
    (
        "(record.closed ? record.customer : record.customer.head).name == 'x'",
        {"record": ["closed", "customer.head.name", "customer.name"]},
    ),
    (
        "coalesce(record.customer.head, record.customer).name == 'x'",
        {"record": ["customer.head.name", "customer.name"]},
    ),
    ("[record.customer].exists(c, c.vip)", {"record": ["customer.vip"]}),
    ("'VIP' in record.tags", {"record": ["tags.name"]}),
    ("record.note in record.lines.map(l, l.name)", {"record": ["lines.name", "note"]}),
    ("record.lines.map(l, l.name).join(record.note) == 'a'", {"record": ["lines.name", "note"]}),
    ("changed(record.customer.name)", {"record": ["customer.name"], "old": ["customer.name"]}),
    ("old.status == 'open'", {"old": ["status"]}),
    ("option.owner == record.agent", {"option": ["owner"], "record": ["agent"]}),
    ("record.double > 1 && record.late", {"record": ["count", "due"]}),
    ("record.lines.exists(l, l.ticket.double > 1)", {"record": ["lines.ticket.count"]}),
]


@pytest.mark.parametrize(("text", "expected"), READS)
def test_reads(text: str, expected: dict[str, list[str]]) -> None:
    found = reads(checked(text).node)
    assert {root: sorted(need.paths()) for root, need in found.items()} == expected


def test_several_expressions_share_their_needs() -> None:
    found = reads(
        checked("record.customer.name == 'a'").node, checked("record.customer.vip && record.closed").node
    )
    assert sorted(found["record"].paths()) == ["closed", "customer.name", "customer.vip"]


@pytest.mark.parametrize(
    ("text", "ambient"),
    [
        ("user.id == 1", True),
        ("now() > timestamp('2026-01-01T00:00:00Z')", True),
        ("[1, 2].exists(x, x == user.limit)", True),
        ("settings.limit > 1", True),
        ("record.closed", False),
        ("old.count > 1", False),
        ("user.limit > record.count", False),
    ],
)
def test_what_reads_no_record_is_the_same_for_all(text: str, ambient: bool) -> None:
    assert is_ambient(checked(text).node) is ambient
