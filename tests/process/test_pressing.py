"""Buttons of an entity: what a transition does, without a change of state; on both databases."""

from __future__ import annotations

import pytest

from engine.errors import Conflict, Forbidden, Invalid, NotFound
from engine.process import pressing
from engine.process.several import press_many, pressable
from engine.reading.query import HistoryEntry
from engine.service import records
from tests.support.buttons import ButtonHouse, buttons
from tests.support.statements import counted

__all__ = ["buttons"]

MOST_STATEMENTS = 25
"""What using a button with a form, a guard and two actions may cost."""


@pytest.fixture
def ticket(buttons: ButtonHouse) -> int:
    client = buttons.make("client", name="Acme").id
    return buttons.make("ticket", "ana", subject="Help", client=client).id


def newest(house: ButtonHouse, number: int, action: str) -> HistoryEntry:
    with house.as_() as context:
        found = records.history(context, "ticket", number)
    return next(entry for entry in found if entry.action == action)


def refused(error: pytest.ExceptionInfo[Invalid]) -> set[tuple[str, str]]:
    return {(each.at, each.code) for each in error.value.errors}


def test_it_sets_makes_and_changes_in_the_person_s_name(buttons: ButtonHouse, ticket: int) -> None:
    done = buttons.press("alin", ticket, "call_back", {"minutes": 5, "subject": "Help!"})
    assert (done.values["moves"], done.values["subject"], done.values["status"]) == (5, "Help!", "new")
    assert [row.values["subject"] for row in buttons.rows("job")] == ["Call Acme"]
    assert [row.values["rating"] for row in buttons.rows("client")] == [1]


def test_the_history_tells_the_button_and_its_form(buttons: ButtonHouse, ticket: int) -> None:
    buttons.press("ana", ticket, "call_back", {"minutes": 5})
    entry = newest(buttons, ticket, "action")
    assert (entry.transition, entry.actor_name) == ("Call back", "Ana")
    shown = [(each.label, each.new.text) for each in entry.changes if each.new]
    assert shown == [("Minutes", "5"), ("Moves", "5")]
    (job,) = buttons.rows("job")
    with buttons.as_() as context:
        made = records.history(context, "job", job.id)
    assert made[0].cause == "Call back"


@pytest.mark.parametrize(
    ("login", "name"),
    [
        ("vera", "call_back"),  # no grant
        ("mara", "call_back"),  # granted on her own
        ("mara", "rename"),
        ("alin", "rename"),  # his role reaches his own
        ("ana", "go_on"),  # a role is named that she has not
    ],
)
def test_who_may_not_is_refused(buttons: ButtonHouse, ticket: int, login: str, name: str) -> None:
    with pytest.raises(Forbidden):
        buttons.press(login, ticket, name, {"minutes": 1, "subject": "x"})
    assert newest(buttons, ticket, "create")
    assert buttons.get("ticket", ticket).version == 1


def test_roles_don_t_bind_administrators_but_guards_do(buttons: ButtonHouse, ticket: int) -> None:
    buttons.press("system", ticket, "rename", {"subject": "Renamed"})
    buttons.update("ticket", ticket, client=None)
    with pytest.raises(Invalid) as error:
        buttons.press("system", ticket, "call_back", {"minutes": 1})
    assert [(each.code, each.message) for each in error.value.errors] == [
        ("guard", "Say whose ticket it is.")
    ]


def test_what_it_asks_for_is_asked_for(buttons: ButtonHouse, ticket: int) -> None:
    with pytest.raises(Invalid) as error:
        buttons.press("ana", ticket, "call_back", {"minutes": 0, "other": 1})
    assert refused(error) == {("minutes", "too-small"), ("other", "unknown-property")}
    with pytest.raises(Invalid) as error:
        buttons.press("ana", ticket, "rename", {"subject": ""})
    assert ("subject", "required") in refused(error)


def test_it_is_open_only_where_when_holds(buttons: ButtonHouse, ticket: int) -> None:
    solve(buttons, ticket)
    buttons.fire("mara", ticket, "close")
    with pytest.raises(Invalid) as error:
        buttons.press("ana", ticket, "call_back", {"minutes": 1})
    assert refused(error) == {("", "not-open")}


def solve(house: ButtonHouse, ticket: int) -> None:
    house.fire("ana", ticket, "assign", {"comment": "Mine"})
    house.make("call", ticket=ticket, outcome="answered")
    house.fire("ana", ticket, "solve", {"answer": "So it is"})


@pytest.mark.parametrize(
    ("name", "values"), [("rename", {"subject": "Other"}), ("call_back", {"subject": "x", "minutes": 1})]
)
def test_what_the_state_freezes_binds_its_form(
    buttons: ButtonHouse, ticket: int, name: str, values: dict[str, object]
) -> None:
    solve(buttons, ticket)
    with pytest.raises(Invalid) as error:
        buttons.press("ana", ticket, name, values)
    assert ("subject", "frozen") in refused(error)


def test_what_the_state_freezes_binds_what_it_does(buttons: ButtonHouse, ticket: int) -> None:
    solve(buttons, ticket)
    buttons.fire("mara", ticket, "close")
    before = buttons.get("ticket", ticket)
    with pytest.raises(Invalid):
        buttons.press("ana", ticket, "stamp")
    assert buttons.get("ticket", ticket).version == before.version


def test_it_fires_transitions_and_what_follows_follows(buttons: ButtonHouse, ticket: int) -> None:
    buttons.press("mara", ticket, "go_on")
    entry = newest(buttons, ticket, "transition")
    assert (entry.transition, entry.cause) == ("Note", "Go on")


def test_an_older_version_is_refused(buttons: ButtonHouse, ticket: int) -> None:
    buttons.press("ana", ticket, "call_back", {"minutes": 5}, version=1)
    with pytest.raises(Conflict):
        buttons.press("ana", ticket, "call_back", {"minutes": 5}, version=1)
    assert len(buttons.rows("job")) == 1


@pytest.mark.parametrize(("number", "name"), [(1, "nothing"), (1, "assign"), (99, "stamp")])
def test_what_is_not_there_is_not_found(buttons: ButtonHouse, ticket: int, number: int, name: str) -> None:
    with pytest.raises(NotFound):
        buttons.press("ana", number, name)


def test_it_tells_which_are_open_and_why_others_are_not(buttons: ButtonHouse, ticket: int) -> None:
    buttons.update("ticket", ticket, client=None)
    with buttons.as_("ana") as context:
        found = {each.transition.name: each for each in pressing.offers(context, "ticket", ticket)}
    assert [name for name, each in found.items() if each.open] == ["rename", "raise_it", "stamp"]
    assert [each.message for each in found["call_back"].obstacles] == ["Say whose ticket it is."]
    assert (found["call_back"].offered, found["go_on"].offered) == (True, False)


def test_who_may_not_is_not_told_whether_it_would_apply(buttons: ButtonHouse, ticket: int) -> None:
    solve(buttons, ticket)
    buttons.fire("mara", ticket, "close")
    with buttons.as_("vera") as context:
        found = {each.transition.name: each for each in pressing.offers(context, "ticket", ticket)}
    assert [each.kind for each in found["call_back"].obstacles] == ["rights"]


def test_nothing_of_one_in_the_trash(buttons: ButtonHouse, ticket: int) -> None:
    with buttons.as_() as context:
        records.delete(context, "ticket", ticket)
    with pytest.raises(NotFound):
        buttons.press("ana", ticket, "stamp")


def test_old_is_the_record_as_it_was_before_the_button(buttons: ButtonHouse, ticket: int) -> None:
    done = buttons.press("ana", ticket, "raise_it", {"priority": "high"})
    assert (done.values["priority"], done.values["moves"]) == ("high", 10)
    assert [row.values["count"] for row in buttons.rows("job") if "low" in row.values["subject"]] == [0]
    with pytest.raises(Invalid) as error:
        buttons.press("ana", ticket, "raise_it", {"priority": "high"})
    assert [each.message for each in error.value.errors] == ["It has this priority already."]
    assert buttons.press("ana", ticket, "raise_it", {"priority": "low"}).values["moves"] == 20
    assert len([row for row in buttons.rows("job") if "low" in row.values["subject"]]) == 1


def test_each_of_several_is_done_or_reported(buttons: ButtonHouse, ticket: int) -> None:
    nobodys = buttons.make("ticket", "ana", subject="Whose?").id
    other = buttons.make("ticket", "alin", subject="More", client=buttons.rows("client")[0].id).id
    with buttons.as_("ana") as context:
        report = press_many(context, "ticket", [ticket, nobodys, other, 999], "call_back", {"minutes": 2})
    assert report.done == (ticket, other)
    assert report.refused[nobodys] == "Say whose ticket it is."
    assert set(report.refused) == {nobodys, 999}
    assert [buttons.get("ticket", each).values["moves"] for each in (ticket, nobodys, other)] == [2, 0, 2]
    assert len(buttons.rows("job")) == 2
    with buttons.as_("ana") as context, pytest.raises(NotFound):
        press_many(context, "ticket", [ticket], "assign", {})


def test_what_somebody_might_use(buttons: ButtonHouse) -> None:
    for login, expected in (("ana", ["call_back", "rename", "raise_it", "stamp"]), ("vera", [])):
        with buttons.as_(login) as context:
            assert [each.name for each in pressable(context, "ticket")] == expected


def pressed(house: ButtonHouse, ticket: int) -> int:
    with house.as_("ana") as context, counted() as found:
        pressing.press(context, "ticket", ticket, "raise_it", {"priority": "high"})
    return len(found)


def test_a_button_costs_the_same_however_many_records_there_are(buttons: ButtonHouse, ticket: int) -> None:
    first, second = (buttons.make("ticket", "ana", subject="Help").id for _ in range(2))
    pressed(buttons, first)  # which makes the statements that are kept
    few = pressed(buttons, second)
    *_, last = [buttons.make("ticket", "ana", subject="Help").id for _ in range(12)]
    for _ in range(3):
        buttons.make("job", subject="Another", ticket=last)
    assert pressed(buttons, last) == few
    assert few <= MOST_STATEMENTS
