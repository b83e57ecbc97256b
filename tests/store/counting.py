"""A table of one row that counts, and a process that counts in it: for test_database.py.

Run as `python -m tests.store.counting URL`: twenty threads count one further each, at once.
"""

from __future__ import annotations

import sys

import sqlalchemy as sa

from engine.store.database import Database
from tests.store.together import at_once


def begin(database: Database) -> None:
    """Make the table, which counts from zero."""
    with database.write() as connection:
        connection.exec_driver_sql("CREATE TABLE counting (id integer PRIMARY KEY, value integer)")
        connection.exec_driver_sql("INSERT INTO counting VALUES (1, 0)")


def value(database: Database) -> int:
    with database.read() as connection:
        return int(connection.exec_driver_sql("SELECT value FROM counting").scalar_one())


def count(database: Database) -> None:
    with database.write() as connection:
        counting = sa.table("counting", sa.column("value"))
        found = connection.execute(sa.select(counting.c.value).with_for_update()).scalar_one()
        connection.execute(sa.text("UPDATE counting SET value = :value"), {"value": found + 1})


def main(url: str) -> None:
    database = Database.open(url)
    assert at_once(20, lambda _: count(database)) == [None] * 20


if __name__ == "__main__":
    main(sys.argv[1])
