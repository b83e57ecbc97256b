"""Counters: the next numbers of a key, taken inside the caller's transaction: none lost, none given twice."""

from __future__ import annotations

import sqlalchemy as sa

from engine.store.inserting import dialect_insert
from engine.store.system import counter


def next_numbers(connection: sa.Connection, key: str, count: int = 1) -> int:
    """Take `count` numbers of a counter and answer the first; the first of all is 1.

    The row stays locked until the transaction ends: another writer waits, and a rollback gives the
    numbers back.
    """
    statement = (
        dialect_insert(connection, counter)
        .values(key=key, value=count)
        .on_conflict_do_update(index_elements=["key"], set_={"value": counter.c.value + count})
        .returning(counter.c.value)
    )
    return int(connection.execute(statement).scalar_one()) - count + 1
