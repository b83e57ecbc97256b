"""Records by a key: their own row, the titles of what they point to, their links and child rows.

The statements are kept; their number grows with the relations of the entity, not with the records.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from engine.access import access
from engine.metamodel.entity import Entity
from engine.metamodel.relation import Relation
from engine.reading.links import many_links
from engine.reading.query import Record
from engine.reading.selection import Reader, Selection
from engine.work.conditions import among_keys, keys_of
from engine.work.context import Context
from engine.work.expressions import Ready, parameters
from engine.work.pairs import owner_key
from engine.work.plans import kept

ACTIONS = ("update", "delete")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which records: those whose column holds a key; of the trash instead of the living.

    `checked` and `rows` as in `get`.
    """

    entity: str
    column: str = "id"
    trash: bool = False
    checked: bool = True
    rows: bool = True


@dataclass(frozen=True, slots=True)
class LoadPlan:
    """A statement that loads records, and where in a row everything is."""

    statement: sa.Select[Any]
    expressions: tuple[Ready, ...]
    key: int
    identity: int
    version: int
    deleted: int | None
    marks: tuple[int, ...]
    title: Reader
    readers: Mapping[str, Reader]
    many: tuple[str, ...]
    children: tuple[Relation, ...]


def load_records(context: Context, wanted: Wanted, keys: Sequence[int]) -> dict[int, list[Record]]:
    """The records of each key, rows of compositions in their order."""
    if not keys:
        return {}
    one = len(keys) == 1
    key = ("load", wanted, one, access.key(context), context.actor.display)
    plan = kept(context.runtime, key, lambda: _plan(context, wanted, one))
    operands = {**access.operands(context), **parameters(context, plan.expressions), **keys_of(keys)}
    rows = context.connection.execute(plan.statement, operands).all()
    present = [row[plan.identity] for row in rows]
    many = {name: _links(context, wanted.entity, name, present) for name in plan.many}
    children = {
        relation.name: _child_rows(context, wanted.entity, relation, present) for relation in plan.children
    }
    found: dict[int, list[Record]] = {}
    for row in rows:
        number = row[plan.identity]
        record = Record(
            entity=wanted.entity,
            id=number,
            version=row[plan.version],
            title=plan.title(row),
            values={name: reader(row) for name, reader in plan.readers.items()},
            many={name: links.get(number, ()) for name, links in many.items()},
            children={name: tuple(below.get(number, ())) for name, below in children.items()},
            deleted_at=row[plan.deleted] if plan.deleted is not None else None,
            allowed=frozenset(action for action, mark in zip(ACTIONS, plan.marks, strict=True) if row[mark]),
        )
        found.setdefault(row[plan.key], []).append(record)
    return found


def _plan(context: Context, wanted: Wanted, one: bool) -> LoadPlan:
    selection = Selection(context, wanted.entity)
    declared, table = selection.base.entity, selection.base.table
    readable = access.readable(context, wanted.entity)
    related = [relation for relation in declared.relations.values() if relation.name in readable]
    key, identity = selection.add(table.c[wanted.column]), selection.add(table.c.id)
    return LoadPlan(
        key=key,
        identity=identity,
        version=selection.add(table.c.version),
        deleted=selection.add(table.c["_deleted_at"]) if "_deleted_at" in table.c else None,
        marks=tuple(selection.add(allowed(context, wanted.entity, action, table)) for action in ACTIONS),
        title=selection.title(declared),
        readers=_readers(selection, declared, readable),
        many=tuple(relation.name for relation in related if relation.kind == "many_to_many"),
        children=tuple(relation for relation in related if wanted.rows and relation.kind == "composition"),
        statement=_statement(context, selection, wanted, one),
        expressions=tuple(selection.expressions),
    )


def _statement(context: Context, selection: Selection, wanted: Wanted, one: bool) -> sa.Select[Any]:
    """The columns selected so far, of the wanted records."""
    table = selection.base.table
    statement = selection.statement().where(
        among_keys(table.c[wanted.column], one=one), *present_in(table, trash=wanted.trash)
    )
    if wanted.checked:
        statement = statement.where(allowed(context, wanted.entity, "read", table))
    if "_position" in table.c:
        statement = statement.order_by(table.c["_position"], table.c.id)
    return statement


def present_in(table: sa.FromClause, *, trash: bool) -> list[sa.ColumnElement[bool]]:
    """The condition that a record is among the living, or in the trash; an entity without trash has nothing there."""
    if "_deleted_at" not in table.c:
        return [sa.false()] if trash else []
    column = table.c["_deleted_at"]
    return [column.is_not(None) if trash else column.is_(None)]


def allowed(context: Context, entity: str, action: str, table: sa.FromClause) -> sa.ColumnElement[bool]:
    """Whether the actor may do this to a record, as a column or condition."""
    condition = access.predicate(context, entity, action, table)
    return (sa.true() if condition is None else condition).label(f"may_{action}")


def _readers(selection: Selection, entity: Entity, readable: frozenset[str]) -> dict[str, Reader]:
    names = [prop.name for prop in entity.properties.values()]
    names += [relation.name for relation in entity.relations.values() if relation.holds_key]
    names = [name for name in names if name in readable]
    names += [
        inverse.name
        for inverse in entity.single_inverses
        if access.inverse_readable(selection.context, inverse)
    ]
    return {name: selection.reader(name) for name in names}


def _links(context: Context, entity: str, relation: str, ids: Sequence[int]) -> Mapping[int, Any]:
    target = context.runtime.entities[entity].relations[relation].target
    return many_links(context, entity, relation, ids) if access.may(context, target, "read") else {}


def _child_rows(
    context: Context, entity: str, relation: Relation, ids: Sequence[int]
) -> dict[int, list[Record]]:
    """The rows of a composition by parent, in their order."""
    owner = owner_key(context.runtime.entities[relation.target], entity, relation.name)
    cells = context.runtime.table(relation.target).cells[owner.name]
    column = cells[owner.targets.index(entity)].name
    return load_records(context, Wanted(relation.target, column, checked=False), ids)
