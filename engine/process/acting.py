"""Doing what processes declare: each action through the record service, in the transaction of what led to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import sqlalchemy as sa

from engine.drafts.draft import Draft, coerce, take_over
from engine.metamodel.action import Action, Comment, Create, Delete, Fire, Link, Set, Tag
from engine.metamodel.entity import Entity
from engine.process.view import View, items
from engine.service import auditing, records
from engine.service.applying import apply
from engine.service.write import links_of
from engine.work.conditions import alive
from engine.work.context import Context
from engine.work.stored import Key, cells, load

TAGS = "tags"


def leading(actions: Iterable[Action]) -> tuple[list[Set], list[Action]]:
    """The first actions that only set members of the record, which one statement writes; and the rest."""
    rest = list(actions)
    first: list[Set] = []
    while rest and isinstance(rest[0], Set) and rest[0].record is None and rest[0].for_each is None:
        first.append(rest.pop(0))  # type: ignore[arg-type]
    return first, rest


def set_in_draft(view: View, actions: Iterable[Set]) -> None:
    """Set members of the draft that is about to be written."""
    draft = view.draft
    assert draft is not None
    for action in actions:
        if not view.holds(action.when):
            continue
        given = view.given(action.values, view.entity)
        made = coerce(view.context.in_name_of(""), view.entity, given, draft.old)
        take_over(draft, made)


def perform(view: View, actions: Iterable[Action], fire: Callable[[View, Fire, Key], None]) -> View:
    """Do actions one after the other; answers the view with the records that have got names.

    `view.context` is that of the process, which acts in somebody's name; `fire` makes a transition.
    """
    for action in actions:
        for each in items(view, action.for_each):
            if not each.holds(action.when):
                if isinstance(action, Create) and action.name:
                    view = view.with_record(action.name, None)
                continue
            if isinstance(action, Fire):
                for key in _meant(each, action):
                    fire(each, action, key)
            else:
                made = DOING[type(action)](each, action)
                if isinstance(action, Create) and action.name:
                    view = view.with_record(action.name, made)
    return view


def _meant(view: View, action: Fire) -> list[Key]:
    return [(view.entity.name, view.number)] if action.record is None else view.records(action.record)


# ---- one action each


def _set(view: View, action: Set) -> None:
    if action.record is None:
        update_own(view.context, view.entity, view.number, view.given(action.values, view.entity))
        return
    for entity, number in view.records(action.record):
        target = view.context.runtime.entities[entity]
        records.update(view.context, entity, number, view.given(action.values, target))


def update_own(context: Context, entity: Entity, number: int, given: Mapping[str, Any]) -> None:
    """Change the record that a process is about: what its state freezes does not bind the process itself."""
    draft = coerce(context, entity, given, records.current(context, entity.name, number, None))
    draft.moving = True
    apply(context, draft, "update")


def _create(view: View, action: Create) -> Key:
    target = view.context.runtime.entities[action.entity]
    by = view.given(action.by, target)
    found = _found(view.context, target, by) if by else None
    if found is None:
        values = {**by, **view.given(action.values, target)}
        found = records.create(view.context, action.entity, values).id
    return action.entity, found


def _found(context: Context, entity: Entity, by: Mapping[str, Any]) -> int | None:
    """The oldest living record that has some values; two who look at once do not both make one."""
    draft = coerce(context, entity, by, None)
    if any(draft.value(name) is None and draft.key(name) is None for name in by):
        return None
    made = context.runtime.table(entity.name)
    if context.runtime.dialect == "postgresql":
        lock = sa.func.pg_advisory_xact_lock(sa.func.hashtext(f"find_or_create:{entity.name}"))
        context.connection.execute(sa.select(lock))
    wanted = cells(made, draft.values, draft.keys)
    conditions = [made.table.c[name] == cell for name, cell in wanted.items() if cell is not None]
    statement = sa.select(made.table.c.id).where(*conditions, *alive(made.table))
    return context.connection.execute(statement.order_by(made.table.c.id).limit(1)).scalar()


def _delete(view: View, action: Delete) -> None:
    for entity, number in view.records(action.record):
        records.delete(view.context, entity, number)


def _link(view: View, action: Link) -> None:
    others = {number for _, number in view.records(action.to)}
    _relink(view, action.relation, others, remove=action.remove)


def _relink(view: View, relation: str, others: set[int], *, remove: bool) -> None:
    stored = load(view.context, view.entity.name, [view.number])[view.number]
    had = links_of(view.context, Draft(view.entity, stored, many={relation: ()}))[relation]
    wanted = had - others if remove else had | others
    if wanted != had:
        update_own(view.context, view.entity, view.number, {relation: sorted(wanted)})


def _tag(view: View, action: Tag) -> None:
    table = view.context.runtime.table("tag").table
    named = sa.select(table.c.name, table.c.id).where(table.c.name.in_(action.names), *alive(table))
    found = {row.name: row.id for row in view.context.connection.execute(named)}
    if not action.remove:
        for name in action.names:
            if name not in found:
                found[name] = records.create(view.context, "tag", {"name": name}).id
    _relink(view, TAGS, set(found.values()), remove=action.remove)


def _comment(view: View, action: Comment) -> None:
    note = {auditing.NOTE: view.text(action.text)}
    auditing.record(view.context, view.entity.name, [view.number], "comment", note)


DOING: Final[Mapping[type[Action], Callable[[View, Any], Any]]] = {
    Set: _set,
    Create: _create,
    Delete: _delete,
    Link: _link,
    Tag: _tag,
    Comment: _comment,
}
