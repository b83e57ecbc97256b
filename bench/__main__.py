"""`make bench`: every measurement, one after the other; the databases are filled first where they are not."""

from __future__ import annotations

import argparse

from bench import access, build, computed, expressions, memory, pages, processes
from bench.fill import ROWS
from bench.servers import databases


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS, help="tickets in the databases")
    tickets = parser.parse_args().rows
    build.main()
    expressions.main()
    processes.table()
    with databases(tickets) as urls:
        pages.table(urls, tickets)
        memory.table(urls, tickets)
        computed.table(urls, tickets)
        for url in urls:
            access.table(url, tickets)


if __name__ == "__main__":
    main()
