"""The kinds of condition that business systems have, each as it is written here and what it says of a few records."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from engine.to_python.roots import Surroundings
from engine.types.money import Money
from tests.expressions.desk import EMPTY, judged

ADA: dict[str, Any] = {"id": 7, "name": "Ada", "unit": {"id": 3}, "limit": 100}
BOB: dict[str, Any] = {"id": 8, "name": "Bob", "unit": None, "limit": None}
ACME = {"id": 3, "name": "Acme", "city": "Cluj", "vip": True, "owner": ADA, "head": None, "tickets": ()}
BRANCH = {**ACME, "id": 4, "name": "Acme North", "vip": False, "owner": None, "head": ACME}


def line(number: int, **more: Any) -> dict[str, Any]:
    made = {"id": number, "name": None, "amount": None, "price": None, "cost": None, "done": False}
    return {**made, **more}


FULL: dict[str, Any] = {
    "note": "urgent: call back",
    "status": "pending",
    "priority": "high",
    "count": 12,
    "hours": Decimal("7.50"),
    "price": Money(Decimal("1250.00"), "EUR"),
    "due": date(2026, 3, 10),
    "made": date(2026, 2, 1),
    "opened": datetime(2026, 3, 1, 8, 0, tzinfo=UTC),
    "urgent": True,
    "topics": ("bug", "wish"),
    "place": None,
    "customer": BRANCH,
    "agent": ADA,
    "lines": (
        line(1, name="Hammer", amount=2, price=Decimal("9.50"), done=True),
        line(2, name="Nails", amount=100, price=Decimal("0.10"), done=False),
    ),
    "tags": ({"id": 1, "name": "VIP"},),
}
BARE: dict[str, Any] = {"made": date(2026, 3, 1)}
BEFORE = {**EMPTY, "status": "open", "priority": "low", "count": 12, "agent": BOB, "made": date(2026, 2, 1)}
AROUND = Surroundings(
    now=datetime(2026, 3, 12, 9, 0, tzinfo=UTC),
    today=date(2026, 3, 12),
    user=ADA,
    old=BEFORE,
    roles=("agent",),
    subordinates=(BOB,),
    values={"settings.limit": 10, "settings.word": "x"},
    feature=lambda name: name == "billing",
    can=lambda name: name == "export",
)

CONDITIONS: list[tuple[str, bool | None, bool | None]] = [
    # one value
    ("record.status == 'pending'", True, False),
    ("record.status in ['open', 'pending']", True, True),
    ("!(record.status in ['open', 'pending'])", False, False),
    ("record.priority != 'low'", True, True),
    ("record.priority == null || record.priority == 'high'", True, True),
    ("record.urgent == true", True, False),
    ("record.closed", False, False),
    ("!record.closed", True, True),
    # something is there, or is not
    ("has(record.note)", True, False),
    ("empty(record.note)", False, True),
    ("truthy(record.count)", True, False),
    ("record.note != null && record.note != ''", True, False),
    ("record.customer != null", True, False),
    ("record.lines.size() > 0", True, False),
    ("empty(record.tags)", False, True),
    # numbers and amounts
    ("record.count > 10", True, None),
    ("record.count >= 10 && record.count <= 20", True, None),
    ("coalesce(record.count, 0) > 10", True, False),
    ("record.hours * 100 > 700", True, None),
    ("record.price > 1000", True, None),
    ("record.price.amount * 2 == 2500", True, None),
    ("record.count % 2 == 0", True, None),
    ("record.count > record.limit", True, None),
    ("record.count > settings.limit", True, None),
    # texts
    ("record.note.contains('call')", True, None),
    ("record.note.startsWith('urgent')", True, None),
    ("lower(record.note).contains('URGENT') || record.note.matches('^[a-z]+:')", True, None),
    ("size(record.note) > 200", False, None),
    # dates
    ("record.due < today()", True, None),
    ("record.due < today() && record.status != 'closed'", True, None),
    ("record.made >= today() - duration('720h')", False, True),
    ("today() - record.made > duration('240h')", True, True),
    ("record.opened < now() - duration('24h')", True, None),
    ("month(record.made) == 3", False, True),
    ("record.due > record.made", True, None),
    # relations
    ("record.agent == user", True, False),
    ("record.agent == user || record.agent in user.subordinates", True, False),
    ("record.customer.owner == user", False, False),
    ("record.customer.head.vip", True, None),
    ("record.customer.head.owner.name == 'Ada'", True, False),
    ("record.customer.id == user.unit.id", False, False),
    # rows
    ("record.lines.exists(l, l.amount > 50)", True, False),
    ("record.lines.all(l, l.done)", False, True),
    ("record.lines.exists(l, !l.done) && record.status == 'pending'", True, False),
    ("record.lines.map(l, l.price * l.amount).sum() > 20", True, False),
    ("record.lines.filter(l, l.done).size() == 1", True, False),
    ("'VIP' in record.tags", True, False),
    ("'bug' in record.topics && !('question' in record.topics)", True, False),
    # who, when, what changed
    ("user.has_role('manager')", False, False),
    ("user.has_role('agent') && record.count < user.limit", True, None),
    ("user.can('export') && feature('billing')", True, True),
    ("changed(record.priority)", True, True),
    ("changed_to(record.status, 'pending')", True, False),
    ("old.status == 'open' && record.status == 'pending'", True, False),
    ("!is_new() && record.count != old.count", False, True),
    # choices
    ("record.status == 'pending' ? has(record.note) : true", True, True),
    ("(record.urgent == true ? 1 : 30) < record.count", True, None),
]


@pytest.mark.parametrize(("text", "full", "bare"), CONDITIONS)
def test_a_condition_of_every_kind(text: str, full: bool | None, bare: bool | None) -> None:
    assert (judged(text, FULL, AROUND), judged(text, BARE, AROUND)) == (full, bare)
