"""Records as expressions read them: stored ones by id, and drafts with what they will be.

What is read is known beforehand (a Need), so it is loaded in a number of statements that depends on the
expressions alone, and nobody's access rules apply: a rule of the metadata sees what there is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from engine.build.table import EntityTable
from engine.expressions.reads import Need
from engine.metamodel.entity import Entity
from engine.metamodel.relation import Relation
from engine.service.conditions import alive
from engine.service.context import Context
from engine.service.draft import Draft, owner_key
from engine.service.pairs import link_columns
from engine.service.stored import Key, Stored

Record = dict[str, Any]


class Nobody(dict[str, Any]):
    """The user of the engine itself, and the record that is not there: every value is null."""

    def __missing__(self, name: str) -> Any:
        return None


NOBODY = Nobody(id=0)


def stored_facts(
    context: Context, entity: str, ids: Iterable[int], need: Need, *, hold: bool = False
) -> dict[int, Record]:
    """Stored records by id, with what is needed of them.

    With `hold` nobody changes the records that to-one relations lead to until the transaction ends: a value that
    is computed from them and kept would be wrong as soon as they were.
    """
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    made = context.runtime.table(entity)
    names = [name for name in need.members if name in made.cells]
    columns = [made.table.c.id, *(column for name in names for column in made.cells[name])]
    statement = sa.select(*dict.fromkeys(columns)).where(made.table.c.id.in_(wanted))
    found: dict[int, Record] = {}
    for row in context.connection.execute(statement):
        values = row._mapping
        record: Record = {"id": values[made.table.c.id], "_entity": entity}
        for name in names:
            record[name] = _value(made, name, values)
        found[record["id"]] = record
    _follow(context, made.entity, found, need, hold)
    return found


def _value(made: EntityTable, name: str, row: Mapping[Any, Any]) -> Any:
    """A property's value, or the key of a relation (followed later)."""
    cells = [row[column] for column in made.cells[name]]
    relation = made.entity.relations.get(name)
    if relation is not None:
        pairs = zip(relation.targets, cells, strict=True)
        return next(((target, cell) for target, cell in pairs if cell is not None), None)
    return None if cells[0] is None else made.entity.properties[name].type.load(cells)


def _follow(context: Context, entity: Entity, records: Mapping[int, Record], need: Need, hold: bool) -> None:
    """Put the records that relations lead to in the place of their keys."""
    for name, below in need.members.items():
        relation = entity.relations.get(name)
        if relation is not None and relation.holds_key:
            _fill_one(context, records.values(), name, below, hold)
        elif relation is not None or name in entity.inverses:
            related = related_facts(context, entity, name, list(records), below, hold=hold)
            for number, record in records.items():
                record[name] = _as_led(entity, name, related.get(number, ()))


def _as_led(entity: Entity, name: str, found: tuple[Record, ...]) -> Any:
    """What a member is, given the records it leads to: the one there is, or all of them."""
    return next(iter(found), None) if entity.to_one(name) is not None else found


def _fill_one(context: Context, records: Iterable[Record], name: str, below: Need, hold: bool) -> None:
    keys = [record[name] for record in records]
    targets = one_facts(context, [key for key in keys if key is not None], below, hold=hold)
    for record in records:
        key = record[name]
        record[name] = targets.get(key) if key is not None else None


def one_facts(context: Context, keys: Iterable[Key], need: Need, *, hold: bool = False) -> dict[Key, Record]:
    """The records of some keys. Where nothing is needed of them but who they are, nothing is loaded."""
    by_entity: dict[str, set[int]] = {}
    for entity, number in keys:
        by_entity.setdefault(entity, set()).add(number)
    found: dict[Key, Record] = {}
    for entity, ids in by_entity.items():
        bare = not (set(need.members) - {"id"})
        if bare:
            found |= {(entity, number): {"id": number, "_entity": entity} for number in ids}
        else:
            if hold:
                keep(context, entity, ids)
            loaded = stored_facts(context, entity, ids, need, hold=hold)
            found |= {(entity, number): record for number, record in loaded.items()}
    return found


def keep(context: Context, entity: str, ids: Iterable[int]) -> None:
    """Let whoever wants to change these records wait until the transaction ends; on SQLite there is nobody."""
    if context.writing and context.runtime.dialect == "postgresql":
        columns = context.runtime.table(entity).table.c
        statement = sa.select(columns.id).where(columns.id.in_(sorted(ids))).order_by(columns.id)
        context.connection.execute(statement.with_for_update(read=True, key_share=True))


# ---- to-many relations


def related_facts(
    context: Context, entity: Entity, name: str, ids: Sequence[int], need: Need, *, hold: bool = False
) -> dict[int, tuple[Record, ...]]:
    """What a to-many relation leads to from each of several records, in its order."""
    target, pairs = _pairs(context, entity, name, ids)
    loaded = stored_facts(context, target, [other for _, other in pairs], need, hold=hold)
    found: dict[int, list[Record]] = {}
    for number, other in pairs:
        if other in loaded:
            found.setdefault(number, []).append(loaded[other])
    return {number: tuple(records) for number, records in found.items()}


def _pairs(
    context: Context, entity: Entity, name: str, ids: Sequence[int]
) -> tuple[str, list[tuple[int, int]]]:
    """The entity a relation leads to, and (from, to) ids of living records in order."""
    relation = entity.relations.get(name)
    if relation is not None and relation.kind == "composition":
        owner = owner_key(context.runtime.entities[relation.target], entity.name, name)
        return relation.target, _by_key(context, relation.target, owner, entity.name, ids)
    if relation is not None:
        source, target, table = link_columns(context, entity.name, relation)
        return relation.target, _by_link(context, relation.target, source, target, table, ids)
    inverse = entity.inverses[name]
    declared = context.runtime.entities[inverse.source].relations[inverse.relation]
    if declared.holds_key:
        return inverse.source, _by_key(context, inverse.source, declared, entity.name, ids)
    there, here, table = link_columns(context, inverse.source, declared)
    return inverse.source, _by_link(context, inverse.source, here, there, table, ids)


def _by_key(
    context: Context, source: str, relation: Relation, entity: str, ids: Sequence[int]
) -> list[tuple[int, int]]:
    made = context.runtime.table(source)
    column = made.cells[relation.name][relation.targets.index(entity)]
    order = [made.table.c["_position"]] if "_position" in made.table.c else []
    statement = (
        sa.select(column, made.table.c.id)
        .where(column.in_(ids), *alive(made.table))
        .order_by(*order, made.table.c.id)
    )
    return [(row[0], row[1]) for row in context.connection.execute(statement)]


def _by_link(
    context: Context,
    entity: str,
    here: sa.ColumnElement[Any],
    there: sa.ColumnElement[Any],
    table: sa.Table,
    ids: Sequence[int],
) -> list[tuple[int, int]]:
    target = context.runtime.table(entity).table.alias()
    joined = table.join(target, target.c.id == there)
    statement = (
        sa.select(here, there)
        .select_from(joined)
        .where(here.in_(ids), *alive(table), *alive(target))
        .order_by(there)
        .distinct()
    )
    return [(row[0], row[1]) for row in context.connection.execute(statement)]


# ---- drafts


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
            record[name] = _as_led(entity, name, _linked(context, draft, name, below))
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


def old_facts(context: Context, old: Stored, need: Need) -> Record | None:
    """The stored record before the change, as it stands in the database now."""
    return stored_facts(context, old.entity, [old.id], need).get(old.id)
