"""What each process of `engine serve --workers` runs: the application named by the environment."""

from __future__ import annotations

import os

from starlette.applications import Starlette

from engine.app import open_app
from engine.checked import settle
from engine.cli import logs


def application() -> Starlette:
    """The web application of ENGINE_FOLDER."""
    logs.configure(os.environ)
    pages = open_app(os.environ["ENGINE_FOLDER"]).asgi
    settle()
    return pages
