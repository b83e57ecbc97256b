"""What happened to records, kept until what follows on it is done: at the end of the operation, in its transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from engine.drafts.draft import Draft
from engine.metamodel.workflow import Happening
from engine.service.dependents import settled_meanwhile
from engine.work.context import Context
from engine.work.facts import Record, old_facts


@dataclass(frozen=True)
class Event:
    """Something that happened to a record.

    `changed` are the members that have other values now, `old` the record as it was (as far as anything reads of
    it), `depth` how many processes have led to it, `chain` which ones.
    """

    happening: Happening
    entity: str
    id: int
    changed: frozenset[str] = frozenset()
    transition: str = ""
    old: Record | None = None
    depth: int = 0
    chain: tuple[str, ...] = ()


def follows(context: Context, entity: str, happening: Happening) -> bool:
    """Whether anything follows when this happens."""
    return (entity, happening) in context.runtime.processes.followers


Before = dict[tuple[str, int], Record | None]
"""Records as they were, by entity and id."""


def before(context: Context, draft: Draft) -> Before:
    """A record and its rows as they are before they change, as far as what follows will ask."""
    found: Before = {}
    if not context.runtime.processes.followers:
        return found
    for each in (draft, *(row for rows in draft.children.values() for row in rows)):
        followers = context.runtime.processes.followers.get((each.entity.name, "updated"))
        if each.old is not None and followers is not None and followers.old.members:
            found[each.entity.name, each.old.id] = old_facts(context, each.old, followers.old)
    return found


def wrote(context: Context, draft: Draft, was: Before) -> None:
    """A record and its rows were written: keep what has happened to them, where anything follows on it."""
    if not context.runtime.processes.followers:
        return
    if draft.old is None:
        assert draft.number is not None
        number = draft.number
        happen(context, "created", draft.entity.name, number)
    else:
        number = draft.old.id
        old = was.get((draft.entity.name, number))
        happen(context, "updated", draft.entity.name, number, frozenset(_changed(draft)), old)
    _related(context, draft, number)
    for name, rows in draft.children.items():
        for row in rows:
            if row.old is None or row.differs:
                wrote(context, row, was)
        for gone in draft.removed.get(name, ()):
            happen(context, "deleted", draft.entity.relations[name].target, gone)


def _changed(draft: Draft) -> Iterator[str]:
    """The members of a stored record that a draft gives other values."""
    assert draft.old is not None
    yield from (name for name, value in draft.values.items() if draft.old.values.get(name) != value)
    yield from (name for name, key in draft.keys.items() if draft.old.keys.get(name) != key)
    yield from draft.many
    for name, rows in draft.children.items():
        if draft.removed.get(name) or any(row.differs for row in rows):
            yield name


def _related(context: Context, draft: Draft, number: int) -> None:
    """What a draft has tied together."""
    if draft.many.get("tags") or (draft.old is not None and "tags" in draft.many):
        happen(context, "tagged", draft.entity.name, number)
    if any(name != "tags" for name in draft.many):
        happen(context, "related", draft.entity.name, number)
    for name, key in draft.keys.items():
        if draft.entity.relations[name].owner_of_row:
            continue  # a row is a part of its record
        if key is not None and (draft.old is None or draft.old.keys.get(name) != key):
            happen(context, "related", *key)


def happen(
    context: Context,
    happening: Happening,
    entity: str,
    number: int,
    changed: frozenset[str] = frozenset(),
    old: Record | None = None,
) -> None:
    """Keep something that happened to a record, where anything follows on it."""
    depth, chain = context.depth, context.chain
    emit(context, Event(happening, entity, number, changed, old=old, depth=depth, chain=chain))


def emit(context: Context, event: Event) -> None:
    """Keep an event, where anything follows on it."""
    if follows(context, event.entity, event.happening):
        context.events.append(event)


@contextmanager
def undoable(context: Context) -> Iterator[None]:
    """One of several operations: what it raises takes back what it wrote, and what would have followed on that."""
    happened, later = len(context.events), len(context.after_commit)
    try:
        with context.connection.begin_nested():
            yield
    except BaseException:
        del context.events[happened:]
        del context.after_commit[later:]
        raise


def follow(context: Context) -> None:
    """Do what follows on one of several operations, so that what is refused there is refused of that one."""
    if context.events and not context.depth:
        with settled_meanwhile(context):
            context.runtime.react(context)


def settle_events(context: Context) -> None:
    """Do what follows on what has happened; within several operations, or a process, that is left to its end."""
    if context.events and not context.depth and not context.unsettled:
        context.runtime.react(context)
