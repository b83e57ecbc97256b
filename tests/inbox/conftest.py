"""The post office, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.app import Engine
from tests.support.post_office import open_office


@pytest.fixture
def office(tmp_path: Path, database_url: str) -> Iterator[Engine]:
    engine = open_office(tmp_path / "office", database_url)
    yield engine
    engine.close()
