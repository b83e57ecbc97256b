"""What an operation changed, written in its own transaction; and the history of a record, read back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from engine.access import access
from engine.drafts.draft import Draft
from engine.metamodel.entity import Entity
from engine.metamodel.property import Property
from engine.metamodel.relation import Relation
from engine.reading import titles
from engine.reading.query import Change, HistoryEntry, Link
from engine.service import notes, run_steps
from engine.service.seen import Seen, called_as_then
from engine.service.write import links_of
from engine.store import audit
from engine.types.base import Refused
from engine.types.display import Shown
from engine.work import runlog
from engine.work.context import Context
from engine.work.stored import Key, Stored

Changes = dict[str, Any]
"""What an operation changed: name to [old, new]; values in JSON form, records as {entity, id, title}."""

MASK = "•••"
"""What stands for a value that is never written down in clear."""


def changes_of(context: Context, draft: Draft) -> Changes:
    """What a draft will change, before it is written."""
    entity, old = draft.entity, draft.old
    named = titles.of(context, _keys(draft), seen=False)
    changes: Changes = {}
    for name, value in draft.values.items():
        prop = entity.properties[name]
        before = old.values.get(name) if old else None
        if before != value:
            changes[name] = [_json(prop, before), _json(prop, value)]
    for name, key in draft.keys.items():
        before_key = old.keys.get(name) if old else None
        if before_key != key:
            changes[name] = [_named(named, before_key), _named(named, key)]
    present = links_of(context, draft) if old else {}
    for name, wanted in draft.many.items():
        target, had = entity.relations[name].target, present.get(name, set())
        if had != set(wanted):
            changes[name] = [
                [_named(named, (target, number)) for number in sorted(had)],
                [_named(named, (target, number)) for number in wanted],
            ]
    return changes | _row_changes(context, draft)


def _keys(draft: Draft) -> set[Key]:
    """Every record a draft's changes speak of."""
    keys = {key for key in draft.keys.values() if key is not None}
    if draft.old:
        keys |= {key for name in draft.keys if (key := draft.old.keys.get(name)) is not None}
    for name, numbers in draft.many.items():
        keys |= {(draft.entity.relations[name].target, number) for number in numbers}
    return keys


def _row_changes(context: Context, draft: Draft) -> Changes:
    """Child rows: what each new, changed and removed row held, listed under the composition's name."""
    changes: Changes = {}
    for name, rows in draft.children.items():
        before, after = [], []
        for row in rows:
            inner = changes_of(context, row)
            if not inner:
                continue
            if row.old is not None:
                before.append({"id": row.old.id, "values": {key: pair[0] for key, pair in inner.items()}})
            after.append(
                {"id": row.old.id if row.old else None, "values": {k: pair[1] for k, pair in inner.items()}}
            )
        before += [{"id": number, "removed": True} for number in draft.removed.get(name, [])]
        if before or after:
            changes[name] = [before, after]
    return changes


def _json(prop: Property, value: Any) -> Any:
    if value is None:
        return None
    return MASK if prop.sensitive or prop.type.secret else prop.type.to_json(value)


def _named(named: Mapping[Key, str], key: Key | None) -> Any:
    return None if key is None else {"entity": key[0], "id": key[1], "title": named.get(key, f"#{key[1]}")}


def changes_of_delete(context: Context, record: Stored) -> Changes:
    """The values a deleted record had, so that its history tells them even after a purge."""
    entity = context.runtime.entities[record.entity]
    return {
        name: [_json(entity.properties[name], value), None]
        for name, value in record.values.items()
        if value is not None and not entity.properties[name].system
    }


def record(
    context: Context, entity: str, ids: Iterable[int], action: str, changes: Changes, batch: str = ""
) -> None:
    """Write one audit row per record, in the operation's own transaction, where the entity keeps audit."""
    ids, run = list(ids), context.run
    if run is not None:
        run.wrote(action, entity, ids)
    if not context.runtime.entities[entity].features.audit:
        return
    if context.cause:
        changes = {**changes, CAUSE: context.cause}
    entries = [
        audit.Entry(
            at=context.now,
            entity=entity,
            record_id=number,
            action=action,
            actor_id=context.actor.id,
            actor_name=context.actor.told_as,
            behind_id=context.actor.behind,
            source=context.source,
            changes=changes,
            batch=batch,
        )
        for number in ids
    ]
    if run is None or len(ids) != 1 or not run.awaits(entity, ids[0], moves=TRANSITION in changes):
        audit.write(context.connection, entries)
        return
    if run.goes_on:
        run.entry = runlog.Entry(audit.write_one(context.connection, entries[0]), changes)
    else:
        audit.write(context.connection, [replace(entries[0], changes=_with_steps(changes, run))])


def finish(context: Context, run: runlog.RunLog) -> None:
    """Keep what a run did, in the entry that tells of it; an automation that wrote nothing there gets one of its own.

    None where it did nothing: what looks at every record each hour would fill their histories.
    """
    if run.entry is not None:
        audit.complete(context.connection, run.entry.id, _with_steps(run.entry.changes, run))
    elif run.automation and run.ran:
        alone = replace(context, run=None)
        record(alone, run.entity, [run.number], "automation", _with_steps({}, run))


def _with_steps(changes: Mapping[str, Any], run: runlog.RunLog) -> Changes:
    return {**changes, STEPS: run.as_json()} if run.steps else dict(changes)


# ---- reading back


def history(context: Context, entity: str, number: int, limit: int, before: int | None) -> list[HistoryEntry]:
    """The newest operations on a record; of members the actor may read only."""
    declared = context.runtime.entities[entity]
    readable = access.readable(context, entity)
    entries = audit.read(context.connection, entity, number, limit, before)
    found = [entry if _moves_openly(context, readable, entry) else _quiet(entry) for entry in entries]
    seen = _seen(context, found)
    users = seen.now
    return [
        HistoryEntry(
            number=entry.number,
            at=entry.at,
            actor=_actor(users, entry.actor_id) if entry.behind_id is None else None,
            actor_name=_name(context, users, entry),
            action=entry.action,
            source=entry.source,
            changes=tuple(_shown_changes(context, declared, readable, entry.changes, seen)),
            transition=(entry.changes.get(TRANSITION) or {}).get("label", ""),
            cause=_cause(context, entry.changes.get(CAUSE, "")),
            note=_note(context, entry, seen),
            steps=run_steps.shown(context, entry.changes.get(STEPS, ()), (entity, number), seen),
        )
        for entry in found
    ]


def _moves_openly(context: Context, readable: frozenset[str], entry: audit.Entry) -> bool:
    """Whether an entry tells of no transition, or of one of a state that the actor may read."""
    told = entry.changes.get(TRANSITION) or {}
    found = context.runtime.processes.transition(entry.entity, told.get("name", ""))
    return found is None or found[0].workflow.member in readable


def _quiet(entry: audit.Entry) -> audit.Entry:
    """The same entry without the transition: an update, of which the other changes are told."""
    changes = {name: value for name, value in entry.changes.items() if name not in BESIDE}
    return replace(entry, action="update", changes=changes)


def _seen(context: Context, entries: Iterable[audit.Entry]) -> Seen:
    """What the related records that some changes speak of, and who made them, may be called."""
    keys: set[Key] = {("user", entry.actor_id) for entry in entries if entry.actor_id is not None}
    spoken_of = _spoken_of([entry.changes for entry in entries])
    plain = {entity for entity in {key[0] for key, _ in spoken_of} if called_as_then(context, entity)}
    keys |= {key for key, then in spoken_of if not (then and key[0] in plain)}
    keys |= {key for entry in entries for key in notes.records_of(entry.changes.get(NOTE, ""))}
    keys |= {key for entry in entries for key in run_steps.records_of(entry.changes.get(STEPS, ()))}
    return Seen(context, titles.of(context, {key for key in keys if key[0] in context.runtime.entities}))


def _spoken_of(changes: Any) -> set[tuple[Key, str]]:
    """Every related record in changes with what it was called then, those of child rows included."""
    found: set[tuple[Key, str]] = set()
    waiting = [changes]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            if "title" in each and "entity" in each:
                found.add(((str(each["entity"]), each["id"]), str(each["title"])))
            for kind in ("user", "group") if "level" in each else ():
                if isinstance(each.get(kind), int):
                    found.add(((kind, each[kind]), ""))
            waiting.extend(each.values())
        elif isinstance(each, list):
            waiting.extend(each)
    return found


def _actor(users: Mapping[Key, str], number: int | None) -> Link | None:
    """Who it was, where the actor may read that user."""
    known = users.get(("user", number)) if number is not None else None
    return None if number is None or known is None else Link("user", number, known)


def _name(context: Context, users: Mapping[Key, str], entry: audit.Entry) -> str:
    """The name as it was written down: of the engine itself, of oneself, and of users one may read."""
    own = entry.actor_id is None or entry.actor_id == context.actor.id
    return entry.actor_name if own or ("user", entry.actor_id) in users else SOMEBODY


SOMEBODY = "Somebody"
"""What a user is called whom the reader may not see."""


def _shown_changes(
    context: Context,
    entity: Entity,
    readable: frozenset[str],
    changes: Mapping[str, Any],
    seen: Seen,
) -> Iterable[Change]:
    for label, value in (changes.get(TRANSITION) or {}).get("form", {}).items():
        yield Change(f"{TRANSITION}.{label}", label, None, Shown(_plain(value)))
    for name, pair in changes.items():
        if name in BESIDE:
            continue
        old, new = pair
        if name == SHARED:
            yield Change(name, "With", None, Shown(_shared_with(context, new, seen)))
        member = entity.properties.get(name) or entity.relations.get(name)
        if member is not None and name in readable:
            shown = [_shown(context, member, old, seen), _shown(context, member, new, seen)]
            yield Change(name, member.label, shown[0], shown[1])


SHARED = "_share"
"""What a sharing is written down under; no member is called so."""

REFUSED = "refused"
"""What the entry of a transition says that is the way of a refused approval."""

TRANSITION, CAUSE, NOTE, WHY, STEPS = "_transition", "_cause", "_note", "_why", "_steps"
"""The same for a transition that was made, the process that did something, what was written (see notes.py), what of
that is for administrators, and what the process did step by step (see run_steps.py)."""


BESIDE = frozenset({TRANSITION, CAUSE, NOTE, WHY, STEPS})


def _note(context: Context, entry: audit.Entry, seen: Seen) -> str:
    """What was written, as far as the actor may read it."""

    def reads(entity: str, number: int, member: str) -> bool:
        if notes.own_name(context, entity, number, member):
            return True
        known = (entity, number) == (entry.entity, entry.record_id) or seen.reaches((entity, number))
        return known and notes.reads_member(context, entity, member)

    told = notes.shown(entry.changes.get(NOTE, ""), reads)
    why = entry.changes.get(WHY) if context.actor.administrator else None
    return f"{told}: {why}" if why else told


def _plain(value: Any) -> str:
    """A value of a form as a text."""
    if isinstance(value, list):
        return ", ".join(map(_plain, value))
    if isinstance(value, Mapping):
        return " ".join(_plain(each) for each in value.values() if each is not None)
    return {True: "Yes", False: "No"}.get(value, str(value)) if isinstance(value, bool) else str(value)


def _cause(context: Context, cause: str) -> str:
    """The process that did something, by its label."""
    application = context.runtime.application
    if cause in application.automations:
        return application.automations[cause].label
    entity, _, name = cause.partition(".")
    if entity == "mailbox" and name in application.mailboxes:
        return ""  # who did it says that
    button = context.runtime.processes.button(entity, name)
    if button is not None:
        return button.label
    found = context.runtime.processes.transition(entity, name)
    if found is None:
        return cause
    return found[1].label if found[0].workflow.member in access.readable(context, entity) else ""


def _shared_with(context: Context, said: Mapping[str, Any], seen: Seen) -> str:
    """`Ana, to edit, until 2026-05-01`."""
    kind = next(kind for kind in ("user", "group", "role") if kind in said)
    role = context.runtime.application.roles.get(str(said[kind])) if kind == "role" else None
    name = (role.label if role else str(said[kind])) if kind == "role" else seen.title((kind, said[kind]), "")
    until = f", until {said['until'][:10]}" if said.get("until") else ""
    return f"{name or f'#{said[kind]}'}, to {said['level']}{until}"


def _shown(context: Context, member: Property | Relation, value: Any, seen: Seen) -> Shown | None:
    if value is None or value == []:
        return None
    if value == MASK:
        return Shown(MASK)
    if isinstance(member, Property):
        try:
            return member.type.show(member.type.parse(value), context.actor.display)
        except (Refused, ValueError):  # written under an earlier definition of the property
            return Shown(str(value))
    items = value if isinstance(value, list) else [value]
    return Shown(", ".join(_item(context, member, item, seen) for item in items))


def _item(context: Context, relation: Relation, item: Mapping[str, Any], seen: Seen) -> str:
    """A related record by its title, or a child row by its values."""
    if "title" in item:
        return seen.title((str(item.get("entity", "")), item["id"]), str(item["title"]))
    if item.get("removed"):
        return f"row #{item['id']} removed"
    child = context.runtime.entities[relation.target]
    readable = access.readable(context, child.name)
    parts = []
    for change in _shown_changes(
        context, child, readable, {name: [None, value] for name, value in item["values"].items()}, seen
    ):
        parts.append(f"{change.label} {change.new.text if change.new else '—'}")
    return ", ".join(parts)
