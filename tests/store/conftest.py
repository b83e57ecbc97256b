"""A database with the engine's own tables."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.store.database import Database
from engine.store.system import SYSTEM


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    made = Database.open(database_url)
    with made.write() as connection:
        SYSTEM.create_all(connection)
    yield made
    made.close()
