"""Filters of a list: paths, operators and operands in, bound SQL conditions out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from engine.errors import BadQuery
from engine.metamodel.property import Property
from engine.metamodel.relation import Inverse, Relation
from engine.reading.expressions import checked_where, where_condition
from engine.reading.query import Filter, Query
from engine.reading.quick import text_condition
from engine.reading.selection import Selection, Spot
from engine.sql.aliased import aliased
from engine.typecheck.check import Checked
from engine.types.base import Refused
from engine.work.context import Context
from engine.work.expressions import Chooser

BINDABLE = frozenset({"eq", "lt", "le", "gt", "ge", "empty", "not_empty"})
"""Operators whose statement is the same for every operand, so that its plan can be kept."""

RELATION_OPERATORS = ("eq", "ne", "in", "empty", "not_empty")

LONGEST_TEXT = 200
"""A quick filter longer than this finds nothing anybody meant."""


@dataclass(frozen=True)
class Restriction:
    """A narrowing to what is related to one record: its condition, operands, own order, and shape for caching."""

    shape: str
    condition: Callable[[sa.FromClause], sa.ColumnElement[bool]] = lambda table: sa.true()
    operands: Mapping[str, Any] = field(default_factory=dict)
    sort: tuple[str, ...] = ()
    chooser: Chooser | None = None  # whose `options_where` narrows too


@dataclass(frozen=True)
class Bound:
    """The filters of a query with their parsed operands. `operands` fill the parameters of a kept plan."""

    shape: tuple[tuple[str, str, bool | None], ...]
    values: tuple[Any, ...]
    operands: Mapping[str, Any]
    cacheable: bool
    wheres: tuple[Checked, ...] = ()


def bind(context: Context, entity: str, query: Query) -> Bound:
    """Parse the operands; raises BadQuery for an unknown path, operator or operand."""
    if len(query.text) > LONGEST_TEXT:
        raise BadQuery("bad-text", "q", f"a quick filter has at most {LONGEST_TEXT} characters")
    if "\0" in query.text:
        raise BadQuery("bad-text", "q", "a quick filter can't hold a NUL character")
    resolver = Selection(context, entity) if query.filters else None
    values = []
    for item in query.filters:
        assert resolver is not None
        values.append(_operand(resolver.spot(item.path), item))
    operands: dict[str, Any] = {}
    cacheable = not query.text
    for position, (item, value) in enumerate(zip(query.filters, values, strict=True)):
        if item.operator in ("empty", "not_empty"):
            continue
        if isinstance(value, bool):
            continue  # yes and no are two statements: the value is part of the shape
        if item.operator in BINDABLE and isinstance(value, str | int):
            operands[f"filter_{position}"] = value
        else:
            cacheable = False
    shape = tuple(
        (item.path, item.operator, value if isinstance(value, bool) else None)
        for item, value in zip(query.filters, values, strict=True)
    )
    wheres = tuple(checked_where(context, entity, text) for text in query.where)
    wheres += tuple(each.checked for each in query.rules)
    return Bound(shape, tuple(values), operands if cacheable else {}, cacheable, wheres)


def _operand(spot: Spot, item: Filter) -> Any:
    """The value to compare with; a text filter keeps its text."""
    if not isinstance(spot.member, Property):
        if item.operator not in RELATION_OPERATORS:
            raise _bad_operator(item, RELATION_OPERATORS)
        return _keys(item) if item.operator not in ("empty", "not_empty") else None
    kind = spot.member.type
    if item.operator not in kind.operators:
        raise _bad_operator(item, kind.operators)
    if item.operator in ("empty", "not_empty"):
        return None
    try:
        if item.operator == "in":
            raw = item.operand.split(",") if isinstance(item.operand, str) else list(item.operand)
            return [kind.parse_operand(each) for each in raw]
        if item.operator in ("contains", "starts"):
            return str(item.operand)
        return kind.parse_operand(item.operand)
    except (Refused, TypeError) as error:
        raise BadQuery("bad-filter", item.path, f"{item.path}: {error}") from error


def _bad_operator(item: Filter, allowed: tuple[str, ...]) -> BadQuery:
    message = (
        f"{item.path!r} can't be filtered by {item.operator!r}; it allows {', '.join(allowed) or 'none'}"
    )
    return BadQuery("bad-filter", item.path, message)


def _keys(item: Filter) -> Any:
    """Ids of related records: a number, `entity:number` for a polymorphic relation, or several."""
    if item.operator == "in":
        raw = item.operand.split(",") if isinstance(item.operand, str) else list(item.operand)
        return [_key(item.path, each) for each in raw]
    return _key(item.path, item.operand)


def _key(path: str, raw: Any) -> Any:
    if isinstance(raw, dict):
        raw = f"{raw['entity']}:{raw.get('id')}" if "entity" in raw else raw.get("id")
    entity, _, number = str(raw).rpartition(":")
    if not number.isascii() or not number.isdigit() or len(number) > 19 or int(number) >= 2**63:
        raise BadQuery("bad-filter", path, f"{path}: a record is given by its id, a number, not {raw!r}")
    return (entity, int(number)) if entity else int(number)


# ---- conditions


def conditions(
    context: Context, selection: Selection, query: Query, bound: Bound
) -> list[sa.ColumnElement[bool]]:
    """Every condition of a query: trash, filters, quick text filter."""
    return [clause for _, clause in parts(context, selection, query, bound)]


Part = Filter | Checked | str | None
"""What of a query a condition comes from: a filter, an expression, the words of the quick filter; None: the trash."""


def parts(
    context: Context, selection: Selection, query: Query, bound: Bound
) -> Iterator[tuple[Part, sa.ColumnElement[bool]]]:
    """Every condition of a query with what it comes from: lists take them all, explanations one by one."""
    table = selection.base.table
    if "_deleted_at" in table.c:
        deleted = table.c["_deleted_at"]
        yield None, deleted.is_not(None) if query.trash else deleted.is_(None)
    elif query.trash:
        yield None, sa.false()
    for position, (item, value) in enumerate(zip(query.filters, bound.values, strict=True)):
        name = f"filter_{position}" if f"filter_{position}" in bound.operands else None
        yield item, _condition(context, selection, item, value, name)
    for checked in bound.wheres:
        where = where_condition(context, checked, selection.asked(selection.base.entity, table))
        selection.expressions.append(where)
        yield checked, where.clause
    if query.text:
        yield query.text, text_condition(context, selection, query)


def _condition(
    context: Context, selection: Selection, item: Filter, value: Any, name: str | None
) -> sa.ColumnElement[bool]:
    spot = selection.spot(item.path)
    if not isinstance(spot.member, Property):
        key = sa.bindparam(name, type_=sa.BigInteger()) if name else value
        return _relation_condition(context, selection, spot, spot.member, item.operator, key)
    if spot.member.virtual and isinstance(value, bool) and item.operator == "eq":
        return selection.decided(spot, value)
    columns = selection.columns_of(spot)
    operand = sa.bindparam(name, type_=columns[0].type) if name else value
    return spot.member.type.condition(item.operator, columns, operand)


def _relation_condition(
    context: Context,
    selection: Selection,
    spot: Spot,
    relation: Relation | Inverse,
    operator: str,
    value: Any,
) -> sa.ColumnElement[bool]:
    if relation.to_one:
        columns = selection.columns_of(spot)
        return _key_condition(relation, columns, operator, value)
    if isinstance(relation, Relation) and relation.kind == "many_to_many":
        return _linked(context, spot, relation, operator, value)
    raise BadQuery("bad-filter", relation.name, f"records can't be filtered by {relation.name!r}")


def _key_condition(
    relation: Relation | Inverse, columns: tuple[sa.ColumnElement[Any], ...], operator: str, value: Any
) -> sa.ColumnElement[bool]:
    if operator == "empty":
        return sa.and_(*(column.is_(None) for column in columns))
    if operator == "not_empty":
        return sa.or_(*(column.is_not(None) for column in columns))
    wanted = value if operator == "in" else [value]
    matches = []
    for key in wanted:
        target, number = key if isinstance(key, tuple) else (relation.targets[0], key)
        if target not in relation.targets:
            allowed = ", ".join(relation.targets)
            raise BadQuery(
                "bad-filter", relation.name, f"{relation.name} leads to {allowed}, not to {target!r}"
            )
        matches.append(columns[relation.targets.index(target)] == number)
    match = sa.or_(*matches) if matches else sa.false()
    return sa.not_(sa.func.coalesce(match, sa.false())) if operator == "ne" else match


def _linked(
    context: Context, spot: Spot, relation: Relation, operator: str, value: Any
) -> sa.ColumnElement[bool]:
    """Whether some (or no) link of a many-to-many relation leads to one of the records."""
    if relation.through:
        made = context.runtime.table(relation.through)
        keys = [key for key in made.entity.relations.values() if key.holds_key and not key.system]
        here = next(key.name for key in keys if key.targets == (spot.entity.name,))
        there = next(key.name for key in keys if key.targets == (relation.target,) and key.name != here)
        table: sa.FromClause = aliased(made.table)
    else:
        table, here, there = (
            context.runtime.tables.links[(spot.entity.name, relation.name)].alias(),
            "source",
            "target",
        )
    if operator == "in":
        value = [_linked_key(relation, key) for key in value]
    elif operator in ("eq", "ne"):
        value = _linked_key(relation, value)
    linked: sa.Select[Any] = (
        sa.select(sa.literal_column("1")).select_from(table).where(table.c[here] == spot.alias.c["id"])
    )
    if "_deleted_at" in table.c:
        linked = linked.where(table.c["_deleted_at"].is_(None))
    if operator == "in":
        linked = linked.where(table.c[there].in_(value))
    elif operator in ("eq", "ne"):
        linked = linked.where(table.c[there] == value)
    found = linked.exists()
    return sa.not_(found) if operator in ("empty", "ne") else found


def _linked_key(relation: Relation, key: Any) -> Any:
    """The id of a linked record, which may be given with its entity's name."""
    target, number = key if isinstance(key, tuple) else (relation.target, key)
    if target != relation.target:
        message = f"{relation.name} leads to {relation.target}, not to {target!r}"
        raise BadQuery("bad-filter", relation.name, message)
    return number
