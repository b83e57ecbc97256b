"""Transitions: open to whom, in which state, under which conditions, and everything they do, or nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine.errors import Conflict, Forbidden, Invalid, NotFound
from engine.process import firing
from engine.service import records
from tests.support.tickets import House


def codes(refused: pytest.ExceptionInfo[Invalid]) -> list[tuple[str, str]]:
    return [(error.at, error.code) for error in refused.value.errors]


def a_ticket(house: House, login: str = "ana", **values: Any) -> int:
    client = house.make("client", name="Acme").id
    return house.make("ticket", login, **{"subject": "Help", "client": client, **values}).id


def assigned(house: House, login: str = "ana", **values: Any) -> int:
    number = a_ticket(house, login, **values)
    house.fire(login, number, "assign", {"comment": "Mine"})
    return number


def test_a_transition_moves_the_record_and_does_what_it_says(house: House) -> None:
    number = a_ticket(house)
    moved = house.fire("ana", number, "assign", {"comment": "Mine", "priority": "high"})
    assert moved.values["status"] == "assigned"
    assert moved.values["priority"] == "high"
    assert moved.values["moves"] == 1
    assert [tag.title for tag in house.get("ticket", number).many["tags"]] == ["assigned"]
    jobs = {job.values["subject"]: job for job in house.rows("job")}
    job = jobs[f"Answer {moved.values['number']} of Acme"]
    assert job.values["assignee"].id == house.users["ana"]
    assert job.values["count"] == 1


def test_the_history_tells_it_with_the_values_of_its_form(house: House) -> None:
    number = assigned(house)
    with house.as_("mara") as context:
        entry = next(e for e in records.history(context, "ticket", number) if e.action == "transition")
    assert entry.transition == "Assign"
    told = {change.label: (change.old, change.new.text if change.new else None) for change in entry.changes}
    assert told["Comment"] == (None, "Mine")
    assert told["Status"][1] == "Assigned"


def test_a_guard_refuses_with_its_message(house: House) -> None:
    number = house.make("ticket", "ana", subject="Help").id
    with pytest.raises(Invalid) as refused:
        house.fire("ana", number, "assign", {"comment": "Mine"})
    assert codes(refused) == [("", "guard")]
    assert refused.value.errors[0].message == "Say whose ticket it is."
    assert house.get("ticket", number).values["status"] == "new"


def test_every_guard_that_does_not_hold_is_told_at_once(house: House) -> None:
    number = assigned(house, steps=[{"text": "Look"}])
    with pytest.raises(Invalid) as refused:
        house.fire("ana", number, "solve", {"answer": "Done"})
    assert [error.message for error in refused.value.errors] == [
        "Call the client first.",
        "Some steps are not done.",
    ]


def test_a_form_is_read_like_any_other(house: House) -> None:
    number = a_ticket(house)
    with pytest.raises(Invalid) as refused:
        house.fire("ana", number, "assign", {"priority": "urgent", "subjekt": "x"})
    assert set(codes(refused)) == {
        ("priority", "unknown-option"),
        ("subjekt", "unknown-property"),
        ("comment", "required"),
    }


def test_only_the_transitions_of_its_state_are_open(house: House) -> None:
    number = a_ticket(house)
    with pytest.raises(Invalid) as refused:
        house.fire("mara", number, "close")
    assert codes(refused) == [("", "not-open")]
    assert "the ticket is New" in refused.value.errors[0].message


def test_who_may_not_move_a_record_is_refused(house: House) -> None:
    number = assigned(house)
    with pytest.raises(Forbidden):
        house.fire("vera", number, "solve", {"answer": "x"})
    with pytest.raises(Forbidden):  # moves only what is theirs
        house.fire("alin", number, "solve", {"answer": "x"})
    with pytest.raises(NotFound):
        house.fire("ana", 9999, "solve")
    with pytest.raises(NotFound):
        house.fire("ana", number, "no_such_transition")


def test_what_only_the_clock_does_is_nobodys(house: House) -> None:
    number = assigned(house)
    with pytest.raises(Forbidden):
        house.fire("mara", number, "escalate")


def test_values_of_the_forms_own_reach_the_actions(house: House) -> None:
    number = assigned(house)
    house.make("call", outcome="answered", ticket=number)
    solved = house.fire("ana", number, "solve", {"answer": "Switch it on", "hours": 4})
    assert solved.values["moves"] == 5
    assert solved.values["solved_at"] is not None
    assert [job.values["subject"][:5] for job in house.rows("job")] == ["Done:"]
    assert house.rows("client")[0].values["rating"] == 5


def test_what_the_form_begins_with_counts_where_nothing_is_said(house: House) -> None:
    number = assigned(house)
    house.make("call", outcome="answered", ticket=number)
    assert house.fire("ana", number, "solve", {"answer": "x"}).values["moves"] == 2


def test_a_state_is_never_written(house: House) -> None:
    number = a_ticket(house)
    with pytest.raises(Invalid) as refused:
        house.update("ticket", number, "mara", status="closed")
    assert codes(refused) == [("status", "state-not-writable")]


def solved(house: House) -> int:
    number = assigned(house, steps=[{"text": "Look", "done": True}])
    house.make("call", outcome="answered", ticket=number)
    house.fire("ana", number, "solve", {"answer": "x"})
    return number


def test_a_state_freezes_what_it_says(house: House) -> None:
    number = solved(house)
    with pytest.raises(Invalid) as refused:
        house.update("ticket", number, "mara", subject="Other", priority="high")
    assert codes(refused) == [("subject", "frozen")]
    assert "Solved" in refused.value.errors[0].message
    assert house.update("ticket", number, "mara", priority="high").values["priority"] == "high"


def test_rows_of_a_frozen_list_are_frozen_by_every_way_in(house: House) -> None:
    number = solved(house)
    step = house.rows("step")[0].id
    for attempt in (
        lambda: house.make("step", text="More", ticket=number),
        lambda: house.update("step", step, text="Other"),
        lambda: house.update("ticket", number, steps=[{"id": step, "text": "Other"}]),
    ):
        with pytest.raises(Invalid) as refused:
            attempt()
        assert [error.code for error in refused.value.errors] == ["frozen"]
    with house.as_() as context, pytest.raises(Invalid):
        records.delete(context, "step", step)
    assert house.update("step", step, text="Look", done=True).version == 1  # which changes nothing


def test_a_state_forbids_deleting(house: House) -> None:
    number = solved(house)
    with house.as_("mara") as context, pytest.raises(Invalid) as refused:
        records.delete(context, "ticket", number)
    assert codes(refused) == [("", "frozen")]


def test_a_state_requires_on_entering_and_while_it_lasts(house: House) -> None:
    number = house.make("ticket", "mara", subject="x", client=house.make("client", name="A").id).id
    with pytest.raises(Invalid) as refused:
        house.fire("mara", number, "assign", {"comment": "x", "owner": None})
    assert ("owner", "required") in codes(refused)
    house.fire("mara", number, "assign", {"comment": "x"})
    with pytest.raises(Invalid) as refused:
        house.update("ticket", number, "mara", owner=None)
    assert codes(refused) == [("owner", "required")]


def test_administrators_are_bound_by_states_and_guards(house: House) -> None:
    number = solved(house)
    with pytest.raises(Invalid):
        house.update("ticket", number, subject="Other")
    fresh = house.make("ticket", subject="x").id
    with pytest.raises(Invalid):
        house.fire("system", fresh, "assign", {"comment": "x"})


def test_entering_and_leaving_a_state_does_what_it_says(house: House) -> None:
    number = solved(house)
    assert house.fire("mara", number, "close").values["moves"] == 102


def test_an_expression_chooses_where_it_leads(house: House) -> None:
    number = solved(house)
    assert house.fire("mara", number, "reopen").values["status"] == "assigned"


def test_where_nothing_chooses_the_target_it_is_said_so(house: House) -> None:
    number = a_ticket(house, "mara", moves=None)
    with pytest.raises(Invalid) as refused:
        house.fire("mara", number, "sort")
    assert codes(refused) == [("", "no-target")]
    assert house.get("ticket", number).values["status"] == "new"


def test_actions_know_the_record_as_it_was(house: House) -> None:
    number = solved(house)
    house.fire("mara", number, "close")
    house.fire("mara", number, "reopen")
    assert {tag.title for tag in house.get("ticket", number).many["tags"]} == {"assigned", "reopened"}


def test_a_transition_may_leave_the_state_as_it_is(house: House) -> None:
    number = a_ticket(house)
    same = house.fire("ana", number, "note", {"comment": "Called twice"})
    assert same.values["status"] == "new"
    with house.as_("ana") as context:
        entry = records.history(context, "ticket", number)[0]
    assert entry.transition == "Note"
    assert [change.new.text for change in entry.changes if change.new] == ["Called twice"]


def test_a_record_begins_by_a_transition(house: House) -> None:
    client = house.make("client", name="Acme").id
    with house.as_("ana") as context:
        made = firing.start(context, "ticket", "call_in", {"subject": "By phone", "client": client})
    assert made.values["status"] == "assigned"
    assert house.get("ticket", made.id).values["owner"].id == house.users["ana"]
    with house.as_("mara") as context, pytest.raises(Forbidden):
        firing.start(context, "ticket", "call_in", {"subject": "x"})


def test_what_the_form_of_a_beginning_lacks_is_told_before_its_guards(house: House) -> None:
    with house.as_("ana") as context, pytest.raises(Invalid) as refused:
        firing.start(context, "ticket", "call_in", {"subject": None, "nothing": 1})
    assert {each.code for each in refused.value.errors} == {"unknown-property", "required"}


def test_who_has_seen_an_older_version_is_told(house: House) -> None:
    number = a_ticket(house)
    house.update("ticket", number, subject="Other")
    with house.as_("ana") as context, pytest.raises(Conflict):
        firing.fire(context, "ticket", number, "assign", {"comment": "x"}, version=1)


def test_a_refused_action_leaves_nothing(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    number = a_ticket(house)
    before = len(house.rows("job"))

    def fails(*_: object) -> None:
        raise Invalid([])

    monkeypatch.setitem(firing.perform.__globals__["DOING"], firing.perform.__globals__["Tag"], fails)
    with pytest.raises(Invalid):
        house.fire("ana", number, "assign", {"comment": "x"})
    assert house.get("ticket", number).values["status"] == "new"
    assert len(house.rows("job")) == before


def test_an_automation_follows_on_a_change(house: House) -> None:
    number = a_ticket(house)
    house.update("ticket", number, "ana", priority="high")
    house.update("ticket", number, "ana", subject="Other")
    assert [job.values["subject"][:4] for job in house.rows("job")] == ["High"]


def test_what_follows_on_a_new_record_is_done_before_it_is_answered(house: House) -> None:
    client = house.make("client", name="Bright")
    assert [ticket.values["subject"] for ticket in house.rows("ticket")] == ["Welcome Bright"]
    assert client.values["open_tickets"] == 1


def test_processes_act_in_the_name_of_the_person(house: House) -> None:
    number = assigned(house)
    job = house.rows("job")[0]
    assert job.values["created_by"].id == house.users["ana"]
    with house.as_() as context:
        made = records.history(context, "job", job.id)[-1]
    assert made.cause == "Assign"
    assert number


def test_an_event_makes_a_transition(house: House) -> None:
    number = solved(house)
    house.fire("mara", number, "close")
    assert house.get("ticket", number).values["status"] == "closed"
    with pytest.raises(Invalid):  # closed freezes all, so that nothing can happen that would reopen it
        house.update("ticket", number, "mara", priority="high")


def test_time_in_states_is_kept(house: House) -> None:
    number = assigned(house)
    with house.as_() as context:
        from engine.service import stays

        process = context.runtime.processes.of("ticket")[0]
        found = stays.of(context, process, number)
    assert [(stay.state, stay.left_at is None) for stay in found] == [("new", False), ("assigned", True)]
    assert found[1].entered_at - found[0].entered_at >= timedelta(0)
