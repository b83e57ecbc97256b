"""Access as every operation asks for it: may this actor do this, to which records, with which members."""

from __future__ import annotations

import logging
from secrets import token_hex
from typing import Any, Literal, NoReturn

import sqlalchemy as sa

from engine.access.conditions import operands_of, rules_for
from engine.access.levels import ACTOR, GROUPS, NOW, ORGANIZATION, ROLES, UNIT
from engine.access.ways import Way, essential, ways
from engine.build.access import ADMINISTRATOR, OWNING, EntityAccess
from engine.errors import Forbidden
from engine.metamodel.relation import Inverse
from engine.sql.aliased import aliased
from engine.work.context import Context
from engine.work.expressions import Attach
from engine.work.plans import kept

log = logging.getLogger("engine.access")

Alias = sa.FromClause
Use = Literal["read", "create", "update", "write"]


def may(context: Context, entity: str, action: str) -> bool:
    """Whether the actor may do this to any record of the entity at all."""
    access = context.runtime.access.entities[entity]
    return access.may(context.actor.roles, action) or any(
        may(context, parent, as_parent(action)) for parent, _ in access.parents
    )


def as_parent(action: str) -> str:
    """What one does to a record by doing something to one that follows it: its rows are part of it."""
    return action if action in ("read", "audit", "export", "share") else "update"


def require(context: Context, entity: str, action: str) -> None:
    """Raise Forbidden unless the actor may do this to some record of the entity."""
    if not may(context, entity, action):
        refuse(context, entity, action, "no grant of the actor's roles")


def refuse(context: Context, entity: str, action: str, rule: str) -> NoReturn:
    """Raise Forbidden with a new decision id; the log tells which rule refused."""
    label = context.runtime.entities[entity].plural.lower()
    refuse_deed(context, f"{action} {label}", f"{action} {entity}", rule)


def only_administrators(context: Context, do: str) -> None:
    """Refuse everybody else; `do` is what administrators do there, for the log. Raises Forbidden."""
    if not context.actor.administrator:
        refuse(context, "user", "administer", f"only administrators {do}")


def refuse_deed(context: Context, words: str, logged: str, rule: str) -> NoReturn:
    """The same of something that belongs to no record: in words, and as the log tells it."""
    decision = token_hex(6)
    log.info("refused %s to %s: %s (decision %s)", logged, context.actor.login, rule, decision)
    raise Forbidden(f"You may not {words}. (Decision {decision})", decision)


def can(context: Context, capability: str) -> bool:
    """Whether the actor has a capability: something one may do that belongs to no record."""
    return context.runtime.access.may_use(context.actor.roles, capability)


# ---- statements


def key(context: Context) -> tuple[object, ...]:
    """What predicates and readable members depend on: a statement made for one actor serves all of the same key.

    Who the actor is, and where they belong, is not part of it: a kept statement has these as parameters,
    and is run with `operands`. Whether they belong anywhere is, for that changes the statement; so is being in
    a group that a sharing rule names.
    """
    actor = context.actor
    if actor.administrator:
        return ("administrator",)
    named = actor.group_names & context.runtime.access.groups
    belongs = (actor.id is None, actor.unit is None, actor.organization is None, bool(actor.groups))
    return (actor.roles, named, *belongs)


def operands(context: Context) -> dict[str, Any]:
    """The parameters of every predicate; a statement with one can't be run without them."""
    remembered = ("access operands", context.actor)
    found = context.kept.get(remembered)
    if found is None:
        found = context.kept[remembered] = _operands(context)
    assert isinstance(found, dict)
    return dict(found)


def _operands(context: Context) -> dict[str, Any]:
    actor = context.actor
    plain = {ACTOR: actor.id, UNIT: actor.unit, ORGANIZATION: actor.organization, NOW: context.now}
    rules = kept(context.runtime, ("access rules", key(context)), lambda: tuple(rules_for(context)))
    lists = {GROUPS: sorted(actor.groups), ROLES: sorted(actor.roles)}
    return {**plain, **lists, **operands_of(context, rules)}


def predicate(
    context: Context, entity: str, action: str, alias: Alias, attach: Attach | None = None
) -> sa.ColumnElement[bool] | None:
    """The SQL condition on the records the actor may do this to; None where that is every record.

    `attach` lends the joins of the statement the table stands in; without it what a condition reads of other
    records stands in subqueries.
    """
    found = all_ways(context, entity, action)
    clauses = []
    for way in sorted(essential(context, found), key=_cost):
        clause = way.clause(alias, attach)
        if clause is None:
            return None
        clauses.append(clause)
    return sa.or_(sa.false(), *clauses) if clauses else sa.false()


def _cost(way: Way) -> int:
    """What reaches everything, and so ends the search, is tried first."""
    conditional = way.granted is not None and (way.granted.conditional or way.granted.level != "all")
    return int(conditional or way.kind not in ("administrator", "default", "grant"))


def all_ways(context: Context, entity: str, action: str) -> list[Way]:
    """Every way by which the actor may do this, those through deciding records included."""
    found = list(ways(context, entity, action))
    if not context.actor.administrator:
        for parent, name in context.runtime.access.entities[entity].parents:
            if may(context, parent, as_parent(action)):
                found.append(_through(context, parent, name, as_parent(action)))
    return found


def _through(context: Context, parent: str, name: str, action: str) -> Way:
    """The records whose deciding record the actor may reach."""

    def clause(alias: Alias, attach: Attach | None) -> sa.ColumnElement[bool]:
        above = aliased(context.runtime.table(parent).table)
        inner = predicate(context, parent, action, above)
        column = alias.c[name]
        return column.is_not(None) if inner is None else column.in_(sa.select(above.c.id).where(inner))

    return Way("through", clause, parent=(parent, name))


# ---- members


def readable(context: Context, entity: str) -> frozenset[str]:
    """The names of the properties and relations the actor may read."""
    return usable(context, entity, "read")


def inverse_readable(context: Context, inverse: Inverse) -> bool:
    """Whether the actor may read by what, and whom, an inverse leads to: it tells the other side's relation."""
    return may(context, inverse.source, "read") and inverse.relation in readable(context, inverse.source)


def writable(context: Context, entity: str, *, creating: bool | None = None) -> frozenset[str]:
    """The names of the properties and relations the actor may set on a new record, or change later.

    Not said which: those for which they may do either.
    """
    if creating is None:
        return usable(context, entity, "create") | usable(context, entity, "update")
    return usable(context, entity, "create" if creating else "update")


def usable(context: Context, entity: str, use: str) -> frozenset[str]:
    """The members that the actor may read, set on a new record (`create`), or change (`update`)."""
    roles = context.actor.roles
    make = lambda: _usable(context, context.runtime.access.entities[entity], use)  # noqa: E731
    return kept(context.runtime, ("usable", entity, use, roles), make)


def _usable(context: Context, access: EntityAccess, use: str) -> frozenset[str]:
    roles = context.actor.roles
    if ADMINISTRATOR in roles:
        return access.members
    closed = frozenset(OWNING) if use != "read" and not may(context, access.entity, "assign") else frozenset()
    system = frozenset(
        name for name in closed if name in access.members and _is_system(context, access.entity, name)
    )
    if not access.narrowed:
        return access.members - system
    counting = counting_roles(context, access)
    return frozenset(name for name in access.members - system if access.allowed(name, counting, use))


def _is_system(context: Context, entity: str, name: str) -> bool:
    relation = context.runtime.entities[entity].relations.get(name)
    return relation is not None and relation.system


def counting_roles(context: Context, access: EntityAccess) -> frozenset[str]:
    """The actor's roles that may do anything with the entity: one that may not opens none of its members."""
    entities = context.runtime.access.entities
    here = access.roles.union(*(entities[each].roles for each in access.followed_to))
    return (context.actor.roles & here) or context.actor.roles
