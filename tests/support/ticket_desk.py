"""The desk of tickets as a whole application with pages, and people who can sign in there."""

from __future__ import annotations

from pathlib import Path

from engine.app import Engine, open_app
from engine.identity import identity
from engine.work.context import SYSTEM
from tests.support.tickets import TICKETS

PASSWORD = "correct horse"

PEOPLE = (
    ("ada", "administrator", "Ada Min"),
    ("ana", "agent", "Ana Pop"),
    ("mara", "manager", "Mara Ionescu"),
    ("vera", "visitor", "Vera Vis"),
)


def open_desk(folder: Path, more: str = "") -> Engine:
    """The desk on a fresh SQLite database; `more` are further documents."""
    (folder / "metadata").mkdir(parents=True)
    (folder / "metadata" / "app.yaml").write_text(TICKETS + more, encoding="utf-8")
    engine = open_app(folder, database=f"sqlite:///{folder / 'desk.db'}", apply=True, environment={})
    with engine.gateway.write(SYSTEM, "cli") as context:
        for login, role, name in PEOPLE:
            identity.create_user(context, login, PASSWORD, [role], name)
    return engine
