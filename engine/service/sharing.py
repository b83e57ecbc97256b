"""One record shared with a user, a group or a role, by a person, for as long as they say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.access.reaching import reaches
from engine.errors import FieldError, Invalid, NotFound
from engine.metamodel.access import SharedLevel
from engine.reading import titles
from engine.reading.reading import get_identity
from engine.service import auditing
from engine.store.system import share as table
from engine.work.context import Context
from engine.work.stored import hold

LEVELS: tuple[SharedLevel, ...] = ("read", "edit", "full")
MOST_SHARES = 200
"""Shares of one record; more people than that are a group or a role."""


@dataclass(frozen=True)
class Share:
    """With whom a record is shared: `kind` is user, group or role, `name` what that is called."""

    id: int
    kind: str
    key: int | str
    name: str
    level: SharedLevel
    ends_at: datetime | None
    created_at: datetime
    created_by: int | None


def share(
    context: Context,
    entity: str,
    number: int,
    to: Mapping[str, Any],
    level: SharedLevel = "read",
    ends_at: datetime | None = None,
) -> int:
    """Share a record; `to` is `{user: 5}`, `{group: 3}` or `{role: "sales_rep"}`. Answers the share's id.

    One shares no more than one may do oneself. Sharing again with the same changes the level and the end.
    Raises NotFound, Forbidden, or Invalid with every complaint.
    """
    get_identity(context, entity, number, "share")
    hold(context, entity, [number])  # who shares it with the same at this moment waits, and finds that share
    kind, key = _target(context, to)
    rows = _rows(context, entity, number)
    same = next((row.id for row in rows if row._mapping[COLUMNS[kind]] == key), None)
    _check(context, entity, number, level, ends_at)
    if same is None and len(rows) >= MOST_SHARES:
        message = f"A record is shared with at most {MOST_SHARES}: share it with a group or a role."
        raise Invalid([FieldError("", "too-many", message)])
    values = {"level": level, "ends_at": ends_at, "created_at": context.now, "created_by": context.actor.id}
    if same is None:
        row = {"entity": entity, "record_id": number, COLUMNS[kind]: key, **values}
        same = context.connection.execute(sa.insert(table).values(row).returning(table.c.id)).scalar_one()
    else:
        context.connection.execute(sa.update(table).where(table.c.id == same).values(values))
    _note(context, entity, number, "share", {kind: key, "level": level, "until": ends_at})
    return int(same)


def change_share(
    context: Context, entity: str, number: int, which: int, level: SharedLevel, ends_at: datetime | None
) -> None:
    """Another level or end for a share there is. Raises NotFound, Forbidden or Invalid, as `share` does."""
    get_identity(context, entity, number, "share")
    hold(context, entity, [number])
    share_of(context, entity, number, which)
    _check(context, entity, number, level, ends_at)
    values = {"level": level, "ends_at": ends_at, "created_at": context.now, "created_by": context.actor.id}
    changed = sa.update(table).where(table.c.id == which).values(values).returning(*_KEYS)
    row = context.connection.execute(changed).one()
    _note(context, entity, number, "share", {**_key(row), "level": level, "until": ends_at})


COLUMNS = {"user": "user_id", "group": "group_id", "role": "role"}
_KEYS = tuple(table.c[column] for column in COLUMNS.values())


def _target(context: Context, to: Mapping[str, Any]) -> tuple[str, int | str]:
    """Whom it is shared with; they are somebody the actor may see."""
    named = [(kind, key) for kind, key in to.items() if key not in (None, "")]
    if len(named) != 1 or named[0][0] not in COLUMNS:
        message = "A record is shared with one user, one group or one role."
        raise Invalid([FieldError("to", "bad-share", message)])
    kind, key = named[0]
    if kind == "role":
        if not isinstance(key, str) or key not in context.runtime.application.roles:
            raise Invalid([FieldError("role", "bad-share", f"There is no role {key!r}.")])
        return kind, key
    known = isinstance(key, int) and not isinstance(key, bool) and 0 < key < 2**63
    if not known or not reaches(context, kind, key, "read"):
        raise Invalid([FieldError(kind, "bad-share", f"There is no such {kind}.")])
    return kind, key


def _check(context: Context, entity: str, number: int, level: SharedLevel, ends_at: datetime | None) -> None:
    errors = []
    if level not in LEVELS:
        errors.append(FieldError("level", "bad-share", f"The level is one of {', '.join(LEVELS)}."))
    else:
        needed = {"read": "read", "edit": "update", "full": "delete"}[level]
        if not reaches(context, entity, number, needed):
            errors.append(FieldError("level", "not-allowed", "One shares no more than one may do oneself."))
    if ends_at is not None and (ends_at.tzinfo is None or ends_at <= context.now):
        errors.append(FieldError("ends_at", "bad-share", "The end lies in the future."))
    if errors:
        raise Invalid(errors)


def unshare(context: Context, entity: str, number: int, which: int) -> None:
    """End a share. Who may share the record may end it, and so may who made it."""
    row = next((each for each in _rows(context, entity, number) if each.id == which), None)
    if row is None:
        get_identity(context, entity, number, "read")
        raise NotFound("share", which)
    if row.created_by is None or row.created_by != context.actor.id:
        get_identity(context, entity, number, "share")
    context.connection.execute(sa.delete(table).where(table.c.id == which))
    _note(context, entity, number, "unshare", {**_key(row), "level": row.level, "until": row.ends_at})


def _key(row: Any) -> dict[str, int | str]:
    """With whom a stored share is, by kind."""
    named = {kind: row._mapping[column] for kind, column in COLUMNS.items()}
    return {kind: key for kind, key in named.items() if key is not None}


def share_of(context: Context, entity: str, number: int, which: int) -> Share:
    """One of the shares that last, for those who may share the record; raises NotFound."""
    found = next((each for each in shares_of(context, entity, number) if each.id == which), None)
    if found is None:
        raise NotFound("share", which)
    return found


def shares_of(context: Context, entity: str, number: int) -> list[Share]:
    """With whom a record is shared now, for those who may share it."""
    get_identity(context, entity, number, "share")
    rows = _rows(context, entity, number)
    keys = {(kind, key) for row in rows for kind, key in _key(row).items() if isinstance(key, int)}
    named = titles.of(context, keys)
    return [_share(context, row, named) for row in rows if row.ends_at is None or row.ends_at > context.now]


def _share(context: Context, row: Any, named: Mapping[tuple[str, int], str]) -> Share:
    ((kind, key),) = _key(row).items()
    if isinstance(key, int):
        name = named.get((kind, key), f"#{key}")
    else:
        role = context.runtime.application.roles.get(key)
        name = role.label if role else key
    return Share(row.id, kind, key, name, row.level, row.ends_at, row.created_at, row.created_by)


def _rows(context: Context, entity: str, number: int) -> list[Any]:
    of_record = sa.and_(table.c.entity == entity, table.c.record_id == number)
    return list(context.connection.execute(sa.select(table).where(of_record).order_by(table.c.id)))


def _note(context: Context, entity: str, number: int, action: str, what: Mapping[str, Any]) -> None:
    said = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in what.items()}
    auditing.record(context, entity, [number], action, {auditing.SHARED: [None, said]})
