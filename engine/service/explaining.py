"""What an expression is, for whoever writes it: its kind, what it reads, its Python, its SQL on each database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from engine.build.runtime import Runtime
from engine.build.sources import StoredTables
from engine.errors import NotFound
from engine.expressions.kinds import BOOL
from engine.expressions.nodes import Ambient, Null, walk
from engine.expressions.reads import Need, reads
from engine.expressions.written import constant, written
from engine.to_python.trace import Step, trace
from engine.to_sql.compile import Over, to_sql
from engine.to_sql.source import Scope
from engine.typecheck.check import Checked
from engine.work.context import Context
from engine.work.facts import stored_facts
from engine.work.surroundings import surroundings

DIALECTS: Mapping[str, sa.Dialect] = {
    "sqlite": sqlite.dialect(paramstyle="named"),
    "postgresql": postgresql.dialect(paramstyle="named"),  # type: ignore[no-untyped-call]
}


@dataclass(frozen=True)
class Sql:
    """A statement as the database gets it, and its parameters as one would write them."""

    text: str
    parameters: Mapping[str, str]


def in_words(checked: Checked) -> str:
    """What kind of value it gives, and whether it always does."""
    node = checked.node
    if node.null is Null.NEVER:
        return f"{node.kind.word}, always there"
    if node.kind is BOOL:
        return f"{node.kind.word} that can be unknown, and then counts as not true"
    return f"{node.kind.word} that can be {'null' if node.null is Null.VALUE else 'unknown'}"


def read_paths(checked: Checked) -> list[str]:
    """Every path it reads, computed properties spelled out, and whatever surrounds the record."""
    paths = [path for root, need in reads(checked.node).items() for path in need.paths(f"{root}.")]
    around = [written(each) for each in walk(checked.node) if isinstance(each, Ambient)]
    return list(dict.fromkeys([*paths, *around]))


def in_sql(runtime: Runtime, checked: Checked, entity: str) -> Sql:
    """The statement that filters by a condition, or selects a value. Raises NotInSql."""
    base = runtime.table(entity).table
    scope = Scope(StoredTables(runtime.tables), base)
    condition = checked.kind is BOOL
    made = to_sql(checked.node, "true" if condition else "value", Over(scope, entity), runtime.dialect)
    statement: sa.Select[Any] = sa.select(base.c.id) if condition else sa.select(*made.columns)
    statement = statement.select_from(scope.source)
    if condition:
        statement = statement.where(made.clause)
    compiled = statement.compile(dialect=DIALECTS[runtime.dialect])
    computed = {name: written(bound.node) for name, bound in made.ambient.items()}
    said = computed | {made.zone: "the name of the time zone"}
    text = str(compiled)
    parameters = {
        name: said.get(name) or constant(value)
        for name, value in compiled.params.items()
        if f":{name}" in text
    }
    return Sql(text, parameters)


def on_record(context: Context, checked: Checked, entity: str, number: int) -> list[Step]:
    """The value of each part on a stored record, as the actor stands to it. Raises NotFound."""
    needs = reads(checked.node)
    facts = stored_facts(context, entity, [number], needs.get("record", Need())).get(number)
    if facts is None:
        raise NotFound(entity, number)
    old = stored_facts(context, entity, [number], needs["old"]).get(number) if "old" in needs else None
    return trace(checked.node, facts, surroundings(context, needs, old=old))


def columns_of(steps: list[Step]) -> Iterator[tuple[str, str]]:
    """Each part, indented, beside its value."""
    for step in steps:
        yield step.shown, "  " * step.depth + step.text
