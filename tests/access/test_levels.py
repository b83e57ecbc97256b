"""Who reaches which records: levels, superiors, groups, conditions, sharing; in lists and one by one."""

from __future__ import annotations

import pytest

from engine.access import access
from engine.errors import Forbidden, Invalid, NotFound
from engine.identity.identity import actor_named
from engine.service import records
from engine.service.why import explain
from tests.support.desk import Desk


def _cases(desk: Desk, *owners: str) -> None:
    for owner in owners:
        desk.make("case", f"case:{owner}", subject=owner, owner=desk.ids[owner])


def test_levels_reach_what_belongs_to_oneself_ones_groups_and_ones_units(desk: Desk) -> None:
    _cases(desk, "dora", "mara", "milo", "ana", "alin", "sorin", "tia")
    assert desk.seen("ana", "case") == {"ana"}
    assert desk.seen("mara", "case") == {
        "mara",
        "ana",
        "alin",
        "tia",
        "sorin",
    }  # sorin: an agent, below managers
    assert desk.seen("milo", "case") == {"milo", "sorin", "ana", "alin"}
    with pytest.raises(Forbidden):
        desk.seen("otto", "case")


def test_superiors_see_what_those_below_them_own_and_may_not_change_it(desk: Desk) -> None:
    _cases(desk, "mara", "ana", "tia")
    assert desk.seen("dora", "case") == {"mara", "ana"}
    with desk.as_("milo") as context, pytest.raises(Forbidden):
        records.update(context, "case", desk.ids["case:ana"], {"subject": "mine"})


def test_what_belongs_to_a_group_is_reached_by_all_who_are_in_it(desk: Desk) -> None:
    desk.make("case", "case:queue", subject="q", owner=None, owner_group=desk.ids["night"])
    assert desk.seen("sorin", "case") == set()
    with desk.as_("system") as context:
        records.update(context, "group", desk.ids["night"], {"members": [desk.ids["sorin"]]})
    assert desk.seen("sorin", "case") == {"queue"}
    with desk.as_("sorin") as context:
        assert records.update(context, "case", desk.ids["case:queue"], {"subject": "taken"}).version == 2


def test_groups_hold_groups_in_the_metadata_and_in_their_records(desk: Desk) -> None:
    desk.make("group", "late", name="late", members=[desk.ids["sorin"]])
    desk.make("case", "case:late", subject="l", owner=None, owner_group=desk.ids["first_line"])
    assert desk.seen("sorin", "case") == set()
    with desk.as_("system") as context:
        records.update(context, "group", desk.ids["night"], {"subgroups": [desk.ids["late"]]})
    assert desk.seen("sorin", "case") == {"late"}  # late is in night, night in first_line
    assert desk.seen("tia", "case") == {"late"}  # by her role


def test_a_condition_narrows_a_grant_and_reads_other_records(desk: Desk) -> None:
    for name in ("carl", "cleo"):
        desk.make("customer", f"customer:{name}", name=name, login=desk.ids[name])
        desk.make("case", f"case:{name}", subject=name, customer=desk.ids[f"customer:{name}"])
    desk.make("case", "case:nobody", subject="n")
    assert desk.seen("carl", "case") == {"carl"}
    assert desk.seen("cleo", "case") == {"cleo"}
    with desk.as_("carl") as context, pytest.raises(NotFound):
        records.get(context, "case", desk.ids["case:cleo"])


def test_a_condition_holds_for_the_record_as_it_is_before_the_change(desk: Desk) -> None:
    mine = desk.make("case", "case:tia", subject="t", owner=desk.ids["tia"])
    with desk.as_("tia") as context:
        records.update(context, "case", mine, {"status": "closed"})
    with desk.as_("tia") as context, pytest.raises(Forbidden):
        records.update(context, "case", mine, {"status": "open"})


def test_sharing_rules_share_what_some_own_with_others(desk: Desk) -> None:
    _cases(desk, "mara", "ana")
    assert desk.seen("tia", "case") == {"mara"}  # she is in first_line by her role
    desk.make("case", "case:urgent", subject="u", urgent=True, owner=desk.ids["sorin"])
    assert desk.seen("ana", "case") == {"ana", "urgent"}
    with desk.as_("ana") as context:
        records.update(context, "case", desk.ids["case:urgent"], {"subject": "seen to"})
    with desk.as_("tia") as context, pytest.raises(Forbidden):
        records.update(context, "case", desk.ids["case:mara"], {"subject": "x"})


def test_a_default_of_sharing_reaches_everybodys_for_who_may_read_at_all(desk: Desk) -> None:
    for owner in ("ana", "sorin"):
        desk.make("note", f"note:{owner}", text=owner, owner=desk.ids[owner])
    assert desk.seen("tia", "note") == {"ana", "sorin"}
    with desk.as_("ana") as context, pytest.raises(Forbidden):
        records.update(context, "note", desk.ids["note:sorin"], {"text": "x"})
    with pytest.raises(Forbidden):
        desk.seen("mara", "note")


def test_levels_of_organizations_and_units(desk: Desk) -> None:
    other = desk.make("organization", "other", name="Other")
    for name, number in (("ours", desk.ids["org"]), ("theirs", other)):
        desk.make("region", f"region:{name}", name=name, organization=number)
    assert desk.seen("ana", "region") == {"ours"}
    for unit in ("north", "north_east", "south"):
        desk.make("plan", f"plan:{unit}", name=unit, record_type="small", unit=desk.ids[unit])
    assert desk.seen("mara", "plan") == {"north", "north_east"}
    assert desk.seen("sorin", "plan") == {"north", "north_east", "south"}


def test_a_grant_for_some_types_of_record(desk: Desk) -> None:
    for kind in ("small", "large"):
        desk.make("plan", f"plan:{kind}", name=kind, record_type=kind, unit=desk.ids["north"])
    with desk.as_("mara") as context:
        records.update(context, "plan", desk.ids["plan:small"], {"name": "x"})
    with desk.as_("mara") as context, pytest.raises(Forbidden):
        records.update(context, "plan", desk.ids["plan:large"], {"name": "x"})


def test_what_follows_another_record_is_seen_and_changed_with_it(desk: Desk) -> None:
    _cases(desk, "ana", "sorin")
    for owner in ("ana", "sorin"):
        desk.make("remark", f"remark:{owner}", text=owner, case=desk.ids[f"case:{owner}"])
    assert desk.seen("ana", "remark") == {"ana"}
    with desk.as_("ana") as context:
        made = records.create(context, "remark", {"text": "mine", "case": desk.ids["case:ana"]})
        records.delete(context, "remark", made.id)
    with desk.as_("ana") as context, pytest.raises(Invalid):
        records.create(context, "remark", {"text": "theirs", "case": desk.ids["case:sorin"]})
    with desk.as_("dora") as context, pytest.raises(Forbidden):
        records.delete(context, "remark", desk.ids["remark:ana"])


def test_a_new_record_is_one_of_those_that_may_be_created(desk: Desk) -> None:
    with desk.as_("ana") as context:
        records.create(context, "case", {"subject": "mine"})
    with desk.as_("ana") as context, pytest.raises(Invalid) as refused:
        records.create(context, "case", {"subject": "his", "owner": desk.ids["sorin"]})
    assert [(error.at, error.code) for error in refused.value.errors] == [("owner", "not-allowed")]
    assert how_many(desk) == 1
    with desk.as_("carl") as context:
        records.create(context, "case", {"subject": "by mail", "channel": "mail"})
    with desk.as_("carl") as context, pytest.raises(Invalid) as refused:
        records.create(context, "case", {"subject": "by phone", "channel": "phone"})
    assert [error.code for error in refused.value.errors] == ["not-allowed"]
    assert how_many(desk) == 2  # what was refused left no trace


def how_many(desk: Desk) -> int:
    with desk.as_("system", writing=False) as context:
        return records.count(context, "case", records.Query())


def test_who_may_assign_gives_a_record_to_somebody_else(desk: Desk) -> None:
    _cases(desk, "ana")
    number = desk.ids["case:ana"]
    with desk.as_("ana") as context, pytest.raises(Invalid) as refused:
        records.update(context, "case", number, {"owner": desk.ids["sorin"]})
    assert [(error.at, error.code) for error in refused.value.errors] == [("owner", "not-allowed")]
    with desk.as_("mara") as context:
        records.update(context, "case", number, {"owner": desk.ids["sorin"]})


def test_whom_a_record_belongs_to_is_explained_as_it_is_enforced(desk: Desk) -> None:
    _cases(desk, "sorin", "ana")
    for owner, answer in (("ana", True), ("sorin", False)):
        number = desk.ids[f"case:{owner}"]
        with desk.as_("system") as context:
            records.update(context, "case", number, {"urgent": True})  # shared with managers, to edit
            why = explain(context, actor_named(desk.gateway, "mara"), "update", "case", number, "owner")
        assert why.answer is answer, owner
        with desk.as_("mara") as context:
            try:
                records.update(context, "case", number, {"owner": desk.ids["tia"]})
                done = True
            except Invalid:
                done = False
        assert done is answer, owner


def test_history_is_for_those_who_may_see_it(desk: Desk) -> None:
    _cases(desk, "mara", "ana")
    with desk.as_("dora", writing=False) as context:
        assert records.history(context, "case", desk.ids["case:ana"]) == []
    with desk.as_("ana", writing=False) as context:
        assert len(records.history(context, "case", desk.ids["case:ana"])) == 1


def test_capabilities_are_of_roles_and_read_by_expressions(desk: Desk) -> None:
    with desk.as_("mara", writing=False) as context:
        assert access.can(context, "send_mailings")
    with desk.as_("ana", writing=False) as context:
        assert not access.can(context, "send_mailings")
        page = records.find(context, "customer", records.Query(where=("user.can('send_mailings')",)))
        assert page.rows == ()


def test_subordinates_in_an_expression(desk: Desk) -> None:
    _cases(desk, "mara", "ana", "tia")
    with desk.as_("mara", writing=False) as context:
        page = records.find(context, "case", records.Query(where=("record.owner in user.subordinates",)))
        assert [row.title for row in page.rows] == ["ana"]
