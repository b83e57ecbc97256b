"""Lists of records: filter, sort, page by key, columns by path, counts that stop at a cap.

The number of statements does not depend on the number of rows: one for the page, one per
to-many column, one for the count. Null sorts as the smallest value on every database, which is what
the indexes hold; so a page deep in the list costs what the first one costs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from engine.access import access
from engine.errors import BadQuery
from engine.reading import filters
from engine.reading.cursor import decode_cursor, encode_cursor
from engine.reading.expressions import offering_condition
from engine.reading.links import many_links
from engine.reading.ordering import sort_columns
from engine.reading.query import COUNT_CAP, Count, CountKind, Page, Query, Row
from engine.reading.selection import Reader, Selection
from engine.work.conditions import alive
from engine.work.context import Context
from engine.work.expressions import Ready, parameters
from engine.work.plans import kept

MOST_SORTS = 16
"""Properties of one order; nobody means more."""

LARGEST_PAGE = 500
"""More records than this are not answered at once; export streams instead."""


@dataclass(frozen=True, slots=True)
class SortKey:
    """A column to order by."""

    column: sa.ColumnElement[Any]
    descending: bool
    nullable: bool


@dataclass(frozen=True)
class Plan:
    """A list ready to run: its statement without cursor and limit, and the readers of its rows.

    What a request adds (cursor, limit) are parameters, so that each variant is built and compiled once.
    """

    statement: sa.Select[Any]
    expressions: tuple[Ready, ...]
    keys: tuple[SortKey, ...]
    key_positions: tuple[int, ...]
    title: Reader
    readers: tuple[Reader, ...]
    many: tuple[tuple[int, str], ...]  # (index of the field, relation) loaded by a statement of their own
    counts: Mapping[CountKind, sa.Select[Any]]
    shape: str
    variants: dict[Any, sa.Select[Any]] = field(default_factory=dict)  # by direction and nulls of the cursor


def find(context: Context, entity: str, query: Query, restrict: filters.Restriction | None = None) -> Page:
    """One page of the records of an entity that the actor may read.

    `restrict` narrows to what is related to one record. Raises Forbidden without any grant to read,
    BadQuery for a path, filter, limit or cursor that can't be answered.
    """
    access.require(context, entity, "read")
    if not 1 <= query.limit <= LARGEST_PAGE:
        message = f"a page has between 1 and {LARGEST_PAGE} records, not {query.limit}"
        raise BadQuery("bad-limit", "limit", message)
    if len(query.sort) > MOST_SORTS:
        raise BadQuery("bad-sort", "sort", f"records are sorted by at most {MOST_SORTS} properties")
    plan, operands = _plan(context, entity, query, restrict)
    operands |= parameters(context, plan.expressions, restrict.chooser if restrict else None)
    backward = query.before is not None
    cursor = query.before or query.after
    values = None if cursor is None else decode_cursor(context.runtime.secret, plan.shape, cursor)
    paging = {f"cursor_{position}": value for position, value in enumerate(values or ())}
    statement = _variant(plan, values, backward)
    found = context.connection.execute(statement, {**operands, **paging, "page_limit": query.limit + 1}).all()
    more = len(found) > query.limit
    found = found[: query.limit]
    if backward:
        found = found[::-1]
    goes_on, goes_back = more or backward, more if backward else cursor is not None
    return Page(
        entity,
        query.fields,
        _rows(context, entity, plan, found),
        next=_cursor(context, plan, found[-1]) if found and goes_on else None,
        previous=_cursor(context, plan, found[0]) if found and goes_back else None,
        count=_count(context, plan, operands, query.count),
    )


def count_of(
    context: Context,
    entity: str,
    query: Query,
    restrict: filters.Restriction | None = None,
    kind: CountKind = "exact",
) -> Count:
    """How many records `find` would find on all its pages, without reading one. Raises what `find` raises."""
    access.require(context, entity, "read")
    plan, operands = _plan(context, entity, query, restrict)
    operands |= parameters(context, plan.expressions, restrict.chooser if restrict else None)
    found = _count(context, plan, operands, kind)
    assert found is not None
    return found


# ---- planning


def _plan(
    context: Context, entity: str, query: Query, restrict: filters.Restriction | None
) -> tuple[Plan, dict[str, Any]]:
    """The plan of a query, from the cache where one of this shape was made for these roles."""
    bound = filters.bind(context, entity, query)
    operands = {**access.operands(context), **bound.operands, **(restrict.operands if restrict else {})}
    if not bound.cacheable:
        return _build(context, entity, query, bound, restrict), operands
    key = (
        "find",
        entity,
        query.fields,
        query.sort,
        bound.shape,
        query.where,
        tuple(rule.expression for rule in query.rules),
        query.trash,
        restrict.shape if restrict else None,
        access.key(context),
        context.actor.display,
    )
    return kept(context.runtime, key, lambda: _build(context, entity, query, bound, restrict)), operands


def _build(
    context: Context,
    entity: str,
    query: Query,
    bound: filters.Bound,
    restrict: filters.Restriction | None,
) -> Plan:
    selection = Selection(context, entity)
    base = selection.base
    selection.add(base.table.c.id)
    selection.add(base.table.c.version)
    title = selection.title(base.entity)
    conditions = filters.conditions(context, selection, query, bound)
    if restrict is not None:
        conditions.append(restrict.condition(base.table))
        if restrict.chooser is not None:
            at = selection.asked(base.entity, base.table)
            offered = offering_condition(context, restrict.chooser.rule, at)
            selection.expressions.append(offered)
            conditions.append(offered.clause)
    seen = access.predicate(context, entity, "read", base.table, selection.attach)
    if seen is not None:
        conditions.append(seen)
    matching: sa.Select[Any] = (
        sa.select(sa.literal_column("1")).select_from(selection.source).where(*conditions)
    )
    readers, many = _readers(selection, query.fields)
    keys = _sort_keys(selection, query.sort or restrict_sort(restrict) or ("-id",))
    positions = tuple(selection.add(key.column) for key in keys)
    statement = selection.statement().where(*conditions)
    wheres = [*query.where, *(rule.expression.text for rule in query.rules)]
    shape = f"{entity}:{wheres}:{','.join(query.sort)}:{restrict.shape if restrict else ''}"
    return Plan(
        statement,
        tuple(selection.expressions),
        keys,
        positions,
        title,
        readers,
        many,
        _counts(matching),
        shape,
    )


def restrict_sort(restrict: filters.Restriction | None) -> tuple[str, ...]:
    return restrict.sort if restrict is not None else ()


def _readers(
    selection: Selection, fields: Iterable[str]
) -> tuple[tuple[Reader, ...], tuple[tuple[int, str], ...]]:
    readers: list[Reader] = []
    many: list[tuple[int, str]] = []
    for position, path in enumerate(fields):
        relation = selection.base.entity.relations.get(path)
        if relation is not None and relation.kind == "many_to_many":
            selection.member(selection.base.entity, path, path)
            many.append((position, path))
            readers.append(lambda row: ())
        else:
            readers.append(selection.reader(path))
    return tuple(readers), tuple(many)


def _sort_keys(selection: Selection, sort: Sequence[str]) -> tuple[SortKey, ...]:
    """The columns to order by; the id comes last, in the direction of the one before, and makes it total."""
    keys: list[SortKey] = []
    descending = False
    for entry in sort:
        path, descending = entry.removeprefix("-"), entry.startswith("-")
        if path == "_position" and selection.base.entity.child_of:
            keys.append(SortKey(selection.base.table.c["_position"], descending, False))
            continue
        for column, nullable in sort_columns(selection, path):
            keys.append(SortKey(column, descending, nullable))
    identity = selection.base.table.c.id
    if not any(key.column is identity for key in keys):
        keys.append(SortKey(identity, descending, False))
    return tuple(keys)


# ---- order and cursor


def _order(keys: Sequence[SortKey], backward: bool) -> list[sa.UnaryExpression[Any]]:
    ordered = []
    for key in keys:
        falling = key.descending != backward
        column = key.column.desc() if falling else key.column.asc()
        if key.nullable:
            column = column.nulls_last() if falling else column.nulls_first()
        ordered.append(column)
    return ordered


def _variant(plan: Plan, values: Sequence[Any] | None, backward: bool) -> sa.Select[Any]:
    """The statement of a page: the first one, or the one after (or before) a cursor with these nulls."""
    nulls = None if values is None else tuple(value is None for value in values)
    found = plan.variants.get((nulls, backward))
    if found is None:
        found = plan.statement
        if nulls is not None:
            found = found.where(_beyond(plan.keys, nulls, backward))
        limit = sa.bindparam("page_limit", type_=sa.Integer())
        found = found.order_by(*_order(plan.keys, backward)).limit(limit)
        plan.variants[nulls, backward] = found
    return found


def _beyond(keys: Sequence[SortKey], nulls: Sequence[bool], backward: bool) -> sa.ColumnElement[bool]:
    """The records after a cursor (before it, going backward); its values are the parameters `cursor_0` …

    All keys in one direction and without null is one comparison of rows, which every database answers
    from an index; otherwise the lexicographic order is spelled out.
    """
    bounds = [sa.bindparam(f"cursor_{position}", type_=key.column.type) for position, key in enumerate(keys)]
    same = len({key.descending for key in keys}) == 1
    if same and not any(key.nullable for key in keys):
        columns, bound = sa.tuple_(*(key.column for key in keys)), sa.tuple_(*bounds)
        falling = keys[0].descending != backward
        return columns < bound if falling else columns > bound
    reached: list[sa.ColumnElement[bool]] = []
    equal: list[sa.ColumnElement[bool]] = []
    for key, bound_value, null in zip(keys, bounds, nulls, strict=True):
        step = _step(key, bound_value, null, backward)
        if step is not None:
            reached.append(sa.and_(*equal, step))
        equal.append(key.column.is_(None) if null else key.column == bound_value)
    return sa.or_(*reached)


def _step(
    key: SortKey, bound: sa.ColumnElement[Any], null: bool, backward: bool
) -> sa.ColumnElement[bool] | None:
    """Strictly beyond one key's value; None where nothing can be (null is the smallest)."""
    if key.descending != backward:
        if null:
            return None
        lower = key.column < bound
        return sa.or_(lower, key.column.is_(None)) if key.nullable else lower
    return key.column.is_not(None) if null else key.column > bound


def _cursor(context: Context, plan: Plan, row: Sequence[Any]) -> str:
    return encode_cursor(
        context.runtime.secret, plan.shape, [row[position] for position in plan.key_positions]
    )


# ---- answers


def _rows(context: Context, entity: str, plan: Plan, found: Sequence[Any]) -> tuple[Row, ...]:
    readers, title = plan.readers, plan.title
    rows = tuple(
        [Row(row[0], row[1], title(row), tuple([reader(row) for reader in readers])) for row in found]
    )
    for position, relation in plan.many:
        links = many_links(context, entity, relation, [row.id for row in rows])
        rows = tuple(
            Row(row.id, row.version, row.title, _replaced(row.cells, position, links.get(row.id, ())))
            for row in rows
        )
    return rows


def _replaced(cells: tuple[Any, ...], position: int, value: Any) -> tuple[Any, ...]:
    return (*cells[:position], value, *cells[position + 1 :])


def _counts(matching: sa.Select[Any]) -> dict[CountKind, sa.Select[Any]]:
    """The statements that count what matches: up to the cap, and exactly."""
    capped, exact = matching.limit(COUNT_CAP + 1).subquery(), matching.subquery()
    return {
        "capped": sa.select(sa.func.count()).select_from(capped),
        "exact": sa.select(sa.func.count()).select_from(exact),
    }


def _count(context: Context, plan: Plan, operands: dict[str, Any], kind: CountKind) -> Count | None:
    if kind == "none":
        return None
    value = context.connection.execute(plan.counts[kind], operands).scalar_one()
    exact = kind == "exact" or value <= COUNT_CAP
    return Count(value if exact else COUNT_CAP, exact)


def find_any(context: Context, entity: str) -> bool:
    """Whether there is any living record of an entity at all, whoever may see it."""
    table = context.runtime.table(entity).table
    return context.connection.execute(sa.select(table.c.id).where(*alive(table)).limit(1)).first() is not None
