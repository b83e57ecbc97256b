"""Statements are kept and shared by actors of the same roles; what each may see is never another's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from engine.errors import Forbidden, NotFound
from engine.reading.query import Filter, Link, Query
from engine.service import records
from engine.work import plans
from engine.work.context import SYSTEM, Actor
from engine.work.gateway import Gateway
from tests.support.shop import opened

OFFICE = """
app: office
---
role: clerk
---
role: colleague
---
role: boss
---
role: head
---
role: guest
---
entity: folder
ownership: user
features: {tags: true}
properties:
  name:   {type: text, required: true}
  secret: {type: text, access: {read: [boss]}}
relations:
  within: {to: folder, kind: tree, on_delete: clear, inverse: inner}
  sheets: {to: sheet, kind: composition, inverse: folder}
  also:   {to: folder, kind: many_to_many, inverse: alike}
access:
  clerk:     {read: own, update: own, delete: own}
  colleague: {read: unit, update: own}
  boss:      {read: unit_tree, update: unit}
  head:      {read: organization, update: all}
---
entity: sheet
properties: {text: {type: text, required: true}}
"""


@dataclass(frozen=True)
class Office:
    """Ann and Bea sit in the first unit, Cem in the one below it, Dan elsewhere; each owns a folder."""

    gateway: Gateway
    people: dict[str, Actor]
    folders: dict[str, int]


@pytest.fixture
def office(tmp_path: Path, database_url: str) -> Iterator[Office]:
    gateway = opened(tmp_path, database_url, OFFICE)
    gateway.runtime.plans.clear()  # those of other tests
    people: dict[str, Actor] = {}
    folders: dict[str, int] = {}
    with gateway.write(SYSTEM, "cli") as context:
        ours = records.create(context, "organization", {"name": "Ours"}).id
        theirs = records.create(context, "organization", {"name": "Theirs"}).id
        first = records.create(context, "unit", {"name": "First", "organization": ours}).id
        below = records.create(context, "unit", {"name": "Below", "organization": ours, "parent": first}).id
        other = records.create(context, "unit", {"name": "Other", "organization": theirs}).id
        places = {"ann": (first, ours), "bea": (first, ours), "cem": (below, ours), "dan": (other, theirs)}
        for login, (unit, organization) in places.items():
            values = {"login": login, "name": login, "unit": unit, "organization": organization}
            number = records.create(context, "user", values).id
            people[login] = Actor(number, login, login, unit=unit, organization=organization)
            made = {"name": f"of {login}", "owner": number, "secret": "s", "sheets": [{"text": login}]}
            folders[login] = records.create(context, "folder", made).id
        everything = list(folders.values())
        for number in everything:
            links = {"also": [each for each in everything if each != number], "within": None}
            records.update(context, "folder", number, links)
    yield Office(gateway, people, folders)
    gateway.close()


def acting(office: Office, login: str, role: str) -> Actor:
    who = office.people[login]
    return Actor(who.id, login, login, frozenset({role}), unit=who.unit, organization=who.organization)


def seen(office: Office, login: str, role: str) -> set[str]:
    """The folders somebody sees, asked for in every way there is; all ways agree."""
    found: dict[str, set[str]] = {}
    with office.gateway.read(acting(office, login, role)) as context:
        page = records.find(context, "folder", Query(fields=("also",), filters=(Filter("name", "ge", ""),)))
        found["list"] = {row.title for row in page.rows}
        linked = {row.id: {link.title for link in row.cells[0]} for row in page.rows}
        found["single"], found["identity"] = set(), set()
        for number in office.folders.values():
            try:
                record = records.get(context, "folder", number)
            except NotFound:
                continue
            found["single"].add(record.title)
            assert {link.title for link in record.many["also"]} == linked[number]
            assert linked[number] == found["list"] - {record.title}
            related = records.related(context, "folder", number, "also", Query())
            assert {row.title for row in related.rows} == linked[number]
            sheets = records.related(context, "folder", number, "sheets", Query())
            assert [f"of {row.title}" for row in sheets.rows] == [record.title]
        for owner, number in office.folders.items():
            try:
                records.related(context, "folder", number, "alike", Query(limit=1))
                found["identity"].add(f"of {owner}")
            except NotFound:
                pass
    assert len(set(map(frozenset, found.values()))) == 1, found
    return {title.removeprefix("of ") for title in found["list"]}


SEEN = [
    ("clerk", {"ann": {"ann"}, "bea": {"bea"}, "cem": {"cem"}, "dan": {"dan"}}),
    ("colleague", {"ann": {"ann", "bea"}, "bea": {"ann", "bea"}, "cem": {"cem"}, "dan": {"dan"}}),
    ("boss", {"ann": {"ann", "bea", "cem"}, "bea": {"ann", "bea", "cem"}, "cem": {"cem"}, "dan": {"dan"}}),
    ("head", {"ann": {"ann", "bea", "cem"}, "cem": {"ann", "bea", "cem"}, "dan": {"dan"}}),
]


@pytest.mark.parametrize(("role", "expected"), SEEN, ids=[role for role, _ in SEEN])
def test_each_sees_their_own_by_shared_statements(
    office: Office, role: str, expected: dict[str, set[str]]
) -> None:
    first, *others = expected
    assert seen(office, first, role) == expected[first]
    known = set(office.gateway.runtime.plans)
    for login in others:
        assert seen(office, login, role) == expected[login], login
    assert set(office.gateway.runtime.plans) == known
    assert seen(office, first, role) == expected[first]


def test_who_belongs_nowhere_gets_statements_of_their_own(office: Office) -> None:
    nobody = Actor(None, "nobody", "Nobody", frozenset({"clerk", "boss", "head"}))
    with office.gateway.read(nobody) as before:
        assert records.find(before, "folder", Query()).rows == ()
    assert seen(office, "ann", "head") == {"ann", "bea", "cem"}
    with office.gateway.read(nobody) as after:
        assert records.find(after, "folder", Query()).rows == ()
        with pytest.raises(NotFound):
            records.get(after, "folder", office.folders["ann"])


def test_what_one_may_do_is_ones_own_too(office: Office) -> None:
    allowed = {}
    for login in ("ann", "bea"):
        with office.gateway.read(acting(office, login, "colleague")) as context:
            record = records.get(context, "folder", office.folders["ann"])
            allowed[login] = (set(record.allowed), "secret" in record.values)
    assert allowed == {"ann": ({"update"}, False), "bea": (set(), False)}
    with office.gateway.write(acting(office, "ann", "colleague")) as context:
        records.update(context, "folder", office.folders["ann"], {"name": "of ann"})
    with (
        pytest.raises(Forbidden),
        office.gateway.write(acting(office, "bea", "colleague")) as context,
    ):
        records.update(context, "folder", office.folders["ann"], {"name": "of bea"})


def test_other_roles_get_other_statements(office: Office) -> None:
    with office.gateway.read(acting(office, "ann", "boss")) as context:
        assert records.get(context, "folder", office.folders["ann"]).values["secret"] == "s"
    with office.gateway.read(acting(office, "ann", "clerk")) as context:
        assert "secret" not in records.get(context, "folder", office.folders["ann"]).values
    with (
        office.gateway.read(acting(office, "ann", "guest")) as context,
        pytest.raises(NotFound),
    ):
        records.get(context, "folder", office.folders["ann"])


def test_a_join_shows_only_what_its_reader_may_see(office: Office) -> None:
    with office.gateway.write(SYSTEM, "cli") as context:
        records.update(context, "folder", office.folders["bea"], {"within": office.folders["ann"]})
    found = {}
    for login, role in (("ann", "boss"), ("bea", "clerk"), ("bea", "boss"), ("bea", "clerk")):
        with office.gateway.read(acting(office, login, role)) as context:
            record = records.get(context, "folder", office.folders["bea"])
            found[login, role] = record.values["within"]
    whole = Link("folder", office.folders["ann"], "of ann")
    assert found == {("ann", "boss"): whole, ("bea", "clerk"): None, ("bea", "boss"): whole}


def test_the_number_of_plans_is_bounded(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plans, "MOST_KEPT", 12)
    for login in ("ann", "bea", "cem", "dan"):
        for role, expected in SEEN:
            if login in expected:
                assert seen(office, login, role) == expected[login]
        assert len(office.gateway.runtime.plans) <= 12
