"""How many records each user reaches before and after a change of metadata, by the predicates that enforce."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa

from engine.access import access
from engine.build.access import Access
from engine.identity.identity import actor_named
from engine.matrix.compare import Change
from engine.work.conditions import alive
from engine.work.context import SYSTEM, Context
from engine.work.gateway import Gateway

COUNTED = ("read", "update", "delete")
MOST_USERS = 50
"""Users told one by one; of the rest the sums."""


@dataclass(frozen=True)
class Reach:
    """How many records of an entity a user may do something to, before and now; None where it can't be counted."""

    user: str
    entity: str
    action: str
    before: int | None
    now: int | None

    @property
    def changed(self) -> bool:
        return self.before != self.now


def concerned(changes: Collection[Change], before: Access, now: Access) -> list[str]:
    """The entities, there before and now, whose records somebody may reach otherwise."""
    both = [name for name in now.entities if name in before.entities]
    if any(change.about is None for change in changes):
        return both
    named = {change.about for change in changes}
    return [
        name
        for name in both
        if name in named or named & {*now.entities[name].followed_to, *before.entities[name].followed_to}
    ]


def counts(before: Gateway, now: Gateway, entities: Sequence[str]) -> Iterator[Reach]:
    """What changes for every user who may sign in, in the order of their names."""
    with now.read(SYSTEM, "cli") as whole:
        logins = _logins(whole)
    for login in logins:
        then, today = actor_named(before, login), actor_named(now, login)
        with now.read(SYSTEM, "cli") as whole:
            old = replace(whole, runtime=before.runtime, actor=then, kept={})
            new = replace(whole, actor=today, kept={})
            for entity in entities:
                for action in COUNTED:
                    found = Reach(
                        login, entity, action, reached(old, entity, action), reached(new, entity, action)
                    )
                    if found.changed:
                        yield found


def _logins(context: Context) -> list[str]:
    user = context.runtime.table("user").table
    statement = sa.select(user.c.login).where(user.c.active.is_not(False), *alive(user))
    return list(context.connection.execute(statement.order_by(user.c.login)).scalars())


def reached(context: Context, entity: str, action: str) -> int | None:
    """How many living records the actor may do this to; None where the database lacks what the metadata names."""
    if not access.may(context, entity, action):
        return 0
    table = context.runtime.table(entity).table
    seen = access.predicate(context, entity, action, table)
    conditions = [*alive(table), *([] if seen is None else [seen])]
    statement = sa.select(sa.func.count()).select_from(table).where(*conditions)
    try:
        with context.connection.begin_nested():
            return context.connection.execute(statement, access.operands(context)).scalar_one()
    except (sa.exc.OperationalError, sa.exc.ProgrammingError):
        return None
