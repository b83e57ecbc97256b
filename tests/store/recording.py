"""A process that writes history until it is killed: what test_crash.py kills.

Run as `python -m tests.store.recording URL`: it says the number of each transaction that was acknowledged.
"""

from __future__ import annotations

import sys

from engine.store import audit
from engine.store.counters import next_numbers
from engine.store.database import Database
from tests.store.test_audit import entry


def main(url: str) -> None:
    database = Database.open(url)
    while True:
        with database.write() as connection:
            number = next_numbers(connection, "crash")
            audit.write(connection, [entry(record_id=number), entry(record_id=number)])
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
