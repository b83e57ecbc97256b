"""Whether memory stays flat: what the process holds after very many requests, against after the first ones.

The requests are what people do all day: lists by page, filter and order, pages of records, forms, addresses that
are not there; by several people with different roles. "Own memory" is what the process allocated (anonymous
pages); the resident size also counts the parts of a SQLite file that are mapped, which is a cache of the system's.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random

import sqlalchemy as sa

from bench.asking import Asked, ask
from bench.fill import LOGIN, PASSWORD, ROWS, filled
from bench.servers import databases
from engine.app import Engine
from engine.identity import identity
from engine.work.context import SYSTEM

REQUESTS = 60_000
WARM = 15_000
"""Requests after which what is kept, statements and drawn values, is about as full as it may become."""

PEOPLE = {LOGIN: "administrator", "rep": "sales_rep", "agent": "support_agent", "chief": "support_manager"}
STATUSES = ("new", "in_progress", "waiting", "resolved", "closed")
ORDERS = ("-updated_at", "updated_at", "due_at", "-due_at")
HEADER = "| database | requests | own memory | resident |\n|---|--:|--:|--:|"


def held() -> tuple[float, float]:
    """The own memory and the resident size of this process in megabytes."""
    gc.collect()
    lines = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return tuple(int(lines[name].split()[0]) / 1024 for name in ("RssAnon", "VmRSS"))  # type: ignore[return-value]


def secrets(engine: Engine) -> list[str]:
    """A session for each of the people; those who are not there yet are made."""
    user = engine.gateway.runtime.table("user").table
    with engine.gateway.database.read() as connection:
        there = set(connection.execute(sa.select(user.c.login)).scalars())
    with engine.gateway.write(SYSTEM, "cli") as context:
        for login in PEOPLE.keys() - there:
            identity.create_user(context, login, PASSWORD, [PEOPLE[login]])
    return [identity.sign_in(engine.gateway, login, PASSWORD) for login in PEOPLE]


def addresses(tickets: int, random: Random) -> Iterator[str]:
    """What is asked for, without end."""
    while True:
        number = random.randint(1, tickets)
        yield f"/ticket?filter.status={random.choice(STATUSES)}&sort={random.choice(ORDERS)}"
        yield f"/account?q={number % 10_000}"
        yield f"/ticket?filter.account={random.randint(1, 900)}&filter.due_at.ge=2026-0{random.randint(1, 9)}-01"
        yield f"/ticket/{number}"
        yield f"/ticket/{random.randint(1, tickets)}/edit"
        yield f"/account/{random.randint(1, 900)}"
        yield f"/{random.choice(('task', 'call', 'contact', 'opportunity', 'sales_order'))}"
        yield f"/nothing-{number}/{number}"


async def run(url: str, tickets: int, requests: int) -> None:
    """Print the lines of the table for one database, each as it is measured."""
    engine = filled(url, tickets)
    people = secrets(engine)
    waiting = addresses(tickets, Random(1))
    marks = [WARM, *(WARM + (requests - WARM) * part // 3 for part in (1, 2, 3))]
    done = 0
    for mark in marks:
        while done < mark:
            asked = [Asked(next(waiting), people[(done + place) % len(people)]) for place in range(4)]
            await asyncio.gather(*(ask(engine.asgi, each, (200, 303, 400, 403, 404)) for each in asked))
            done += len(asked)
        own, resident = held()
        name = engine.gateway.database.dialect
        print(f"| {name} | {done:,} | {own:.0f} MB | {resident:.0f} MB |", flush=True)
    engine.close()


def table(urls: Iterable[str], tickets: int, requests: int = REQUESTS) -> None:
    """Print what is held on each database."""
    print(HEADER, flush=True)
    for url in urls:
        asyncio.run(run(url, tickets, requests))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS, help="tickets in the database")
    parser.add_argument("--requests", type=int, default=REQUESTS)
    parser.add_argument("--database", default="", help="the URL of one, instead of a SQLite and a PostgreSQL")
    asked = parser.parse_args()
    with databases(asked.rows, asked.database) as urls:
        table(urls, asked.rows, asked.requests)


if __name__ == "__main__":
    main()
