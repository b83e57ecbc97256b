"""Expressions in statements: compiled over a table that stands in one, with parameters for each request."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from engine.build.sources import StoredTables, Visible, everything
from engine.declared.rules import Rule
from engine.expressions.nodes import Node
from engine.expressions.reads import reads
from engine.to_python.compile import Evaluate, to_python
from engine.to_python.roots import Surroundings
from engine.to_sql.compile import Compiled, Mode, Over, to_sql
from engine.to_sql.source import Scope
from engine.typecheck.check import Checked
from engine.work.context import Context
from engine.work.facts import NOBODY, Record
from engine.work.surroundings import surroundings

Attach = Callable[[sa.FromClause, sa.ColumnElement[bool]], None]


class Joining(Scope):
    """The FROM of a statement that is made elsewhere: what an expression joins is handed to it."""

    def __init__(self, tables: StoredTables, base: Any, attach: Attach) -> None:
        super().__init__(tables, base)
        self._attach = attach

    def _add(self, target: sa.FromClause, on: sa.ColumnElement[bool], entity: str) -> sa.FromClause:
        seen = self.tables.visible(entity, target)
        self._attach(target, on if seen is None else sa.and_(on, seen))
        return target


@dataclass(frozen=True)
class Ready:
    """A compiled expression whose parameters are computed for each request.

    `shared`: its value is the same for every reader, so its days are those of the application.
    """

    compiled: Compiled
    shared: bool
    offering: bool = False  # it asks which records a draft may choose: the draft gives its parameters
    functions: Mapping[str, Evaluate] = field(default_factory=dict)

    @property
    def clause(self) -> sa.ColumnElement[Any]:
        return self.compiled.clause

    @property
    def nodes(self) -> list[Node]:
        return [bound.node for bound in self.compiled.ambient.values()]


def ready(compiled: Compiled, *, shared: bool) -> Ready:
    """A compiled expression with its parameters as functions."""
    functions = {name: to_python(bound.node).evaluate for name, bound in compiled.ambient.items()}
    return Ready(compiled, shared, functions=functions)


@dataclass(frozen=True)
class Chooser:
    """The draft for which records are offered, as the rule of its relation reads it."""

    rule: Rule
    record: Record
    around: Surroundings


def parameters(
    context: Context, expressions: Iterable[Ready], chooser: Chooser | None = None
) -> dict[str, Any]:
    """The parameters of the expressions in a statement, for this request."""
    found: dict[str, Any] = {}
    for each in expressions:
        if each.offering and chooser is not None:
            record, around = chooser.record, chooser.around
        else:
            needs = reads(*each.nodes) if each.nodes else {}
            record, around = NOBODY, surroundings(context, needs, shared=each.shared)
        by_node = {id(bound.node): each.functions[name] for name, bound in each.compiled.ambient.items()}
        zone = getattr(around.zone, "key", "UTC")
        found |= each.compiled.parameters(lambda node, f=by_node, r=record, a=around: f[id(node)](r, a), zone)  # type: ignore[misc]
    return found


@dataclass(frozen=True, slots=True)
class Asked:
    """Where in a statement an expression is asked: the table of an entity's records, and how it joins others to it.

    `prefix` begins the names of its parameters; no two expressions of a statement have the same.
    """

    entity: str
    base: Any
    attach: Attach
    prefix: str


def compile_over(
    context: Context,
    checked: Checked,
    at: Asked,
    *,
    mode: Mode = "value",
    restrict: Visible = everything,
    root: str = "record",
) -> Compiled:
    """An expression over the records of a table that stands in a statement."""
    tables = StoredTables(context.runtime.tables, restrict)
    over = Over(Joining(tables, at.base, at.attach), at.entity, root, at.prefix)
    return to_sql(checked.node, mode, over, context.runtime.dialect)
