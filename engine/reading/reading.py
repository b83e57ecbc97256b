"""One record, what is related to it, and what a picker offers."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from engine.access import access
from engine.drafts.draft import Draft
from engine.errors import BadQuery, FieldError, Invalid, NotFound
from engine.metamodel.entity import Entity
from engine.metamodel.relation import Inverse, Relation
from engine.reading import filters
from engine.reading.choosing import chooser_of
from engine.reading.find import MOST_SORTS, count_of, find
from engine.reading.loading import Wanted, allowed, load_records, present_in
from engine.reading.query import Count, Link, Page, Query, Record
from engine.work.conditions import alive, among_keys, keys_of
from engine.work.context import Context
from engine.work.facts import Record as Facts
from engine.work.pairs import link_columns, owner_key
from engine.work.plans import kept


def get(
    context: Context,
    entity: str,
    number: int,
    *,
    trash: bool = False,
    checked: bool = True,
    rows: bool = True,
) -> Record:
    """A record as the actor may see it; raises NotFound also for one that may not be seen.

    `checked=False` is for the answer to a write: what one has just written is answered to one even
    where reading needs another grant. `rows=False` leaves out the rows of its compositions.
    """
    found = load_records(context, Wanted(entity, trash=trash, checked=checked, rows=rows), [number])
    if number not in found:
        raise NotFound(entity, number)
    return found[number][0]


def get_written(context: Context, entity: str, number: int) -> Record:
    """The answer to a write: the record, though what followed on it may have put it into the trash."""
    for trash in (False, True):
        found = load_records(context, Wanted(entity, trash=trash, checked=False), [number])
        if number in found:
            return found[number][0]
    label = context.runtime.entities[entity].label.lower()
    message = f"Nothing was saved: a process that follows deletes the {label} for good."
    raise Invalid([FieldError("", "gone", message)])


# ---- related records


def related(
    context: Context, entity: str, number: int, name: str, query: Query, *, seen: bool = False
) -> Page:
    """A page of what a record is related to by a composition, an inverse or a many-to-many relation.

    `seen=True` where this unit of work has read the record already: it is not looked for again.
    """
    if not seen:
        get_identity(context, entity, number, "read")
    target, restrict = _led(context, entity, number, name)
    return find(context, target, query, restrict)


def related_count(context: Context, entity: str, number: int, name: str) -> Count:
    """How many records such a list has, up to the cap; of a record that this unit of work has read already."""
    target, restrict = _led(context, entity, number, name)
    return count_of(context, target, Query(), restrict, "capped")


def _led(context: Context, entity: str, number: int, name: str) -> tuple[str, filters.Restriction]:
    """Where a relation of a record leads, and the condition that keeps to what it leads to."""
    declared = context.runtime.entities[entity]
    relation = declared.relations.get(name)
    if relation is not None and name in access.readable(context, entity):
        if relation.kind == "many_to_many":
            return relation.target, _linked_from(context, declared, relation, number)
        if relation.kind == "composition":
            owner = owner_key(context.runtime.entities[relation.target], entity, name)
            return relation.target, _pointing(context, relation.target, owner, entity, number, ("_position",))
    inverse = declared.inverses.get(name)
    if inverse is None:
        raise BadQuery("unknown-relation", name, f"{declared.label} has no list of records named {name!r}")
    return inverse.source, _of_inverse(context, inverse, entity, number)


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
    key = ("identity", entity, action, trash, access.key(context))
    statement = kept(context.runtime, key, lambda: _identity_statement(context, entity, action, trash=trash))
    operands = {**access.operands(context), **keys_of([number])}
    row = context.connection.execute(statement, operands).first()
    if row is None or not (row[0] or row[1]):
        raise NotFound(entity, number)
    if not row[1]:
        access.refuse(context, entity, action, "the level of the grant does not reach this record")


def _identity_statement(context: Context, entity: str, action: str, *, trash: bool) -> sa.Select[Any]:
    """Whether the actor may read a record, and whether they may do this to it."""
    table = context.runtime.table(entity).table
    columns: list[sa.ColumnElement[Any]] = [allowed(context, entity, "read", table)]
    columns.append(allowed(context, entity, action, table).label("may_act"))
    return sa.select(*columns).where(among_keys(table.c.id, one=True), *present_in(table, trash=trash))


def options(
    context: Context,
    entity: str,
    relation: str,
    text: str,
    limit: int = 20,
    draft: Draft | None = None,
    parent: Facts | None = None,
) -> list[Link]:
    """What a picker offers for a relation: the records one may read whose texts hold the words typed.

    Of a relation with `options_where` only those that fit the draft; without one, a new record is meant.
    """
    if not any(access.may(context, entity, action) for action in ("create", "update")):
        access.require(context, entity, "read")
    declared = context.runtime.entities[entity].relations.get(relation)
    if declared is None or relation not in access.readable(context, entity):
        raise BadQuery("unknown-relation", relation, f"{entity} has no relation {relation!r}")
    chooser = chooser_of(context, entity, relation, draft, parent)
    narrowed = filters.Restriction(f"{entity}.{relation}?", chooser=chooser) if chooser else None
    found: list[Link] = []
    for target in declared.targets:
        if access.may(context, target, "read"):
            query = Query(text=text, sort=_by_title(context, target), limit=limit)
            page = find(context, target, query, narrowed)
            found += [Link(target, row.id, row.title) for row in page.rows]
    return found[:limit] if len(declared.targets) == 1 else found


def _by_title(context: Context, entity: str) -> tuple[str, ...]:
    """Sort by the properties a title is made of, one after the other: so an index of the first serves."""
    declared = context.runtime.entities[entity]
    readable = access.readable(context, entity)
    titled = (declared.properties.get(path) for path in declared.title.paths)
    names = [prop.name for prop in titled if prop and prop.type.sortable and prop.name in readable]
    return tuple(names[:MOST_SORTS])
