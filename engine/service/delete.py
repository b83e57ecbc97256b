"""Deleting, restoring and purging records, with what hangs on them: restrict, cascade, clear."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from engine.access import access
from engine.access.reaching import reached
from engine.build.runtime import Runtime
from engine.errors import FieldError, Invalid
from engine.metamodel.relation import Relation
from engine.store.system import share
from engine.work.conditions import alive
from engine.work.context import Context
from engine.work.plans import kept
from engine.work.stored import Stored

MOST_CASCADED = 100_000
"""A delete that would take more records along is refused: it is hardly meant, and would hold the database."""

AT_ONCE = 100
"""Tables that one statement asks; SQLite takes five hundred."""


@dataclass
class Consequences:
    """What a delete takes along: ids to delete and keys to clear by entity, and what stands against it."""

    deleted: dict[str, set[int]] = field(default_factory=dict)
    cleared: dict[tuple[str, str, int], set[int]] = field(
        default_factory=dict
    )  # (entity, relation, position)
    refused: list[tuple[str, Relation, set[int]]] = field(default_factory=list)  # by entity, who refer
    errors: list[FieldError] = field(default_factory=list)
    known: dict[str, tuple[str, Relation]] = field(
        default_factory=dict
    )  # of whom a complaint tells, and by what


def consequences(context: Context, entity: str, ids: set[int]) -> Consequences:
    """Follow every relation that points to the records; statements grow with entities, not with records."""
    found = Consequences({entity: set(ids)})
    waiting = [(entity, set(ids))]
    while waiting:
        target, keys = waiting.pop()
        for reference in context.runtime.references[target]:
            relation = reference.relation
            if _only_noted(relation):
                continue
            made = context.runtime.table(reference.source)
            column = made.cells[relation.name][reference.position]
            statement = sa.select(made.table.c.id).where(column.in_(keys), *alive(made.table))
            if context.runtime.dialect == "postgresql" and relation.on_delete != "restrict":
                # Who refers to these rows, or sets another key, at this moment: we wait, or they do.
                statement = statement.order_by(made.table.c.id).with_for_update()
            rows = set(context.connection.execute(statement).scalars())
            rows -= found.deleted.get(reference.source, set())
            if not rows:
                continue
            if relation.on_delete == "cascade":
                found.deleted.setdefault(reference.source, set()).update(rows)
                waiting.append((reference.source, rows))
            elif relation.on_delete == "clear":
                found.cleared.setdefault((reference.source, relation.name, reference.position), set()).update(
                    rows
                )
            else:
                found.refused.append((reference.source, relation, rows))
        if sum(map(len, found.deleted.values())) > MOST_CASCADED:
            message = f"This would delete more than {MOST_CASCADED:,} records along with it."
            found.errors.append(FieldError("", "too-many", message))
            break
    found.errors[:0] = _in_use(context, found)
    return found


def _only_noted(relation: Relation) -> bool:
    """Who created or changed a record is noted; it does not bind the two together."""
    return relation.system and relation.name in ("created_by", "updated_by")


def _in_use(context: Context, found: Consequences) -> list[FieldError]:
    """What of the records that refer to these the actor may know; where that is nothing, that there are others."""
    told = []
    for source, relation, rows in found.refused:
        number = _known(context, source, relation, rows)
        if number:
            told.append(_refers(context, source, relation.label, number))
            found.known[told[-1].message] = source, relation
    if found.refused and not told:
        message = "Other records that you may not see refer to it: ask somebody who may change them."
        told.append(FieldError("", "in-use", message))
    return told


def _known(context: Context, source: str, relation: Relation, rows: set[int]) -> int:
    """How many of some records the actor may read, and that they refer to another by this relation."""
    if relation.name not in access.readable(context, source):
        return 0
    return len(reached(context, source, rows, "read"))


def _refers(context: Context, source: str, label: str, number: int) -> FieldError:
    entity = context.runtime.entities[source]
    what = entity.label.lower() if number == 1 else entity.plural.lower()
    verb = "refers" if number == 1 else "refer"
    them = "it" if number == 1 else "them"
    return FieldError(
        "", "in-use", f"{number} {what} {verb} to it as {label.lower()}: change or delete {them} first."
    )


def remove(context: Context, found: Consequences) -> str:
    """Carry out a delete: into the trash where an entity has one, else for good. Answers the batch's name."""
    if found.errors:
        raise Invalid(found.errors)
    batch = uuid4().hex
    for (entity, relation, position), ids in found.cleared.items():
        made = context.runtime.table(entity)
        column = made.cells[relation][position]
        _touch(context, entity, ids, {column.name: None})
    for entity, ids in reversed(list(found.deleted.items())):
        table = context.runtime.table(entity).table
        if "_deleted_at" in table.c:
            marks = {"_deleted_at": context.now, "_deleted_by": context.actor.id, "_deleted_batch": batch}
            _touch(context, entity, ids, marks)
        else:
            erase(context, entity, ids)
    return batch


def _touch(context: Context, entity: str, ids: set[int], cells: Mapping[str, object]) -> None:
    table = context.runtime.table(entity).table
    stamps = {"updated_at": context.now, "updated_by": context.actor.id, "version": table.c.version + 1}
    context.connection.execute(sa.update(table).where(table.c.id.in_(ids)).values({**stamps, **cells}))


def erase(context: Context, entity: str, ids: set[int]) -> None:
    """Delete rows for good; what the database refuses is told as what stands against it."""
    table = context.runtime.table(entity).table
    try:
        with context.connection.begin_nested():
            context.connection.execute(sa.delete(table).where(table.c.id.in_(ids)))
            context.connection.execute(sa.delete(share).where(_shares(entity, ids)))
    except IntegrityError as error:
        message = "Other records still refer to it, perhaps in the trash: change or delete them first."
        raise Invalid([FieldError("", "in-use", message)]) from error


def _shares(entity: str, ids: set[int]) -> sa.ColumnElement[bool]:
    """The shares of records, and those with users and groups: a later record may get their ids."""
    of_records = sa.and_(share.c.entity == entity, share.c.record_id.in_(ids))
    column = {"user": share.c.user_id, "group": share.c.group_id}.get(entity)
    return of_records if column is None else sa.or_(of_records, column.in_(ids))


def revive(context: Context, entity: str, record: Stored) -> dict[str, set[int]]:
    """Take a record and what was deleted with it out of the trash; answers the ids by entity."""
    revived: dict[str, set[int]] = {}
    for name in _of_batch(context, record.deleted_batch) if record.deleted_batch else (entity,):
        made = context.runtime.table(name)
        columns = made.table.c
        of_batch = columns["_deleted_batch"] == record.deleted_batch
        condition = of_batch if record.deleted_batch else columns.id == record.id
        marks = {"_deleted_at": None, "_deleted_by": None, "_deleted_batch": None}
        stamps = {"updated_at": context.now, "updated_by": context.actor.id, "version": columns.version + 1}
        statement = sa.update(made.table).where(condition).values({**stamps, **marks}).returning(columns.id)
        try:
            ids = set(context.connection.execute(statement).scalars())
        except IntegrityError as error:
            message = f"Another {made.entity.label.lower()} has taken one of its unique values meanwhile."
            raise Invalid([FieldError("", "unique", message)]) from error
        if ids:
            revived[name] = ids
    _parents_live(context, revived)
    return revived


def _of_batch(context: Context, batch: str) -> list[str]:
    """The entities that have records in a batch: a statement for every hundred entities, whatever they hold."""
    runtime = context.runtime
    names = [name for name, made in runtime.tables.entities.items() if "_deleted_at" in made.table.c]
    found: set[str] = set()
    for first in range(0, len(names), AT_ONCE):
        make = partial(_holding, runtime, names[first : first + AT_ONCE])
        statement = kept(runtime, ("of a batch", first), make)
        found.update(context.connection.execute(statement, {"batch": batch}).scalars())
    return [name for name in names if name in found]


def _holding(runtime: Runtime, names: Iterable[str]) -> sa.CompoundSelect[Any]:
    """Which of some entities have records in a batch."""
    tables = {name: runtime.table(name).table for name in names}
    batch = sa.bindparam("batch", type_=sa.String)
    return sa.union_all(
        *(
            sa.select(sa.literal(name, sa.Text)).where(sa.exists().where(table.c["_deleted_batch"] == batch))
            for name, table in tables.items()
        )
    )


def _parents_live(context: Context, revived: Mapping[str, set[int]]) -> None:
    """Nothing that came back refers to a record in the trash, and what it refers to stays out of it."""
    errors = {}
    for entity, ids in revived.items():
        made = context.runtime.table(entity)
        for relation in made.entity.relations.values():
            if not relation.holds_key or _only_noted(relation):
                continue
            for target, column in zip(relation.targets, made.cells[relation.name], strict=True):
                if _refers_to_trash(context, target, sa.select(column).where(made.table.c.id.in_(ids))):
                    message = f"{relation.label} is in the trash: restore it first."
                    errors[relation.name] = FieldError(relation.name, "in-trash", message)
    if errors:
        raise Invalid(errors.values())


def _refers_to_trash(context: Context, target: str, keys: sa.Select[tuple[int]]) -> bool:
    columns = context.runtime.table(target).table.c
    if "_deleted_at" not in columns:
        return False
    statement = sa.select(columns["_deleted_at"]).where(columns.id.in_(keys)).order_by(columns.id)
    if context.runtime.dialect == "postgresql":
        statement = statement.with_for_update(read=True)
    return any(moment is not None for moment in context.connection.execute(statement).scalars())
