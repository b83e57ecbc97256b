"""Who belongs to which group: what the metadata declares and what the groups' records say, taken together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import sqlalchemy as sa

from engine.build.runtime import Runtime
from engine.metamodel.access import Group, Party
from engine.work.context import Context
from engine.work.users import has_any


def groups_of(
    connection: sa.Connection, runtime: Runtime, number: int, login: str, roles: frozenset[str]
) -> tuple[frozenset[int], frozenset[str]]:
    """The ids, and the declared names, of the groups a user belongs to, through roles and other groups too."""
    declared = runtime.application.groups
    names = _closure(declared, _declared(runtime, login, roles))
    found: dict[int, str] = {}
    asked: frozenset[str] | None = None
    while asked != names:
        asked = names
        found = _stored(connection, runtime, number, names)
        names = _closure(declared, names | (set(found.values()) - {""}))
    return frozenset(found), frozenset(names)


def _declared(runtime: Runtime, login: str, roles: frozenset[str]) -> frozenset[str]:
    """The groups that name the user, or a role of theirs, in the metadata."""
    below = runtime.access.below
    return frozenset(
        name
        for name, group in runtime.application.groups.items()
        if login in group.members.users
        or roles & group.members.roles
        or any(roles & (below.get(role, frozenset()) | {role}) for role in group.members.roles_below)
    )


def _closure(declared: Mapping[str, Group], names: Iterable[str]) -> frozenset[str]:
    """These groups, and those that hold them in the metadata."""
    found = set(names)
    growing = True
    while growing:
        more = {name for name, group in declared.items() if group.members.groups & found} - found
        found |= more
        growing = bool(more)
    return frozenset(found)


def _stored(
    connection: sa.Connection, runtime: Runtime, number: int, names: frozenset[str]
) -> dict[int, str]:
    """The groups whose records say so, or hold one that does; by id, with what the metadata calls them."""
    group = runtime.table("group").table
    members = runtime.tables.links["group", "members"]
    nested = runtime.tables.links["group", "subgroups"]
    direct = sa.select(members.c.source.label("id")).where(members.c.target == number)
    named = sa.select(group.c.id).where(group.c.declared_as.in_(sorted(names)))
    start = sa.union(direct, named) if names else direct
    reached = sa.select(start.subquery().c.id).cte(recursive=True)
    reached = reached.union(sa.select(nested.c.source).join(reached, nested.c.target == reached.c.id))
    statement = sa.select(group.c.id, group.c.declared_as).where(group.c.id.in_(sa.select(reached.c.id)))
    if "_deleted_at" in group.c:
        statement = statement.where(group.c["_deleted_at"].is_(None))
    return {row.id: row.declared_as or "" for row in connection.execute(statement)}


def is_member(runtime: Runtime, name: str, user: sa.FromClause) -> sa.ColumnElement[bool]:
    """Whether a user is of a declared group: by its record and those it holds, by a role, by the sign-in name."""
    from_roles, logins, names = _inside(runtime, name)
    group = runtime.table("group").table
    members = runtime.tables.links["group", "members"]
    nested = runtime.tables.links["group", "subgroups"]
    held = sa.select(group.c.id).where(group.c.declared_as.in_(sorted(names))).cte(recursive=True)
    held = held.union(sa.select(nested.c.target).join(held, nested.c.source == held.c.id))
    conditions: list[sa.ColumnElement[bool]] = [
        user.c.id.in_(sa.select(members.c.target).where(members.c.source.in_(sa.select(held.c.id))))
    ]
    if logins:
        conditions.append(user.c.login.in_(sorted(logins)))
    return sa.or_(*conditions, has_any(user, from_roles))


def _inside(runtime: Runtime, name: str) -> tuple[set[str], set[str], set[str]]:
    """The roles, sign-in names and groups that a declared group holds, through others too."""
    roles: set[str] = set()
    logins: set[str] = set()
    names: set[str] = set()
    waiting = [name]
    while waiting:
        current = waiting.pop()
        group = runtime.application.groups.get(current)
        names.add(current)
        if group is None:
            continue
        below = runtime.access.below_all(group.members.roles_below)
        roles |= group.members.roles | group.members.roles_below | below
        logins |= group.members.users
        waiting += [each for each in group.members.groups if each not in names]
    return roles, logins, names


def is_of(context: Context, party: Party) -> bool:
    """Whether the actor is among some people."""
    actor = context.actor
    if party.kind == "group":
        return party.name in actor.group_names
    roles = {party.name}
    if party.kind == "roles_below":
        roles |= context.runtime.access.below.get(party.name, frozenset())
    return bool(roles & actor.roles)
