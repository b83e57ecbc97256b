"""Create and extend a database in processes that kill themselves before their first, second, third … statement.

Run as `python -m tests.store.dying URL FOLDER STEP`: prints how many died, and fails when one left something
half-made behind. With a STEP other than 1 only every so many statements.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from engine.build.table import Tables
from engine.store import migration
from engine.store.database import Database
from tests.store.applications import LIBRARY, tables_of

EXTENDED = LIBRARY.replace(
    "  email:   {type: email}\n",
    "  email:   {type: email, index: true}\n"
    "  fee:     {type: money, required: true, default: 5}\n"
    "  stars:   {type: integer, default: 3}\n"
    "relations:\n"
    "  teacher: {to: author, kind: tree}\n"
    "  liked:   {to: book, kind: many_to_many}\n",
)


def main(url: str, folder: Path, step: int) -> int:
    dialect = "postgresql" if url.startswith("postgresql") else "sqlite"
    small = tables_of(folder, dialect)  # type: ignore[arg-type]
    large = tables_of(folder, dialect, EXTENDED)  # type: ignore[arg-type]
    died = dying(step, lambda left: bring(url, small, left), lambda: whole(url, small, None))
    died += dying(step, lambda left: bring(url, large, left), lambda: whole(url, large, small))
    return died


def dying(step: int, act: Callable[[int], None], check: Callable[[], None]) -> int:
    """Act in processes that die ever later, until one lives; what each leaves must be whole, says the next."""

    def next_one(left: int) -> None:
        check()
        act(left)

    for count, left in enumerate(range(0, 1000, step)):
        ended = in_a_process(lambda left=left: next_one(left))  # type: ignore[misc]
        assert ended in (0, -signal.SIGKILL), (
            f"killed before statement {left + 1 - step}, it was left half-made"
        )
        if ended == 0:
            assert in_a_process(check) == 0, "it was not killed, and left half-made"
            return count
    raise AssertionError("it never ends")


def in_a_process(act: Callable[[], None]) -> int:
    child = os.fork()
    if child == 0:
        try:
            act()
        except BaseException:
            sys.excepthook(*sys.exc_info())  # type: ignore[arg-type]
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def bring(url: str, tables: Tables, left: int) -> None:
    """Bring a database to some tables, and die when `left` statements that write have been done."""
    database = Database.open(url)

    @sa.event.listens_for(database._writer, "before_cursor_execute")
    def count(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        nonlocal left
        if statement.lstrip().upper().startswith(("SELECT", "PRAGMA")):
            return
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left -= 1

    migration.ensure(database, tables, apply=True)
    database.close()


def whole(url: str, new: Tables, old: Tables | None) -> None:
    """Whether the database is entirely the old (nothing, where that is None) or entirely the new."""
    database = Database.open(url)
    with database.read() as connection:
        names = set(sa.inspect(connection).get_table_names())
        if old is None and not names:
            return
        for tables in (new, old):
            if tables is not None and is_whole(connection, names, tables):
                return
    raise AssertionError(f"half of it: {sorted(names)}")


def is_whole(connection: sa.Connection, names: set[str], tables: Tables) -> bool:
    inspector = sa.inspect(connection)
    return names == set(tables.metadata.tables) and all(
        {column["name"] for column in inspector.get_columns(name)} == set(table.columns.keys())
        and {index["name"] for index in inspector.get_indexes(name)}
        == {index.name for index in table.indexes}
        for name, table in tables.metadata.tables.items()
    )


if __name__ == "__main__":
    sys.stdout.write(str(main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))))
