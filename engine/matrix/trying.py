"""The records of a database under two versions of the metadata, each as a record service of its own."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import sqlalchemy as sa

from engine.app import build
from engine.checked import Checked
from engine.matrix.compare import Change
from engine.matrix.counting import Reach, concerned, counts
from engine.store.database import Database, database_url_for
from engine.store.fault import show
from engine.store.files import FileStore, files_url_for
from engine.work.gateway import Gateway

SECRET = b"diff"
"""Keys are made of it where nothing is kept."""


def database_of(folder: Path, now: Checked, given: str | None) -> str | None:
    """The database to count in: the one that was named, else the application's own where there is one."""
    assert now.application is not None
    setting = now.application.settings.database_url
    if given:
        return given
    own = Path(folder).resolve() / "var" / "app.db"
    if not setting:
        return f"sqlite:///{own}" if own.is_file() else None
    url = database_url_for(folder, setting, {})
    file = url.removeprefix("sqlite:///") if url.startswith("sqlite:///") else None
    return url if file is None or Path(file).is_file() else None


def counted(then: Checked, now: Checked, url: str, changes: Sequence[Change]) -> tuple[Reach, ...]:
    """What changes for each user in a database, which is only read."""
    assert now.application is not None
    store = Database.open(url)
    try:
        files = FileStore(
            files_url_for(Path(now.application.folder), now.application.settings.files_url, os.environ)
        )
        before, after = (Gateway(store, build(each, store.dialect, SECRET), files) for each in (then, now))
        entities = concerned(changes, before.runtime.access, after.runtime.access)
        return tuple(counts(before, after, entities))
    finally:
        store.close()


def shown(url: str) -> str:
    """A database as it may be told: without a password."""
    return show(sa.make_url(url))
