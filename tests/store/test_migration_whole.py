"""The database is made whole or not at all: processes that start at once, and such as are killed meanwhile."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from engine.build.table import Tables
from engine.store import making, migration
from engine.store.database import Database
from tests.store.applications import LIBRARY, changed, tables_of
from tests.support.warm import PIPE, Process

# ---- together, and cut off


def test_processes_that_start_at_once_take_turns(tmp_path: Path, database_url: str) -> None:
    (tmp_path / "metadata").mkdir()
    probe = Database.open(database_url)
    tables = tables_of(tmp_path, probe.dialect)
    probe.close()
    errors: list[BaseException] = []
    barrier = threading.Barrier(4, timeout=60)

    def start() -> None:
        barrier.wait()
        try:
            database = Database.open(database_url)
            try:
                migration.ensure(database, tables, apply=True)
            finally:
                database.close()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


def test_killed_at_any_statement_it_is_the_old_or_the_new(tmp_path: Path, database_url: str) -> None:
    """Creating and extending, killed before every other statement in turn: see dying.py."""
    step = "2" if database_url.startswith("sqlite") else "13"  # connecting takes longer there
    process = Process("tests.store.dying", database_url, tmp_path, step, stdout=PIPE, stderr=PIPE)
    said, complained = process.communicate()
    assert process.returncode == 0, complained
    killed = int(said)
    assert killed > 10


# ---- more tables than PostgreSQL makes in one transaction


class Killed(BaseException):
    """The process ends here: the transaction is rolled back by the server, nothing else happens."""


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server with room for the locks of a few tables only."""
    monkeypatch.setattr(making, "room", lambda connection: 60)


def create_until(database: Database, tables: Tables, left: int) -> bool:
    """Create a database, killed before the statement after `left` that write; whether it was."""

    def count(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        nonlocal left
        if not statement.lstrip().upper().startswith("SELECT"):
            if left == 0:
                raise Killed
            left -= 1

    sa.event.listen(database._writer, "before_cursor_execute", count)
    try:
        migration.ensure(database, tables, apply=False)
    except Killed:
        return True
    finally:
        sa.event.remove(database._writer, "before_cursor_execute", count)
    return False


@pytest.mark.postgres
@pytest.mark.usefixtures("narrow")
def test_very_many_tables_are_made_in_several_transactions_and_still_whole(
    tmp_path: Path, postgres_url: str
) -> None:
    database = Database.open(postgres_url)
    tables = tables_of(tmp_path, "postgresql")
    for left in range(0, 1000, 25):
        killed = create_until(database, tables, left)
        if not killed:
            break
    assert left >= 75
    with database.read() as connection:
        assert set(sa.inspect(connection).get_table_names()) == set(tables.metadata.tables)
    assert migration.pending(database, tables) == migration.Difference()
    database.close()


@pytest.mark.postgres
@pytest.mark.usefixtures("narrow")
def test_what_was_made_under_the_mark_is_dropped_when_the_metadata_changes_meanwhile(
    tmp_path: Path, postgres_url: str
) -> None:
    database = Database.open(postgres_url)
    assert create_until(database, tables_of(tmp_path, "postgresql"), 40)
    smaller = changed((LIBRARY[LIBRARY.index("---\nentity: shelf") :], ""))
    tables = tables_of(tmp_path, "postgresql", smaller)
    migration.ensure(database, tables, apply=False)
    with database.read() as connection:
        assert set(sa.inspect(connection).get_table_names()) == set(tables.metadata.tables)
    database.close()
