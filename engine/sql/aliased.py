"""A table under a second name, whose columns are made when they are asked for.

SQLAlchemy's own alias makes a copy of every column as soon as one is looked at. A statement looks at a few of them, of
tables with a hundred, which it may join a dozen times.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa


class ReadColumn(sa.ColumnClause[Any]):
    """A column of an alias; of its own class, so that what compares it with a table's column stands as written."""

    inherit_cache = True
    nullable = True


class Columns:
    """The columns of an alias by name, each made once."""

    def __init__(self, alias: sa.FromClause, table: sa.FromClause) -> None:
        self._alias, self._table = alias, table
        self._made: dict[str, ReadColumn] = {}

    def __getitem__(self, name: str) -> ReadColumn:
        found = self._made.get(name)
        if found is None:
            found = self._made.setdefault(name, self._column(self._table.c[name]))
        return found

    def __getattr__(self, name: str) -> ReadColumn:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None

    def __contains__(self, name: str) -> bool:
        return name in self._table.c

    def __iter__(self) -> Iterator[ReadColumn]:
        return (self[column.key] for column in self._table.c)

    def _column(self, origin: Any) -> ReadColumn:
        column = ReadColumn(origin.name, origin.type)
        column.table, column.nullable = self._alias, origin.nullable
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
