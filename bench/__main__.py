"""`make bench`: every measurement, one after the other; a million tickets are made first where there are none."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

from bench import build, grid
from bench.ratio import HEADER

DATABASE = Path(__file__).parent.parent / "var" / "bench.db"


def main() -> None:
    build.main()
    url = f"sqlite:///{DATABASE}"
    if not DATABASE.exists():
        fill = ["engine", "sample", "--entity", "ticket", "--records", "1000000", "--database", url]
        subprocess.run([str(Path(sys.executable).parent / fill[0]), *fill[1:]], check=True)
    print(HEADER, *asyncio.run(grid.run(url)), sep="\n")


if __name__ == "__main__":
    main()
