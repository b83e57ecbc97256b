"""A process that tells what it sees of itself, as JSON: what test_warm.py starts warm and cold.

Run as `python -m tests.support.seeing HOW`, where HOW says how it ends: with a `number`, with `words`, by an `error`,
or not before it is killed (`wait`). The first of the random numbers is told last, on a line of its own.
"""

from __future__ import annotations

import gc
import json
import locale
import logging
import os
import random
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path


def main(how: str) -> None:
    sys.stdout.write(f"{json.dumps(seen())}\n{random.random()}\n")
    sys.stdout.flush()
    if how == "wait":
        threading.Event().wait()
    if how == "error":
        raise ZeroDivisionError(how)
    sys.exit(int(how) if how.isdecimal() else how)


def seen() -> dict[str, object]:
    return {
        "words": sys.argv,
        "folder": str(Path.cwd()),
        "environment": dict(os.environ),
        "modules are found in": sys.path,
        "name": __name__,
        "main": sys.modules["__main__"].__name__,
        "files": list(files()),
        "input": sys.stdin.read(),
        "streams": [
            [each.encoding, each.fileno(), each.line_buffering]
            for each in (sys.stdin, sys.stdout, sys.stderr)
        ],
        "signals": {name: str(signal.getsignal(name)) for name in signal.valid_signals()},
        "blocked": len(signal.pthread_sigmask(signal.SIG_BLOCK, ())),
        "threads": threading.active_count(),
        "logging": [str(logging.getLogger()), str(logging.getLogger().handlers)],
        "collector": [gc.isenabled(), gc.get_threshold()],
        "locale": locale.setlocale(locale.LC_ALL),
        "compiled files are written": not sys.dont_write_bytecode,
        "umask": os.umask(0o022),
    }


def files() -> Iterator[int]:
    """The numbers of what is open."""
    for number in range(1000):
        with suppress(OSError):
            os.fstat(number)
            yield number


if __name__ == "__main__":
    main(sys.argv[1])
