"""The bulk door: many complete rows of an entity at the speed of the database, for the engine itself only.

It takes domain values that are known to be valid, gives ids and automatic numbers by ranges, and writes
with one prepared statement. What it leaves out is said here: no access rules but its own, no validation,
no plugin hooks, no defaults. The unit of work is the caller's: a chunk of a few thousand rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

from engine.build.table import EntityTable
from engine.errors import Forbidden
from engine.metamodel.property import Property
from engine.metamodel.relation import Relation
from engine.store import audit
from engine.store.counters import next_numbers
from engine.work.context import SYSTEM, Context
from engine.work.stored import Key

AUDITED_AT_MOST = 10_000
"""Of one call's rows so many get their entry in the history; a test load of millions needs none."""

Cell = Callable[[Any], Any]


@dataclass(slots=True)
class NewRow:
    """A record to be written as it is. `values` may also set `created_at` and `updated_at`."""

    id: int
    values: dict[str, Any]
    keys: dict[str, Key | None]
    position: int = 0
    many: dict[str, tuple[int, ...]] = field(default_factory=dict)


def reserve(context: Context, entity: str, count: int) -> Sequence[int]:
    """Ids that no other record will have, ascending; on SQLite a range, for there is one writer at a time."""
    table = context.runtime.table(entity).table
    if context.connection.dialect.name == "postgresql":
        sequence = sa.func.pg_get_serial_sequence(f'"{table.name}"', "id")
        numbers = sa.select(sa.func.nextval(sa.cast(sequence, sa.dialects.postgresql.REGCLASS)))
        statement = numbers.select_from(sa.func.generate_series(1, count).table_valued("number"))
        return sorted(context.connection.execute(statement).scalars())
    given = sa.table("sqlite_sequence", sa.column("name"), sa.column("seq"))
    mine = given.c.name == table.name
    last: int | None = context.connection.execute(sa.select(given.c.seq).where(mine)).scalar()
    first = (last or 0) + 1
    # Taken at once: the rows of two compositions are both numbered before either is written.
    taken = sa.insert(given).values(name=table.name) if last is None else sa.update(given).where(mine)
    context.connection.execute(taken.values(seq=first + count - 1))
    return range(first, first + count)


def insert_many(
    context: Context, entity: str, rows: Sequence[NewRow], *, audited: int = AUDITED_AT_MOST
) -> None:
    """Write new records with their links. The history tells of the first `audited` that they were created.

    Raises Forbidden for any actor but the system.
    """
    if context.actor is not SYSTEM:
        raise Forbidden("Only the engine itself may write records in bulk.", "bulk")
    if not rows:
        return
    writer = _writer(context, entity)
    _number(context, writer.made, rows)
    context.connection.exec_driver_sql(writer.statement, [writer.parameters(context, row) for row in rows])
    _link(context, writer.made, rows)
    if writer.made.entity.features.audit and audited > 0:
        audit.write(context.connection, [_entry(context, entity, row) for row in rows[:audited]])


def _entry(context: Context, entity: str, row: NewRow) -> audit.Entry:
    return audit.Entry(
        at=row.values.get("created_at", context.now),
        entity=entity,
        record_id=row.id,
        action="create",
        actor_id=None,
        actor_name=context.actor.told_as,
        behind_id=context.actor.behind,
        source=context.source,
        changes={},
    )


# ---- automatic numbers and links


def _number(context: Context, made: EntityTable, rows: Sequence[NewRow]) -> None:
    """Give automatic numbers, each in the period in which its record was created; one range per period."""
    for prop in made.entity.properties.values():
        scope_key = getattr(prop.type, "scope_key", None)
        if scope_key is None:
            continue
        render: Callable[[datetime, int], str] = prop.type.render  # type: ignore[attr-defined]
        periods: dict[str, list[NewRow]] = {}
        for row in rows:
            if row.values.get(prop.name) is None:
                periods.setdefault(scope_key(_born(context, row)), []).append(row)
        for period, waiting in periods.items():
            first = next_numbers(context.connection, f"{made.entity.name}.{prop.name}.{period}", len(waiting))
            for number, row in enumerate(waiting, first):
                row.values[prop.name] = render(_born(context, row), number)


def _born(context: Context, row: NewRow) -> datetime:
    born: datetime = row.values.get("created_at", context.now)
    return born


def _link(context: Context, made: EntityTable, rows: Sequence[NewRow]) -> None:
    """Write the links of many-to-many relations that have a table of their own."""
    for relation in made.entity.relations.values():
        table = context.runtime.tables.links.get((made.entity.name, relation.name))
        if table is not None:
            links = [
                {"source": row.id, "target": target}
                for row in rows
                for target in row.many.get(relation.name, ())
            ]
            if links:
                context.connection.execute(sa.insert(table), links)


# ---- rows to parameters


@dataclass(frozen=True)
class _Writer:
    """The insert of an entity's table, and how each value and key becomes its cells, in the table's order."""

    made: EntityTable
    statement: str
    values: tuple[tuple[str, Callable[[Any], tuple[Any, ...]] | None, tuple[Cell | None, ...]], ...]
    keys: tuple[tuple[str, tuple[str, ...]], ...]
    names: tuple[str, ...]  # of the parameters; empty where they are given by position

    def parameters(self, context: Context, row: NewRow) -> Any:
        cells: list[Any] = []
        values, keys = row.values, row.keys
        values["id"], values["version"] = row.id, 1
        values.setdefault("created_at", context.now)
        values.setdefault("updated_at", values["created_at"])
        for name, store, binds in self.values:
            value = values.get(name)
            if value is None:
                cells += (None,) * len(binds)
            elif store is None:
                bind = binds[0]
                cells.append(value if bind is None else bind(value))
            else:
                parts = zip(store(value), binds, strict=True)
                cells += [part if bind is None else bind(part) for part, bind in parts]
        for name, targets in self.keys:
            key = keys.get(name)
            cells += [key[1] if key is not None and target == key[0] else None for target in targets]
        if self.made.entity.child_of:
            cells.append(row.position)
        return dict(zip(self.names, cells, strict=True)) if self.names else tuple(cells)


def _writer(context: Context, entity: str) -> _Writer:
    plans, key = context.runtime.plans, ("bulk", entity)
    if key not in plans:
        plans[key] = _compile(context.runtime.table(entity), context.connection.dialect)
    writer: _Writer = plans[key]
    return writer


def _compile(made: EntityTable, dialect: Dialect) -> _Writer:
    entity = made.entity
    relations = [relation for relation in entity.relations.values() if relation.holds_key]
    properties = [prop for prop in entity.properties.values() if not prop.virtual]
    members: list[Property | Relation] = [*properties, *relations]
    columns = [column for member in members for column in made.cells[member.name]]
    names = [column.name for column in columns]
    names += ["_position"] if entity.child_of else []
    compiled = sa.insert(made.table).compile(dialect=dialect, column_keys=names)
    assert [*(compiled.positiontup or names)] == names, "the statement follows the table's order"
    return _Writer(
        made,
        str(compiled),
        tuple(
            (prop.name, None if prop.type.plain else prop.type.store, _binds(made.cells[prop.name], dialect))
            for prop in properties
        ),
        tuple((relation.name, relation.targets) for relation in relations),
        () if compiled.positional else tuple(compiled.escaped_bind_names.get(name, name) for name in names),
    )


def _binds(columns: Sequence[sa.Column[Any]], dialect: Dialect) -> tuple[Cell | None, ...]:
    """What turns each column's Python value into what the driver takes; None where it takes it as it is."""
    return tuple(column.type.dialect_impl(dialect).bind_processor(dialect) for column in columns)
