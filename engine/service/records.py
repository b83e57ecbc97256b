"""Every operation on records, each in one function whose steps stand in order, a line each.

The order is always: access to the operation, the record as this actor may see it, coerce, defaults,
validate, hooks before, write (with version check), relations and child rows, audit, hooks after.
The commit is the unit of work's (`Gateway.write`), and so are the hooks after it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from engine.access import access
from engine.access.reaching import may_do
from engine.drafts.assigning import creating
from engine.drafts.draft import Draft, coerce
from engine.drafts.filing import claim_files
from engine.drafts.states import refuse_delete, refuse_row
from engine.drafts.validate import lock_trees
from engine.errors import BadQuery, Conflict, FieldError, Invalid, NotFound, RecordError
from engine.reading import titles
from engine.reading.find import count_of, find, find_any
from engine.reading.query import BulkReport, HistoryEntry, Query, Record
from engine.reading.reading import get, get_identity, get_written, options, related, related_count
from engine.service import auditing, events
from engine.service.applying import apply, prepare, refuse_errors
from engine.service.delete import consequences, erase, remove, revive
from engine.service.dependents import come_back, settled, together, touched_by, touched_by_delete
from engine.service.hooks import run_after, run_before
from engine.service.stays import begin, forget, resume
from engine.service.write import insert
from engine.store.counters import next_numbers
from engine.work.context import Context
from engine.work.stored import Stored, hold, load

__all__ = [
    "change",
    "count",
    "create",
    "create_many",
    "delete",
    "delete_many",
    "find",
    "get",
    "history",
    "make",
    "one_by_one",
    "options",
    "purge",
    "related",
    "related_count",
    "restore",
    "restore_many",
    "update",
    "update_many",
]

Values = Mapping[str, Any]

MOST_AT_ONCE = 1_000
"""Records of one bulk operation; an import goes in several."""


def create(context: Context, entity: str, values: Values) -> Record:
    """A new record. Raises Forbidden, or Invalid with every complaint at once."""
    return get_written(context, entity, make(context, entity, values))


def make(context: Context, entity: str, values: Values, states: Mapping[str, str] | None = None) -> int:
    """The same where nobody looks at the record: its number. `states` are those that a test begins in."""
    declared = _entity(context, entity)
    access.require(context, entity, "create")
    draft = coerce(context, declared, values, None)
    draft.values.update(states or {})
    number = create_drafted(context, draft)
    events.settle_events(context)
    return number


def create_drafted(context: Context, draft: Draft, told: Mapping[str, Any] | None = None) -> int:
    """Write a new record; `told` is what the history keeps beside its values."""
    _only_one(context, draft)
    prepare(context, draft, "create")
    changes = {**auditing.changes_of(context, draft), **(told or {})}
    with creating(context, draft):
        number = settled(context, (), lambda: insert(context, draft), lambda _: touched_by(draft))
    claim_files(context, draft, number)
    changes |= _numbers_given(draft)
    auditing.record(context, draft.entity.name, [number], "create", changes)
    begin(context, draft)
    run_after(context, "create", draft, number)
    events.wrote(context, draft, {})
    return number


def _only_one(context: Context, draft: Draft) -> None:
    """Of a singleton there is one record; who creates it at the same time waits and is refused."""
    if draft.entity.singleton:
        next_numbers(context.connection, f"{draft.entity.name}.singleton")
        if find_any(context, draft.entity.name):
            draft.refuse("", "singleton", f"There is only one {draft.entity.label.lower()}: change that one.")


def _numbers_given(draft: Draft) -> auditing.Changes:
    """The automatic numbers of a new record, which stand only once it is written."""
    return {
        name: [None, draft.entity.properties[name].type.to_json(value)]
        for name, value in draft.values.items()
        if not draft.entity.properties[name].type.writable and value is not None
    }


def update(context: Context, entity: str, number: int, values: Values, version: int | None = None) -> Record:
    """Change a record. `version` is the one the caller has seen: Conflict when it is no longer current.

    What is equal to what is there is no change; when nothing changes, nothing is written.
    """
    change(context, entity, number, values, version)
    return get_written(context, entity, number)


def change(context: Context, entity: str, number: int, values: Values, version: int | None = None) -> bool:
    """The same where nobody looks at the record afterwards: answers whether anything changed."""
    declared = _entity(context, entity)
    get_identity(context, entity, number, "update")
    lock_trees(context, declared, values)
    old = current(context, entity, number, version)
    moved = apply(context, coerce(context, declared, values, old), "update")
    events.settle_events(context)
    return moved


def delete(context: Context, entity: str, number: int, version: int | None = None) -> None:
    """Delete a record and what is declared to go with it: into the trash, where the entity has one."""
    _entity(context, entity)
    get_identity(context, entity, number, "delete")
    old = current(context, entity, number, version)
    draft = Draft(context.runtime.entities[entity], old)
    refuse_delete(context, draft)
    refuse_row(context, draft)
    run_before(context, "delete", draft)
    refuse_errors(draft)
    found = consequences(context, entity, {number})
    touched = touched_by_delete(found)
    batch = settled(context, touched, lambda: remove(context, found), lambda _: touched)
    _audit_delete(context, old, found.deleted, batch)
    run_after(context, "delete", draft, number)
    for name, ids in found.deleted.items():
        for gone in sorted(ids):
            events.happen(context, "deleted", name, gone)
    events.settle_events(context)


def _audit_delete(context: Context, old: Stored, deleted: Mapping[str, set[int]], batch: str) -> None:
    """One audit row per record deleted; the one that was asked for keeps its values."""
    auditing.record(context, old.entity, [old.id], "delete", auditing.changes_of_delete(context, old), batch)
    for name, ids in deleted.items():
        others = sorted(ids - {old.id}) if name == old.entity else sorted(ids)
        auditing.record(context, name, others, "delete", {}, batch)


def restore(context: Context, entity: str, number: int) -> Record:
    """Take a record out of the trash, with what went there together with it."""
    _entity(context, entity)
    get_identity(context, entity, number, "delete", trash=True)
    old = _locked(context, entity, number)
    draft = Draft(context.runtime.entities[entity], old)
    run_before(context, "restore", draft)
    refuse_errors(draft)
    revived = revive(context, entity, old)
    come_back(context, revived)
    for name, ids in revived.items():
        resume(context, name, ids)
    for name, ids in revived.items():
        auditing.record(context, name, sorted(ids), "restore", {}, old.deleted_batch or "")
    run_after(context, "restore", draft, number)
    return get_written(context, entity, number)


def purge(context: Context, entity: str, number: int) -> None:
    """Delete a record in the trash for good. Its history stays."""
    _entity(context, entity)
    get_identity(context, entity, number, "delete", trash=True)
    old = _locked(context, entity, number)
    erase(context, entity, {number})
    forget(context, entity, {number})
    auditing.record(context, entity, [number], "purge", auditing.changes_of_delete(context, old))


def count(context: Context, entity: str, query: Query) -> int:
    """How many records match, exactly."""
    return count_of(context, entity, replace(query, fields=(), sort=())).value


def history(
    context: Context,
    entity: str,
    number: int,
    limit: int = 50,
    before: int | None = None,
    *,
    seen: bool = False,
) -> list[HistoryEntry]:
    """The newest operations on a record one may read, living or in the trash; `seen` as in `related`.

    Nothing where the actor may read the record and not its history.
    """
    _entity(context, entity)
    if not seen:
        _require_seen(context, entity, number)
    if not may_do(context, entity, number, "audit"):
        return []
    return auditing.history(context, entity, number, limit, before)


def _require_seen(context: Context, entity: str, number: int) -> None:
    """Raise NotFound for a record that the actor may read neither among the living nor in the trash."""
    try:
        get_identity(context, entity, number, "read")
    except NotFound:
        get_identity(context, entity, number, "read", trash=True)


# ---- several at once


def create_many(context: Context, entity: str, several: Sequence[Values]) -> list[Record]:
    """New records, all or none; the place of each complaint begins with the record's position."""
    _few_enough(len(several))
    ids, errors = [], []
    with together(context):
        for position, values in enumerate(several):
            try:
                with events.undoable(context):
                    made = make(context, entity, values)
                    events.follow(context)
                ids.append(made)
            except Invalid as invalid:
                errors += [
                    FieldError(f"{position}.{error.at}".rstrip("."), error.code, error.message)
                    for error in invalid.errors
                ]
        if errors:
            raise Invalid(errors)
    return [get_written(context, entity, number) for number in ids]


def update_many(context: Context, entity: str, ids: Iterable[int], values: Values) -> BulkReport:
    """Change several records alike; each that is refused is reported, and the others are done."""
    return one_by_one(context, entity, ids, lambda number: change(context, entity, number, values))


def delete_many(context: Context, entity: str, ids: Iterable[int]) -> BulkReport:
    """Delete several records; each that is refused is reported, and the others are done."""
    return one_by_one(context, entity, ids, lambda number: delete(context, entity, number))


def restore_many(context: Context, entity: str, ids: Iterable[int]) -> BulkReport:
    """Take several records out of the trash; each that is refused is reported."""
    return one_by_one(context, entity, ids, lambda number: restore(context, entity, number))


def one_by_one(
    context: Context, entity: str, ids: Iterable[int], work: Callable[[int], object]
) -> BulkReport:
    """Do something to several records: what is refused of one of them undoes that one, and is reported."""
    _entity(context, entity)
    numbers = list(dict.fromkeys(ids))
    _few_enough(len(numbers))
    hold(context, entity, numbers)
    done, refused, errors = [], {}, {}
    with together(context):
        for number in numbers:
            try:
                with events.undoable(context):
                    work(number)
                    events.follow(context)
                done.append(number)
            except RecordError as error:
                refused[number] = _why(error)
                if isinstance(error, Invalid):
                    errors[number] = error.errors
    return BulkReport(tuple(done), refused, errors)


def _why(error: RecordError) -> str:
    """Why a record was refused, in a sentence or several."""
    return " ".join(each.message for each in error.errors) if isinstance(error, Invalid) else str(error)


def _few_enough(number: int) -> None:
    if number > MOST_AT_ONCE:
        raise BadQuery("too-many", "", f"at most {MOST_AT_ONCE:,} records at once, not {number:,}")


# ---- shared steps


def _entity(context: Context, entity: str) -> Any:
    if entity not in context.runtime.entities:
        raise NotFound(entity)
    return context.runtime.entities[entity]


def current(context: Context, entity: str, number: int, version: int | None) -> Stored:
    """The stored record, held until the transaction ends; Conflict where it is not of the version one has seen."""
    old = _locked(context, entity, number)
    if version is not None and version != old.version:
        raise _conflict(context, old, version)
    return old


def _locked(context: Context, entity: str, number: int) -> Stored:
    found = load(context, entity, [number], lock=True)
    if number not in found:
        raise NotFound(entity, number)
    return found[number]


def _conflict(context: Context, old: Stored, given: int) -> Conflict:
    """The conflict of a stale version, with the current values in JSON form of what the actor may read."""
    readable = access.readable(context, old.entity)
    entity = context.runtime.entities[old.entity]
    theirs: dict[str, Any] = {}
    for name, value in old.values.items():
        prop = entity.properties[name]
        if name in readable and not prop.system and not prop.type.secret:
            theirs[name] = None if value is None else prop.type.to_json(value)
    named = titles.of(context, {key for key in old.keys.values() if key})
    for name, key in old.keys.items():
        if name in readable and not entity.relations[name].system:
            theirs[name] = {"entity": key[0], "id": key[1], "title": named[key]} if key in named else None
    return Conflict(given, old.version, theirs)
