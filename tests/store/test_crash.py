"""A process killed while it writes: what it was told is committed is there, and it starts again."""

from __future__ import annotations

from engine.store import audit
from engine.store.database import Database
from tests.support.warm import PIPE, Process

ACKNOWLEDGED = 100


def test_what_was_acknowledged_is_there_and_the_rest_is_not(database: Database, database_url: str) -> None:
    with Process("tests.store.recording", database_url, stdout=PIPE) as writer:
        assert writer.stdout is not None
        told = [int(writer.stdout.readline()) for _ in range(ACKNOWLEDGED)]
        writer.kill()
        told += [int(line) for line in writer.stdout.read().split()]
    again = Database.open(database_url)
    with again.read() as connection:
        entries = audit.recent(connection, ["ticket"], limit=1_000_000)
    numbers = sorted(entry.record_id for entry in entries)
    assert numbers == sorted([*told, *told]) or numbers == sorted([*told, *told, told[-1] + 1, told[-1] + 1])
    with again.write() as connection:
        audit.write(connection, entries[:1])
    if again.dialect == "sqlite":
        with again.read() as connection:
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
    again.close()
