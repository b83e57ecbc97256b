"""`engine serve` as a process of its own, on a free port: what a test kills, or changes the files of."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.house import ROOT

COMMAND = "from engine.cli.main import main; main()"


@contextmanager
def process(folder: Path, url: str, *options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server and its address, once it listens; killed at the end."""
    words = ["serve", str(folder), "--database", url, "--port", "0", *options]
    with subprocess.Popen(
        [sys.executable, "-c", COMMAND, *words],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        try:
            assert server.stdout is not None
            address = server.stdout.readline().strip()
            assert address.startswith("http://"), address
            yield server, address
        finally:
            server.kill()
