"""Doing what processes declare: each action through the record service, in the transaction of what led to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

import sqlalchemy as sa

from engine.drafts.draft import Draft, Parsed, coerce, take_over
from engine.errors import FieldError, Invalid, NotFound
from engine.expressions.reads import Need
from engine.metamodel.action import (
    Action,
    Call,
    Comment,
    Convert,
    Create,
    Delete,
    Fire,
    Link,
    Mail,
    Notify,
    Set,
    Tag,
    Webhook,
)
from engine.metamodel.entity import Entity
from engine.metamodel.property import Property
from engine.metamodel.relation import Relation
from engine.process.calling import call_plugin
from engine.process.refusals import told
from engine.process.telling import call_out, mail, notify
from engine.process.view import View, items
from engine.service import auditing, records
from engine.service.applying import apply
from engine.service.write import links_of
from engine.work.conditions import alive
from engine.work.context import Context
from engine.work.facts import related_facts
from engine.work.runlog import RunLog, Step
from engine.work.stored import Key, Stored, cells, load

TAGS = "tags"


def leading(actions: Iterable[Action]) -> tuple[list[Set], list[Action]]:
    """The first actions that only set members of the record, which one statement writes; and the rest."""
    rest = list(actions)
    first: list[Set] = []
    while rest and isinstance(rest[0], Set) and rest[0].record is None and rest[0].for_each is None:
        first.append(rest.pop(0))  # type: ignore[arg-type]
    return first, rest


def set_in_draft(view: View, actions: Iterable[Set], log: RunLog) -> None:
    """Set members of the draft that is about to be written."""
    draft = view.draft
    assert draft is not None
    for action in actions:
        step = _begin(view, action, log)
        if not view.holds(action.when):
            step.skipped += 1
            continue
        step.done += 1
        given = view.given(action.values, view.entity)
        take_over(draft, coerce(view.context.in_name_of(""), view.entity, given, draft.old))
    log.end()


def _begin(view: View, action: Action, log: RunLog) -> Step:
    """The step of an action, with what decides whether it is done."""
    item = next(iter(view.entities(action.for_each)), "") if action.for_each is not None else ""
    asking = [each for each in (action.when, action.for_each) if each is not None]
    ways = (way for each in asking for way in view.ways_of(each, item))
    return log.begin(action.kind, action.place, ways)


def perform(
    view: View, actions: Iterable[Action], fire: Callable[[View, Fire, Key], None], log: RunLog
) -> View:
    """Do actions one after the other, and log each; answers the view with the records that have got names.

    `view.context` is that of the process, which acts in somebody's name; `fire` makes a transition.
    """
    view = replace(view, context=replace(view.context, run=log))
    for action in actions:
        step = _begin(view, action, log)
        for each in items(view, action.for_each):
            if not each.holds(action.when):
                step.skipped += 1
                if isinstance(action, Create | Convert) and action.name:
                    view = view.with_record(action.name, None)
                continue
            step.done += 1
            if isinstance(action, Fire):
                for key in _meant(each, action):
                    with told(each.context, key):
                        fire(each, action, key)
            else:
                key = DOING[type(action)](each, action)
                if isinstance(action, Create | Convert) and action.name:
                    view = view.with_record(action.name, key)
    log.end()
    auditing.finish(view.context, log)
    return view


def _meant(view: View, action: Fire) -> list[Key]:
    return [(view.entity.name, view.number)] if action.record is None else view.records(action.record)


# ---- one action each


def _set(view: View, action: Set) -> None:
    if action.record is None:
        update_own(view, view.given(action.values, view.entity))
        return
    for entity, number in view.records(action.record):
        target = view.context.runtime.entities[entity]
        with told(view.context, (entity, number)):
            records.change(view.context, entity, number, view.given(action.values, target))


def update_own(view: View, given: Mapping[str, Any]) -> None:
    """Change the record that a process is about: what its state freezes does not bind a transition itself."""
    context, entity, number = view.context, view.entity, view.number
    with told(context, (entity.name, number)):
        draft = coerce(context, entity, given, living(context, entity.name, number))
        draft.moving = not view.bound
        apply(context, draft, "update")


def living(context: Context, entity: str, number: int) -> Stored:
    """A stored record, held until the transaction ends; raises NotFound for one that is in the trash by now."""
    found = records.current(context, entity, number, None)
    if found.deleted_at is not None:
        raise NotFound(entity, number)
    return found


def _create(view: View, action: Create) -> Key:
    target = view.context.runtime.entities[action.entity]
    by = view.given(action.by, target)
    known = found(view.context, target, by) if by else None
    if known is not None and view.context.run is not None:
        view.context.run.wrote("found", action.entity, [known])
    if known is None:
        values = {**by, **view.given(action.values, target)}
        known = made(view, target, values, action.name)
    return action.entity, known


def found(context: Context, entity: Entity, by: Mapping[str, Any]) -> int | None:
    """The oldest living record that has some values; two who look at once do not both make one.

    Capitals of an e-mail address do not count.
    """
    draft = coerce(context, entity, by, None)
    if any(draft.value(name) is None and draft.key(name) is None for name in by):
        return None
    stored = context.runtime.table(entity.name)
    if context.runtime.dialect == "postgresql":
        lock = sa.func.pg_advisory_xact_lock(sa.func.hashtext(f"find_or_create:{entity.name}"))
        context.connection.execute(sa.select(lock))
    table = stored.table
    folded = {name for name in by if name in entity.properties and entity.properties[name].type.folds}
    conditions = [
        sa.func.lower(table.c[name]) == cell.lower() if name in folded else table.c[name] == cell
        for name, cell in cells(stored, draft.values, draft.keys).items()
        if cell is not None
    ]
    statement = sa.select(table.c.id).where(*conditions, *alive(table)).order_by(table.c.id)
    return context.connection.execute(statement.limit(1)).scalar()


def _convert(view: View, action: Convert) -> Key:
    """Make the record a mapping describes, with its rows, and bring over what belongs to it from then on."""
    context = view.context
    conversion = context.runtime.application.conversions[action.mapping]
    target = context.runtime.entities[conversion.target]
    values: dict[str, Any] = {**view.given(conversion.values, target), **view.given(action.values, target)}
    for name, rows in conversion.rows.items():
        child = context.runtime.entities[target.relations[name].target]
        values[name] = [each.given(rows.values, child) for each in items(view, rows.each)]
    number = made(view, target, values, asked_as(action))
    for name in conversion.move:
        _move(view, name, (conversion.target, number))
    return conversion.target, number


def made(view: View, target: Entity, values: dict[str, Any], name: str) -> int:
    """Make a record; a required value that nothing gave is taken from what somebody added, or asked for."""
    added = dict(view.added.get(name, {}))
    for member in list(added):
        if member in required_of(target) and _nothing(values.get(member)):
            values[member] = added.pop(member)
    errors = [
        FieldError(f"{name}.{each}", "unknown-property", f"{each!r} is not asked for.") for each in added
    ]
    try:
        if errors:
            raise Invalid([])
        with told(view.context, (target.name, 0)):
            return records.make(view.context, target.name, values)
    except Invalid as invalid:
        below = [
            FieldError(f"{name}.{each.at}".strip("."), each.code, each.message) for each in invalid.errors
        ]
        raise Invalid([*errors, *(below if name else invalid.errors)]) from invalid


def asked_as(action: Create | Convert) -> str:
    """What values that an action lacks are asked for under: its name, or its mapping's; "" where none can be said."""
    return action.name or (action.mapping if isinstance(action, Convert) else "")


def asking_for(actions: Iterable[Action]) -> dict[str, str]:
    """The entities of the records that actions make and somebody may be asked about, by what they are asked as."""
    making = [each for each in actions if isinstance(each, Create | Convert)]
    return {asked_as(each): each.entity for each in making if asked_as(each)}


def required_of(entity: Entity) -> frozenset[str]:
    """The members that a record has to have, and that somebody can say."""
    keys = [each for each in entity.relations.values() if each.holds_key]
    members: list[Property | Relation] = [*entity.properties.values(), *keys]
    return frozenset(each.name for each in members if each.required and not each.system)


def _nothing(value: Any) -> bool:
    return value is None or (isinstance(value, Parsed) and value.value is None)


def _move(view: View, name: str, to: Key) -> None:
    """Let the records of a list belong to another record."""
    inverse = view.entity.inverses[name]
    several = related_facts(view.context, view.entity, name, [view.number], Need())
    for record in several.get(view.number, ()):
        given = {inverse.relation: Parsed({"entity": to[0], "id": to[1]}, by_engine=True)}
        with told(view.context, (inverse.source, record["id"])):
            records.change(view.context, inverse.source, record["id"], given)


def _delete(view: View, action: Delete) -> None:
    for entity, number in view.records(action.record):
        with told(view.context, (entity, number)):
            records.delete(view.context, entity, number)


def _link(view: View, action: Link) -> None:
    others = {number for _, number in view.records(action.to)}
    _relink(view, action.relation, others, remove=action.remove)


def _relink(view: View, relation: str, others: set[int], *, remove: bool) -> None:
    stored = load(view.context, view.entity.name, [view.number])[view.number]
    had = links_of(view.context, Draft(view.entity, stored, many={relation: ()}))[relation]
    wanted = had - others if remove else had | others
    if wanted != had:
        update_own(view, {relation: sorted(wanted)})


def _tag(view: View, action: Tag) -> None:
    table = view.context.runtime.table("tag").table
    named = sa.select(table.c.name, table.c.id).where(table.c.name.in_(action.names), *alive(table))
    found = {row.name: row.id for row in view.context.connection.execute(named)}
    if not action.remove:
        for name in action.names:
            if name not in found:
                found[name] = records.make(view.context, "tag", {"name": name})
    _relink(view, TAGS, set(found.values()), remove=action.remove)


def _comment(view: View, action: Comment) -> None:
    note = {auditing.NOTE: view.note(action.text)}
    auditing.record(view.context, view.entity.name, [view.number], "comment", note)


DOING: Final[Mapping[type[Action], Callable[[View, Any], Any]]] = {
    Set: _set,
    Create: _create,
    Convert: _convert,
    Delete: _delete,
    Link: _link,
    Tag: _tag,
    Comment: _comment,
    Notify: notify,
    Mail: mail,
    Webhook: call_out,
    Call: call_plugin,
}
