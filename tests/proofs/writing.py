"""A process that writes until it is killed, or brings a database to its metadata: what test_kill.py kills.

Run as `python -m tests.proofs.writing records URL FOLDER` or `… tables URL FOLDER`: it says `begun`, then the
number of each record that was acknowledged, or `done`.
"""

from __future__ import annotations

import sys
from pathlib import Path

from engine.app import open_app
from engine.service import records
from engine.work.context import SYSTEM, Context


def main(what: str, url: str, folder: Path) -> None:
    if what == "tables":
        say("begun")
        open_app(folder, database=url, apply=True).close()
        say("done")
        return
    gateway = open_app(folder, database=url).gateway
    say("begun")

    def order(context: Context) -> int:
        lines = [{"what": what, "quantity": number} for number, what in enumerate("abc", 1)]
        return records.create(context, "order", {"note": "written whole", "lines": lines}).id

    def close(context: Context) -> None:
        records.update(context, "order", number, {"status": "done", "lines": [{"what": "d"}]})

    while True:
        number = gateway.writing(SYSTEM, "api", order)
        say(str(number))
        gateway.writing(SYSTEM, "api", close)
        say(f"{number} done")


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
