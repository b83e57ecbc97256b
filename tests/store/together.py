"""Many threads doing the same at once, and transactions that break off: for the tests of what happens then."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

import sqlalchemy as sa

from engine.store.database import Database

T = TypeVar("T")


def at_once(times: int, work: Callable[[int], T]) -> list[T | BaseException]:
    """Do `work(number)` in so many threads that begin together; answers what each returned or raised."""
    answers: list[T | BaseException] = [AssertionError("never ran")] * times
    barrier = threading.Barrier(times)

    def run(number: int) -> None:
        barrier.wait()
        try:
            answers[number] = work(number)
        except BaseException as error:
            answers[number] = error

    threads = [threading.Thread(target=run, args=(number,)) for number in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def broken_off(database: Database, work: Callable[[sa.Connection], object]) -> None:
    """Work in a transaction that fails at its very end, with ZeroDivisionError."""
    with database.write() as connection:
        work(connection)
        raise ZeroDivisionError


def run(database: Database, *statements: str) -> None:
    """Run statements in one transaction."""
    with database.write() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
