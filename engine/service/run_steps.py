"""What a process did step by step, as the history keeps it, read back: with no more of it than the reader may know."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from engine.access import access
from engine.access.reaching import reaches_all
from engine.reading.query import Link, RunStep, StepRecord
from engine.service.seen import Seen
from engine.work.context import Context
from engine.work.stored import Key

Kept = Mapping[str, Any]
"""A step as engine.work.runlog keeps it."""


def records_of(steps: Iterable[Kept]) -> Iterator[Key]:
    """The records and people that steps speak of."""
    for step in steps:
        yield from ((entity, number) for _, entity, number in step.get("records", ()))
        yield from (("user", number) for number in step.get("told", ()))


def shown(context: Context, steps: Sequence[Kept], about: Key, seen: Seen) -> tuple[RunStep, ...]:
    """The steps of a run about a record. One whose condition reads what the actor may not read is not told of."""
    return tuple(
        _shown(context, step, about, seen)
        for step in steps
        if all(_reads(context, entity, path.split(".")) for entity, path in step.get("reads", ()))
    )


def _shown(context: Context, step: Kept, about: Key, seen: Seen) -> RunStep:
    wrote = tuple(_record(context, seen, about, *each) for each in step.get("records", ()))
    people = [("user", number) for number in step.get("told", ())]
    told = tuple(Link(*key, seen.title(key, "")) for key in people if _known(context, seen, key))
    veiled = any(each.did != did for each, (did, *_) in zip(wrote, step.get("records", ()), strict=True))
    file, line = step["at"]
    return RunStep(
        kind="update" if veiled else step["kind"],
        done=step["done"],
        skipped=step.get("skipped", 0),
        records=wrote,
        more_records=step.get("more_records", 0),
        told=told,
        others_told=len(people) - len(told) + step.get("more_told", 0),
        jobs=step.get("jobs", {}),
        place=f"{file}:{line}" if context.actor.administrator else "",
    )


def _record(context: Context, seen: Seen, about: Key, did: str, entity: str, number: int) -> StepRecord:
    key = (entity, number)
    if did == "transition" and not _sees_states(context, entity):
        did = "update"
    if key == about:
        return StepRecord(did, None, own=True)
    return StepRecord(did, Link(*key, seen.now[key]) if key in seen.now else None)


def _known(context: Context, seen: Seen, user: Key) -> bool:
    return user in seen.now or user[1] == context.actor.id


def _sees_states(context: Context, entity: str) -> bool:
    """Whether the actor may read every state that moves an entity's records."""
    states = {process.workflow.member for process in context.runtime.processes.of(entity)}
    return entity in context.runtime.entities and states <= access.readable(context, entity)


def _reads(context: Context, entity: str, way: list[str]) -> bool:
    """Whether the actor may read what a path leads to, whichever records it leads over."""
    if not way:
        return True
    declared = context.runtime.entities.get(entity)
    if declared is None:
        return False
    name, *rest = way
    inverse, relation = declared.inverses.get(name), declared.relations.get(name)
    if inverse is not None:
        targets: tuple[str, ...] = (inverse.source,)
        there = access.inverse_readable(context, inverse)
    else:
        targets = relation.targets if relation is not None else ()
        known = relation is not None or name in declared.properties
        there = not known or name in access.readable(context, entity)
    if not there:
        return False
    rows = relation is not None and relation.kind == "composition"  # which are a part of what is read
    beyond = inverse is not None or bool(rest)
    return all(
        not beyond or ((rows or reaches_all(context, target, "read")) and _reads(context, target, rest))
        for target in targets
    )
