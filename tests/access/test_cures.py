"""The smallest change that turns an answer: one where one does, else two, each tried with what enforces."""

from __future__ import annotations

from engine.identity.identity import actor_named
from engine.service.cures import cure
from engine.service.why import explain
from tests.support.desk import Desk


def _cured(desk: Desk, login: str, action: str, case: str, member: str | None = None) -> str | None:
    with desk.as_("system", writing=False) as context:
        why = explain(context, actor_named(desk.gateway, login), action, "case", desk.ids[case], member)
        assert not why.answer
        found = cure(context, why)
        return found.words if found else None


def test_one_change_is_enough_where_only_the_record_is_out_of_reach(desk: Desk) -> None:
    desk.make("case", "case:far", subject="far", owner=desk.ids["sorin"])
    said = _cured(desk, "tia", "read", "case:far")
    assert said is not None
    assert "; and " not in said


def test_two_changes_are_told_where_record_and_property_are_closed(desk: Desk) -> None:
    desk.make("case", "case:far", subject="far", owner=desk.ids["sorin"])
    said = _cured(desk, "otto", "update", "case:far", "refund")
    assert said is not None
    first, _, second = said.partition("; and ")
    assert first == "name outsider in the access of refund"
    assert second.startswith("grant to role outsider: `update: ")
