"""`engine serve` as a process of its own, on a free port: what a test kills, or changes the files of."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.warm import ENGINE, PIPE, Process


@contextmanager
def process(folder: Path, url: str, *options: str) -> Iterator[tuple[Process, str]]:
    """A server and its address, once it listens; killed at the end."""
    words = ["serve", str(folder), "--database", url, "--port", "0", *options]
    with Process(ENGINE, *words, stdout=PIPE) as server:
        try:
            assert server.stdout is not None
            address = server.stdout.readline().strip()
            assert address.startswith("http://"), address
            yield server, address
        finally:
            server.kill()
