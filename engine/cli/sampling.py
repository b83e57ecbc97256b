"""Sample data: the command, and the demonstration that a first start shows."""

from __future__ import annotations

import typer


def register(app: typer.Typer) -> None:
    return None


def demonstrate(engine: object, address: str) -> None:
    return None
