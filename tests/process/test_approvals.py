"""Approvals: who is asked, how many have to agree, in which order, who stands in, and what a refusal does."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.errors import Forbidden, Invalid, NotFound
from engine.process import approving, firing, telling
from engine.process.firing import Pending
from engine.service import records
from engine.work.stored import load
from tests.support.tickets import House


def in_review(house: House, **values: object) -> int:
    number = house.make("offer", **{"name": "Offer", **values}).id
    house.agree("ana", number, "submit")
    return number


def state(house: House, number: int) -> object:
    return house.get("offer", number).values["state"]


def test_it_is_made_when_enough_have_agreed(house: House) -> None:
    number = in_review(house)
    assert house.agree("ana", number, "approve", comment="Fine") == Pending(1, 2)
    assert state(house, number) == "review"
    house.agree("mara", number, "approve")
    assert state(house, number) == "checked"


def test_the_same_answer_counts_once(house: House) -> None:
    number = in_review(house)
    house.agree("ana", number, "approve")
    assert house.agree("ana", number, "approve") == Pending(1, 2)
    with house.as_() as context:
        votes = [entry for entry in records.history(context, "offer", number) if entry.action == "vote"]
    assert len(votes) == 1


def test_others_are_not_asked(house: House) -> None:
    number = in_review(house)
    with pytest.raises(Forbidden):
        house.agree("system", number, "approve")


def test_guards_hold_for_every_agreement(house: House) -> None:
    number = in_review(house, name="bad")
    with pytest.raises(Invalid) as refused:
        house.agree("ana", number, "approve")
    assert refused.value.errors[0].message == "Not this one."


def test_a_refusal_says_why_and_sends_it_back(house: House) -> None:
    number = in_review(house)
    house.agree("ana", number, "approve")
    with pytest.raises(Invalid):
        house.refuse("mara", number, "approve", "  ")
    house.refuse("mara", number, "approve", "Too dear")
    assert state(house, number) == "draft"
    house.agree("ana", number, "submit")
    assert house.agree("mara", number, "approve") == Pending(1, 2)  # a new round


def checked(house: House) -> int:
    number = in_review(house, keeper=house.users["alin"])
    house.agree("ana", number, "approve")
    house.agree("mara", number, "approve")
    return number


def test_one_after_another_in_the_order_of_the_roles(house: House) -> None:
    number = checked(house)
    with pytest.raises(Forbidden):
        house.agree("ana", number, "sign")
    assert house.agree("mara", number, "sign") == Pending(1, 3)
    assert house.agree("ana", number, "sign") == Pending(2, 3)
    house.agree("alin", number, "sign")
    assert state(house, number) == "signed"


def test_a_deputy_answers_for_who_is_away(house: House) -> None:
    number = checked(house)
    today = house.gateway.clock().date()
    house.make(
        "absence",
        user=house.users["mara"],
        deputy=house.users["vera"],
        starts_on=str(today - timedelta(days=1)),
        ends_on=str(today + timedelta(days=1)),
    )
    with pytest.raises(NotFound):  # who can't read it can't answer either
        house.agree("vera", number, "sign")
    house.update("user", house.users["vera"], roles=["clerk"])
    assert house.agree("vera", number, "sign") == Pending(1, 3)


def test_votes_are_seen_on_the_record(house: House) -> None:
    number = in_review(house)
    house.agree("ana", number, "approve", comment="Fine")
    with house.as_("mara") as context:
        stored = load(context, "offer", [number])[number]
        (found,) = approving.standings(context, "offer", stored)
    assert (found.given, found.needed, found.mine) == (1, 2, True)
    assert found.votes == (("Ana", True, "Fine"),)


def told(house: House, login: str) -> list[tuple[str, str]]:
    with house.as_(login) as context:
        return [(each.subject, each.text) for each in telling.told(context, 10)]


def test_whose_turn_it_is_next_is_told(house: House) -> None:
    number = in_review(house)
    house.agree("ana", number, "approve")
    house.agree("mara", number, "approve")
    house.agree("mara", number, "sign")
    assert told(house, "mara") == []
    assert told(house, "alin") == [("Offer waits for you: Sign", "")]


def test_an_owner_is_told_why_somebody_refused(house: House) -> None:
    number = house.make("plan", "ana", name="Plan").id
    with house.as_("mara") as context:
        firing.reject(context, "plan", number, "approve", "Too dear.")
    assert told(house, "ana") == [("Plan was refused: Approve", "Too dear.")]
    assert told(house, "mara") == []


def test_where_the_record_stays_everybody_is_asked_anew(house: House) -> None:
    number = house.make("plan", "ana", name="Plan").id
    for _ in range(2):
        assert house_agrees(house, "ana", number) == Pending(1, 2)
        assert not isinstance(house_agrees(house, "mara", number), Pending)


def house_agrees(house: House, login: str, number: int) -> object:
    with house.as_(login) as context:
        return firing.fire(context, "plan", number, "discuss", {})
