"""A process with a worker that reads a mailbox: what test_mailboxes.py starts two of, and kills one of.

Run as `python -m tests.proofs.fetching URL FOLDER SOURCE HOLD`. It says `begun`, waits for a line, and works until its
input ends. With HOLD it says `holding` at the fifth mail that it has kept, and never tells the server of it.
"""

from __future__ import annotations

import sys
import threading
from datetime import timedelta
from itertools import count
from pathlib import Path

from engine.app import duties, open_app
from engine.inbox import reading
from engine.inbox.imap import Folder, given_sources
from engine.jobs.worker import Pace, Worker


def main(url: str, folder: Path, source: str, hold: bool) -> None:
    gateway = open_app(folder, database=url).gateway
    gateway.mail_sources = given_sources({"ENGINE_MAILBOX_DESK_URL": source})
    reading.LEASE = timedelta(seconds=2)
    if hold:
        stop_at_the_fifth()
    worker = Worker(gateway, duties(gateway), Pace(2, seconds=0.1, lease=timedelta(seconds=2)))
    say("begun")
    sys.stdin.readline()
    worker.start()
    sys.stdin.read()
    worker.stop()
    gateway.close()


def stop_at_the_fifth() -> None:
    done, kept = Folder.done, count(1)

    def holding(self: Folder, uid: int, folder: str) -> None:
        if next(kept) == 5:
            say("holding")
            threading.Event().wait()
        done(self, uid, folder)

    Folder.done = holding  # type: ignore[method-assign]


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3], sys.argv[4] == "hold")
