"""Why somebody may do something to a record, or may not: the ways that enforce, each with whether it holds.

Nothing is decided here. The ways are those that lists and operations are made of (`engine.access.ways`), asked one
by one on the record, so an explanation can't say anything else than what happens.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import sqlalchemy as sa

from engine.access import access
from engine.access.reaching import reaches
from engine.access.ways import Way
from engine.access.wording import way_in_words, without_conditions
from engine.build.access import ADMINISTRATOR, OWNING, EntityAccess
from engine.errors import NotFound, UsageError
from engine.metamodel.access import ACTIONS
from engine.reading.query import Query
from engine.service.absence import narrowing
from engine.service.explaining import on_record
from engine.service.reasons import Reason, Why
from engine.text.suggest import did_you_mean
from engine.to_python.trace import Step
from engine.work.context import Actor, Context

USES = {"read": "read", "create": "create", "update": "update"}
"""The use of a property that an action makes; every other action needs to read it."""


def explain(
    context: Context,
    actor: Actor,
    action: str,
    entity: str,
    number: int | None,
    member: str | None = None,
    query: Query | None = None,
) -> Why:
    """Why `actor` may do this, or may not. `context` reads the values; it should be one that may read everything.

    With a `query`: why they find the record in that list, or don't. Raises NotFound for a record that is not there
    at all, UsageError for a member or action there is not, BadQuery for what the list would refuse.
    """
    asked = replace(context, actor=actor, kept={})
    _known(asked, action, entity, member)
    found = access.all_ways(asked, entity, action)
    held, gone = _held(asked, entity, found, number) if number is not None else ([None] * len(found), False)
    reasons = tuple(
        _reason(asked, entity, number, way, holds) for way, holds in zip(found, held, strict=True)
    )
    reached = any(held) if number is not None else bool(found)
    inner, open_ = _member(asked, entity, action, member, number)
    gone = gone and not (query is not None and query.trash)
    lacking = tuple(_lacking(asked, entity, action, number))
    against = (*_against(asked, entity, action, found, gone), *lacking)
    narrowed = narrowing(asked, entity, number, query) if query is not None and number is not None else ()
    return Why(
        actor=actor,
        action=action,
        entity=entity,
        number=number,
        member=member,
        answer=reached and open_ and not (gone or lacking) and all(reason.holds for reason in narrowed),
        reasons=reasons,
        member_reasons=inner,
        against=against,
        facts=tuple(_facts(context, actor, entity, number)),
        narrowing=narrowed,
    )


def allowed(
    context: Context, actor: Actor, action: str, entity: str, number: int | None, member: str | None = None
) -> bool:
    """The answer alone, for a record that is not in the trash: without the reasons, which cost most of it."""
    asked = replace(context, actor=actor, kept={})
    if not _member(asked, entity, action, member, number)[1] or any(_lacking(asked, entity, action, number)):
        return False
    if number is None:
        return access.may(asked, entity, action)
    return reaches(asked, entity, number, action)


def _known(context: Context, action: str, entity: str, member: str | None) -> None:
    access_of = context.runtime.access.entities[entity]
    if member is not None and member not in access_of.members:
        guess = did_you_mean(member, sorted(access_of.members))
        raise UsageError(
            f"no property {member!r} on {entity}" + (f"; did you mean {guess!r}?" if guess else "")
        )
    actions = _actions(context, entity)
    if action not in actions:
        guess = did_you_mean(action, actions)
        raise UsageError(
            f"no action {action!r}; "
            + (f"did you mean {guess!r}?" if guess else f"there is {', '.join(actions)}")
        )


def _actions(context: Context, entity: str) -> list[str]:
    own = context.runtime.entities[entity].document.get("actions") or ()
    return [*ACTIONS, *own]


# ---- the record


def _held(context: Context, entity: str, found: list[Way], number: int) -> tuple[list[bool | None], bool]:
    """Which of the ways lead to the record, in one statement; and whether it is in the trash."""
    table = context.runtime.table(entity).table
    columns: list[sa.ColumnElement[int]] = [sa.literal(1)]
    for way in found:
        clause = way.clause(table, None)
        columns.append(sa.literal(1) if clause is None else sa.case((clause, 1), else_=0))
    trash = table.c["_deleted_at"] if "_deleted_at" in table.c else sa.null()
    statement = sa.select(*(each.label(f"way_{place}") for place, each in enumerate(columns)), trash)
    row = context.connection.execute(statement.where(table.c.id == number), access.operands(context)).first()
    if row is None:
        raise NotFound(entity, number)
    return [bool(cell) for cell in row[1:-1]], row[-1] is not None


def _reason(context: Context, entity: str, number: int | None, way: Way, holds: bool | None) -> Reason:
    rule = (
        way.granted.rule if way.granted is not None else way.shared.rule if way.shared is not None else None
    )
    steps: list[Step] = []
    if rule is not None and number is not None:
        steps = on_record(context, rule.checked, entity, number)
    brief = without_conditions(context, entity, way)
    return Reason(way_in_words(context, entity, way), holds, way.place, tuple(steps), brief)


def _against(context: Context, entity: str, action: str, found: list[Way], gone: bool) -> Iterator[str]:
    """What stands in the way beside the ways: no grant at all, the trash."""
    label = context.runtime.entities[entity].plural.lower()
    if not found:
        roles = sorted(context.actor.roles)
        said = f"none of their roles ({', '.join(roles)})" if roles else "they have no role, so nothing"
        yield f"{said} is granted {action!r} on {label}"
    if gone:
        yield "the record is in the trash: lists and pages don't show it until it is restored"


def _lacking(context: Context, entity: str, action: str, number: int | None) -> Iterator[str]:
    """What the action needs beside its own grant, and the actor has not."""
    needed = needs(action, number)
    if needed and not any(_may(context, entity, each, number) for each in needed):
        yield f"to {action} needs {' or '.join(map(repr, needed))} as well, which they may not here"


def needs(action: str, number: int | None) -> tuple[str, ...]:
    """The actions of which one is needed as well: what is exported is read, what is imported is written."""
    if action == "import":
        return ("create", "update") if number is None else ("update",)
    return ("read",) if action == "export" else ()


def _may(context: Context, entity: str, action: str, number: int | None) -> bool:
    return access.may(context, entity, action) if number is None else reaches(context, entity, number, action)


def _facts(context: Context, actor: Actor, entity: str, number: int | None) -> Iterator[str]:
    """Who the actor is, and whose the record is: what levels compare."""
    yield f"{actor.login}: {', '.join(_belonging(context, actor))}"
    if number is None:
        return
    declared = context.runtime.entities[entity]
    table = context.runtime.table(entity).table
    owning = [name for name in OWNING if name in declared.relations and declared.relations[name].system]
    if not owning:
        return
    row = context.connection.execute(
        sa.select(*(table.c[name] for name in owning)).where(table.c.id == number)
    )
    for name, key in zip(owning, row.first() or (), strict=False):
        target = declared.relations[name].targets[0]
        yield f"{name} of the record: {_called(context, target, key)}"
        if target == "user" and key is not None:
            yield f"  {_called(context, target, key)}: {', '.join(_of_user(context, key))}"


def _belonging(context: Context, actor: Actor) -> Iterator[str]:
    yield f"roles {', '.join(sorted(actor.roles)) or 'none'}"
    yield f"unit {_called(context, 'unit', actor.unit)}"
    if actor.organization is not None:
        yield f"organization {_called(context, 'organization', actor.organization)}"
    if actor.group_names:
        yield f"groups {', '.join(sorted(actor.group_names))}"


def _of_user(context: Context, number: int) -> Iterator[str]:
    user = context.runtime.table("user").table
    row = context.connection.execute(sa.select(user.c.roles, user.c.unit).where(user.c.id == number)).one()
    yield f"roles {', '.join(row.roles or ()) or 'none'}"
    yield f"unit {_called(context, 'unit', row.unit)}"


def _called(context: Context, entity: str, number: int | None) -> str:
    """A user by sign-in name, anything else by name."""
    if number is None:
        return "none"
    table = context.runtime.table(entity).table
    column = table.c.login if entity == "user" else table.c.name
    return str(
        context.connection.execute(sa.select(column).where(table.c.id == number)).scalar() or f"#{number}"
    )


# ---- the property


def _member(
    context: Context, entity: str, action: str, member: str | None, number: int | None
) -> tuple[tuple[Reason, ...], bool]:
    """What is said of a property for each of the actor's roles that count here, and whether it is open."""
    if member is None:
        return (), True
    use = USES.get(action, "read")
    open_ = member in access.usable(context, entity, use)
    access_of = context.runtime.access.entities[entity]
    if ADMINISTRATOR in context.actor.roles:
        return (Reason("administrators may use every property", True),), open_
    counting = access.counting_roles(context, access_of)
    allowed = access_of.allowed(member, counting, use)
    reasons = [_of_role(access_of, member, role, use, role in allowed) for role in sorted(counting)]
    relation = context.runtime.entities[entity].relations.get(member)
    if member in OWNING and relation is not None and relation.system and use != "read":
        assigns = open_ and (use == "create" or number is None or reaches(context, entity, number, "assign"))
        words = f"{member} says who the record belongs to: changing it needs 'assign'"
        return (*reasons, Reason(words, assigns)), assigns
    return tuple(reasons), open_


def _of_role(access_of: EntityAccess, member: str, role: str, use: str, holds: bool) -> Reason:
    own = access_of.own.get(member)
    profiled = access_of.profiled.get((role, member))
    named = getattr(own, use) if own is not None else None
    if named is None and own is not None and use != "read":
        named = own.read
    if named is not None and role not in named:
        words = (
            f"{member} names the roles that may {use} it ({', '.join(sorted(named)) or 'none'}), not {role}"
        )
        return Reason(words, holds, own.place if own is not None else None)
    if profiled is not None:
        return Reason(f"the profiles of role {role} say {profiled!r} of {member}", holds)
    where = own.place if own is not None and named is not None else None
    return Reason(f"role {role} may {use} {member}", holds, where)


def who_may(context: Context, entity: str, member: str, use: str = "read") -> list[str]:
    """The roles that may read (or set, or change) a property of the records they reach."""
    access_of = context.runtime.access.entities[entity]
    here = access_of.roles.union(
        *(context.runtime.access.entities[each].roles for each in access_of.followed_to)
    )
    return [ADMINISTRATOR, *access_of.allowed(member, here, use)]
