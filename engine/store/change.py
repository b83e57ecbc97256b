"""The changes that only add, as they are made: tables, columns with their values, indexes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.schema import AddConstraint, CreateIndex, CreateTable

from engine.store.definition import checks_of, columns_of, indexes_of, sql_of

if TYPE_CHECKING:  # imported where it is used: alembic takes longer to import than most changes to make
    from alembic.operations import Operations  # lazy: as above


def create_tables(connection: sa.Connection, tables: Sequence[sa.Table], *, references: bool = True) -> None:
    """Create tables with their indexes, in any order; their references where SQLite wants them, or at the end.

    SQLAlchemy's own `create_all` looks for an order and its cycles, for half a minute with a thousand tables.
    """
    later = connection.dialect.name == "postgresql"  # SQLite takes a reference to a table yet to come
    for table in tables:
        connection.execute(CreateTable(table, include_foreign_key_constraints=[] if later else None))
        for index in indexes_of(table):
            connection.execute(CreateIndex(index))
    if later and references:
        add_references(connection, references_of(tables))


def references_of(tables: Sequence[sa.Table]) -> list[sa.ForeignKeyConstraint]:
    """Every foreign key of some tables, in a steady order."""
    return [
        key
        for table in tables
        for key in sorted(table.foreign_key_constraints, key=lambda each: str(each.name))
    ]


def add_references(connection: sa.Connection, keys: Sequence[sa.ForeignKeyConstraint]) -> None:
    for key in keys:
        connection.execute(AddConstraint(key))


def drop_tables(connection: sa.Connection, names: Sequence[str]) -> None:
    """Drop tables that may be there, and what refers to them. Only PostgreSQL needs this."""
    quoted = ", ".join(map(connection.dialect.identifier_preparer.quote, names))
    connection.exec_driver_sql(f"DROP TABLE IF EXISTS {quoted} CASCADE")


def has_rows(connection: sa.Connection, table: sa.Table) -> bool:
    """Whether there is any record, in the trash or not."""
    return connection.execute(sa.select(sa.exists().select_from(table))).scalar_one() is True


def rebuild(connection: sa.Connection, table: sa.Table) -> None:
    """Make an empty table anew. SQLite adds no column that must be filled, not even where there are no rows.

    Ids go on where they were: those of purged records still stand in the audit.
    """
    assert not has_rows(connection, table), table.name
    sequence = sa.table("sqlite_sequence", sa.column("name"), sa.column("seq"))
    last = connection.execute(sa.select(sequence.c.seq).where(sequence.c.name == table.name)).scalar()
    table.drop(connection)
    table.create(connection)
    if last is not None:
        connection.execute(sa.insert(sequence).values(name=table.name, seq=last))


def new_checks(table: sa.Table, added: Collection[str]) -> list[sa.CheckConstraint]:
    """The CHECKs that speak of an added column."""
    return [check for check in checks_of(table) if not set(added).isdisjoint(columns_of(check))]


def add_columns(
    connection: sa.Connection, columns: Sequence[sa.Column[Any]], values: Mapping[str, Any]
) -> None:
    """Add the columns of one property or relation; the records there are get `values`, by column name."""
    from alembic.migration import MigrationContext  # lazy: takes longer to import than most changes
    from alembic.operations import Operations  # lazy: as above

    operations = Operations(MigrationContext.configure(connection))
    if connection.dialect.name == "sqlite":
        _add_on_sqlite(operations, connection.dialect, columns, values)
    else:
        _add_on_postgresql(operations, connection, columns, values)


def _add_on_sqlite(
    operations: Operations, dialect: sa.Dialect, columns: Sequence[sa.Column[Any]], values: Mapping[str, Any]
) -> None:
    """Keys and CHECKs stand in the column, for SQLite adds none later; the last column has the CHECKs.

    A required column gets its value as a default that stays with the column, as do its companions,
    since their CHECK holds from the first moment; any other gets it by an update.
    """
    table = columns[0].table
    at_once = any(not column.nullable for column in columns)
    names = [column.name for column in columns]
    for column in columns:
        checks = new_checks(table, names) if column is columns[-1] else []
        copy = sa.Column(
            column.name,
            column.type,
            *[_key(key) for key in column.foreign_keys],
            *[sa.CheckConstraint(sql_of(check, dialect), name=check.name) for check in checks],
            nullable=column.nullable,
            server_default=_literal(column, values.get(column.name), dialect) if at_once else None,
        )
        operations.add_column(table.name, copy, inline_references=True)
    if values and not at_once:
        operations.execute(sa.update(table).values(values))


def _key(key: sa.ForeignKey) -> sa.ForeignKey:
    return sa.ForeignKey(key.target_fullname, name=key.name, ondelete=key.ondelete)


def _literal(column: sa.Column[Any], value: Any, dialect: sa.Dialect) -> Any:
    if value is None:
        return column.server_default
    literal = sa.literal(value, column.type).compile(dialect=dialect, compile_kwargs={"literal_binds": True})
    return sa.text(str(literal).replace(":", "\\:"))


def _add_on_postgresql(
    operations: Operations,
    connection: sa.Connection,
    columns: Sequence[sa.Column[Any]],
    values: Mapping[str, Any],
) -> None:
    table = columns[0].table
    for column in columns:
        late = not column.nullable and column.server_default is None
        copy = sa.Column(
            column.name, column.type, nullable=column.nullable or late, server_default=column.server_default
        )
        operations.add_column(table.name, copy)
    if values:
        connection.execute(sa.update(table).values(values))
    for column in columns:
        if not column.nullable and column.server_default is None:
            operations.alter_column(table.name, column.name, nullable=False)
        for key in column.foreign_keys:
            target, _, identity = key.target_fullname.rpartition(".")
            operations.create_foreign_key(
                str(key.name), table.name, target, [column.name], [identity], ondelete=key.ondelete
            )
    for check in new_checks(table, [column.name for column in columns]):
        operations.create_check_constraint(str(check.name), table.name, sql_of(check, connection.dialect))


def create_index(connection: sa.Connection, index: sa.Index) -> None:
    index.create(connection)


def drop_index(connection: sa.Connection, name: str, table: str) -> None:
    place = sa.Table(table, sa.MetaData(), sa.Column("id"))
    sa.Index(name, place.c.id).drop(connection)  # only the name matters


def duplicates(
    connection: sa.Connection, index: sa.Index, added: Collection[str], most: int
) -> list[tuple[tuple[Any, ...], int, int]]:
    """Values that stand in the way of a unique index, each with the first and last record that has them.

    `added` are columns yet to come: the same in every record, or empty in all of them.
    """
    table = index.table
    assert table is not None
    columns = [column for column in index.columns if column.name not in added]
    where = index.dialect_options[connection.dialect.name]["where"]
    statement = sa.select(*columns, sa.func.min(table.c.id), sa.func.max(table.c.id)).having(
        sa.func.count() > 1
    )
    statement = statement.where(*[column.is_not(None) for column in columns]).group_by(*columns).limit(most)
    if where is not None and "_deleted_at" not in added:
        statement = statement.where(where)
    return [(tuple(row[:-2]), row[-2], row[-1]) for row in connection.execute(statement)]
