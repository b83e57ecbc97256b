"""The command that carries out an application's jobs in a process of its own: worker."""

from __future__ import annotations

import signal
import threading
from typing import Annotated

import typer

from engine.app import open_app
from engine.checked import settle
from engine.cli.applying import DatabaseUrl
from engine.cli.metadata import HERE, Folder

THREADS = 4


def register(app: typer.Typer) -> None:
    app.command()(worker)


def worker(
    folder: Folder = HERE,
    database: DatabaseUrl = None,
    threads: Annotated[int, typer.Option(help="Jobs that it carries out at once.", min=1, max=100)] = THREADS,
) -> None:
    """Carry out the jobs of an application, in a process of its own."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    engine = open_app(folder, database=database)
    settle()
    engine.start_worker(threads)
    try:
        label = engine.gateway.runtime.application.label
        print(f"{label}: {threads} job{'' if threads == 1 else 's'} at once", flush=True)
        stop.wait()
    finally:
        engine.close()
