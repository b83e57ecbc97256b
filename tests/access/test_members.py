"""Which properties somebody may read, set and change, whatever way they come in by."""

from __future__ import annotations

import pytest

from engine.access import access
from engine.errors import BadQuery, Invalid
from engine.service import records
from tests.support.desk import Desk


def test_a_profile_closes_a_group_of_properties(desk: Desk) -> None:
    number = desk.make("case", "case:tia", subject="t", cost=7, refund=3, owner=desk.ids["tia"])
    with desk.as_("tia", writing=False) as context:
        assert {"cost", "refund"}.isdisjoint(records.get(context, "case", number).values)
        for query in (
            records.Query(sort=("cost",)),
            records.Query(fields=("cost",)),
            records.Query(where=("record.cost > 5",)),
        ):
            with pytest.raises(BadQuery) as hidden:
                records.find(context, "case", query)
            with pytest.raises(BadQuery) as unknown:
                records.find(context, "case", _renamed(query))
            assert str(hidden.value).replace("cost", "zost") == str(unknown.value)
    with desk.as_("ana", writing=False) as context:
        assert access.readable(context, "case") >= {"cost", "refund"}


def _renamed(query: records.Query) -> records.Query:
    """The same query of a property that does not exist."""
    swap = lambda names: tuple(name.replace("cost", "zost") for name in names)  # noqa: E731
    return records.Query(fields=swap(query.fields), sort=swap(query.sort), where=swap(query.where))


def test_set_once_changed_never_and_the_reverse(desk: Desk) -> None:
    with desk.as_("tia") as context:
        number = (
            records.create(context, "case", {"channel": "mail", "subject": "x"} | {"subject": "s"}).id
            if "subject" in access.writable(context, "case", creating=True)
            else 0
        )
        assert number == 0  # the profile lets her read the subject, and not set it
        assert "channel" in access.writable(context, "case", creating=True)
        assert "channel" not in access.writable(context, "case", creating=False)
    own = desk.make("case", "case:own", subject="t", owner=desk.ids["tia"])
    with desk.as_("tia") as context, pytest.raises(Invalid) as refused:
        records.update(context, "case", own, {"channel": "mail", "subject": "x", "cost": 1})
    assert {(error.at, error.code) for error in refused.value.errors} == {
        ("channel", "not-allowed"),
        ("subject", "not-allowed"),
        ("cost", "unknown-property"),
    }


def test_a_propertys_own_access_narrows_writing(desk: Desk) -> None:
    with desk.as_("ana") as context:
        assert "refund" in access.readable(context, "case")
        assert "refund" not in access.writable(context, "case")
    with desk.as_("mara") as context:
        assert "refund" in access.writable(context, "case")


def test_a_role_that_may_nothing_here_opens_no_property(desk: Desk) -> None:
    with desk.as_("system") as context:
        records.update(context, "user", desk.ids["tia"], {"roles": ["trainee", "outsider"]})
    with desk.as_("tia", writing=False) as context:
        assert "cost" not in access.readable(context, "case")
