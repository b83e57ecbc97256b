"""Sample data: the command, and the demonstration that a first start shows."""

from __future__ import annotations

import sys
import time
from contextlib import AbstractContextManager
from typing import Annotated

import typer

from engine.app import Engine, open_for
from engine.cli.applying import DatabaseUrl, note_unapplied
from engine.cli.metadata import HERE, Folder
from engine.sampling import demonstration
from engine.sampling.order import portions, portions_for
from engine.sampling.sampler import Sampler
from engine.service import bulk
from engine.work.context import SYSTEM, Context


def register(app: typer.Typer) -> None:
    app.command()(sample)


def sample(
    folder: Folder = HERE,
    records: Annotated[int, typer.Option(help="Records of each main entity.", min=1)] = 200,
    entity: Annotated[
        str | None, typer.Option(help="Only this entity, and what it can't do without.")
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed makes the same records.")] = 1,
    database: DatabaseUrl = None,
) -> None:
    """Fill an application with believable, made-up records."""
    engine = open_for(folder, database=database)
    note_unapplied(engine)
    gateway = engine.gateway

    def unit() -> AbstractContextManager[Context]:
        return gateway.write(SYSTEM, "sample")

    began = time.monotonic()
    try:
        runtime = gateway.runtime
        wanted = portions_for(runtime, entity, records) if entity else portions(runtime, records)
        made = Sampler(runtime, unit, seed, gateway.clock(), Progress()).run(wanted)
        took = time.monotonic() - began
        total = sum(made.values())
        print(f"{total:,} records of {sum(map(bool, made.values()))} entities in {took:.1f} s")
        missing = [each.entity.name for each in wanted if not each.spare and not made[each.entity.name]]
        if missing:
            print(f"none of {', '.join(missing)}: what they need does not exist, or there is one already")
        if max(made.values(), default=0) > bulk.AUDITED_AT_MOST:
            print(f"the history holds the first {bulk.AUDITED_AT_MOST:,} records of each entity")
    finally:
        engine.close()


class Progress:
    """Tells on a terminal how far the making of records has come, and how fast; silent elsewhere."""

    def __init__(self) -> None:
        self.shown = sys.stderr.isatty()
        self.name = ""
        self.began = 0.0

    def __call__(self, name: str, done: int, total: int) -> None:
        now = time.monotonic()
        if name != self.name:
            self.name, self.began, self.before = name, now, done
        if not self.shown:
            return
        rate = (done - self.before) / (now - self.began) if now > self.began else 0
        speed = f"  {rate:,.0f} a second" if rate else ""
        end = "\n" if done == total else ""
        print(f"\r{name}: {done:,} of {total:,}{speed}   ", end=end, file=sys.stderr, flush=True)


def demonstrate(engine: Engine, address: str) -> None:
    """Fill an application that has no users yet, and say how to sign in to the demonstration."""
    password = demonstration.prepare(engine.gateway, Progress())
    if password is not None:
        first, *others = demonstration.logins(engine.gateway)
        also = f" (or {', '.join(others)})" if others else ""
        print(f"Sign in at {address}/sign-in as {first}{also} with the password {password}", flush=True)
