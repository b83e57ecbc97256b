"""Two hundred writers at once: no number given twice, no key doubled, no update lost, and nobody fails."""

from __future__ import annotations

from collections import Counter

from engine.errors import Conflict, Invalid
from engine.reading.query import Query, Record
from engine.service import records
from engine.store import audit
from engine.work.context import SYSTEM, Context
from engine.work.gateway import Gateway
from tests.store.together import at_once

WRITERS = 200


def kinds(answers: list[object]) -> Counter[str]:
    return Counter(type(answer).__name__ for answer in answers)


def test_an_autonumber_is_given_once(shop: Gateway) -> None:
    def order(_: int) -> Record:
        return shop.writing(SYSTEM, "api", lambda context: records.create(context, "order", {}))

    answers = at_once(WRITERS, order)
    numbers = [answer.values["number"] for answer in answers if isinstance(answer, Record)]
    assert sorted(numbers) == [f"O-2026-{number:04}" for number in range(1, WRITERS + 1)]


def test_a_unique_key_is_taken_once(shop: Gateway) -> None:
    def account(_: int) -> Record:
        values = {"name": "Acme", "code": "A1"}
        return shop.writing(SYSTEM, "api", lambda context: records.create(context, "account", values))

    answers = at_once(WRITERS, account)
    assert kinds(answers) == {"Record": 1, "Invalid": WRITERS - 1}
    complaints = {each.code for answer in answers if isinstance(answer, Invalid) for each in answer.errors}
    assert complaints == {"unique"}
    with shop.read(SYSTEM, "api") as context:
        assert len(records.find(context, "account", Query()).rows) == 1


def test_no_update_of_a_record_is_lost(shop: Gateway) -> None:
    """Each reads a quantity and writes one more; who comes too late is told so, and tries again."""
    line = {"what": "Tea", "quantity": 1}
    made = shop.writing(SYSTEM, "api", lambda context: records.create(context, "order", {"lines": [line]}))
    number = made.children["lines"][0].id

    def one_more(context: Context) -> Record:
        now = records.get(context, "order_line", number)
        values = {"quantity": now.values["quantity"] + 1}
        return records.update(context, "order_line", number, values, version=now.version)

    def until_done(_: int) -> int:
        for attempt in range(WRITERS * 2):
            try:
                shop.writing(SYSTEM, "api", one_more)
            except Conflict:
                continue
            return attempt
        raise AssertionError("never got through")

    answers = at_once(WRITERS, until_done)
    assert kinds(answers) == {"int": WRITERS}
    with shop.read(SYSTEM, "api") as context:
        record = records.get(context, "order_line", number)
        history = audit.read(context.connection, "order_line", number, limit=WRITERS * 2)
    assert record.values["quantity"] == WRITERS + 1
    assert record.version == WRITERS + 1
    assert len(history) == WRITERS


def test_of_those_who_read_the_same_version_one_wins(shop: Gateway) -> None:
    made = shop.writing(SYSTEM, "api", lambda context: records.create(context, "account", {"name": "Acme"}))

    def rename(writer: int) -> Record:
        values = {"name": f"Acme {writer}"}
        return shop.writing(
            SYSTEM, "api", lambda context: records.update(context, "account", made.id, values, version=1)
        )

    assert kinds(at_once(WRITERS, rename)) == {"Record": 1, "Conflict": WRITERS - 1}
