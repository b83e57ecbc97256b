"""Expressions in lists: computed columns, conditions of grids and of people, and what can be written next."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from engine.access import access
from engine.declared.rules import Rule, roots_of
from engine.declared.shapes import Shapes
from engine.errors import BadExpression, ExpressionFault
from engine.expressions.complaint import ExpressionError
from engine.expressions.kinds import RecordKind
from engine.metamodel.property import Property
from engine.to_sql.limits import NotInSql
from engine.typecheck.check import CONDITION, Checked, check
from engine.work.context import Context
from engine.work.expressions import Asked, Ready, compile_over, ready

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
