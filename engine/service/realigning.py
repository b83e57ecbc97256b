"""Records brought to the workflows that they follow now, where the metadata gives their type or property another one.

What a former workflow has set for them is gone, and what the new one does by time is counted from now on: in one
transaction. What they follow is remembered in the database; as long as the metadata says the same, nothing is read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec
import sqlalchemy as sa

from engine.build.processes import Process
from engine.service import stays
from engine.store.migration import alone
from engine.store.states import theirs_of
from engine.store.system import meta, stay, timer
from engine.work.context import SYSTEM, Context
from engine.work.gateway import Gateway

PREFIX = "follows:"
"""Keys under which the engine remembers which records of an entity follow which workflow."""


def realign(gateway: Gateway) -> tuple[str, ...]:
    """Let the records whose workflow is another one follow it; answers how many do, in words."""
    with gateway.read(SYSTEM, "job") as context:
        if not _differing(context):
            return ()
    with alone(gateway.database):
        return gateway.writing(SYSTEM, "job", _realign)


def _differing(context: Context) -> dict[str, str]:
    """The entities whose records follow other workflows than is remembered, with what they follow."""
    rows = context.connection.execute(
        sa.select(meta.c.key, meta.c.value).where(meta.c.key.startswith(PREFIX))
    )
    known = {str(row.key): str(row.value) for row in rows}
    wanted = {name: _text(several) for name, several in context.runtime.processes.of_entity.items()}
    return {name: text for name, text in wanted.items() if known.get(PREFIX + name) != text}


def _text(several: tuple[Process, ...]) -> str:
    """Which workflow moves which property of which types."""
    told = sorted(
        [
            each.workflow.name,
            each.workflow.member,
            None if each.workflow.types is None else sorted(each.workflow.types),
            sorted(each.workflow.left_out),
        ]
        for each in several
    )
    return msgspec.json.encode(told).decode()


def _realign(context: Context) -> tuple[str, ...]:
    told: list[str] = []
    for entity, text in _differing(context).items():
        _let_go(context, entity)
        told += _take_up(context, entity)
        context.connection.execute(sa.delete(meta).where(meta.c.key == PREFIX + entity))
        context.connection.execute(sa.insert(meta).values(key=PREFIX + entity, value=text))
    return tuple(told)


def _let_go(context: Context, entity: str) -> None:
    """End the stays of records in workflows that they follow no more, and what time would have done there."""
    known = {each.workflow.name: each for each in context.runtime.processes.of(entity)}
    here = sa.select(stay.c.workflow).where(stay.c.entity == entity, stay.c.left_at.is_(None)).distinct()
    timed = sa.select(timer.c.workflow).where(timer.c.entity == entity).distinct()
    found = set(context.connection.execute(here).scalars()) | set(context.connection.execute(timed).scalars())
    for name in sorted(found):
        gone = _gone(context, known.get(name), entity)
        ended = sa.update(stay).where(
            stay.c.entity == entity, stay.c.workflow == name, stay.c.left_at.is_(None)
        )
        context.connection.execute(ended.where(*gone(stay.c.record_id)).values(left_at=context.now))
        off = sa.delete(timer).where(timer.c.entity == entity, timer.c.workflow == name)
        context.connection.execute(off.where(*gone(timer.c.record_id)))


Those = Callable[[sa.ColumnElement[int]], tuple[sa.ColumnElement[bool], ...]]


def _gone(context: Context, process: Process | None, entity: str) -> Those:
    """Which numbers are those of records that do not follow a workflow; all, where there is none of that name."""
    table = context.runtime.table(entity).table
    if process is None:
        return lambda number: ()
    member = table.c[process.workflow.member]
    following = sa.select(table.c.id).where(theirs_of(process.workflow, table), member.is_not(None))
    return lambda number: (number.not_in(following),)


def _take_up(context: Context, entity: str) -> Iterator[str]:
    """Let records that follow a workflow without being in a state of it begin there, in the state they are in.

    Of those it was never known how long they stay anywhere, which a load past the usual way makes, time moves none.
    """
    table = context.runtime.table(entity).table
    theirs = sa.exists().where(stay.c.entity == entity, stay.c.record_id == table.c.id)
    for process in context.runtime.processes.of(entity):
        workflow, member = process.workflow, table.c[process.workflow.member]
        there = theirs.where(stay.c.workflow == workflow.name, stay.c.left_at.is_(None))
        following = (theirs_of(workflow, table), member.is_not(None), theirs, ~there)
        new = sa.select(table.c.id, member).where(*following).order_by(table.c.id)
        states = {number: str(state) for number, state in context.connection.execute(new)}
        stays.enter_many(context, process, states)
        if states:
            many = f"{len(states):,} records follow" if len(states) > 1 else "1 record follows"
            yield f"{entity}: {many} {workflow.name!r} now"
