"""The reference application, opened by many tests: read and built once per process, over tables made once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from engine.app import build
from engine.build.runtime import Runtime
from engine.build.table import Dialect
from engine.checked import check
from engine.store.database import Database
from engine.store.files import FileStore
from engine.work.gateway import Gateway
from tests.support.house import ROOT
from tests.support.spares import SPARES


def open_crm(folder: Path, url: str, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Gateway:
    """The CRM's gateway over an empty database; its files lie in a folder."""
    runtime = crm("sqlite" if url.startswith("sqlite") else "postgresql")
    SPARES.prepare(url, "the CRM", lambda: runtime.tables)
    return Gateway(Database.open(url), runtime, FileStore(str(folder / "files")), clock)


@lru_cache
def crm(dialect: Dialect) -> Runtime:
    """The CRM's runtime on a kind of database."""
    return build(check(ROOT), dialect, b"s" * 32)
