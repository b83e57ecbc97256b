"""A grid and a view page over a million tickets, each against the same page written by hand.

Both sides use the same middleware, pool of threads and connections, and answer with the same words, which is
checked before anything is measured.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Route, Router

from bench import grid, view
from bench.asking import Ask, asking, measure, same, text_of, words_in
from bench.fill import LOGIN, PASSWORD, ROWS, filled, shown
from bench.ratio import HEADER, Ratio
from bench.servers import databases
from engine.app import Engine
from engine.identity import identity
from engine.reading.query import Filter, Query
from engine.service import records
from engine.work.context import SYSTEM


async def run(url: str, tickets: int) -> list[Ratio]:
    """Every ratio on one database."""
    engine = filled(url, tickets)
    secret = identity.sign_in(engine.gateway, LOGIN, PASSWORD)
    dialect = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[engine.gateway.database.dialect]
    where = f"{tickets:,} tickets, {dialect}"
    ours, theirs = await grids(engine, secret)
    results = [await measure(f"grid of 50 of {where}", ours, theirs)]
    deep = asking(engine.asgi, await thousandth(engine), secret)
    results.append(await measure(f"page 1,000 by key against page 1 of {where}", deep, ours))
    results.append(await measure(f"a ticket's page, {where}", *await views(engine, secret)))
    engine.close()
    return results


async def grids(engine: Engine, secret: str) -> tuple[Ask, Ask]:
    """How the grid is asked for: ours, and the hand-written one, which says the same."""
    ours = asking(engine.asgi, grid.PATH, secret)
    with standing(engine):
        frame = text_of(await ours())
        theirs = asking(_behind(Route("/ticket", grid.Grid(engine, frame).page)), grid.PATH, secret)
        same(words_in(frame, grid.ROWS), words_in(text_of(await theirs()), grid.ROWS))
    return ours, theirs


async def views(engine: Engine, secret: str) -> tuple[Ask, Ask]:
    """How the pages of some tickets are asked for in turn, ours and by hand; all say the same."""
    paths = [f"/ticket/{number}" for number in shown(engine)]
    frame = text_of(await asking(engine.asgi, paths[0], secret)())
    hand = _behind(Route("/ticket/{id}", view.View(engine, frame).page))
    with standing(engine):
        for path in paths:
            mine, other = [text_of(await asking(app, path, secret)()) for app in (engine.asgi, hand)]
            same(words_in(mine, view.MAIN_PART), words_in(other, view.MAIN_PART))
    return asking(engine.asgi, paths, secret), asking(hand, paths, secret)


@contextmanager
def standing(engine: Engine) -> Iterator[None]:
    """The clock stands still: what both say of how long something was so is of the same moment."""
    clock, now = engine.gateway.clock, engine.gateway.clock()
    engine.gateway.clock = lambda: now
    try:
        yield
    finally:
        engine.gateway.clock = clock


def _behind(route: Route) -> Any:
    return GZipMiddleware(Router([route]), minimum_size=1024, compresslevel=3)


async def thousandth(engine: Engine) -> str:
    """The address of the thousandth page, reached by its cursors in large steps."""
    filters = (Filter("status", "eq", "new"),)
    cursor = None
    with engine.gateway.read(SYSTEM, "page") as context:
        for _ in range(100):
            query = Query(sort=("-updated_at",), filters=filters, limit=500, after=cursor)
            page = records.find(context, "ticket", query)
            if page.next is None:
                break
            cursor = page.next
    return grid.PATH + (f"&after={cursor}" if cursor else "")


def table(urls: Iterable[str], tickets: int) -> None:
    """Print the ratios on each database."""
    print(HEADER, flush=True)
    for url in urls:
        print(*asyncio.run(run(url, tickets)), sep="\n", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS, help="tickets in the database")
    parser.add_argument("--database", default="", help="the URL of one, instead of a SQLite and a PostgreSQL")
    asked = parser.parse_args()
    with databases(asked.rows, asked.database) as urls:
        table(urls, asked.rows)


if __name__ == "__main__":
    main()
