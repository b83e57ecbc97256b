"""Sample tickets in bulk, against a hand-written SQLAlchemy Core insert of the very same rows (SQLite)."""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from pathlib import Path

import sqlalchemy as sa

from engine.app import Engine, open_app
from engine.sampling.order import Portion, portions
from engine.sampling.sampler import Sampler
from engine.work.context import SYSTEM

ROOT = Path(__file__).parent.parent
CHUNK = 4_000


def fill(engine: Engine, wanted: list[Portion]) -> float:
    """Fill some entities; the seconds it took."""
    gateway = engine.gateway
    sampler = Sampler(
        gateway.runtime, lambda: gateway.write(SYSTEM, "sample"), 1, gateway.clock(), lambda *progress: None
    )
    start = time.perf_counter()
    sampler.run(wanted)
    return time.perf_counter() - start


def insert_by_hand(source: Engine, target: Engine, count: int) -> float:
    """Insert the rows of one database into another, in chunks of one transaction; only the inserts are timed."""
    table = source.gateway.runtime.tables.entities["ticket"].table
    taken = 0.0
    for low in range(0, count + CHUNK, CHUNK):
        with source.gateway.read(SYSTEM, "job") as context:
            wanted = sa.select(table).where(table.c.id > low, table.c.id <= low + CHUNK)
            rows = [dict(row._mapping) for row in context.connection.execute(wanted)]
        if rows:
            start = time.perf_counter()
            with target.gateway.database.write() as connection:
                connection.execute(sa.insert(table), rows)
            taken += time.perf_counter() - start
    return taken


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=100_000)
    count = parser.parse_args().records
    with tempfile.TemporaryDirectory() as folder:
        ours, theirs = Path(folder) / "ours.db", Path(folder) / "theirs.db"
        engine = open_app(ROOT, database=f"sqlite:///{ours}", apply=True)
        ticket = engine.gateway.runtime.entities["ticket"]
        fill(engine, [each for each in portions(engine.gateway.runtime, 200) if each.entity is not ticket])
        engine.close()
        shutil.copy(ours, theirs)
        engine, other = (open_app(ROOT, database=f"sqlite:///{file}") for file in (ours, theirs))
        sampled = fill(engine, [Portion(engine.gateway.runtime.entities["ticket"], count)])
        by_hand = insert_by_hand(engine, other, count)
        engine.close()
        other.close()
    print("| rows | sampled | hand-written insert | throughput ratio |\n|--:|--:|--:|--:|")
    print(f"| {count:,} | {sampled:.1f} s | {by_hand:.1f} s | {by_hand / sampled:.2f} |")


if __name__ == "__main__":
    main()
