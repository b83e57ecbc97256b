"""Records as expressions read them: stored ones by id.

What is read is known beforehand (a Need), so it is loaded in a number of statements that depends on the
expressions alone, and nobody's access rules apply: a rule of the metadata sees what there is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from engine.build.table import EntityTable
from engine.expressions.reads import Need
from engine.metamodel.entity import Entity
from engine.metamodel.relation import Relation
from engine.sql.aliased import aliased
from engine.work.conditions import alive, among_keys, keys_of
from engine.work.context import Context
from engine.work.pairs import link_columns, owner_key
from engine.work.plans import kept
from engine.work.stored import Key, Stored

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
    one = len(wanted) == 1
    key = ("facts", entity, tuple(names), one)
    statement = kept(context.runtime, key, lambda: _reading(made, names, one))
    rows = context.connection.execute(statement, keys_of(wanted))
    found = {record["id"]: record for record in (_record(made, names, row._mapping) for row in rows)}
    _follow(context, made.entity, found, need, hold)
    return found


def _reading(made: EntityTable, names: Sequence[str], one: bool) -> sa.Select[Any]:
    return sa.select(*_columns(made, names)).where(among_keys(made.table.c.id, one=one))


def _columns(made: EntityTable, names: Sequence[str]) -> Iterable[sa.Column[Any]]:
    """The columns of some members, each once, behind the id."""
    return dict.fromkeys([made.table.c.id, *(column for name in names for column in made.cells[name])])


def _record(made: EntityTable, names: Sequence[str], row: Mapping[Any, Any]) -> Record:
    record: Record = {"id": row[made.table.c.id], "_entity": made.entity.name}
    for name in names:
        record[name] = _value(made, name, row)
    return record


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
                record[name] = as_led(entity, name, related.get(number, ()))


def as_led(entity: Entity, name: str, found: tuple[Record, ...]) -> Any:
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
    relation = entity.relations.get(name)
    if relation is not None and relation.kind == "composition":
        owner = owner_key(context.runtime.entities[relation.target], entity.name, name)
        return _by_key(context, Pointing(relation.target, owner, entity.name), ids, need, hold)
    if relation is not None:
        here, there, table = link_columns(context, entity.name, relation)
        return _by_link(
            context, Linked(entity.name, name, relation.target, here, there, table), ids, need, hold
        )
    inverse = entity.inverses[name]
    declared = context.runtime.entities[inverse.source].relations[inverse.relation]
    if declared.holds_key:
        return _by_key(context, Pointing(inverse.source, declared, entity.name), ids, need, hold)
    there, here, table = link_columns(context, inverse.source, declared)
    return _by_link(context, Linked(entity.name, name, inverse.source, here, there, table), ids, need, hold)


@dataclass(frozen=True)
class Pointing:
    """Records of an entity that point by a key of theirs to those of another."""

    entity: str
    relation: Relation
    to: str

    def column(self, made: EntityTable) -> sa.Column[Any]:
        return made.cells[self.relation.name][self.relation.targets.index(self.to)]


@dataclass(frozen=True)
class Linked:
    """What a relation leads to over a table of pairs: `here` are the ids of its own side, `there` of the other."""

    entity: str
    name: str
    target: str
    here: sa.ColumnElement[Any]
    there: sa.ColumnElement[Any]
    table: sa.Table


def _by_key(
    context: Context, pointing: Pointing, ids: Sequence[int], need: Need, hold: bool
) -> dict[int, tuple[Record, ...]]:
    """The living records that point to each of several, by one statement."""
    if not ids:
        return {}
    made, one = context.runtime.table(pointing.entity), len(ids) == 1
    names = [name for name in need.members if name in made.cells]
    key = ("facts below", pointing.entity, pointing.relation.name, pointing.to, tuple(names), one)
    statement = kept(context.runtime, key, lambda: _pointing(made, pointing, names, one))
    column = pointing.column(made)
    several: dict[int, list[Record]] = {}
    records: dict[int, Record] = {}
    for row in context.connection.execute(statement, keys_of(ids)):
        record = _record(made, names, row._mapping)
        records[record["id"]] = record
        several.setdefault(row._mapping[column], []).append(record)
    _follow(context, made.entity, records, need, hold)
    return {number: tuple(found) for number, found in several.items()}


def _pointing(made: EntityTable, pointing: Pointing, names: Sequence[str], one: bool) -> sa.Select[Any]:
    column = pointing.column(made)
    order = [made.table.c["_position"]] if "_position" in made.table.c else []
    return (
        sa.select(*dict.fromkeys([column, *_columns(made, names)]))
        .where(among_keys(column, one=one), *alive(made.table))
        .order_by(*order, made.table.c.id)
    )


def _by_link(
    context: Context, linked: Linked, ids: Sequence[int], need: Need, hold: bool
) -> dict[int, tuple[Record, ...]]:
    """The living records that are linked to each of several: the pairs, then what is needed of the records."""
    if not ids:
        return {}
    one = len(ids) == 1
    key = ("pairs", linked.entity, linked.name, one)
    statement = kept(context.runtime, key, lambda: _pairs(context, linked, one))
    pairs = context.connection.execute(statement, keys_of(ids)).all()
    loaded = stored_facts(context, linked.target, [other for _, other in pairs], need, hold=hold)
    several: dict[int, list[Record]] = {}
    for number, other in pairs:
        if other in loaded:
            several.setdefault(number, []).append(loaded[other])
    return {number: tuple(found) for number, found in several.items()}


def _pairs(context: Context, linked: Linked, one: bool) -> sa.Select[Any]:
    """The (here, there) ids of living records in order."""
    target = aliased(context.runtime.table(linked.target).table)
    return (
        sa.select(linked.here, linked.there)
        .select_from(linked.table.join(target, target.c.id == linked.there))
        .where(among_keys(linked.here, one=one), *alive(linked.table), *alive(target))
        .order_by(linked.there)
        .distinct()
    )


def old_facts(context: Context, old: Stored, need: Need) -> Record | None:
    """The stored record before the change, as it stands in the database now."""
    return stored_facts(context, old.entity, [old.id], need).get(old.id)
