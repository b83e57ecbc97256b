"""The audit: what is written is what is read, newest first, page by page, and only with its operation."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from engine.store import audit
from engine.store.database import Database
from tests.store.together import broken_off

NOW = datetime(2026, 3, 1, 12, 30, 15, 123456, tzinfo=UTC)


def entry(record_id: int = 1, number: int = 0, entity: str = "ticket") -> audit.Entry:
    return audit.Entry(
        at=NOW + timedelta(seconds=number),
        entity=entity,
        record_id=record_id,
        action="update",
        actor_id=7,
        actor_name="Zoë 👩🏽‍🚀",
        source="page",
        changes={"subject": ["\u202eabc", None], "cost": [None, {"amount": "1.50", "currency": "EUR"}]},
    )


def test_what_is_written_is_read_newest_first(database: Database) -> None:
    written = [entry(number=number) for number in range(3)]
    with database.write() as connection:
        audit.write(connection, [*written, entry(record_id=2), entry(entity="account")])
    with database.read() as connection:
        found = audit.read(connection, "ticket", 1, limit=10)
    assert [each.at for each in found] == [each.at for each in reversed(written)]
    assert (found[0].changes, found[0].actor_name) == (written[0].changes, written[0].actor_name)


def test_history_is_read_page_by_page(database: Database) -> None:
    with database.write() as connection:
        for number in range(5):
            audit.write(connection, [entry(number=number), entry(record_id=2), entry(entity="account")])
    with database.read() as connection:
        first = audit.read(connection, "ticket", 1, limit=3)
        rest = audit.read(connection, "ticket", 1, limit=3, before=first[-1].number)
        assert audit.read(connection, "ticket", 1, limit=3, before=1) == []
    found = [*first, *rest]
    assert [each.number for each in found] == [5, 4, 3, 2, 1]  # whatever happened to other records
    assert [each.at for each in found] == [NOW + timedelta(seconds=number) for number in (4, 3, 2, 1, 0)]


def test_what_is_rolled_back_leaves_no_trace(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        broken_off(database, lambda connection: audit.write(connection, [entry()]))
    with database.read() as connection:
        assert audit.read(connection, "ticket", 1, limit=3) == []


def test_writing_nothing_is_nothing(database: Database) -> None:
    with database.write() as connection:
        audit.write(connection, [])
    with database.read() as connection:
        assert audit.recent(connection, ["ticket"], limit=3) == []
