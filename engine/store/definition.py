"""What a table is meant to be, as data: remembered beside the tables, and compared when the metadata changes.

Reading it back from the database would not do: databases don't give CHECKs and partial indexes back as they
were written, and looking at 500 tables takes seconds where comparing what is remembered takes milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import msgspec
import sqlalchemy as sa
from sqlalchemy.schema import CreateIndex

from engine.build.table import EntityTable, Tables

Kind = Literal["entity", "link", "engine"]

ON_DELETE: Mapping[str | None, str] = {None: "restrict", "CASCADE": "cascade", "SET NULL": "clear"}
"""What metadata calls the actions of foreign keys."""


@dataclass(frozen=True)
class ColumnDefinition:
    """A column: its SQL type, and in the metadata's words what it holds (`money`, `relation to account`).

    `unit` is what its numbers count where the type does not say it (`minor units of EUR`).
    """

    type: str
    required: bool
    holds: str
    on_delete: str = ""
    unit: str = ""


@dataclass(frozen=True)
class RuleDefinition:
    """A CHECK or an index: its SQL, and the columns it speaks of."""

    sql: str
    columns: tuple[str, ...]
    unique: bool = False


@dataclass(frozen=True)
class Definition:
    """A table: its columns, CHECKs and indexes by name."""

    kind: Kind
    columns: Mapping[str, ColumnDefinition]
    checks: Mapping[str, RuleDefinition]
    indexes: Mapping[str, RuleDefinition]

    def as_text(self) -> str:
        """The same text for the same definition, read back by `from_text`."""
        return msgspec.json.encode(self, order="sorted").decode()


DECODER = msgspec.json.Decoder(Definition)


def from_text(text: str) -> Definition | None:
    """The definition of a text; None for one that some other version wrote differently."""
    try:
        return DECODER.decode(text)
    except (msgspec.DecodeError, msgspec.ValidationError):
        return None


def define(tables: Tables, dialect: sa.Dialect) -> dict[str, Definition]:
    """The definition of every table of an application on a kind of database, the engine's own included."""
    entities = {made.table.name: made for made in tables.entities.values()}
    links = {table.name for table in tables.links.values()}
    return {
        str(name): _define(table, dialect, entities.get(name), "link" if name in links else "engine")
        for name, table in tables.metadata.tables.items()
    }


def _define(table: sa.Table, dialect: sa.Dialect, made: EntityTable | None, other: Kind) -> Definition:
    words = _words(made) if made is not None else {}
    return Definition(
        kind="entity" if made is not None else other,
        columns={str(column.name): _column(column, dialect, words) for column in table.columns},
        checks={str(check.name): _check(check, dialect) for check in checks_of(table)},
        indexes={str(index.name): _index(index, dialect) for index in indexes_of(table)},
    )


def checks_of(table: sa.Table) -> Iterator[sa.CheckConstraint]:
    """The CHECKs of a table, by name."""
    for constraint in sorted(table.constraints, key=lambda each: str(each.name)):
        if isinstance(constraint, sa.CheckConstraint):
            yield constraint


def indexes_of(table: sa.Table) -> list[sa.Index]:
    """The indexes of a table, by name."""
    return sorted(table.indexes, key=lambda index: str(index.name))


def _check(check: sa.CheckConstraint, dialect: sa.Dialect) -> RuleDefinition:
    return RuleDefinition(sql_of(check, dialect), columns_of(check))


def columns_of(check: sa.CheckConstraint) -> tuple[str, ...]:
    """The table's columns that a CHECK speaks of (literals look like columns, too, to who only counts them)."""
    return tuple(sorted(str(column.name) for column in check.columns if column.table is check.table))


def _index(index: sa.Index, dialect: sa.Dialect) -> RuleDefinition:
    columns = tuple(str(column.name) for column in index.columns)
    return RuleDefinition(str(CreateIndex(index).compile(dialect=dialect)), columns, bool(index.unique))


def _words(made: EntityTable) -> dict[str, tuple[str, str]]:
    """What each column holds, in the words of the metadata, and the unit of its numbers."""
    properties = made.entity.properties
    return {
        column.name: (properties[name].type.name, properties[name].type.stored_unit)
        for name, columns in made.cells.items()
        if name in properties
        for column in columns
    }


def _column(
    column: sa.Column[Any], dialect: sa.Dialect, words: Mapping[str, tuple[str, str]]
) -> ColumnDefinition:
    kind = column.type.compile(dialect=dialect)
    required = not column.nullable
    for key in column.foreign_keys:
        target = key.target_fullname.rpartition(".")[0]
        return ColumnDefinition(kind, required, f"relation to {target}", ON_DELETE.get(key.ondelete, ""))
    holds, unit = words.get(column.name, (kind.lower(), ""))
    return ColumnDefinition(kind, required, holds, unit=unit)


def sql_of(constraint: sa.CheckConstraint, dialect: sa.Dialect) -> str:
    """The condition of a CHECK as SQL that stands alone."""
    options = {"literal_binds": True, "include_table": False}
    return str(constraint.sqltext.compile(dialect=dialect, compile_kwargs=options))
