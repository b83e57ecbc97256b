"""A related record that is read beside the joins: each of its columns by a subquery of its own."""

from __future__ import annotations

from typing import Any, Protocol

import sqlalchemy as sa


class Columns(Protocol):
    """Columns by name, as those of a table."""

    def __getitem__(self, name: str, /) -> sa.ColumnElement[Any]: ...


class Source(Protocol):
    """Where a record's columns are taken from: a table, or a record apart."""

    @property
    def c(self) -> Columns: ...


class Apart:
    """A related record that no join leads to; looks like its table to those who take columns from it.

    A database joins so many tables only; an entity may have more relations, and one relation more targets.
    """

    def __init__(self, table: sa.FromClause, condition: sa.ColumnElement[bool]) -> None:
        self.c = ColumnsApart(table, condition)


class ColumnsApart:
    """The same subquery for the same column, so that it is selected once."""

    def __init__(self, table: sa.FromClause, condition: sa.ColumnElement[bool]) -> None:
        self._table, self._condition = table, condition
        self._made: dict[str, sa.ColumnElement[Any]] = {}

    def __getitem__(self, name: str) -> sa.ColumnElement[Any]:
        if name not in self._made:
            column = sa.select(self._table.c[name]).where(self._condition)
            self._made[name] = column.correlate_except(self._table).scalar_subquery()
        return self._made[name]
