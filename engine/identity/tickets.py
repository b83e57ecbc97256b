"""Tickets: secrets that are good for one thing, once, and not for long; the database keeps their hashes.

A ticket proves that somebody has read a mail, the output of a command, or given the right password a moment ago.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import choice, token_urlsafe
from typing import Any, Literal

import sqlalchemy as sa

from engine.store.identity import digest
from engine.store.system import ticket
from engine.work.context import Context

Kind = Literal["set-up", "invitation", "reset", "second-step", "enrolment", "sign-on"]

LASTING: Mapping[Kind, timedelta] = {
    "set-up": timedelta(days=1),
    "invitation": timedelta(days=7),
    "reset": timedelta(hours=1),
    "second-step": timedelta(minutes=10),
    "enrolment": timedelta(minutes=30),
    "sign-on": timedelta(minutes=15),
}
"""How long each kind is good for."""

READABLE = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(frozen=True)
class Ticket:
    """A ticket that is good: whom it is for, and what was kept with it."""

    kind: str
    user_id: int | None
    created: datetime
    expires: datetime
    details: Mapping[str, Any]


def issue(
    context: Context,
    kind: Kind,
    user: int | None = None,
    *,
    secret: str = "",
    alone: bool = True,
    details: Mapping[str, Any] | None = None,
) -> str:
    """A new ticket; answers its secret. `alone` takes back those of its kind that the user had."""
    if alone:
        withdraw(context, kind, user)
    secret = secret or token_urlsafe(32)
    context.connection.execute(sa.delete(ticket).where(ticket.c.expires_at < context.now))
    row = {
        "hash": digest(secret),
        "kind": kind,
        "user_id": user,
        "created_at": context.now,
        "expires_at": context.now + LASTING[kind],
        "details": dict(details or {}),
    }
    context.connection.execute(sa.insert(ticket).values(row))
    return secret


def look(context: Context, kind: Kind, secret: str) -> Ticket | None:
    """What a ticket is for, without using it; None when it is unknown, used or over."""
    row = context.connection.execute(sa.select(ticket).where(_good(context, kind, secret))).one_or_none()
    if row is None:
        return None
    return Ticket(row.kind, row.user_id, row.created_at, row.expires_at, row.details)


def use(context: Context, kind: Kind, secret: str) -> Ticket | None:
    """Use a ticket up. Of several who try at once, one gets it."""
    found = look(context, kind, secret)
    gone = context.connection.execute(sa.delete(ticket).where(_good(context, kind, secret))).rowcount
    return found if gone else None


def withdraw(context: Context, kind: Kind, user: int | None) -> None:
    """Take back the tickets of a kind that a user has."""
    whose = ticket.c.user_id.is_(None) if user is None else ticket.c.user_id == user
    context.connection.execute(sa.delete(ticket).where(ticket.c.kind == kind, whose))


def _good(context: Context, kind: Kind, secret: str) -> sa.ColumnElement[bool]:
    return sa.and_(ticket.c.hash == digest(secret), ticket.c.kind == kind, ticket.c.expires_at > context.now)


def readable_code() -> str:
    """A secret to type: sixteen letters and digits that can't be mistaken, of eighty random bits nearly."""
    return "-".join("".join(choice(READABLE) for _ in range(4)) for _ in range(4))


def as_typed(code: str) -> str:
    """A readable code however it was typed."""
    letters = "".join(sign for sign in code.lower() if sign in READABLE)
    return "-".join(letters[start : start + 4] for start in range(0, len(letters), 4))
