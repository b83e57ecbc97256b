"""The statements that write a draft: row, relations, child rows; and what changed, for the audit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from engine.build.table import EntityTable
from engine.drafts.draft import Draft
from engine.drafts.validate import unique_keys, unique_message
from engine.errors import Conflict, FieldError, Invalid
from engine.metamodel.entity import Entity
from engine.service.delete import consequences, erase, remove
from engine.store.counters import next_numbers
from engine.work.conditions import alive
from engine.work.context import Context
from engine.work.pairs import link_columns, owner_key, through_keys
from engine.work.plans import kept
from engine.work.stored import cells

Changes = dict[str, list[Any]]
"""What an operation changed: name to [old, new], in JSON form."""


def insert(context: Context, draft: Draft, position: int = 0) -> int:
    """Write a new record with its relations and child rows; answers its id."""
    made = context.runtime.table(draft.entity.name)
    number_automatically(context, [draft])
    row = {
        **cells(made, draft.values, draft.keys),
        **stamps(context, draft.entity, created=True),
    }
    if "_position" in made.table.c:
        row["_position"] = position
    with_unique_errors = _guarded(context, draft)
    key = ("insert", draft.entity.name)
    statement = kept(context.runtime, key, lambda: sa.insert(made.table).returning(made.table.c.id))
    result = with_unique_errors(statement, row)
    number = draft.number = int(result.scalar_one())
    _write_links(context, draft, number, {})
    _write_children(context, draft, number)
    return number


def update(context: Context, draft: Draft, position: int | None = None) -> None:
    """Write the changed values of a record; nobody changed it since `draft.old` was read, or Conflict."""
    assert draft.old is not None
    made = context.runtime.table(draft.entity.name)
    row = {
        **cells(made, draft.values, draft.keys),
        **stamps(context, draft.entity, created=False),
        "version": draft.old.version + 1,
    }
    if position is not None and "_position" in made.table.c:
        row["_position"] = position
    statement = kept(context.runtime, ("update", draft.entity.name), lambda: _updating(made))
    known = {"_number": draft.old.id, "_seen": draft.old.version}
    result = _guarded(context, draft)(statement, {**row, **known})
    if result.rowcount != 1:
        raise Conflict(draft.old.version, draft.old.version + 1)
    _write_links(context, draft, draft.old.id, links_of(context, draft))
    _write_children(context, draft, draft.old.id)


def _updating(made: EntityTable) -> sa.Update:
    """The change of a record that is still of the version that was seen."""
    columns = made.table.c
    known = (columns.id == sa.bindparam("_number"), columns.version == sa.bindparam("_seen"))
    return sa.update(made.table).where(*known)


def stamps(context: Context, entity: Entity, *, created: bool) -> dict[str, Any]:
    """Who and when, as every record keeps it."""
    row: dict[str, Any] = {"updated_at": context.now, "updated_by": context.actor.id}
    if created:
        row |= {"created_at": context.now, "created_by": context.actor.id, "version": 1}
    return row


def number_automatically(context: Context, drafts: Sequence[Draft]) -> None:
    """Give new records their numbers; taken inside the transaction, so none is lost or given twice."""
    if not drafts:
        return
    entity = drafts[0].entity
    for prop in entity.properties.values():
        scope = getattr(prop.type, "scope_key", None)
        if scope is None:
            continue
        waiting = [draft for draft in drafts if draft.old is None and draft.values.get(prop.name) is None]
        if waiting:
            key = f"{entity.name}.{prop.name}.{scope(context.now)}"
            first = next_numbers(context.connection, key, len(waiting))
            for offset, draft in enumerate(waiting):
                draft.values[prop.name] = prop.type.render(context.now, first + offset)  # type: ignore[attr-defined]


def _guarded(context: Context, draft: Draft) -> Any:
    """Execute a statement; a unique key that another transaction took meanwhile is a field error."""

    def execute(statement: Any, operands: Mapping[str, Any]) -> Any:
        try:
            return context.connection.execute(statement, operands)
        except IntegrityError as error:
            found = _taken(draft, str(error.orig))
            if found is None:
                raise
            raise Invalid([found]) from error

    return execute


def _taken(draft: Draft, text: str) -> FieldError | None:
    """What the database's message says, at the property it speaks of; None for what is no user's mistake."""
    if "foreign key" in text.lower():
        message = "A record it refers to is gone meanwhile: choose another."
        return FieldError(draft.at.rstrip("."), "unknown-record", message)
    if "unique" not in text.lower():
        return None
    best: tuple[str, ...] | None = None
    for names in (key.names for key in unique_keys(draft.entity)):
        if all(f"{draft.entity.name}.{name}" in text or name in text for name in names):
            best = names if best is None or len(names) > len(best) else best
    if best is None:
        return FieldError(draft.at.rstrip("."), "unique", "Another record has the same values.")
    return FieldError(f"{draft.at}{best[0]}", "unique", unique_message(draft.entity, best))


# ---- many to many


def links_of(context: Context, draft: Draft) -> dict[str, set[int]]:
    """The present links of the many-to-many relations a draft sets."""
    assert draft.old is not None
    found: dict[str, set[int]] = {}
    for name in draft.many:
        source, target, table = link_columns(context, draft.entity.name, draft.entity.relations[name])
        statement = sa.select(target).where(source == draft.old.id)
        if "_deleted_at" in table.c:
            statement = statement.where(table.c["_deleted_at"].is_(None))
        found[name] = set(context.connection.execute(statement).scalars())
    return found


def _write_links(context: Context, draft: Draft, number: int, present: Mapping[str, set[int]]) -> None:
    for name, wanted in draft.many.items():
        relation = draft.entity.relations[name]
        had = present.get(name, set())
        gone, new = had - set(wanted), [other for other in wanted if other not in had]
        source, target, table = link_columns(context, draft.entity.name, relation)
        if gone and relation.through:
            _unlink_through(context, relation.through, sa.and_(source == number, target.in_(gone)))
        elif gone:
            context.connection.execute(sa.delete(table).where(source == number, target.in_(gone)))
        if new and relation.through:
            here, there = through_keys(context, draft.entity.name, relation)
            between = context.runtime.entities[relation.through]
            for other in new:
                link = Draft(
                    between, keys={here: (draft.entity.name, number), there: (relation.target, other)}
                )
                for prop in between.properties.values():
                    if prop.default is not None:
                        link.values[prop.name] = prop.default
                insert(context, link)
        elif new:
            rows = [{"source": number, "target": other} for other in new]
            context.connection.execute(sa.insert(table), rows)


def _unlink_through(context: Context, between: str, condition: sa.ColumnElement[bool]) -> None:
    """Delete the records in between, as their own page would: into the trash, where they have one."""
    table = context.runtime.table(between).table
    statement = sa.select(table.c.id).where(condition, *alive(table))
    ids = set(context.connection.execute(statement).scalars())
    if ids:
        remove(context, consequences(context, between, ids))


# ---- child rows


def _write_children(context: Context, draft: Draft, number: int) -> None:
    for name, rows in draft.children.items():
        relation = draft.entity.relations[name]
        child = context.runtime.entities[relation.target]
        owner = owner_key(child, draft.entity.name, name)
        removed = draft.removed.get(name, [])
        if removed:
            erase(context, child.name, set(removed))
        first = _next_position(context, child.name, owner.name, draft) if draft.old else 0
        for position, row in enumerate(rows):
            if row.old is None:
                row.keys[owner.name] = (draft.entity.name, number)
                insert(context, row, first + position)
            elif row.differs:
                update(context, row)


def _next_position(context: Context, child: str, owner: str, draft: Draft) -> int:
    assert draft.old is not None
    table = context.runtime.table(child).table
    last = sa.select(sa.func.max(table.c["_position"])).where(table.c[owner] == draft.old.id)
    found = context.connection.execute(last).scalar_one()
    return 0 if found is None else int(found) + 1


def prune(context: Context, draft: Draft) -> None:
    """Leave only what differs from the stored record in a draft."""
    old = draft.old
    if old is None:
        return
    draft.values = {name: value for name, value in draft.values.items() if old.values.get(name) != value}
    draft.keys = {name: key for name, key in draft.keys.items() if old.keys.get(name) != key}
    if draft.many:
        present = links_of(context, draft)
        draft.many = {name: wanted for name, wanted in draft.many.items() if set(wanted) != present[name]}
