"""Access as every operation asks for it: may this actor do this, to which records, with which members."""

from __future__ import annotations

import logging
from secrets import token_hex
from typing import Any

import sqlalchemy as sa

from engine.build.table import EntityTable
from engine.errors import Forbidden
from engine.metamodel.relation import Inverse
from engine.service.context import Context
from engine.service.plans import kept

log = logging.getLogger("engine.access")

Alias = sa.FromClause

ACTOR, UNIT, ORGANIZATION = "_actor_id", "_actor_unit", "_actor_organization"
"""The parameters of predicates; no member of metadata is called so."""


def may(context: Context, entity: str, action: str) -> bool:
    """Whether the actor may do this to any record of the entity at all."""
    parents = _deciding(context, entity)
    if parents:
        return any(may(context, parent, action) for parent, _ in parents)
    return context.runtime.access[entity].level(context.actor.roles, action) != "none"


def _deciding(context: Context, entity: str) -> list[tuple[str, str]]:
    """The parents, with the keys to them, whose grants decide: of rows of compositions without grants of their own."""
    if context.runtime.access[entity].levels:
        return []
    owners = [each for each in context.runtime.entities[entity].relations.values() if each.owner_of_row]
    return [(relation.target, relation.name) for relation in owners]


def require(context: Context, entity: str, action: str) -> None:
    """Raise Forbidden unless the actor may do this to some record of the entity."""
    if not may(context, entity, action):
        refuse(context, entity, action, "no grant of the actor's roles")


def refuse(context: Context, entity: str, action: str, rule: str) -> None:
    """Raise Forbidden with a new decision id; the log tells which rule refused."""
    decision = token_hex(6)
    log.info("refused %s %s to %s: %s (decision %s)", action, entity, context.actor.login, rule, decision)
    label = context.runtime.entities[entity].plural.lower()
    raise Forbidden(f"You may not {action} {label}. (Decision {decision})", decision)


def key(context: Context) -> tuple[object, ...]:
    """What predicates and readable members depend on: a statement made for one actor serves all of the same key.

    Who the actor is, and where they belong, is not part of it: a kept statement has these as parameters,
    and is run with `operands`. Whether they belong anywhere is, for that changes the statement.
    """
    actor = context.actor
    if actor.administrator:
        return ("administrator",)
    return (actor.roles, actor.id is None, actor.unit is None, actor.organization is None)


def operands(context: Context) -> dict[str, int | None]:
    """The parameters of every predicate; a statement with one can't be run without them."""
    actor = context.actor
    return {ACTOR: actor.id, UNIT: actor.unit, ORGANIZATION: actor.organization}


def readable(context: Context, entity: str) -> frozenset[str]:
    """The names of the properties and relations the actor may read."""
    roles, rules = context.actor.roles, context.runtime.access[entity]
    return kept(context.runtime, ("readable", entity, roles), lambda: rules.readable(roles))


def inverse_readable(context: Context, inverse: Inverse) -> bool:
    """Whether the actor may read by what, and whom, an inverse leads to: it tells the other side's relation."""
    return may(context, inverse.source, "read") and inverse.relation in readable(context, inverse.source)


def writable(context: Context, entity: str) -> frozenset[str]:
    """The names of the properties and relations the actor may write."""
    roles, rules = context.actor.roles, context.runtime.access[entity]
    return kept(context.runtime, ("writable", entity, roles), lambda: rules.writable(roles))


def predicate(context: Context, entity: str, action: str, alias: Alias) -> sa.ColumnElement[bool] | None:
    """The SQL condition on the records the actor may do this to; None where that is every record."""
    parents = _deciding(context, entity)
    if parents:
        return _through_parents(context, parents, action, alias)
    reach = context.runtime.access[entity].level(context.actor.roles, action)
    if reach == "all":
        return None
    if reach == "none":
        return sa.false()
    return _reach(context, context.runtime.table(entity), reach, alias)


def _through_parents(
    context: Context, parents: list[tuple[str, str]], action: str, alias: Alias
) -> sa.ColumnElement[bool] | None:
    """Rows of compositions: those whose parent, of whichever entity, the actor may reach."""
    found, everything = [], True
    for parent, key in parents:
        above = context.runtime.table(parent).table.alias()
        inner = predicate(context, parent, action, above)
        everything &= inner is None
        if inner is None:
            found.append(alias.c[key].is_not(None))
        elif may(context, parent, action):
            found.append(alias.c[key].in_(sa.select(above.c.id).where(inner)))
    return None if everything else sa.or_(sa.false(), *found)


def _reach(context: Context, made: EntityTable, reach: str, alias: Alias) -> sa.ColumnElement[bool]:
    actor, ownership = context.actor, made.entity.ownership
    if ownership == "none" or (reach == "own" and ownership != "user"):
        return sa.false()  # nobody owns such a record: only the level `all` reaches it
    if reach == "own":
        return _is(alias.c.owner, ACTOR, actor.id)
    if ownership == "organization":
        return _is(alias.c.organization, ORGANIZATION, actor.organization)
    units = _units(context, reach)
    if ownership == "unit":
        return alias.c.unit.in_(units)
    user = context.runtime.table("user").table.alias()
    return alias.c.owner.in_(sa.select(user.c.id).where(user.c.unit.in_(units)))


def _is(column: sa.ColumnElement[Any], name: str, key: int | None) -> sa.ColumnElement[bool]:
    """Equal to the actor's own: the parameter has no value in the statement, which may be kept for others."""
    return sa.false() if key is None else column == sa.bindparam(name, type_=column.type, required=True)


def _units(context: Context, reach: str) -> sa.Select[Any]:
    """The ids of the units a level reaches: the actor's own, those below it, or those of the organization."""
    unit = context.runtime.table("unit").table
    actor = context.actor
    if reach == "unit" or actor.unit is None:
        return sa.select(unit.c.id).where(_is(unit.c.id, UNIT, actor.unit))
    if reach == "organization":
        return sa.select(unit.c.id).where(_is(unit.c.organization, ORGANIZATION, actor.organization))
    below = sa.select(unit.c.id).where(_is(unit.c.id, UNIT, actor.unit)).cte(recursive=True)
    return sa.select(below.union(sa.select(unit.c.id).join(below, unit.c.parent == below.c.id)).c.id)
