"""A table under a second name, whose columns are made when they are asked for.

SQLAlchemy's own alias makes a copy of every column as soon as one is looked at. A statement looks at a few of them, of
tables with a hundred, which it may join a dozen times.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa


class Columns:
    """The columns of an alias by name, each made once."""

    def __init__(self, alias: sa.FromClause, table: sa.FromClause) -> None:
        self._alias, self._table = alias, table
        self._made: dict[str, sa.ColumnClause[Any]] = {}

    def __getitem__(self, name: str) -> sa.ColumnClause[Any]:
        found = self._made.get(name)
        return self._made.setdefault(name, self._column(name)) if found is None else found

    def __getattr__(self, name: str) -> sa.ColumnClause[Any]:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None

    def __contains__(self, name: str) -> bool:
        return name in self._table.c

    def __iter__(self) -> Iterator[sa.ColumnClause[Any]]:
        return (self[column.key] for column in self._table.c)

    def _column(self, name: str) -> sa.ColumnClause[Any]:
        column: sa.ColumnClause[Any] = sa.column(self._table.c[name].name, self._table.c[name].type)
        column.table = self._alias
        return column


class Aliased(sa.Alias):
    """An alias with such columns."""

    inherit_cache = True

    @property
    def c(self) -> Any:
        """As of any table, but for what looks at all columns at once."""
        found = self.__dict__.get("_lazy")
        if found is None or found._alias is not self:  # a clone's are its own
            found = self.__dict__["_lazy"] = Columns(self, self.element)
        return found


def aliased(table: sa.FromClause) -> sa.FromClause:
    """The table under a name that the statement chooses."""
    return Aliased._construct(table)
