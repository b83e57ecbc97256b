"""What both hand-written pages have of people: who asks, and how a name is drawn."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from engine.store.system import session

TONES = ("gray", "blue", "amber", "green", "red", "violet")


def session_statement(user: sa.Table) -> sa.Select[Any]:
    """Who a session belongs to."""
    return (
        sa.select(user.c.id, user.c.login, user.c.name, user.c.active, session.c.csrf, session.c.last_seen_at)
        .join(session, session.c.user_id == user.c.id)
        .where(session.c.hash == sa.bindparam("hash"), session.c.expires_at > sa.bindparam("now"))
    )


def initials(name: str) -> str:
    words = name.split()
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


def tone(name: str) -> str:
    return TONES[sum(name.encode()) % len(TONES)]
