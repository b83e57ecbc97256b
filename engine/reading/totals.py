"""How many records there are of each value of a property, and what a number of theirs adds up to: two statements."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from engine.access import access
from engine.errors import BadQuery
from engine.metamodel.property import Property
from engine.reading import filters
from engine.reading.query import Query
from engine.reading.selection import Selection
from engine.work.context import Context
from engine.work.expressions import Ready, parameters
from engine.work.plans import kept

MOST_COUNTED = 50_000
"""Records that are looked at; of more one is told how many there are at least."""


@dataclass(frozen=True)
class Total:
    """What there is of one value: how many, and the sums, one for each unit (currency)."""

    count: int
    sums: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Totals:
    """By value (None: without one). `exact` is False where counting stopped at the cap, and nothing is added up."""

    of: Mapping[str | None, Total]
    exact: bool

    def count(self, value: str | None) -> str:
        """How many there are, as it is shown."""
        found = self.of.get(value)
        return f"{found.count if found else 0:,}{'' if self.exact else '+'}"


@dataclass(frozen=True)
class Plan:
    """The statements of totals: how many there are, up to the cap; all of them by value; and those up to the cap."""

    number: sa.Select[Any]
    whole: sa.Select[Any]
    part: sa.Select[Any]
    expressions: tuple[Ready, ...]


def totals(context: Context, entity: str, by: str, summed: str, query: Query) -> Totals:
    """The totals of the records that match a query, by the values of `by`; `summed` is what is added up, or ""."""
    access.require(context, entity, "read")
    bound = filters.bind(context, entity, query)
    if bound.cacheable:
        rules = tuple(rule.expression for rule in query.rules)
        key = ("totals", entity, by, summed, bound.shape, query.where, rules, access.key(context))
        plan = kept(context.runtime, key, lambda: _plan(context, entity, by, summed, query, bound))
    else:
        plan = _plan(context, entity, by, summed, query, bound)
    operands = {**access.operands(context), **bound.operands, **parameters(context, plan.expressions)}
    number = context.connection.execute(plan.number, operands).scalar_one()
    exact = number <= MOST_COUNTED
    rows = context.connection.execute(plan.whole if exact else plan.part, operands).all()
    return _read(context, entity, summed, rows, exact)


def _plan(context: Context, entity: str, by: str, summed: str, query: Query, bound: filters.Bound) -> Plan:
    selection = Selection(context, entity)
    group = selection.columns_of(selection.spot(by))[0].label("value")
    cells = _summed(selection, summed) if summed else ()
    conditions = filters.conditions(context, selection, query, bound)
    seen = access.predicate(context, entity, "read", selection.base.table, selection.attach)
    conditions += [] if seen is None else [seen]
    few = sa.select(group).select_from(selection.source).where(*conditions).limit(MOST_COUNTED + 1).subquery()
    sums, units = [sa.func.sum(each) for each in cells[:1]], cells[1:]
    whole = sa.select(group, sa.func.count(), *sums, *units).select_from(selection.source).where(*conditions)
    return Plan(
        sa.select(sa.func.count()).select_from(few),
        whole.group_by(group, *units),
        sa.select(few.c.value, sa.func.count()).group_by(few.c.value),
        tuple(selection.expressions),
    )


def _summed(selection: Selection, path: str) -> tuple[sa.ColumnElement[Any], ...]:
    spot = selection.spot(path)
    if not isinstance(spot.member, Property) or not spot.member.type.numeric or spot.member.virtual:
        raise BadQuery("bad-sum", path, f"{path!r} can't be added up")
    return tuple(selection.columns_of(spot))


def _read(context: Context, entity: str, summed: str, rows: Any, exact: bool) -> Totals:
    prop = context.runtime.entities[entity].properties.get(summed)
    found: dict[str | None, Total] = {}
    for value, count, *cells in rows:
        before = found.get(value, Total(0))
        sums = before.sums
        if prop is not None and cells and cells[0] is not None:
            sums = (*sums, prop.type.load([int(cells[0]), *cells[1:]]))
        found[value] = Total(before.count + count, sums)
    return Totals(found, exact)
