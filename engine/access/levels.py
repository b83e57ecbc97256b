"""Levels and owners as SQL: whose records an actor reaches by where they belong, and whose by their role."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from engine.build.table import EntityTable
from engine.metamodel.access import LEVELS, Level
from engine.sql.aliased import aliased
from engine.work.context import Context
from engine.work.users import among, of_users

Alias = sa.FromClause

ACTOR, UNIT, ORGANIZATION = "_actor_id", "_actor_unit", "_actor_organization"
GROUPS, ROLES, NOW = "_actor_groups", "_actor_roles", "_actor_now"
"""The parameters of predicates; no member of metadata is called so."""


def at_level(
    context: Context, made: EntityTable, level: Level, alias: Alias
) -> sa.ColumnElement[bool] | None:
    """The records a level reaches; None where that is every one."""
    ownership = made.entity.ownership
    if level == "all":
        return None
    if level == "none" or ownership == "none":
        return sa.false()  # nobody owns such a record: only the level `all` reaches it
    if ownership == "organization":
        return _belongs(alias.c.organization, context, level)
    if ownership == "unit":
        if not _beyond(level, "group"):
            return sa.false()
        there = alias.c.unit.in_(_units(context, level))
        below = alias.c.unit.in_(_units(context, "unit_tree"))
        return sa.or_(there, below) if level == "organization" else there
    owned = _by_owner(context, level, alias)
    if ownership == "group" and _beyond(level, "own") and context.actor.groups:
        return sa.or_(owned, alias.c.owner_group.in_(bound_groups(alias.c.owner_group)))
    return owned


def _beyond(level: Level, other: Level) -> bool:
    return LEVELS.index(level) > LEVELS.index(other)


def _belongs(column: sa.ColumnElement[Any], context: Context, level: Level) -> sa.ColumnElement[bool]:
    """Records of an organization: there is nothing between it and nobody's."""
    if not _beyond(level, "group"):
        return sa.false()
    return same(column, ORGANIZATION, context.actor.organization)


def _by_owner(context: Context, level: Level, alias: Alias) -> sa.ColumnElement[bool]:
    own = same(alias.c.owner, ACTOR, context.actor.id)
    if not _beyond(level, "group"):
        return own
    user = aliased(context.runtime.table("user").table)
    there = among(context.runtime, user.c.unit, _units(context, level))
    if level == "organization":
        ours = same(user.c.organization, ORGANIZATION, context.actor.organization)
        below = among(context.runtime, user.c.unit, _units(context, "unit_tree"))
        there = sa.or_(there, ours, below)
    return sa.or_(own, of_users(alias.c.owner, sa.select(user.c.id).where(there)))


def same(column: sa.ColumnElement[Any], name: str, key: int | None) -> sa.ColumnElement[bool]:
    """Equal to the actor's own: the parameter has no value in the statement, which may be kept for others."""
    return sa.false() if key is None else column == sa.bindparam(name, type_=column.type, required=True)


def bound_groups(column: sa.ColumnElement[Any]) -> sa.BindParameter[Any]:
    """The actor's groups, as many as there are when the statement runs."""
    return sa.bindparam(GROUPS, expanding=True, type_=column.type, required=True)


def _units(context: Context, level: Level) -> sa.Select[Any]:
    """The ids of the units a level reaches: the actor's own, those below it, or those of the organization."""
    unit = context.runtime.table("unit").table
    actor = context.actor
    if level == "unit" or (actor.unit is None and level != "organization"):
        return sa.select(unit.c.id).where(same(unit.c.id, UNIT, actor.unit))
    if level == "organization":
        return sa.select(unit.c.id).where(same(unit.c.organization, ORGANIZATION, actor.organization))
    below = sa.select(unit.c.id).where(same(unit.c.id, UNIT, actor.unit)).cte(recursive=True)
    return sa.select(below.union(sa.select(unit.c.id).join(below, unit.c.parent == below.c.id)).c.id)
