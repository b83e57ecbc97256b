"""Numbers of counters: none given twice, none lost, however many ask at once."""

from __future__ import annotations

import pytest

from engine.store.counters import next_numbers
from engine.store.database import Database
from tests.store.together import at_once, broken_off


def take(database: Database, key: str = "invoice", count: int = 1) -> int:
    with database.write() as connection:
        return next_numbers(connection, key, count)


def test_each_key_counts_from_one(database: Database) -> None:
    assert [take(database), take(database), take(database, "order"), take(database)] == [1, 2, 1, 3]


def test_several_at_once_are_a_range(database: Database) -> None:
    assert [take(database, count=5), take(database, count=10), take(database)] == [1, 6, 16]


def test_a_rollback_gives_the_numbers_back(database: Database) -> None:
    take(database)
    with pytest.raises(ZeroDivisionError):
        broken_off(database, lambda connection: next_numbers(connection, "invoice", 3))
    assert take(database) == 2


def test_two_hundred_at_once_get_two_hundred_numbers(database: Database) -> None:
    answers = at_once(200, lambda _: take(database))
    assert sorted(answers, key=repr) == sorted(range(1, 201), key=repr)
