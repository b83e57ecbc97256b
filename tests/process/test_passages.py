"""How far records came through their states: what one statement counts is what their stays tell, on both databases."""

from __future__ import annotations

from random import Random

import pytest
import sqlalchemy as sa

from engine.errors import EngineError
from engine.process import firing
from engine.reading.passages import reached
from engine.reading.query import Filter, Query, Record
from engine.service import stays
from engine.store.system import stay
from engine.work.context import Context
from tests.support.tickets import House

ORDER = ("new", "assigned", "solved", "closed")
WAYS = (
    ("assign", {"comment": "x"}),
    ("solve", {"answer": "Done"}),
    ("close", {}),
    ("reopen", {}),
    ("note", {"comment": "x"}),
    ("sort", {}),
)


def as_told(context: Context, tickets: list[Record]) -> list[int]:
    """The same from the stays of each record, one by one."""
    (process,) = context.runtime.processes.of("ticket")
    furthest = []
    for ticket in tickets:
        been = [each.state for each in stays.of(context, process, ticket.id)]
        states = [*been, str(ticket.values["status"])]
        furthest.append(max(ORDER.index(state) if state in ORDER else 0 for state in states))
    return [sum(each >= place for each in furthest) for place in range(len(ORDER))]


@pytest.mark.parametrize("seed", range(3))
def test_what_is_counted_is_what_the_stays_tell(house: House, seed: int) -> None:
    random, client = Random(seed), house.make("client", name="Acme").id
    for number in range(12):
        made = house.make(
            "ticket", "ana", subject="Help", client=client, priority=("low", "high")[number % 2]
        )
        house.make("call", ticket=made.id, outcome="answered")
        for _ in range(random.randrange(7)):
            name, values = random.choice(WAYS)
            try:
                with house.as_(random.choice(("ana", "mara"))) as context:
                    firing.fire(context, "ticket", made.id, name, values)
            except EngineError:
                continue
    tickets = house.rows("ticket")
    high = [each for each in tickets if each.values["priority"] == "high"]
    new = [each for each in tickets if each.values["status"] == "new"]
    with house.as_("ana") as context:
        for query, meant in (
            (Query(), tickets),
            (Query(filters=(Filter("priority", "eq", "high"),)), high),
            (Query(where=("record.status == 'new'",)), new),
        ):
            assert reached(context, "ticket", "status", ORDER, query) == as_told(context, meant)


def test_of_what_nothing_is_known_the_state_tells_enough(house: House) -> None:
    client = house.make("client", name="Acme").id  # who is welcomed by a ticket
    numbers = [house.make("ticket", "ana", subject="Help", client=client).id for _ in range(3)]
    house.fire("ana", numbers[0], "assign", {"comment": "x"})
    with house.as_() as context:
        context.connection.execute(sa.delete(stay))
        assert reached(context, "ticket", "status", ORDER, Query()) == [4, 1, 0, 0]
        assert reached(context, "ticket", "status", (), Query()) == []
        nobody = Query(filters=(Filter("subject", "eq", "Nothing"),))
        assert reached(context, "ticket", "status", ORDER, nobody) == [0, 0, 0, 0]
