"""What the quick filter of a list finds: what is shown of related records, and nothing of those one may not see."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.reading import quick
from engine.reading.query import Query
from engine.service import records
from engine.work.context import SYSTEM, Actor
from engine.work.gateway import Gateway
from tests.support.shop import opened

DESK = """
app: desk
---
role: agent
---
role: chief
---
entity: account
ownership: user
properties:
  name:   {type: text, required: true}
  secret: {type: text, access: {read: [chief]}}
relations:
  parent: {to: account, kind: tree}
access:
  agent: {read: own}
  chief: {read: all}
---
entity: contract
title: "{secret} {number}"
properties:
  number: {type: text, required: true}
  secret: {type: text, access: {read: [chief]}}
access:
  agent: {read: all}
  chief: {read: all}
---
entity: label
properties: {name: {type: text, required: true}}
access: {agent: {read: all}, chief: {read: all}}
---
entity: ticket
properties:
  subject: {type: text, required: true}
relations:
  account:  {to: account}
  contract: {to: contract}
  about:    {to: [contract, account]}
  labels:   {to: label, kind: many_to_many}
access:
  agent: {read: all}
  chief: {read: all}
"""

ALL = (
    "account",
    "account.parent",
    "account.parent.name",
    "contract",
    "about",
    "labels",
    "subject",
    "created_by",
)


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Iterator[Gateway]:
    gateway = opened(tmp_path, database_url, DESK)
    with gateway.write(SYSTEM, "api") as context:
        agent = records.create(context, "user", {"login": "sue", "name": "Sue", "roles": ["agent"]}).id
        group = records.create(context, "account", {"name": "Globex", "owner": agent}).id
        hidden = records.create(context, "account", {"name": "Initech", "owner": None}).id
        own = records.create(
            context, "account", {"name": "Acme", "secret": "plum", "parent": group, "owner": agent}
        ).id
        paper = records.create(context, "contract", {"number": "C-7", "secret": "plum"}).id
        blue = records.create(context, "label", {"name": "blue"}).id
        for number, given in enumerate(
            (
                {"account": own},
                {"account": hidden},
                {"contract": paper},
                {"about": {"entity": "account", "id": hidden}},
                {"about": {"entity": "account", "id": own}},
                {"labels": [blue]},
                {},
            ),
            1,
        ):
            records.create(context, "ticket", {"subject": f"Case {number}", **given})
    yield gateway
    gateway.close()


def found(desk: Gateway, role: str, text: str, looks: tuple[str, ...]) -> list[int]:
    user = Actor(1, "sue", "Sue", frozenset({role}))
    with desk.read(user, "api") as context:
        query = Query(text=text, looks=looks, sort=("id",), count="exact")
        page = records.find(context, "ticket", query)
        assert page.count is not None
        assert page.count.value == len(page.rows) == records.count(context, "ticket", query)
    return [row.id for row in page.rows]


@pytest.mark.parametrize(
    ("text", "looks", "chief", "agent"),
    [
        ("acme", ("subject",), [], []),
        ("acme", ("account",), [1], [1]),
        ("acme case", ("subject", "account"), [1], [1]),
        ("acme", ("about",), [5], [5]),
        ("acme", ALL, [1, 5], [1, 5]),
        ("initech", ALL, [2, 4], []),
        ("globex", ("account.parent",), [1], [1]),
        ("globex", ("account.parent.name",), [1], [1]),
        ("globex", ("account",), [], []),
        ("plum", ALL, [3], []),
        ("plum", ("account.secret",), [1], []),
        ("c-7", ALL, [3], [3]),
        ("blue", ALL, [6], [6]),
        ("blue 6", ALL, [6], [6]),
        ("acme", ("account", "nothing", "account.nothing", "subject.nothing"), [1], [1]),
    ],
)
def test_what_is_shown_of_related_records_is_found(
    desk: Gateway, text: str, looks: tuple[str, ...], chief: list[int], agent: list[int]
) -> None:
    assert found(desk, "chief", text, looks) == chief
    assert found(desk, "agent", text, looks) == agent


def test_further_words_are_looked_for_in_the_record_alone(
    desk: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quick, "MOST_WORDS", 2)
    assert found(desk, "chief", "acme acme case", ("account",)) == [1]
    assert found(desk, "chief", "case 1 acme", ("account",)) == []


def test_without_a_word_everything_is_found(desk: Gateway) -> None:
    assert found(desk, "agent", " ", ALL) == [1, 2, 3, 4, 5, 6, 7]


def test_a_count_heeds_conditions(desk: Gateway) -> None:
    with desk.read(SYSTEM, "api") as context:
        assert records.count(context, "ticket", Query(where=("has(record.account)",))) == 2
