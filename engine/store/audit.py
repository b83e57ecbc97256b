"""The audit: one row per operation on a record, written in the operation's own transaction, never changed after it.

Within it the entry of a process is completed with what the process did.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.store.system import audit

WRITTEN = sa.insert(audit)
COMPLETED = (
    sa.update(audit)
    .where(audit.c.id == sa.bindparam("entry"))
    .values(changes=sa.bindparam("whole", type_=audit.c.changes.type))
)
OF_RECORD = (
    sa.select(audit)
    .where(audit.c.entity == sa.bindparam("of"), audit.c.record_id == sa.bindparam("record"))
    .order_by(audit.c.id.desc())
    .limit(sa.bindparam("most", type_=sa.Integer()))
)

_OTHER = audit.alias()
_SAME_RECORD = (_OTHER.c.entity == sa.bindparam("of"), _OTHER.c.record_id == sa.bindparam("record"))
_AT = (
    sa.select(_OTHER.c.id)
    .where(*_SAME_RECORD)
    .order_by(_OTHER.c.id)
    .limit(1)
    .offset(sa.bindparam("earlier", type_=sa.BigInteger()))
)
OF_RECORD_BEFORE = OF_RECORD.where(audit.c.id < _AT.scalar_subquery())
HOW_MANY = sa.select(sa.func.count()).where(*_SAME_RECORD)
NEWEST = OF_RECORD.add_columns(HOW_MANY.scalar_subquery().label("number"))


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What happened to one record: who, when, by which face, and each change as [old, new] in JSON form.

    `number` counts the entries of the record, from 1: what its readers are told, for an id would tell them how
    much happens elsewhere.

    `behind_id` is the administrator who acted as `actor_id`; `actor_name` then names both.
    """

    at: datetime
    entity: str
    record_id: int
    action: str
    actor_id: int | None
    actor_name: str
    source: str
    changes: Mapping[str, Any]
    batch: str = ""
    behind_id: int | None = None
    id: int = 0
    number: int = 0


def write(connection: sa.Connection, entries: Sequence[Entry]) -> None:
    """Write entries; one statement."""
    if entries:
        connection.execute(WRITTEN, [_row(entry) for entry in entries])


def write_one(connection: sa.Connection, entry: Entry) -> int:
    """Write an entry that is completed later; answers its id."""
    (number,) = connection.execute(WRITTEN, _row(entry)).inserted_primary_key or (0,)
    return int(number)


def complete(connection: sa.Connection, number: int, changes: Mapping[str, Any]) -> None:
    """Give an entry of this transaction what only its end could tell."""
    connection.execute(COMPLETED, {"entry": number, "whole": dict(changes)})


def _row(entry: Entry) -> dict[str, Any]:
    return {
        "at": entry.at,
        "entity": entry.entity,
        "record_id": entry.record_id,
        "action": entry.action,
        "actor_id": entry.actor_id,
        "actor_name": entry.actor_name,
        "source": entry.source,
        "changes": dict(entry.changes),
        "batch": entry.batch,
        "behind_id": entry.behind_id,
    }


def read(
    connection: sa.Connection, entity: str, record_id: int, limit: int, before: int | None = None
) -> list[Entry]:
    """The newest entries of a record, newest first; `before` is the number of the one to go on from."""
    operands = {"of": entity, "record": record_id, "most": limit}
    if before is None:
        rows = connection.execute(NEWEST, operands).all()
        first = rows[0].number if rows else 0
    else:
        rows = connection.execute(OF_RECORD_BEFORE, {**operands, "earlier": max(before - 1, 0)}).all()
        first = before - 1
    return [Entry(**{**row._mapping, "number": first - place}) for place, row in enumerate(rows)]


def recent(connection: sa.Connection, entities: Sequence[str], limit: int) -> list[Entry]:
    """The newest entries of some entities, newest first."""
    statement = sa.select(audit).where(audit.c.entity.in_(entities)).order_by(audit.c.id.desc()).limit(limit)
    return [Entry(**row._mapping) for row in connection.execute(statement)]
