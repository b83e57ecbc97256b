"""The states of records brought to the workflows: renamed ones are moved, removed ones that records are in are refused.

Which states each workflow has is remembered in the database. As long as the metadata says the same, opening costs
one query.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import msgspec
import sqlalchemy as sa

from engine.build.table import Tables
from engine.errors import SchemaDiffers
from engine.metamodel.workflow import Workflow
from engine.store.database import Database
from engine.store.migration import alone
from engine.store.system import meta, stay

PREFIX = "states:"
"""Keys under which the engine remembers the states of a property."""

Workflows = Iterable[Workflow]


@dataclass(frozen=True)
class Move:
    """Records that are in a former state of a workflow; `to` is what it is called now, "" for one that is gone."""

    workflow: Workflow
    state: str
    to: str
    count: int

    @property
    def words(self) -> str:
        records = f"{self.count:,} record{'' if self.count == 1 else 's'}"
        where = f"{self.workflow.entity}.{self.workflow.member}"
        if self.to:
            return f"{where}: {records} in {self.state!r} to {self.to!r}, as it is called now"
        verb = "is" if self.count == 1 else "are"
        cure = f"add `was: {self.state}` to the state of {self.workflow.name!r} that they are to be in"
        return f"{where}: {records} {verb} in {self.state!r}, which is no state any more; {cure}"


def ensure(database: Database, tables: Tables, workflows: Workflows, *, apply: bool) -> tuple[str, ...]:
    """Move the records of renamed states, with `apply`; answers what was done, in words.

    Raises SchemaDiffers where records are in states that are gone, or are still to be moved.
    """
    with database.read() as connection:
        found = _differing(connection, tables, workflows)
        if not found:
            return ()
        _refuse(_moves(connection, tables, found), apply=apply)
    with alone(database), database.write() as connection:
        moves = _refuse(_moves(connection, tables, found), apply=apply)
        for each in moves:
            _make(connection, tables, each)
        _remember(connection, found)
    return tuple(each.words for each in moves)


def check(database: Database, tables: Tables, workflows: Workflows, *, apply: bool) -> None:
    """The same before the tables are brought to the metadata: only says what is in the way."""
    with database.read() as connection:
        if sa.inspect(connection).has_table(meta.name):
            found = _differing(connection, tables, workflows)
            _refuse(_moves(connection, tables, found) if found else [], apply=apply)


def _refuse(moves: list[Move], *, apply: bool) -> list[Move]:
    lost = [each.words for each in moves if not each.to]
    wanted = [each.words for each in moves if each.to]
    if lost or (wanted and not apply):
        raise SchemaDiffers(wanted, lost)
    return moves


# ---- what differs


def _differing(connection: sa.Connection, tables: Tables, workflows: Workflows) -> list[Workflow]:
    """The workflows whose states are not those that are remembered."""
    rows = connection.execute(sa.select(meta.c.key, meta.c.value).where(meta.c.key.startswith(PREFIX)))
    known = {row.key: row.value for row in rows}
    return [
        each for each in workflows if each.entity in tables.entities and known.get(_key(each)) != _text(each)
    ]


def _key(workflow: Workflow) -> str:
    of_types = f":{workflow.name}" if workflow.types is not None else ""
    return f"{PREFIX}{workflow.entity}.{workflow.member}{of_types}"


def theirs_of(workflow: Workflow, table: sa.Table) -> sa.ColumnElement[bool]:
    """Which records follow a workflow, by their type."""
    if not workflow.by_type:
        return sa.true()
    kind = table.c.record_type
    if workflow.types is not None:
        return kind.in_(sorted(workflow.types))
    return sa.or_(kind.is_(None), kind.not_in(sorted(workflow.left_out)))


def _text(workflow: Workflow) -> str:
    """The names of the states, with their former ones; and whose they are."""
    if workflow.by_type:
        whose = sorted(workflow.types if workflow.types is not None else workflow.left_out)
        return msgspec.json.encode(
            [whose, {name: sorted(s.was) for name, s in workflow.states.items()}]
        ).decode()
    return msgspec.json.encode({name: sorted(state.was) for name, state in workflow.states.items()}).decode()


def _moves(connection: sa.Connection, tables: Tables, workflows: Workflows) -> list[Move]:
    return [move for each in workflows for move in _of(connection, tables, each)]


def _of(connection: sa.Connection, tables: Tables, workflow: Workflow) -> Iterator[Move]:
    """The records of one workflow that are in no state of it."""
    column = tables.entities[workflow.entity].table.c[workflow.member]
    there = sa.inspect(connection)
    if not there.has_table(column.table.name) or column.name not in _names(there, column.table.name):
        return
    if workflow.by_type and "record_type" not in _names(there, column.table.name):
        return
    known, theirs = list(workflow.states), theirs_of(workflow, tables.entities[workflow.entity].table)
    counted = sa.select(column, sa.func.count()).where(column.is_not(None), column.not_in(known), theirs)
    now = _now_called(workflow)
    for state, count in connection.execute(counted.group_by(column).order_by(column)):
        yield Move(workflow, state, now.get(state, ""), count)


def _names(inspector: sa.Inspector, table: str) -> set[str]:
    return {str(each["name"]) for each in inspector.get_columns(table)}


def _now_called(workflow: Workflow) -> Mapping[str, str]:
    return {former: name for name, state in workflow.states.items() for former in state.was}


# ---- moving


def _make(connection: sa.Connection, tables: Tables, move: Move) -> None:
    """Records, those in the trash too, and what is known of how long they stayed."""
    workflow = move.workflow
    table = tables.entities[workflow.entity].table
    column = table.c[workflow.member]
    connection.execute(
        sa.update(table).where(column == move.state, theirs_of(workflow, table)).values({column: move.to})
    )
    mine = (stay.c.entity == workflow.entity, stay.c.workflow == workflow.name, stay.c.state == move.state)
    connection.execute(sa.update(stay).where(*mine).values(state=move.to))


def _remember(connection: sa.Connection, workflows: Workflows) -> None:
    for each in workflows:
        connection.execute(sa.delete(meta).where(meta.c.key == _key(each)))
        connection.execute(sa.insert(meta).values(key=_key(each), value=_text(each)))
