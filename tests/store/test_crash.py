"""A process killed while it writes: what it was told is committed is there, and it starts again.

It is a fresh one, that has imported everything itself; other processes that are killed are started warm.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from engine.store import audit
from engine.store.database import Database

ROOT = Path(__file__).parents[2]
ACKNOWLEDGED = 100

WRITING = """
import itertools, sys
from engine.store.counters import next_numbers
from engine.store.database import Database
from tests.store.test_audit import entry
from engine.store import audit

database = Database.open(sys.argv[1])
while True:
    with database.write() as connection:
        number = next_numbers(connection, "crash")
        audit.write(connection, [entry(record_id=number), entry(record_id=number)])
    print(number, flush=True)
"""


def test_what_was_acknowledged_is_there_and_the_rest_is_not(database: Database, database_url: str) -> None:
    command = [sys.executable, "-c", WRITING, database_url]
    with subprocess.Popen(
        command, cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, text=True
    ) as writer:
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
