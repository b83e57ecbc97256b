"""`make bench`: every measurement, one after the other; the databases are filled first where they are not."""

from __future__ import annotations

from bench import build, memory, pages
from bench.ratio import HEADER


def main() -> None:
    build.main()
    print(HEADER, *pages.results(pages.ROWS), sep="\n")
    memory.main()


if __name__ == "__main__":
    main()
