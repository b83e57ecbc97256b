"""Parameters of workflows: read by every expression and text, set while it runs, in effect from the next request on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.errors import FieldError, Forbidden, Invalid, NotFound
from engine.process import firing, timers
from engine.process.explaining import accounts
from engine.process.opening import openings
from engine.process.several import fire_many
from engine.reading.query import Query
from engine.service import parameters, records
from engine.store.system import parameter
from engine.work.expressions import Asked, compile_over, ready
from engine.work.expressions import parameters as bound
from engine.work.parameters import Setting
from tests.support.parameters import Offers, offers, reopened
from tests.support.statements import counted

__all__ = ["offers"]


def put(offers: Offers, login: str = "ada", /, workflow: str = "sale", **values: Any) -> None:
    with offers.as_(login) as context:
        parameters.change(context, workflow, values)


def now(offers: Offers, login: str = "ada") -> dict[str, Setting]:
    with offers.as_(login) as context:
        return {each.name: each for each in parameters.listed(context) if each.workflow == "sale"}


def draft(offers: Offers, **values: Any) -> int:
    return offers.make("offer", "sam", **{"subject": "Lamps", **values}).id


def refused(offers: Offers, *args: Any, **values: Any) -> tuple[FieldError, ...]:
    with pytest.raises(Invalid) as caught:
        put(offers, *args, **values)
    return caught.value.errors


# ---- in expressions and texts


def test_a_default_holds_until_a_value_is_set(offers: Offers) -> None:
    assert offers.go(draft(offers, discount=10), "submit").values["status"] == "sent"
    assert offers.go(draft(offers, discount=11), "submit").values["status"] == "review"
    put(offers, limit="20")
    assert offers.go(draft(offers, discount=11), "submit").values["status"] == "sent"
    with offers.as_("ada") as context:
        parameters.reset(context, "sale", "limit")
    assert offers.go(draft(offers, discount=11), "submit").values["status"] == "review"


def test_guards_hiding_and_forms_read_them(offers: Offers) -> None:
    put(offers, least={"amount": "100", "currency": "EUR"}, patient=True, level="low", wish="As you like")
    with pytest.raises(Invalid, match="worth too little"):
        offers.go(draft(offers, worth=99), "submit")
    number = draft(offers, worth=100, discount=50)
    assert offers.go(number, "submit").values["note"] == "As you like"  # by what the state does on entering
    with pytest.raises(Invalid, match="does not apply"):
        offers.go(number, "agree")
    put(offers, patient=False)
    with pytest.raises(Invalid, match="Not for this level"):
        offers.go(number, "agree")
    put(offers, level="high")
    offers.go(number, "agree")
    put(offers, wish="The end")
    assert offers.go(number, "finish").values["note"] == "The end"  # by the form, which begins with it


def test_texts_tell_them(offers: Offers) -> None:
    put(offers, limit="12.5")
    number = draft(offers)
    offers.go(number, "submit")
    with offers.as_() as context:
        told = [entry.note for entry in records.history(context, "offer", number) if entry.note]
    assert told == ["Up to 12.5%. Good luck, Lamps"]


def test_timers_read_them_as_they_fire(offers: Offers) -> None:
    number = draft(offers, discount=15)
    put(offers, limit=15)
    offers.go(number, "submit")
    moved = offers.gateway.clock() + timedelta(hours=2)
    put(offers, limit=16)
    offers.gateway.clock = lambda: moved
    assert timers.fire_due(offers.gateway) == 1
    assert offers.get("offer", number).values["status"] == "done"


def test_each_workflow_has_its_own(offers: Offers) -> None:
    put(offers, limit=50)
    number = offers.make("call", "sam", tries=3).id
    with offers.as_("sam") as context, pytest.raises(Invalid):
        firing.fire(context, "call", number, "make", {})
    put(offers, "ada", workflow="other", limit=4)
    with offers.as_("sam") as context:
        firing.fire(context, "call", number, "make", {})
    assert now(offers)["limit"].value == Decimal(50)


def test_they_are_read_once_however_many_records_ask(offers: Offers) -> None:
    numbers = [draft(offers, discount=20) for _ in range(3)]
    with offers.as_("sam") as context, counted() as asked:
        assert [len(openings(context, "offer", number)) for number in numbers] == [4, 4, 4]
        assert fire_many(context, "offer", numbers, "submit", {}).done == tuple(numbers)
    assert sum("_engine_parameter" in each for each in asked) == 1


def test_nothing_is_read_where_nothing_asks(offers: Offers) -> None:
    draft(offers)
    with offers.as_("sam") as context, counted() as asked:
        records.find(context, "offer", Query(limit=5))
        records.create(context, "offer", {"subject": "More"})
    assert asked
    assert not [each for each in asked if "_engine_parameter" in each]


@given(discount=st.decimals(0, 100, places=2), limit=st.decimals(0, 100, places=2))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_python_and_sql_read_the_same(offers: Offers, discount: Decimal, limit: Decimal) -> None:
    number = draft(offers, discount=str(discount))
    put(offers, limit=str(limit))
    workflow = offers.gateway.runtime.application.workflows["sale"]
    chooser = workflow.transitions["submit"].choose
    assert chooser is not None
    with offers.as_("sam") as context:
        rule = context.runtime.rule_of[chooser]
        table = context.runtime.table("offer").table
        made = compile_over(context, rule.checked, Asked("offer", table, lambda *_: None, "x"))
        statement = sa.select(made.clause).where(table.c.id == number)
        found = context.connection.execute(
            statement, bound(context, [ready(made, shared=False)])
        ).scalar_one()
        told = next(each for each in accounts(context, "offer", number, "submit"))
    assert found == told.target == ("review" if discount > limit else "sent")


# ---- setting them


def test_who_may_set_them(offers: Offers) -> None:
    for login in ("ada", "cora", "system"):
        put(offers, login, limit=5)
    with pytest.raises(Forbidden):
        put(offers, "sam", limit=5)
    with pytest.raises(Forbidden):
        now(offers, "sam")
    with offers.as_("sam") as context, pytest.raises(Forbidden):
        parameters.reset(context, "sale", "limit")


@pytest.mark.parametrize(
    ("values", "errors"),
    [
        ({"limit": 101}, [("limit", "too-large")]),
        ({"limit": None}, [("limit", "required")]),
        ({"limit": "much"}, [("limit", "not-a-number")]),
        ({"level": "middle", "limti": 3}, [("level", "unknown-option"), ("limti", "unknown-parameter")]),
        ({"wish": "x" * 41}, [("wish", "too-long")]),
    ],
)
def test_what_can_not_be_taken(
    offers: Offers, values: Mapping[str, Any], errors: list[tuple[str, str]]
) -> None:
    found = refused(offers, **{**values, "since": "2026-01-31"})
    assert [(each.at, each.code) for each in found] == errors
    assert now(offers)["since"].value is None  # all or none
    if "limti" in values:
        assert "Did you mean 'limit'?" in found[1].message


def test_there_is_no_such_parameter(offers: Offers) -> None:
    with pytest.raises(NotFound):
        put(offers, workflow="sael", limit=3)
    with offers.as_("ada") as context, pytest.raises(NotFound):
        parameters.reset(context, "sale", "limti")


def test_none_is_a_value_where_nothing_is_required(offers: Offers) -> None:
    put(offers, wish=None)
    assert now(offers)["wish"].value is None
    assert now(offers)["wish"].set
    number = draft(offers, discount=50)
    assert offers.go(number, "submit").values["note"] is None


def test_every_type_comes_back_as_it_was_set(offers: Offers) -> None:
    put(
        offers,
        limit="7.25",
        least="12.50",
        level="low",
        since="2026-02-28",
        levels=["high"],
        wish="é '\"",
        patient=True,
        pause="PT30M",
    )
    found = {name: each.prop.type.to_json(each.value) for name, each in now(offers).items()}
    assert found == {
        "limit": "7.25",
        "least": {"amount": "12.50", "currency": "EUR"},
        "level": "low",
        "since": "2026-02-28",
        "levels": ["high"],
        "wish": "é '\"",
        "patient": True,
        "pause": "PT30M",
    }


def test_who_changed_what_and_when_is_kept(offers: Offers) -> None:
    put(offers, limit=20)
    put(offers, limit=20)  # no change
    put(offers, "cora", limit=25, wish="Well")
    with offers.as_("ada") as context:
        parameters.reset(context, "sale", "limit")
        parameters.reset(context, "sale", "limit")  # it is already
        parameters.reset(context, "sale", "pause")  # it never was anything else
    found = now(offers)
    assert (found["limit"].set, found["limit"].by, found["limit"].value) == (False, "Ada", Decimal(10))
    assert (found["pause"].at, found["pause"].by) == (None, "")
    with offers.as_("ada") as context:
        told = [(each.by, each.value, each.reset) for each in parameters.history(context, found["limit"])]
    assert told == [("Ada", None, True), ("Cora", "25.00", False), ("Ada", "20.00", False)]


def test_a_value_holds_in_every_process(tmp_path: Path, database_url: str, offers: Offers) -> None:
    other = reopened(tmp_path, database_url)
    try:
        assert now(other)["limit"].value == Decimal(10)
        put(offers, limit=33)
        assert now(other)["limit"].value == Decimal(33)
    finally:
        other.gateway.close()


# ---- metadata that changes


def test_a_value_that_no_longer_fits_gives_way_to_the_default(
    tmp_path: Path, database_url: str, offers: Offers
) -> None:
    put(offers, limit=80, level="low")
    after = reopened(tmp_path, database_url, "min: 0, max: 100, label", "min: 0, max: 50, label")
    try:
        found = now(after)
        assert (found["limit"].value, found["limit"].set, found["limit"].unfit) == (
            Decimal(10),
            False,
            "80.00",
        )
        assert found["level"].value == "low"
        put(after, limit=40)
        assert (now(after)["limit"].value, now(after)["limit"].unfit) == (Decimal(40), None)
    finally:
        after.gateway.close()


def test_a_removed_parameter_is_forgotten_and_is_there_again_when_it_returns(
    tmp_path: Path, database_url: str, offers: Offers
) -> None:
    put(offers, pause="PT5M")
    after = reopened(tmp_path, database_url, "  pause:   {type: duration, default: 1h}\n", "")
    try:
        assert "pause" not in now(after)
        assert [each.at for each in refused(after, pause="PT1M")] == ["pause"]
    finally:
        after.gateway.close()
    assert now(offers)["pause"].value == timedelta(minutes=5)


def test_another_type_takes_over_what_it_can(tmp_path: Path, database_url: str, offers: Offers) -> None:
    put(offers, pause="PT5M", since="2026-02-28")
    after = reopened(tmp_path, database_url, "{type: duration, default: 1h}", "{type: integer, default: 7}")
    try:
        assert (now(after)["pause"].value, now(after)["pause"].unfit) == (7, "PT5M")
        assert now(after)["since"].set
    finally:
        after.gateway.close()
    after = reopened(tmp_path, database_url, "since:   {type: date}", "since:   {type: text, default: x}")
    try:
        assert now(after)["since"].value == "2026-02-28"
    finally:
        after.gateway.close()


# ---- told


def test_what_is_explained_tells_their_values(offers: Offers) -> None:
    put(offers, least=100)
    number = draft(offers, worth=5)
    with offers.as_("sam") as context:
        (found,) = accounts(context, "offer", number, "submit")
    steps = {step.text: step.shown for ground in found.grounds for step in ground.steps}
    assert steps["parameters.least"] == "money('100.00', 'EUR')"
    assert steps["record.worth"] == "money('5.00', 'EUR')"


def test_the_moment_is_that_of_the_unit_of_work(offers: Offers) -> None:
    moment = datetime(2026, 5, 4, 10, tzinfo=UTC)
    offers.gateway.clock = lambda: moment
    put(offers, limit=3)
    with offers.as_() as context:
        assert context.connection.execute(sa.select(parameter.c.at)).scalar_one() == moment
