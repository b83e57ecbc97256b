"""What is told of a record's transitions: the same as firing does, with what it hangs on."""

from __future__ import annotations

import pytest

from engine.errors import Forbidden, Invalid, NotFound
from engine.process.explaining import Account, accounts
from engine.process.opening import openings
from tests.support.tickets import House


def told(house: House, login: str, number: int, name: str = "") -> dict[str, Account]:
    with house.as_(login) as context:
        return {each.transition.name: each for each in accounts(context, "ticket", number, name)}


def grounds(account: Account) -> list[tuple[str, bool | None, str]]:
    return [(each.kind, each.holds, each.words) for each in account.grounds]


def test_what_a_transition_hangs_on(house: House) -> None:
    number = house.make("ticket", "ana", subject="Help").id
    assert grounds(told(house, "ana", number, "assign")["assign"]) == [
        ("guard", False, "Say whose ticket it is."),
        ("rights", True, "ana may move this ticket, as agent."),
        ("state", True, "The ticket is New."),
    ]
    guard = told(house, "ana", number)["assign"].grounds[0]
    assert guard.place is not None
    assert [(step.text, step.shown) for step in guard.steps] == [
        ("record.client != null", "false"),
        ("record.client", "null"),
    ]


def test_every_transition_is_told_with_all_that_is_against_it(house: House) -> None:
    number = house.make("ticket", "ana", subject="Help").id
    found = told(house, "vera", number)
    assert {"assign", "solve", "close", "escalate", "note"} <= set(found)
    assert "call_in" not in found  # it makes a record
    assert grounds(found["close"]) == [
        ("rights", False, "You may not move this ticket on."),
        ("state", False, "Close is not open: the ticket is New, and it leads on from Solved."),
    ]
    assert grounds(found["escalate"])[0] == ("by-itself", False, "Nobody does Escalate by hand.")


def test_what_the_next_state_would_require(house: House) -> None:
    client = house.make("client", name="Acme").id
    number = house.make("ticket", "mara", subject="Help", client=client).id
    house.fire("mara", number, "assign", {"comment": "x"})
    solve = told(house, "mara", number)["solve"]
    assert ("requirement", None, "Answer is required in Solved: the form asks for it.") in grounds(solve)
    assert solve.target == "solved"
    assert not solve.open  # nobody has called


def test_it_says_what_firing_does(house: House) -> None:
    number = house.make("ticket", "ana", subject="Help", client=house.make("client", name="A").id).id
    forms = {"assign": {"comment": "x"}, "note": {"comment": "x"}}
    for login in ("ana", "alin", "mara", "vera"):
        with house.as_(login) as context:
            opened = {each.transition.name: each.open for each in openings(context, "ticket", number)}
        for name, account in told(house, login, number).items():
            assert account.open == opened[name], (login, name)
            if name != "assign":
                try:
                    house.fire(login, number, name, forms.get(name, {}))
                    assert account.open, (login, name)
                except (Forbidden, Invalid):
                    assert not account.open, (login, name)


def test_what_is_not_there(house: House) -> None:
    number = house.make("ticket", "ana", subject="Help").id
    with pytest.raises(NotFound, match="'asign'; did you mean 'assign'"):
        told(house, "ana", number, "asign")
    with pytest.raises(NotFound):
        told(house, "ana", 999)
