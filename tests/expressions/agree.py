"""Python, SQLite and PostgreSQL asked the same: many expressions in one SELECT, every row compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from engine.expressions.complaint import ExpressionError
from engine.expressions.kinds import BOOL, DATETIME
from engine.expressions.nodes import Node
from engine.functions.standard import standard_functions
from engine.sql.phrase import TEXT, phrase
from engine.to_python.compile import to_python
from engine.to_python.roots import Surroundings
from engine.to_sql.base import row_of
from engine.to_sql.compile import Compiled, Over, SqlCompiler
from engine.to_sql.limits import NotInSql, sql_problem
from engine.to_sql.source import Scope
from engine.typecheck.check import check
from tests.expressions.world import ROOTS, TABLES, Data, World, WorldTables, surroundings

FUNCTIONS = standard_functions()
WORLD = World()
SEEN = WorldTables()
BATCH = 25
"""How many expressions one statement asks."""

Answer = tuple[Any, ...]
"""What an expression is on a record; of a condition also whether it is true, and whether it is false."""


class Ground(Protocol):
    """What expressions are asked of: an entity's records, in Python and in databases."""

    entity: str

    def checked(self, text: str) -> Node | None:
        """The tree of an expression, None where the checker refuses it."""
        ...

    def facts(self, nodes: Sequence[Node]) -> tuple[Sequence[Mapping[str, Any]], Surroundings]:
        """The records in order of their ids, with what the nodes read of them, and what stands around."""
        ...

    def scope(self, connection: sa.Connection) -> Scope:
        """The same records in a database."""
        ...


@dataclass(frozen=True)
class Small:
    """The small world's deals."""

    data: Data
    zone: str = "UTC"
    entity: str = "deal"

    def checked(self, text: str) -> Node | None:
        return checked(text)

    def facts(self, nodes: Sequence[Node]) -> tuple[Sequence[Mapping[str, Any]], Surroundings]:
        zone = UTC if self.zone == "UTC" else ZoneInfo(self.zone)
        return self.data.records["deal"], surroundings(self.data, zone)

    def scope(self, connection: sa.Connection) -> Scope:
        return Scope(SEEN, TABLES.tables["deal"].alias())


@dataclass(frozen=True)
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
    connections: Sequence[sa.Connection],
    data: Data,
    texts: Sequence[str],
    *,
    zone: str = "UTC",
) -> Tried:
    """Ask Python and databases about every expression on every deal of the small world."""
    return compared(connections, Small(data, zone), texts)


def compared(connections: Sequence[sa.Connection], ground: Ground, texts: Sequence[str]) -> Tried:
    """Ask Python and databases about every expression on every record."""
    tried, ready = Tried(), []
    for text in texts:
        node = ground.checked(text)
        if node is None:
            tried.refused += 1
        elif sql_problem(node) is not None:
            tried.not_in_sql += 1
        else:
            ready.append((text, node))
    for start in range(0, len(ready), BATCH):
        _compare(connections, ready[start : start + BATCH], tried, ground)
    return tried


def _compare(
    connections: Sequence[sa.Connection], ready: list[tuple[str, Node]], tried: Tried, ground: Ground
) -> None:
    records, around = ground.facts([node for _, node in ready])
    wanted = [_in_python(text, node, records, around, tried) for text, node in ready]
    for connection in connections:
        name = connection.dialect.name
        for (text, _), expected, found in zip(
            ready, wanted, _asked(connection, ready, tried, _Asking(ground, around)), strict=True
        ):
            if expected is not None and found is not None:
                _look(tried, text, expected, found, name)
    tried.compared += len(ready)


@dataclass(frozen=True)
class _Asking:
    ground: Ground
    around: Surroundings


def _in_python(
    text: str, node: Node, records: Sequence[Mapping[str, Any]], around: Surroundings, tried: Tried
) -> list[Answer] | None:
    """What Python says of each record; that it raises an error is a difference too."""
    modes = ("value", "true", "false") if node.kind is BOOL else ("value",)
    try:
        functions = [to_python(node, mode).evaluate for mode in modes]  # type: ignore[arg-type]
        return [tuple(evaluate(record, around) for evaluate in functions) for record in records]
    except Exception as error:
        tried.differences.append(Difference(text, "Python", None, repr(error), None))
        return None


def _asked(
    connection: sa.Connection, ready: list[tuple[str, Node]], tried: Tried, asking: _Asking
) -> list[list[Answer] | None]:
    """What a database says; where a statement fails, each expression is asked by itself."""
    try:
        with connection.begin_nested():
            return [*_ask(connection, [node for _, node in ready], asking)]
    except (NotInSql, sa.exc.SQLAlchemyError) as error:
        if len(ready) > 1:
            return [_asked(connection, [one], tried, asking)[0] for one in ready]
        name = connection.dialect.name
        tried.differences.append(Difference(ready[0][0], name, None, None, str(error)[:1500]))
        return [None]


def _ask(connection: sa.Connection, nodes: list[Node], asking: _Asking) -> list[list[Answer]]:
    dialect: Any = connection.dialect.name
    scope = asking.ground.scope(connection)
    columns: list[Any] = []
    parameters: dict[str, Any] = {}
    readers: list[tuple[Compiled, int]] = []
    for number, node in enumerate(nodes):
        compiled, conditions = _compiled(
            node, Over(scope, asking.ground.entity, prefix=f"e{number}"), dialect
        )
        readers.append((compiled, len(columns)))
        columns += [_shown(column, node, dialect) for column in compiled.columns]
        columns += [sa.case((clause, 1), else_=0) for clause in conditions]
        zone = getattr(asking.around.zone, "key", "UTC")
        parameters |= compiled.parameters(lambda found: to_python(found).evaluate({}, asking.around), zone)
    labelled = [column.label(f"c{number}") for number, column in enumerate(columns)]
    statement = sa.select(*labelled).select_from(scope.source).order_by(scope.base.c.id)
    rows = connection.execute(statement, parameters, execution_options={"compiled_cache": None}).all()
    return [[_answer(compiled, row[first:]) for row in rows] for compiled, first in readers]


def _compiled(node: Node, over: Over, dialect: Any) -> tuple[Compiled, list[Any]]:
    """A node as a value, and a condition also in the modes true and false."""
    scope, prefix = over.scope, over.prefix
    row = row_of(scope, scope.base, over.entity)
    compiler = SqlCompiler(dialect, scope.tables, scope, {"record": row}, prefix=prefix)
    value = compiler.finished(node)
    conditions = [compiler.true(node), compiler.false(node)] if node.kind is BOOL else []
    made = Compiled(node.kind, dialect, value.clause, value.currency, compiler.bound, f"{prefix}_zone")
    return made, conditions


def _shown(column: Any, node: Node, dialect: str) -> Any:
    """A column as it is fetched: the driver can't read the first and last moments in a session's zone of its own."""
    if dialect == "postgresql" and node.kind is DATETIME:
        return phrase("CAST({0} AT TIME ZONE 'UTC' AS TEXT)", TEXT, column)
    return column


def _answer(compiled: Compiled, cells: Sequence[Any]) -> Answer:
    width = len(compiled.columns)
    if compiled.kind is DATETIME and isinstance(cells[0], str):
        return (datetime.fromisoformat(cells[0]).replace(tzinfo=UTC),)
    value = compiled.read(*cells[:width])
    if compiled.kind is not BOOL:
        return (value,)
    return (value, bool(cells[width]), bool(cells[width + 1]))


def _look(tried: Tried, text: str, expected: list[Answer], found: list[Answer], where: str) -> None:
    for number, (one, two) in enumerate(zip(expected, found, strict=True), start=1):
        for mode, ours, theirs in zip(("", "true: ", "false: "), one, two, strict=False):
            if not same(ours, theirs):
                tried.differences.append(Difference(f"{mode}{text}", where, number, ours, theirs))
                return


def same(expected: Any, found: Any) -> bool:
    """Whether two values are one; of a record SQL knows the id."""
    if isinstance(expected, dict):
        return bool(expected["id"] == found)
    return bool(expected == found) and (expected is None) is (found is None)
