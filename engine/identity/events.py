"""Security events: who got in and who did not, passwords, tokens, sessions and roles, in the order they happened.

An event is written in the transaction of what it tells; one of a refusal, in a transaction of its own. It is
never changed. Failed attempts, which strangers can make many of, are forgotten after a while; nothing else is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from engine.store.identity import LONGEST_AGENT, LONGEST_LOGIN, LONGEST_REMOTE
from engine.store.system import event
from engine.work.context import Context

KINDS: Mapping[str, str] = {
    "signed-in": "Signed in",
    "sign-in-failed": "Failed to sign in",
    "locked-out": "Has to wait after failures",
    "second-factor-failed": "Gave a wrong second factor",
    "second-factor-on": "Second factor switched on",
    "second-factor-off": "Second factor switched off",
    "recovery-code-used": "Used a recovery code",
    "recovery-codes-made": "New recovery codes",
    "signed-out": "Signed out",
    "sessions-ended": "Signed out elsewhere",
    "password-changed": "Changed their password",
    "password-set": "Was given a password",
    "link-made": "Link to choose a password made",
    "reset-asked": "Asked for another password",
    "impersonation-begun": "An administrator acts as them",
    "impersonation-ended": "No administrator acts as them any more",
    "account-joined": "Joined with an account from elsewhere",
    "token-created": "API token created",
    "token-revoked": "API token revoked",
    "exported": "Exported a list",
    "imported": "Imported a file",
    "user-created": "User created",
    "user-enabled": "Switched on",
    "user-disabled": "Switched off",
    "user-deleted": "User deleted",
    "user-restored": "User restored",
    "roles-changed": "Roles changed",
    "login-changed": "Sign-in name changed",
    "email-changed": "E-mail address changed",
}
"""Every kind of event, in words."""

ALARMING = frozenset({"sign-in-failed", "locked-out", "second-factor-failed"})
GRAVE = frozenset(
    {
        "user-disabled",
        "user-deleted",
        "roles-changed",
        "token-created",
        "second-factor-off",
        "impersonation-begun",
    }
)
"""Kinds that the page marks: what may be an attack, and what changes somebody's rights."""

FORGOTTEN = frozenset({"sign-in-failed", "second-factor-failed"})
FAILURES_KEPT = timedelta(days=90)


@dataclass(frozen=True)
class Origin:
    """Where a request came from: its address, and what the browser said of itself."""

    remote: str = ""
    agent: str = ""


NOWHERE = Origin()


@dataclass(frozen=True, kw_only=True)
class Event:
    """What happened to a user's account: to whom, by whom, and from where."""

    id: int
    at: datetime
    kind: str
    user_id: int | None
    login: str
    actor_id: int | None
    actor_name: str
    source: str
    remote: str
    agent: str
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def by_themselves(self) -> bool:
        return self.actor_id == self.user_id


def note(
    context: Context, kind: str, user: int | None, login: str, origin: Origin = NOWHERE, **details: Any
) -> None:
    """Write an event down. What a user does to themselves while signing in has the user as its actor."""
    assert kind in KINDS, kind
    actor = context.actor
    row = {
        "at": context.now,
        "kind": kind,
        "user_id": user,
        "login": login[:LONGEST_LOGIN],
        "actor_id": actor.id if actor.behind is None else actor.behind,
        "actor_name": actor.told_as,
        "source": context.source,
        "remote": origin.remote[:LONGEST_REMOTE],
        "agent": origin.agent[:LONGEST_AGENT],
        "details": details,
    }
    if kind in FORGOTTEN:
        old = sa.and_(event.c.kind.in_(FORGOTTEN), event.c.at < context.now - FAILURES_KEPT)
        context.connection.execute(sa.delete(event).where(old))
    context.connection.execute(sa.insert(event).values(row))


def recent(
    context: Context, limit: int, *, before: int | None = None, login: str = "", kind: str = ""
) -> list[Event]:
    """The newest events, newest first; `before` is the id to go on from."""
    statement = sa.select(event).order_by(event.c.id.desc()).limit(limit)
    if before is not None:
        statement = statement.where(event.c.id < before)
    if login:
        statement = statement.where(event.c.login == login)
    if kind:
        statement = statement.where(event.c.kind == kind)
    return [Event(**row._mapping) for row in context.connection.execute(statement)]


def in_words(found: Event) -> str:
    """What an event tells beyond its kind."""
    details = found.details
    parts = [
        f"“{details['name']}”" if details.get("name") else "",
        f"{_listed(details['was'])} → {_listed(details['to'])}" if "to" in details else "",
        f"with {_listed(details['roles'])}" if details.get("roles") else "",
        str(details.get("how", "")),
        f"{details['ended']} sessions ended" if details.get("ended") else "",
        f"for {details['wait']}" if details.get("wait") else "",
    ]
    return ", ".join(part for part in parts if part)


def _listed(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return str(value or "none")
