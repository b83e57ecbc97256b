"""The smallest change that turns an answer: one where one does, else two, each tried with what enforces."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.cli.explaining_access import in_words
from engine.identity.identity import actor_named
from engine.service import records
from engine.service.cures import MOST_PAIRS, cure
from engine.service.reasons import Cure, NotTriedFurther, as_data
from engine.service.why import explain
from engine.work.context import SYSTEM
from engine.work.gateway import Gateway
from tests.support.desk import Desk
from tests.support.shop import opened


@pytest.fixture(autouse=True)
def _however_slow_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.service.cures.MOST_SECONDS", float("inf"))


def _cured(desk: Desk, login: str, action: str, case: str, member: str | None = None) -> str | None:
    with desk.as_("system", writing=False) as context:
        why = explain(context, actor_named(desk.gateway, login), action, "case", desk.ids[case], member)
        assert not why.answer
        found = cure(context, why)
        return found.words if isinstance(found, Cure) else None


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


LOCKED = """
app: locked
{roles}
---
profile: veiled
fields: {{box: {{inside: hidden}}}}
---
role: outer
profiles: [veiled]
---
entity: box
ownership: user
properties:
  inside: {{type: text, access: {{read: [r0]}}}}
access:
  {grants}
"""


def _locked(folder: Path, url: str, roles: int) -> Gateway:
    """Boxes that three changes at least open for who is `outer`: of the grant, of the property, of a profile.

    A role more opens none, for what is inside is for a role that may do nothing else.
    """
    names = [f"r{number}" for number in range(roles)]
    declared = "".join(f"\n---\nrole: {name}\nprofiles: [veiled]" for name in names)
    grants = "\n  ".join(f"{name}: {{delete: own}}" for name in names)
    gateway = opened(folder, url, LOCKED.format(roles=declared, grants=grants))
    with gateway.write(SYSTEM, "cli") as context:
        records.create(context, "user", {"login": "otto", "name": "Otto", "roles": ["outer"]})
        records.create(context, "box", {"inside": "gold"})
    return gateway


@pytest.mark.parametrize(("roles", "untried"), [(2, False), (30, True)])
def test_it_says_where_more_was_not_tried(tmp_path: Path, sqlite_url: str, roles: int, untried: bool) -> None:
    gateway = _locked(tmp_path, sqlite_url, roles)
    try:
        with gateway.read(SYSTEM, "cli") as context:
            why = explain(context, actor_named(gateway, "otto"), "read", "box", 1, "inside")
            found = cure(context, why)
        told = "\n".join(in_words(why, found, []))
        assert as_data(why, found, [])["change"] is None
        assert as_data(why, found, [])["untried"] is untried
        assert isinstance(found, NotTriedFurther) is untried
        assert (f"{MOST_PAIRS} pairs of changes were tried in vain, and no further ones" in told) is untried
        assert ("neither one change nor two would allow it" in told) is not untried
    finally:
        gateway.close()


def test_nobody_waits_long_for_pairs(
    tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.service.cures.MOST_SECONDS", -1.0)
    gateway = _locked(tmp_path, sqlite_url, 2)
    try:
        with gateway.read(SYSTEM, "cli") as context:
            why = explain(context, actor_named(gateway, "otto"), "read", "box", 1, "inside")
            assert cure(context, why) == NotTriedFurther(0)
    finally:
        gateway.close()
