"""How far records have come through the states of a property: one statement."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import sqlalchemy as sa

from engine.access import access
from engine.reading import filters
from engine.reading.query import Query
from engine.reading.selection import Selection
from engine.store.system import stay
from engine.work.context import Context
from engine.work.expressions import parameters


def reached(context: Context, entity: str, by: str, order: Sequence[str], query: Query) -> list[int]:
    """How many of the records that match a query have come at least as far as each of some states.

    `order` are the states that lead on, one after the other. A record has come as far as the furthest of them that
    it is in or has been in, so it has reached those before it too; every record has reached the first.
    """
    access.require(context, entity, "read")
    bound = filters.bind(context, entity, query)
    selection = Selection(context, entity)
    here = _place(selection.columns_of(selection.spot(by))[0], order)
    conditions = filters.conditions(context, selection, query, bound)
    seen = access.predicate(context, entity, "read", selection.base.table, selection.attach)
    conditions += [] if seen is None else [seen]
    furthest = _furthest(context, entity, by, order, selection.base.table.c.id)
    place = sa.case((furthest > here, furthest), else_=here).label("place")
    each = sa.select(place).select_from(selection.source).where(*conditions).subquery()
    operands = {
        **access.operands(context),
        **bound.operands,
        **parameters(context, tuple(selection.expressions)),
    }
    counted = sa.select(each.c.place, sa.func.count()).group_by(each.c.place)
    rows = context.connection.execute(counted, operands).all()
    found: dict[int, int] = {row[0]: row[1] for row in rows}
    return list(accumulate(found.get(place, 0) for place in reversed(range(len(order)))))[::-1]


def _furthest(
    context: Context, entity: str, by: str, order: Sequence[str], number: sa.ColumnElement[Any]
) -> sa.ColumnElement[Any]:
    """The place of the furthest state that a record has been in; null where nothing is known of that."""
    names = [
        each.workflow.name for each in context.runtime.processes.of(entity) if each.workflow.member == by
    ]
    theirs = (stay.c.entity == entity, stay.c.record_id == number, stay.c.workflow.in_(names))
    return sa.select(sa.func.max(_place(stay.c.state, order))).where(*theirs).scalar_subquery()


def _place(state: sa.ColumnElement[Any], order: Sequence[str]) -> sa.ColumnElement[Any]:
    """Where a state stands; at the beginning, where it leads nowhere."""
    places = {name: place for place, name in enumerate(order)}
    return sa.case(places, value=state, else_=0) if places else sa.literal(0)
