"""Keeping stored computed values right: whatever hangs on a record is computed again in the same transaction.

Before a write it is noted what hangs on the records as they are, after it what hangs on them as they became
(a row that moved changes both its parents); then those values are computed anew, level by level. Derived
values have no version and no history of their own: nobody edits them, so nobody's edit meets them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import sqlalchemy as sa

from engine.build.dependencies import Dependent, Step
from engine.drafts.draft import Draft
from engine.service.delete import Consequences
from engine.service.refreshing import refresh
from engine.work.context import Context
from engine.work.pairs import link_columns

T = TypeVar("T")

Affected = dict[str, dict[str, set[int]]]
"""Ids by entity and member."""

AT_ONCE = 500
"""Ids of one statement."""


@dataclass
class Touched:
    """Records that a write touches: which of their members change, None for all of them."""

    entity: str
    ids: set[int]
    members: Collection[str] | None = None


@dataclass
class Dependents:
    """What a write has to compute anew. `note` before and after it, then `settle`."""

    context: Context
    affected: Affected = field(default_factory=dict)

    def note(self, touched: Iterable[Touched]) -> None:
        """Note whatever hangs on some records, as they are at this moment."""
        for each in touched:
            for dependent in self.context.runtime.dependents.get(each.entity, ()):
                if each.ids and _concerns(dependent, each.members):
                    self.add(dependent.entity, dependent.member, _back(self.context, dependent.way, each.ids))

    def add(self, entity: str, member: str, ids: set[int]) -> None:
        if ids:
            self.affected.setdefault(entity, {}).setdefault(member, set()).update(ids)

    def settle(self) -> None:
        """Compute what was noted, and what hangs on that in turn; or leave it to who does several things together."""
        if self.context.unsettled:
            together = Dependents(self.context, self.context.unsettled[-1])
            for entity, members in self.affected.items():
                for member, ids in members.items():
                    together.add(entity, member, ids)
            return
        while self.affected:
            entity, members = self.affected.popitem()
            changed = refresh(self.context, entity, members)
            self.note(Touched(entity, ids, [member]) for member, ids in changed.items())


def settled(
    context: Context,
    before: Sequence[Touched],
    write: Callable[[], T],
    after: Callable[[T], Iterable[Touched]],
) -> T:
    """Do a write, and bring right whatever hangs on the records it touches, as they were and as they became."""
    dependents = Dependents(context)
    dependents.note(before)
    result = write()
    dependents.note(after(result))
    dependents.settle()
    return result


@contextmanager
def together(context: Context) -> Iterator[None]:
    """Several operations that settle once, at their end: a thousand rows of one parent compute it once."""
    waiting: Affected = {}
    context.unsettled.append(waiting)
    try:
        yield
    finally:
        context.unsettled.pop()
    Dependents(context, waiting).settle()


@contextmanager
def settled_meanwhile(context: Context) -> Iterator[None]:
    """Settle in the middle of several operations, and at once for a while: what follows on one sees what is right.

    Where that fails, and is taken back, everything waits as before.
    """
    levels = list(context.unsettled)
    context.unsettled.clear()
    try:
        for waiting in levels:
            Dependents(context, dict(waiting)).settle()
        yield
        for waiting in levels:
            waiting.clear()
    finally:
        context.unsettled.extend(levels)


def _concerns(dependent: Dependent, members: Collection[str] | None) -> bool:
    if members is None:
        return bool(dependent.way)
    return not dependent.members.isdisjoint(members)


def _back(context: Context, way: tuple[Step, ...], ids: set[int]) -> set[int]:
    """The records that lead to some others by a way."""
    for step in reversed(way):
        if not ids:
            return ids
        ids = _before(context, step, ids)
    return ids


def _before(context: Context, step: Step, ids: set[int]) -> set[int]:
    wanted: sa.ColumnElement[Any]
    given: sa.ColumnElement[Any]
    if step.kind == "one":
        made = context.runtime.table(step.entity)
        position = made.entity.relations[step.name].targets.index(step.target)
        wanted, given = made.table.c.id, made.cells[step.name][position]
    elif step.kind == "many":
        made = context.runtime.table(step.target)
        position = made.entity.relations[step.key].targets.index(step.entity)
        wanted, given = made.cells[step.key][position], made.table.c.id
    else:
        relation = context.runtime.entities[step.owner].relations[step.key]
        source, target, _ = link_columns(context, step.owner, relation)
        wanted, given = (source, target) if step.owner == step.entity else (target, source)
    found: set[int] = set()
    for some in portions(ids):
        statement = sa.select(wanted).where(given.in_(some), wanted.is_not(None)).distinct()
        found |= set(context.connection.execute(statement).scalars())
    return found


def portions(ids: Iterable[int]) -> Iterable[list[int]]:
    """Ids in order, as many at once as a statement takes."""
    ordered = sorted(ids)
    return (ordered[start : start + AT_ONCE] for start in range(0, len(ordered), AT_ONCE))


# ---- what an operation touches


def touched_by(draft: Draft) -> list[Touched]:
    """The records a draft changes: itself and its rows, as far as they are in the database."""
    found: list[Touched] = []
    if draft.old is not None:
        changed = [*draft.values, *draft.keys, *draft.many]
        if changed:
            found.append(Touched(draft.entity.name, {draft.old.id}, changed))
    elif draft.number is not None:
        found.append(Touched(draft.entity.name, {draft.number}))
    for name, rows in draft.children.items():
        for row in rows:
            found += touched_by(row)
        gone = set(draft.removed.get(name, ()))
        if gone:
            found.append(Touched(draft.entity.relations[name].target, gone))
    return found


def touched_by_delete(found: Consequences) -> list[Touched]:
    """The records that a delete takes along, and those whose keys it clears."""
    gone = [Touched(entity, set(ids)) for entity, ids in found.deleted.items()]
    return gone + [Touched(entity, set(ids), [name]) for (entity, name, _), ids in found.cleared.items()]


def come_back(context: Context, revived: Mapping[str, set[int]]) -> None:
    """Records are out of the trash: what hangs on them counts them again, and their own values are up to date."""
    dependents = Dependents(context)
    for entity, ids in revived.items():
        for computed in context.runtime.rules[entity].stored:
            dependents.add(entity, computed.member, set(ids))
    dependents.note(Touched(entity, ids) for entity, ids in revived.items())
    dependents.settle()
