"""Several people fire at once: of those who want the same, one wins and the others are told; nothing is done twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from engine.errors import Conflict, Invalid
from engine.identity.identity import actor_named
from engine.process import firing
from engine.reading.query import Record
from engine.service import records
from engine.store.system import stay, vote
from engine.work.context import SYSTEM
from tests.store.together import at_once
from tests.support.shop import opened
from tests.support.tickets import House

PARCELS = """
app: parcels
---
role: agent
---
entity: box
properties:
  name: {type: text, required: true}
  sent: {type: integer, computed: "record.parcels.filter(p, p.state == 'sent').size()", stored: true}
  moves: {type: integer, computed: "record.parcels.map(p, p.moves).sum()", stored: true}
---
entity: slip
properties: {number: {type: autonumber, pattern: "S-{seq:04}"}}
relations: {parcel: {to: parcel, inverse: slips}}
---
entity: parcel
properties:
  state: {type: state, workflow: way}
  trust: {type: state, workflow: trusting}
  moves: {type: integer, default: 0}
relations: {box: {to: box, inverse: parcels}}
access: {agent: {read: all, transition: all}}
---
workflow: way
entity: parcel
property: state
initial: packed
states: {packed: {}, sent: {}}
transitions:
  send:
    from: packed
    to: sent
    do:
      - set: {moves: {cel: record.moves + 1}}
      - create: {entity: slip, with: {parcel: {cel: record}}}
  shake: {from: all, to: same, do: [{set: {moves: {cel: record.moves + 1}}}]}
---
workflow: trusting
entity: parcel
property: trust
initial: asked
states: {asked: {}, given: {}}
transitions:
  trust:
    from: asked
    to: given
    approval: {roles: [agent], at_least: 3}
    do: [{create: {entity: slip, with: {parcel: {cel: record}}}}]
---
entity: van
properties:
  pickup: {type: state, workflow: picking}
  insurance: {type: state, workflow: insuring}
---
workflow: picking
entity: van
property: pickup
initial: none
exclusive: one
states: {none: {}, fetched: {}}
transitions: {fetch: {from: none, to: fetched}, leave: {from: fetched, to: none}}
---
workflow: insuring
entity: van
property: insurance
initial: none
exclusive: one
states: {none: {}, insured: {}}
transitions: {insure: {from: none, to: insured}, lapse: {from: insured, to: none}}
"""

THREADS, NUMBER = 20, 5


@pytest.fixture
def house(tmp_path: Path, database_url: str) -> Iterator[House]:
    made = House(opened(tmp_path, database_url, PARCELS))
    yield made
    made.gateway.close()


def parcels(house: House) -> tuple[int, list[int]]:
    box = house.make("box", name="Box").id
    return box, [house.make("parcel", box=box).id for _ in range(NUMBER)]


def fire(house: House, number: int, name: str, login: str = "", version: int | None = None) -> Any:
    actor = actor_named(house.gateway, login) if login else SYSTEM
    return house.gateway.writing(
        actor, "api", lambda context: firing.fire(context, "parcel", number, name, {}, version)
    )


def codes(answers: list[Any]) -> Counter[str]:
    """What each came to: `moved`, or the code of what it was refused for."""
    return Counter(
        "moved"
        if isinstance(each, Record)
        else each.errors[0].code
        if isinstance(each, Invalid)
        else type(each).__name__
        for each in answers
    )


def test_of_two_who_fire_at_once_one_wins(house: House) -> None:
    _, numbers = parcels(house)
    for number in numbers:
        assert codes(at_once(2, lambda _, n=number: fire(house, n, "send"))) == {"moved": 1, "not-open": 1}  # type: ignore[misc]


def test_of_two_who_have_seen_the_same_version_one_wins(house: House) -> None:
    _, numbers = parcels(house)
    answers = at_once(2, lambda _: fire(house, numbers[0], "shake", version=1))
    assert Counter(map(type, answers)) == {Record: 1, Conflict: 1}


def test_twenty_on_five_records_move_each_once(house: House) -> None:
    box, numbers = parcels(house)
    answers = at_once(THREADS, lambda thread: fire(house, numbers[thread % NUMBER], "send"))
    assert codes(answers) == {"moved": NUMBER, "not-open": THREADS - NUMBER}
    slips = house.rows("slip")
    assert sorted(slip.values["number"] for slip in slips) == [f"S-{n:04}" for n in range(1, NUMBER + 1)]
    assert sorted(slip.values["parcel"].id for slip in slips) == numbers
    assert house.get("box", box).values["sent"] == NUMBER
    assert house.get("box", box).values["moves"] == NUMBER
    with house.as_() as context:
        open_now = context.connection.execute(sa.select(stay.c.record_id).where(stay.c.left_at.is_(None)))
        assert set(Counter(open_now.scalars()).values()) == {2}  # one of each workflow
        for number in numbers:
            entries = records.history(context, "parcel", number)
            assert Counter(entry.action for entry in entries) == {"create": 1, "transition": 1}


def test_all_who_may_move_a_record_again_and_again_do(house: House) -> None:
    box, numbers = parcels(house)
    answers = at_once(THREADS, lambda thread: fire(house, numbers[thread % NUMBER], "shake"))
    assert codes(answers) == {"moved": THREADS}
    assert house.get("box", box).values["moves"] == THREADS


def test_votes_at_once_count_once_each_and_the_transition_is_made_once(house: House) -> None:
    _, (number, *_) = parcels(house)
    logins = [f"agent{n}" for n in range(5)]
    for login in logins:
        house.make("user", login=login, name=login, roles=["agent"])
    answers = at_once(THREADS, lambda thread: fire(house, number, "trust", logins[thread % 5]))
    outcomes = Counter(type(each).__name__ for each in answers)
    assert outcomes["Record"] == 1, answers
    assert not {type(each) for each in answers if isinstance(each, BaseException)} - {Invalid}, answers
    assert house.get("parcel", number).values["trust"] == "given"
    assert len(house.rows("slip")) == 1
    with house.as_() as context:
        given = context.connection.execute(sa.select(vote.c.approver_id)).scalars().all()
    assert len(given) == len(set(given)) == 3


def test_of_two_ways_that_exclude_each_other_one_is_taken(house: House) -> None:
    """Different workflows of one group are fired at once, again and again: the record is never on both ways."""
    for _ in range(NUMBER):
        van = house.make("van").id

        def move(thread: int, van: int = van) -> Any:
            name = ("fetch", "insure")[thread % 2]
            return house.gateway.writing(
                SYSTEM, "api", lambda context: firing.fire(context, "van", van, name, {})
            )

        assert codes(at_once(THREADS, move)) == {"moved": 1, "not-open": THREADS - 1}
        values = house.get("van", van).values
        assert [values["pickup"], values["insurance"]].count("none") == 1
