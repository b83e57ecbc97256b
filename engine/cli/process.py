"""What each process of `engine serve --workers` runs: the application that the environment names."""

from __future__ import annotations

import os
from pathlib import Path

from starlette.applications import Starlette

from engine.app import open_app
from engine.checked import settle
from engine.cli import logs


def hand_on(folder: Path, database: str | None, *, works: bool) -> None:
    """Tell the processes that will be started what to serve, and whether to carry out jobs."""
    os.environ["ENGINE_FOLDER"] = str(folder.resolve())
    os.environ["ENGINE_NO_WORKER"] = "" if works else "1"
    if database:
        os.environ["ENGINE_DATABASE_URL"] = database


def application() -> Starlette:
    """The web application of ENGINE_FOLDER."""
    logs.configure(os.environ)
    engine = open_app(os.environ["ENGINE_FOLDER"])
    engine.works = not os.environ.get("ENGINE_NO_WORKER")
    pages = engine.asgi
    settle()
    return pages
