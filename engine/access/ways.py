"""The ways by which an actor may reach records: each a reason in the metadata and one SQL condition.

An actor may do something to a record if any of the ways holds. Lists, single records and explanations are made
from the same ways, so that what explains can't differ from what enforces.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa

from engine.access.conditions import condition
from engine.access.groups import is_member, is_of
from engine.access.levels import (
    ACTOR,
    NOW,
    ROLES,
    at_level,
    bound_groups,
    same,
)
from engine.build.access import EntityAccess, Granted, Shared, shared_actions
from engine.errors import Place
from engine.metamodel.access import LEVELS, SHARED_ACTIONS, Party
from engine.sql.aliased import aliased
from engine.store.system import share
from engine.work.context import Context
from engine.work.expressions import Attach
from engine.work.users import has_any, of_users, users_with

Alias = sa.FromClause
Condition = sa.ColumnElement[bool] | None
Kind = Literal["administrator", "grant", "below", "default", "rule", "shared", "through"]


@dataclass(frozen=True)
class Way:
    """One way: what kind, where it is declared, and the condition under which a record is reached by it.

    `clause` answers None where every record is; `granted`, `shared` and `parent` are what the way comes from.
    """

    kind: Kind
    clause: Callable[[Alias, Attach | None], Condition]
    place: Place | None = None
    granted: Granted | None = None
    shared: Shared | None = None
    parent: tuple[str, str] | None = None


def ways(context: Context, entity: str, action: str) -> Iterator[Way]:
    """Every way by which the actor may do this to records of the entity, the plainest first."""
    actor, access = context.actor, context.runtime.access.entities[entity]
    if actor.administrator:
        yield Way("administrator", lambda alias, attach: None)
        return
    grants = list(access.grants(actor.roles, action))
    for granted in grants:
        yield Way("grant", _of_grant(context, entity, granted), granted.place, granted=granted)
    if grants:
        yield from _further(context, access, action)


def _further(context: Context, access: EntityAccess, action: str) -> Iterator[Way]:
    """Records beyond what the levels reach. Sharing reaches further, and never does more than is granted."""
    entity, runtime = access.entity, context.runtime
    below = runtime.access.below_all(context.actor.roles) - context.actor.roles
    owned = runtime.entities[entity].ownership in ("user", "group")
    if owned and below and action in SUPERIORS_MAY:
        yield Way("below", lambda alias, attach: of_users(alias.c.owner, users_with(context.runtime, below)))
    if action in shared_actions(access.default):
        yield Way("default", lambda alias, attach: None, access.sharing_place)
    for shared in access.sharing:
        if action in shared_actions(shared.declared.level) and is_of(context, shared.declared.target):
            yield Way("rule", _of_rules(context, [shared]), shared.declared.place, shared=shared)
    if _shareable(context, access, action):
        yield Way("shared", _of_shares(context, entity, action))


SUPERIORS_MAY = ("read", "audit", "export")
"""What those above a role may do with what its users own."""


def essential(context: Context, found: list[Way]) -> list[Way]:
    """As few ways as reach the same records: of plain levels the widest is enough, and rules go by whose records."""
    plain = [way for way in found if way.granted is not None and not way.granted.conditional]
    widest = max(plain, key=lambda way: LEVELS.index(way.granted.level) if way.granted else 0, default=None)
    by_source: dict[Party | None, list[Shared]] = {}
    for way in found:
        if way.shared is not None:
            by_source.setdefault(way.shared.declared.source, []).append(way.shared)
    merged = [Way("rule", _of_rules(context, several)) for several in by_source.values()]
    single = [way for way in found if way.shared is None and (way is widest or way not in plain)]
    return [*single, *merged]


# ---- conditions


def _of_grant(context: Context, entity: str, granted: Granted) -> Callable[[Alias, Attach | None], Condition]:
    made = context.runtime.table(entity)

    def clause(alias: Alias, attach: Attach | None) -> Condition:
        parts = [at_level(context, made, granted.level, alias)]
        if granted.record_types is not None:
            parts.append(alias.c.record_type.in_(sorted(granted.record_types)))
        if granted.rule is not None:
            parts.append(condition(context, granted.rule, alias, attach))
        return _all(parts)

    return clause


def _of_rules(context: Context, several: Sequence[Shared]) -> Callable[[Alias, Attach | None], Condition]:
    """Sharing rules from the same people: whose records they are is asked once for all of them.

    Where the rules have conditions, the owner is asked about only of the records that meet one.
    """
    source = several[0].declared.source

    def clause(alias: Alias, attach: Attach | None) -> Condition:
        rules = [each.rule for each in several if each.rule is not None]
        narrowed = len(rules) == len(several)
        parts: list[Condition] = []
        if narrowed:
            parts.append(sa.or_(*(condition(context, rule, alias, attach) for rule in rules)))
        if source is not None:
            parts.append(_owned_by(context, source, alias.c.owner, one_by_one=narrowed))
        return _all(parts)

    return clause


def _all(parts: list[Condition]) -> Condition:
    real = [part for part in parts if part is not None]
    return sa.and_(*real) if real else None


def _owned_by(
    context: Context, party: Party, owner: sa.ColumnElement[Any], *, one_by_one: bool
) -> sa.ColumnElement[bool]:
    """Whether an owner is among some people: looked up for each record, or all of them found first."""
    user = aliased(context.runtime.table("user").table)
    belongs = _is_one_of(context, party, user)
    if one_by_one:
        return sa.select(belongs).where(user.c.id == owner).correlate_except(user).scalar_subquery()
    return of_users(owner, sa.select(user.c.id).where(belongs))


def _is_one_of(context: Context, party: Party, user: sa.FromClause) -> sa.ColumnElement[bool]:
    if party.kind == "group":
        return is_member(context.runtime, party.name, user)
    roles = {party.name}
    if party.kind == "roles_below":
        roles |= context.runtime.access.below.get(party.name, frozenset())
    return has_any(user, roles)


def _shareable(context: Context, access: EntityAccess, action: str) -> bool:
    """Whether single records of the entity are shared at all: somebody may share them."""
    return action in SHARED_ACTIONS["full"] and any(
        name == "share" and each.level != "none"
        for (_, name), grants in access.granted.items()
        for each in grants
    )


def _of_shares(context: Context, entity: str, action: str) -> Callable[[Alias, Attach | None], Condition]:
    """Records that somebody shared with the actor, a group or a role of theirs, and that still are."""
    levels = [level for level, actions in SHARED_ACTIONS.items() if action in actions]
    actor = context.actor

    def clause(alias: Alias, attach: Attach | None) -> Condition:
        table = share.alias()
        roles = sa.bindparam(ROLES, expanding=True, type_=table.c.role.type, required=True)
        to_me = [same(table.c.user_id, ACTOR, actor.id), table.c.role.in_(roles)]
        if actor.groups:
            to_me.append(table.c.group_id.in_(bound_groups(table.c.group_id)))
        now = sa.bindparam(NOW, type_=table.c.ends_at.type, required=True)
        shared = sa.select(table.c.record_id).where(
            table.c.entity == entity,
            table.c.level.in_(levels),
            sa.or_(table.c.ends_at.is_(None), table.c.ends_at > now),
            sa.or_(*to_me),
        )
        return alias.c.id.in_(shared)

    return clause
