"""What the metadata's expressions do to a write: defaults, conditions, validations, computed values."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from engine.drafts.preview import preview
from engine.errors import Invalid
from engine.reading.query import Link, Record
from engine.service import records
from engine.types.money import Money
from engine.work.context import SYSTEM, Actor
from engine.work.gateway import Gateway
from tests.support.shop import opened


def create(claims: Gateway, entity: str = "claim", actor: Actor = SYSTEM, **values: Any) -> Record:
    return claims.writing(actor, "api", lambda context: records.create(context, entity, values))


def update(claims: Gateway, record: Record, **values: Any) -> Record:
    return claims.writing(
        SYSTEM, "api", lambda context: records.update(context, record.entity, record.id, values)
    )


def refusals(claims: Gateway, record: Record | None = None, **values: Any) -> dict[str, str]:
    """What a write is refused for, by place; {} where it is done."""
    try:
        if record is None:
            create(claims, **values)
        else:
            update(claims, record, **values)
    except Invalid as invalid:
        return {error.at: error.code for error in invalid.errors}
    return {}


def test_defaults_are_computed_where_nothing_is_said(claims: Gateway) -> None:
    user = create(claims, "user", login="ann", name="Ann", roles=["administrator"])
    ann = Actor(user.id, "ann", "Ann", frozenset({"administrator"}))
    record = create(claims, actor=ann, title="Lamp")
    assert record.values["due"] - record.values["created_at"] == timedelta(hours=48)
    assert record.values["label"] == "Lamp (open)"
    assert record.values["keeper"] == Link("user", user.id, "Ann")
    other = create(claims, actor=ann, title="Desk", label="mine", keeper=None)
    assert other.values["label"] == "mine"
    assert other.values["keeper"] is None


def test_what_does_not_apply_is_refused_and_not_required(claims: Gateway) -> None:
    assert refusals(claims, title="x", status="refunded") == {}
    assert refusals(claims, title="x", refund=5) == {"refund": "not-available"}
    assert refusals(claims, title="x", status="refunded", cost=5) == {"refund": "required"}
    assert refusals(claims, title="x", status="refunded", cost=5, refund=5) == {}


def test_a_value_that_applied_once_stays_when_it_no_longer_does(claims: Gateway) -> None:
    record = create(claims, title="x", cost=5, refund=3)
    changed = update(claims, record, cost=0, reason="a mistake")
    assert changed.values["refund"] == Money(Decimal("3.00"), "EUR")
    assert refusals(claims, record, refund=4) == {"refund": "not-available"}


def test_read_only_while_a_condition_holds(claims: Gateway) -> None:
    record = create(claims, title="x", note="a")
    assert refusals(claims, record, status="closed", note="b") == {"note": "read-only"}
    assert refusals(claims, record, status="closed", note="a") == {}
    assert refusals(claims, record, note="b") == {"note": "read-only"}
    assert refusals(claims, record, status="open", note="b") == {}


def test_a_condition_on_the_change_itself(claims: Gateway) -> None:
    record = create(claims, title="x", cost=5)
    assert refusals(claims, record, title="y") == {}
    assert refusals(claims, record, cost=6) == {"reason": "required"}
    assert refusals(claims, record, cost=5) == {}


def test_validations_say_their_message_at_their_place(claims: Gateway) -> None:
    with pytest.raises(Invalid) as error:
        create(claims, title="x", due="2020-01-01T00:00:00Z", cost=5000)
    assert [(each.at, each.code, each.message) for each in error.value.errors] == [
        ("due", "check", "The due date must come after the creation date."),
        ("", "check", "A claim so high needs lines."),
    ]


def test_a_validation_that_reads_null_has_nothing_to_check(claims: Gateway) -> None:
    assert refusals(claims, title="x", lines=[{"what": "a"}]) == {}
    assert refusals(claims, title="x", lines=[{"what": "a", "share": 101}]) == {"lines.0.share": "check"}


def test_conditions_of_rows_know_their_parent_as_it_will_be(claims: Gateway) -> None:
    rows = [{"what": "a"}, {"what": "b", "hint": "h"}]
    assert refusals(claims, title="x", lines=rows) == {}
    assert refusals(claims, title="x", status="refunded", lines=rows) == {"lines.0.hint": "required"}


def test_only_what_is_offered_can_be_chosen(claims: Gateway) -> None:
    open_one, closed = create(claims, title="a"), create(claims, title="b", status="closed")
    assert refusals(claims, title="x", previous=closed.id) == {"previous": "not-offered"}
    assert refusals(claims, title="x", previous=open_one.id) == {}
    assert refusals(claims, title="x", previous=closed.id, status="closed") == {}


def test_a_computed_value_can_not_be_written(claims: Gateway) -> None:
    assert refusals(claims, title="x", overdue=True) == {"overdue": "read-only"}


def test_a_refused_write_leaves_no_trace(claims: Gateway) -> None:
    record = create(claims, title="x", cost=5)
    assert refusals(claims, record, cost=6)
    with claims.read(SYSTEM, "api") as context:
        again = records.get(context, "claim", record.id)
        assert (again.version, again.values["cost"]) == (1, Money(Decimal("5.00"), "EUR"))
        assert len(records.history(context, "claim", record.id)) == 1


def test_a_preview_says_how_it_would_stand(claims: Gateway) -> None:
    values = {"title": "x", "cost": 5, "status": "refunded", "lines": [{"what": "a"}]}
    with claims.read(SYSTEM, "page") as context:
        found = preview(context, "claim", values)
        nothing = preview(context, "claim", {})
    assert found.hidden == set()
    assert found.required == {"refund", "lines.0.hint"}
    assert found.computed["doubled"] == Money(Decimal("10.00"), "EUR")
    assert nothing.hidden == {"refund"}
    assert nothing.computed == {"doubled": None, "overdue": False}


UNIQUE = """
app: codes
---
entity: coupon
properties:
  code:   {type: text}
  status: {type: choice, options: [open, used], default: open}
  amount: {type: decimal}
unique:
  - {of: [code], where: "record.status != 'used' && record.amount > 1.5", message: This code is in use.}
"""


@pytest.fixture
def coupons(tmp_path: Path, database_url: str) -> Iterator[Gateway]:
    gateway = opened(tmp_path, database_url, UNIQUE)
    yield gateway
    gateway.close()


def test_a_unique_key_among_the_records_that_meet_a_condition(coupons: Gateway) -> None:
    first = create(coupons, "coupon", code="A", amount=2)
    create(coupons, "coupon", code="A", amount=1)
    with pytest.raises(Invalid) as error:
        create(coupons, "coupon", code="A", amount=3)
    assert [(each.at, each.code, each.message) for each in error.value.errors] == [
        ("code", "unique", "This code is in use.")
    ]
    update(coupons, first, status="used")
    second = create(coupons, "coupon", code="A", amount=3)
    with pytest.raises(Invalid):
        update(coupons, first, status="open")
    update(coupons, second, amount=1)
    update(coupons, first, status="open")


def test_the_database_holds_a_conditional_unique_key_too(coupons: Gateway) -> None:
    create(coupons, "coupon", code="A", amount=2)
    now = coupons.clock()
    row = {"code": "A", "amount": Decimal(2), "status": "open", "version": 1}
    statement = sa.insert(coupons.runtime.table("coupon").table).values(**row, created_at=now, updated_at=now)
    with pytest.raises(IntegrityError), coupons.write(SYSTEM, "cli") as context:
        context.connection.execute(statement)
