"""Python, SQLite and PostgreSQL asked the same: many expressions in one SELECT, every row compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Any

import sqlalchemy as sa

from engine.expressions.check import check
from engine.expressions.complaint import ExpressionError
from engine.expressions.kinds import BOOL, DATETIME
from engine.expressions.nodes import Node
from engine.expressions.sql_limits import NotInSql, sql_problem
from engine.expressions.sql_phrase import TEXT, phrase
from engine.expressions.sql_source import Scope
from engine.expressions.standard import standard_functions
from engine.expressions.to_python import to_python
from engine.expressions.to_sql import Compiled, to_sql
from tests.expressions.world import ROOTS, TABLES, Data, World, WorldTables, surroundings

FUNCTIONS = standard_functions()
WORLD = World()


@dataclass
class Difference:
    """One expression that is not the same everywhere."""

    text: str
    where: str
    record: Any
    expected: Any
    found: Any

    def __str__(self) -> str:
        return f"{self.text}\n    {self.where}, record {self.record}: Python {self.expected!r}, SQL {self.found!r}"


@dataclass
class Tried:
    """What became of the expressions of a run."""

    compared: int = 0
    refused: int = 0
    not_in_sql: int = 0
    differences: list[Difference] = field(default_factory=list)


def checked(text: str) -> Node | None:
    """The tree of an expression, None where the checker refuses it."""
    try:
        return check(text, ROOTS, WORLD, FUNCTIONS).node
    except ExpressionError:
        return None


def compare(
    connection: sa.Connection, data: Data, texts: Sequence[str], *, batch: int = 20, zone: str = "UTC", tz: tzinfo = UTC
) -> Tried:
    """Ask Python and one database about every expression on every record."""
    tried, ready = Tried(), []
    for text in texts:
        node = checked(text)
        if node is None:
            tried.refused += 1
        elif sql_problem(node) is not None:
            tried.not_in_sql += 1
        else:
            ready.append((text, node))
    for start in range(0, len(ready), batch):
        _batch(connection, data, ready[start : start + batch], tried, zone, tz)
    return tried


def _batch(
    connection: sa.Connection, data: Data, ready: list[tuple[str, Node]], tried: Tried, zone: str, tz: tzinfo
) -> None:
    try:
        with connection.begin_nested():
            found = _ask(connection, data, [node for _, node in ready], zone, tz)
    except NotInSql:
        found = None
    except sa.exc.SQLAlchemyError as error:
        if len(ready) == 1:
            tried.differences.append(Difference(ready[0][0], connection.dialect.name, None, None, str(error)[:1500]))
            return
        found = None
    if found is None and len(ready) > 1:
        for one in ready:
            _batch(connection, data, [one], tried, zone, tz)
        return
    if found is None:
        tried.not_in_sql += 1
        return
    around = surroundings(data, tz)
    for (text, node), columns in zip(ready, found, strict=True):
        tried.compared += 1
        _look(tried, text, node, columns, data, around, connection.dialect.name)


def _ask(connection: sa.Connection, data: Data, nodes: list[Node], zone: str, tz: tzinfo) -> list[list[tuple[Any, ...]]]:
    """For each node, for each record: its value, and for conditions whether they are true, and false."""
    dialect: Any = connection.dialect.name
    base = TABLES.tables["deal"].alias()
    scope, tables, around = Scope(WorldTables(), base), WorldTables(), surroundings(data, tz)
    columns: list[Any] = []
    parameters: dict[str, Any] = {}
    readers: list[tuple[Compiled, int, bool]] = []
    for number, node in enumerate(nodes):
        value = to_sql(node, "value", tables, scope, dialect, entity="deal", prefix=f"e{number}")
        readers.append((value, len(columns), node.kind is BOOL))
        columns += [_shown(column, node, dialect) for column in value.columns]
        parameters |= value.parameters(lambda found: to_python(found).evaluate({}, around), zone)
        if node.kind is BOOL:
            for mode in ("true", "false"):
                made = to_sql(node, mode, tables, scope, dialect, entity="deal", prefix=f"{mode[0]}{number}")  # type: ignore[arg-type]
                columns.append(sa.case((made.clause, 1), else_=0))
                parameters |= made.parameters(lambda found: to_python(found).evaluate({}, around), zone)
    labelled = [column.label(f"c{number}") for number, column in enumerate(columns)]
    statement = sa.select(*labelled).select_from(scope.source).order_by(base.c.id)
    rows = connection.execute(statement, parameters).all()
    answers = []
    for compiled, first, condition in readers:
        width = len(compiled.columns)
        more = 2 if condition else 0
        answers.append([
            (_read(compiled, tuple(row[first : first + width])), *row[first + width : first + width + more]) for row in rows
        ])  # fmt: skip
    return answers


def _shown(column: Any, node: Node, dialect: str) -> Any:
    """A column as it is fetched: the driver can't read the first and last moments in a session's zone of its own."""
    if dialect == "postgresql" and node.kind is DATETIME:
        return phrase("CAST({0} AT TIME ZONE 'UTC' AS TEXT)", TEXT, column)
    return column


def _read(compiled: Compiled, cells: tuple[Any, ...]) -> Any:
    if compiled.kind is DATETIME and isinstance(cells[0], str):
        return datetime.fromisoformat(cells[0]).replace(tzinfo=UTC)
    return compiled.read(*cells)


def _look(
    tried: Tried, text: str, node: Node, columns: list[tuple[Any, ...]], data: Data, around: Any, where: str
) -> None:
    value = to_python(node).evaluate
    for record, found in zip(data.records["deal"], columns, strict=True):
        try:
            expected = value(record, around)
        except Exception as error:
            tried.differences.append(Difference(text, "python", record["id"], repr(error), found[0]))
            return
        if not same(expected, found[0]):
            tried.differences.append(Difference(text, where, record["id"], expected, found[0]))
            return
    if node.kind is not BOOL:
        return
    for mode, position in (("true", 1), ("false", 2)):
        evaluate = to_python(node, mode).evaluate  # type: ignore[arg-type]
        for record, found in zip(data.records["deal"], columns, strict=True):
            if evaluate(record, around) is not bool(found[position]):
                expected = evaluate(record, around)
                tried.differences.append(Difference(f"{mode}: {text}", where, record["id"], expected, found[position]))
                return


def same(expected: Any, found: Any) -> bool:
    if isinstance(expected, dict):
        return bool(expected["id"] == found)
    return bool(expected == found) and (expected is None) is (found is None)
