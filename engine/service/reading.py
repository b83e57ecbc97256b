"""One record, what is related to it, and what a picker offers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from engine.errors import BadQuery, NotFound
from engine.metamodel.entity import Entity
from engine.metamodel.relation import Inverse, Relation
from engine.service import access, filters
from engine.service.context import Context
from engine.service.draft import owner_key
from engine.service.find import alive, find, link_columns, many_links
from engine.service.query import Link, Page, Query, Record
from engine.service.selection import Reader, Selection

ACTIONS = ("update", "delete")


def get(context: Context, entity: str, number: int, *, trash: bool = False, checked: bool = True) -> Record:
    """A record as the actor may see it; raises NotFound also for one that may not be seen.

    `checked=False` is for the answer to a write: what one has just written is answered to one even
    where reading needs another grant.
    """
    found = _records(context, entity, [number], trash=trash, checked=checked)
    if number not in found:
        raise NotFound(entity, number)
    return found[number]


def _records(
    context: Context, entity: str, ids: Sequence[int], *, trash: bool, checked: bool
) -> dict[int, Record]:
    """Records by id with links and child rows: statements grow with the relations, not with the records."""
    selection = Selection(context, entity)
    declared = selection.base.entity
    readable = access.readable(context, entity)
    table = selection.base.table
    identity, version = selection.add(table.c.id), selection.add(table.c.version)
    title = selection.title(declared)
    readers = _readers(selection, declared, readable)
    marks = [selection.add(_allowed(context, entity, action, table)) for action in ACTIONS]
    deleted = selection.add(table.c["_deleted_at"]) if "_deleted_at" in table.c else None
    statement = selection.statement().where(identity_in(table, ids))
    if deleted is not None:
        column = table.c["_deleted_at"]
        statement = statement.where(column.is_not(None) if trash else column.is_(None))
    elif trash:
        return {}
    if checked:
        statement = statement.where(_allowed(context, entity, "read", table))
    if "_position" in table.c:
        statement = statement.order_by(table.c["_position"], table.c.id)
    rows = context.connection.execute(statement).all()
    present = [row[identity] for row in rows]
    many, children = _beyond_the_row(context, declared, readable, present)
    return {
        row[identity]: Record(
            entity=entity,
            id=row[identity],
            version=row[version],
            title=title(row),
            values={name: reader(row) for name, reader in readers.items()},
            many={name: links.get(row[identity], ()) for name, links in many.items()},
            children={name: found.get(row[identity], ()) for name, found in children.items()},
            deleted_at=row[deleted] if deleted is not None else None,
            allowed=frozenset(action for action, mark in zip(ACTIONS, marks, strict=True) if row[mark]),
        )
        for row in rows
    }


def identity_in(table: sa.FromClause, ids: Sequence[int]) -> sa.ColumnElement[bool]:
    return table.c.id == ids[0] if len(ids) == 1 else table.c.id.in_(ids)


def _allowed(context: Context, entity: str, action: str, table: sa.FromClause) -> sa.ColumnElement[bool]:
    condition = access.predicate(context, entity, action, table)
    return (sa.true() if condition is None else condition).label(f"may_{action}")


def _readers(selection: Selection, entity: Entity, readable: frozenset[str]) -> dict[str, Reader]:
    names = [prop.name for prop in entity.properties.values()]
    names += [relation.name for relation in entity.relations.values() if relation.holds_key]
    return {name: selection.reader(name) for name in names if name in readable}


def _beyond_the_row(
    context: Context, entity: Entity, readable: frozenset[str], ids: Sequence[int]
) -> tuple[dict[str, dict[int, tuple[Link, ...]]], dict[str, dict[int, tuple[Record, ...]]]]:
    many, children = {}, {}
    for relation in entity.relations.values():
        if relation.name not in readable:
            continue
        if relation.kind == "many_to_many":
            may_read = access.may(context, relation.target, "read")
            many[relation.name] = many_links(context, entity.name, relation.name, ids) if may_read else {}
        elif relation.kind == "composition":
            children[relation.name] = _child_rows(context, entity, relation, ids)
    return many, children


def _child_rows(
    context: Context, entity: Entity, relation: Relation, ids: Sequence[int]
) -> dict[int, tuple[Record, ...]]:
    """The rows of a composition by parent, in their order."""
    child = context.runtime.entities[relation.target]
    owner = owner_key(child, entity.name)
    made = context.runtime.table(child.name)
    column = made.cells[owner.name][owner.targets.index(entity.name)]
    statement = sa.select(made.table.c.id, column).where(column.in_(ids), *alive(made.table))
    statement = statement.order_by(column, made.table.c["_position"], made.table.c.id)
    pairs = context.connection.execute(statement).all() if ids else []
    records = (
        _records(context, child.name, [row[0] for row in pairs], trash=False, checked=False) if pairs else {}
    )
    found: dict[int, list[Record]] = {}
    for number, parent in pairs:
        found.setdefault(parent, []).append(records[number])
    return {parent: tuple(rows) for parent, rows in found.items()}


# ---- related records


def related(context: Context, entity: str, number: int, name: str, query: Query) -> Page:
    """A page of what a record is related to by a composition, an inverse or a many-to-many relation."""
    declared = context.runtime.entities[entity]
    get_identity(context, entity, number, "read")
    relation = declared.relations.get(name)
    if relation is not None and name in access.readable(context, entity):
        if relation.kind == "many_to_many":
            return find(context, relation.target, query, _linked_from(context, declared, relation, number))
        if relation.kind == "composition":
            owner = owner_key(context.runtime.entities[relation.target], entity)
            restrict = _pointing(context, relation.target, owner, entity, number, ("_position",))
            return find(context, relation.target, query, restrict)
    inverse = declared.inverses.get(name)
    if inverse is None:
        raise BadQuery("unknown-relation", name, f"{declared.label} has no list of records named {name!r}")
    return find(context, inverse.source, query, _of_inverse(context, inverse, entity, number))


def _of_inverse(context: Context, inverse: Inverse, entity: str, number: int) -> filters.Restriction:
    source = context.runtime.entities[inverse.source]
    relation = source.relations[inverse.relation]
    if relation.holds_key:
        return _pointing(context, source.name, relation, entity, number, ())
    here, there, table = link_columns(context, source.name, relation)
    return filters.Restriction(
        f"{source.name}.{relation.name}<",
        lambda base: base.c.id.in_(sa.select(here).where(there == sa.bindparam("related"), *alive(table))),
        {"related": number},
    )


def _pointing(
    context: Context, source: str, relation: Relation, entity: str, number: int, sort: tuple[str, ...]
) -> filters.Restriction:
    """The records whose key leads to one record."""
    made = context.runtime.table(source)
    column = made.cells[relation.name][relation.targets.index(entity)].name
    return filters.Restriction(
        f"{source}.{column}",
        lambda base: base.c[column] == sa.bindparam("related"),
        {"related": number},
        sort,
    )


def _linked_from(context: Context, entity: Entity, relation: Relation, number: int) -> filters.Restriction:
    here, there, table = link_columns(context, entity.name, relation)
    return filters.Restriction(
        f"{entity.name}.{relation.name}>",
        lambda base: base.c.id.in_(sa.select(there).where(here == sa.bindparam("related"), *alive(table))),
        {"related": number},
    )


def get_identity(context: Context, entity: str, number: int, action: str, *, trash: bool = False) -> None:
    """Raise NotFound unless the record exists and the actor may read it; Forbidden unless they may do this."""
    table = context.runtime.table(entity).table
    columns = [_allowed(context, entity, "read", table)]
    columns.append(_allowed(context, entity, action, table).label("may_act"))
    statement = sa.select(*columns).where(table.c.id == number)
    if "_deleted_at" in table.c:
        column = table.c["_deleted_at"]
        statement = statement.where(column.is_not(None) if trash else column.is_(None))
    row = context.connection.execute(statement).first()
    if row is None or not (row[0] or row[1]):
        raise NotFound(entity, number)
    if not row[1]:
        access.refuse(context, entity, action, "the level of the grant does not reach this record")


def options(context: Context, entity: str, relation: str, text: str, limit: int = 20) -> list[Link]:
    """What a picker offers for a relation: the records one may read whose texts hold the words typed."""
    declared = context.runtime.entities[entity].relations.get(relation)
    if declared is None or relation not in access.readable(context, entity):
        raise BadQuery("unknown-relation", relation, f"{entity} has no relation {relation!r}")
    found: list[Link] = []
    for target in declared.targets:
        if access.may(context, target, "read"):
            page = find(context, target, Query(text=text, sort=_by_title(context, target), limit=limit))
            found += [Link(target, row.id, row.title) for row in page.rows]
    return found[:limit] if len(declared.targets) == 1 else found


def _by_title(context: Context, entity: str) -> tuple[str, ...]:
    """Sort by what the title begins with, where that can be sorted by."""
    declared: Any = context.runtime.entities[entity]
    readable = access.readable(context, entity)
    for path in declared.title.paths:
        prop = declared.properties.get(path)
        if prop is not None and prop.type.sortable and path in readable:
            return (path,)
    return ()
