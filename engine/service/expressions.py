"""Expressions in statements: computed columns and conditions, and the parameters each request gives them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa

from engine.build.sources import StoredTables, Visible, everything
from engine.errors import BadExpression, ExpressionFault
from engine.expressions.complaint import ExpressionError
from engine.expressions.kinds import RecordKind
from engine.expressions.nodes import Node
from engine.expressions.reads import reads
from engine.metamodel.property import Property
from engine.metamodel.rules import Rule, roots_of
from engine.metamodel.shapes import Shapes
from engine.service import access
from engine.service.context import Context
from engine.service.facts import NOBODY, Record
from engine.service.rules import surroundings
from engine.to_python.compile import Evaluate, to_python
from engine.to_python.roots import Surroundings
from engine.to_sql.compile import Compiled, Mode, Over, to_sql
from engine.to_sql.limits import NotInSql
from engine.to_sql.source import Scope
from engine.typecheck.check import CONDITION, Checked, check

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


# ---- computed columns


def computed_columns(
    context: Context, prop: Property, at: Asked
) -> tuple[tuple[sa.ColumnElement[Any], ...], Ready]:
    """The columns of a computed property that has none, as if it had: typed as its own would be."""
    rule = context.runtime.rules[at.entity].virtual[prop.name].rule
    made = compile_over(context, rule.checked, at)
    specs = prop.type.columns()
    columns = tuple(
        sa.type_coerce(clause, spec.type).label(f"{at.prefix}_{position}")
        for position, (clause, spec) in enumerate(zip(made.columns, specs, strict=True))
    )
    return columns, ready(made, shared=True)


def computed_condition(context: Context, name: str, wanted: bool, at: Asked) -> Ready:
    """The condition that a computed one is true, or false: asked so, the database uses the indexes it would use."""
    rule = context.runtime.rules[at.entity].virtual[name].rule
    made = compile_over(context, rule.checked, at, mode="true" if wanted else "false")
    return ready(made, shared=True)


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


# ---- conditions that people write


class ReadableShapes(Shapes):
    """Entities as an actor may see them: what they may not read is not there, like what does not exist."""

    def __init__(self, context: Context) -> None:
        super().__init__(context.runtime.entities)
        self._context = context

    def _of(self, entity: Any) -> dict[str, Any]:
        allowed = access.readable(self._context, entity.name)
        own = {**entity.properties, **entity.relations}
        return {
            name: shape
            for name, shape in super()._of(entity).items()
            if (
                name in allowed
                if name in own
                else access.inverse_readable(self._context, entity.inverses[name])
            )
        }


def checked_where(context: Context, entity: str, text: str) -> Checked:
    """A condition that somebody wrote, checked against what they may read. Raises BadExpression."""
    roots = roots_of(context.runtime.entities, None, entity, "where")
    try:
        return check(text, roots, ReadableShapes(context), context.runtime.functions, CONDITION)
    except ExpressionError as error:
        faults = [
            ExpressionFault(each.code, each.message, *each.span, each.hint) for each in error.complaints
        ]
        raise BadExpression("where", text, faults) from error


def offering_condition(context: Context, rule: Rule, at: Asked) -> Ready:
    """The SQL condition that a record may be chosen, by a relation's `options_where`."""
    made = compile_over(context, rule.loose, at, mode="true", root="option")
    return replace(ready(made, shared=False), offering=True)


def where_condition(context: Context, checked: Checked, at: Asked) -> Ready:
    """The SQL condition that a checked one is true. Related records are those the actor may read."""

    def restrict(target: str, alias: sa.FromClause) -> sa.ColumnElement[bool] | None:
        return access.predicate(context, target, "read", alias)

    try:
        made = compile_over(context, checked, at, mode="true", restrict=restrict)
    except NotInSql as problem:
        fault = ExpressionFault("not-in-sql", f"this can't be a filter: {problem.reason}", *problem.span)
        raise BadExpression("where", checked.text, [fault]) from problem
    return ready(made, shared=False)


# ---- completion


def names_along(context: Context, entity: str, path: str) -> list[tuple[str, str]]:
    """The members that may follow a path, each with its kind in words; none where the path leads nowhere."""
    shapes = ReadableShapes(context)
    current = entity
    for name in (step for step in path.split(".") if step):
        shape = shapes.member(current, name)
        kind = shape.kind if shape is not None else None
        if not isinstance(kind, RecordKind) or len(kind.entities) != 1:
            return []
        current = kind.entities[0]
    found = [(name, shapes.member(current, name)) for name in shapes.names(current)]
    return [(name, shape.kind.word) for name, shape in found if shape is not None]
