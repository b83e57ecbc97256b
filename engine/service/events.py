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


def before(context: Context, draft: Draft, happening: Happening) -> Record | None:
    """The record as it is before it changes, as far as what follows will ask."""
    found = context.runtime.processes.followers.get((draft.entity.name, happening))
    if found is None or draft.old is None or not found.old.members:
        return None
    return old_facts(context, draft.old, found.old)


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
