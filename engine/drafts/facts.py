"""Drafts as expressions read them: with what they will be, and what their keys lead to."""

from __future__ import annotations

from typing import Any

from engine.drafts.draft import Draft
from engine.expressions.reads import Need
from engine.metamodel.relation import Relation
from engine.work.context import Context
from engine.work.facts import Nobody, Record, as_led, one_facts, related_facts


def draft_facts(
    context: Context, draft: Draft, need: Need, parent: Record | None = None, *, hold: bool = False
) -> Record:
    """A draft as it will be: its own values, what its keys lead to, its rows; the rest as it is stored."""
    entity = draft.entity
    record: Record = Nobody(id=draft.old.id if draft.old else 0, _entity=entity.name)
    for name, below in need.members.items():
        relation = entity.relations.get(name)
        if name in entity.properties:
            record[name] = _own(context, draft, name)
        elif relation is not None and relation.owner_of_row and parent is not None:
            record[name] = parent
        elif relation is not None and relation.holds_key:
            key = draft.key(name)
            found = one_facts(context, [key], below, hold=hold) if key is not None else {}
            record[name] = found.get(key) if key is not None else None
        elif relation is not None and relation.kind == "composition":
            record[name] = _rows(context, draft, relation, below, record, hold)
        else:
            record[name] = as_led(entity, name, _linked(context, draft, name, below))
    return record


def _own(context: Context, draft: Draft, name: str) -> Any:
    """A value of the draft; what the engine writes with it is there already."""
    if name in ("created_at", "updated_at"):
        kept = draft.old.values.get(name) if draft.old and name == "created_at" else None
        return kept or context.now
    if name in ("id", "version"):
        return (draft.old.id if name == "id" else draft.old.version) if draft.old else None
    return draft.value(name)


def _rows(
    context: Context, draft: Draft, relation: Relation, need: Need, parent: Record, hold: bool
) -> tuple[Record, ...]:
    """The rows of a composition as they will be: stored ones, changed and removed as the draft says, then new ones."""
    rows: dict[int, Record] = {}
    if draft.old is not None:
        related = related_facts(context, draft.entity, relation.name, [draft.old.id], need)
        rows = {row["id"]: row for row in related.get(draft.old.id, ())}
    for number in draft.removed.get(relation.name, ()):
        rows.pop(number, None)
    new = []
    for row in draft.children.get(relation.name, ()):
        made = draft_facts(context, row, need, parent, hold=hold)
        if row.old is None:
            new.append(made)
        else:
            rows[row.old.id] = made
    return (*rows.values(), *new)


def _linked(context: Context, draft: Draft, name: str, need: Need) -> tuple[Record, ...]:
    relation = draft.entity.relations.get(name)
    if relation is not None and name in draft.many:
        keys = [(relation.target, number) for number in draft.many[name]]
        found = one_facts(context, keys, need)
        return tuple(found[key] for key in keys if key in found)
    if draft.old is None:
        return ()
    return related_facts(context, draft.entity, name, [draft.old.id], need).get(draft.old.id, ())
