"""Who somebody is: signing in and out, sessions, tokens, and the users that operators make."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from engine.errors import EngineError, FieldError, Invalid, UsageError
from engine.service import records
from engine.service.context import SYSTEM, Actor, Context
from engine.service.draft import Parsed
from engine.service.gateway import Gateway
from engine.store import identity
from engine.store.system import session, token
from engine.types.display import Display

SESSION_COOKIE = "engine_session"

WINDOW = timedelta(minutes=15)
MOST_BY_LOGIN, MOST_BY_REMOTE = 10, 100
"""Failed sign-ins within the window after which a name, or an address, has to wait."""

SHORTEST_PASSWORD, LONGEST_PASSWORD = 8, 200
SEEN_AGAIN = timedelta(minutes=5)
"""How often a session's last use is written down: not at every request."""


class SignInRefused(EngineError):
    """A sign-in that did not work; the message does not tell a wrong name from a wrong password."""


def sign_in(gateway: Gateway, login: str, password: str, remote: str = "", agent: str = "") -> str:
    """Open a session; answers the secret its cookie holds. Raises SignInRefused."""
    now = gateway.clock()
    name = login.strip()[:200]
    with gateway.database.read() as connection:
        by_login, by_remote = identity.failures(connection, name, remote, now - WINDOW)
        row = (
            connection.execute(_user(gateway).where(_column(gateway, "login") == name)).first()
            if name
            else None
        )
    if by_login >= MOST_BY_LOGIN or by_remote >= MOST_BY_REMOTE:
        raise SignInRefused("Too many attempts. Wait fifteen minutes, then try again.")
    hashed = row.password if row is not None and row.password else None
    fits = identity.password_fits(hashed or identity.nobody(), password[:LONGEST_PASSWORD])
    if row is None or hashed is None or not fits or not _alive(row):
        with gateway.database.write() as connection:
            identity.note_failure(connection, name, remote, now)
        raise SignInRefused("The name or the password is wrong.")
    lasts = timedelta(hours=gateway.runtime.application.settings.session_hours)
    with gateway.database.write() as connection:
        identity.forget_failures(connection, name)
        return identity.open_session(connection, row.id, now, lasts, remote, agent)


def sign_out(gateway: Gateway, secret: str) -> None:
    with gateway.database.write() as connection:
        identity.close_session(connection, secret)


def actor_of_session(gateway: Gateway, secret: str) -> tuple[Actor, str] | None:
    """Who a session belongs to, and its CSRF secret; None when it is over. One statement."""
    now = gateway.clock()
    user = gateway.runtime.table("user").table
    statement = (
        sa.select(user, session.c.csrf, session.c.last_seen_at)
        .join(session, session.c.user_id == user.c.id)
        .where(session.c.hash == identity.digest(secret), session.c.expires_at > now)
    )
    with gateway.database.read() as connection:
        row = connection.execute(statement).first()
    if row is None or not _alive(row):
        return None
    if now - row.last_seen_at > SEEN_AGAIN:
        with gateway.database.write() as connection:
            seen = (
                sa.update(session).where(session.c.hash == identity.digest(secret)).values(last_seen_at=now)
            )
            connection.execute(seen)
    return actor_of(gateway, row), row.csrf


def actor_of_token(gateway: Gateway, secret: str) -> Actor | None:
    """Who an API token belongs to; None when it is unknown or has expired. One statement."""
    now = gateway.clock()
    user = gateway.runtime.table("user").table
    statement = (
        sa.select(user)
        .join(token, token.c.user_id == user.c.id)
        .where(
            token.c.hash == identity.digest(secret),
            sa.or_(token.c.expires_at.is_(None), token.c.expires_at > now),
        )
    )
    with gateway.database.read() as connection:
        row = connection.execute(statement).first()
    return None if row is None or not _alive(row) else actor_of(gateway, row)


def actor_of(gateway: Gateway, row: Any) -> Actor:
    """The actor of a user's row. Roles that the metadata no longer has grant nothing."""
    settings = gateway.runtime.application.settings
    known = gateway.runtime.application.roles
    return Actor(
        row.id,
        row.login,
        row.name or row.login,
        frozenset(role for role in row.roles or () if role in known),
        Display(row.language or settings.language, row.timezone or settings.timezone),
        row.unit,
        row.organization,
    )


def actor_named(gateway: Gateway, login: str) -> Actor:
    """The actor of a user by login; raises UsageError for one there is not."""
    with gateway.database.read() as connection:
        row = connection.execute(_user(gateway).where(_column(gateway, "login") == login)).first()
    if row is None or not _alive(row):
        raise UsageError(f"there is no user {login!r}: `engine user list` shows those there are")
    return actor_of(gateway, row)


def _user(gateway: Gateway) -> sa.Select[Any]:
    return sa.select(gateway.runtime.table("user").table)


def _column(gateway: Gateway, name: str) -> sa.Column[Any]:
    return gateway.runtime.table("user").table.c[name]


def _alive(row: Any) -> bool:
    """Whether a user may act: switched on, and not in the trash."""
    return row.active is not False and row._mapping.get("_deleted_at") is None


# ---- users and tokens, as operators make them


def create_user(
    context: Context, login: str, password: str | None, roles: list[str], name: str = "", **more: Any
) -> int:
    """A new user; raises Invalid."""
    values = {"login": login, "name": name or login, "roles": roles, "active": True, **more}
    if password is not None:
        values["password"] = Parsed(hashed(password), by_engine=True)
    return records.create(context, "user", values).id


def set_password(context: Context, user: int, password: str) -> None:
    """Give a user a new password, and end their sessions."""
    records.update(context, "user", user, {"password": Parsed(hashed(password), by_engine=True)})
    identity.close_sessions(context.connection, user)


def hashed(password: str) -> str:
    """The hash of an acceptable password; raises Invalid for any other."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        message = f"A password has between {SHORTEST_PASSWORD} and {LONGEST_PASSWORD} characters."
        raise Invalid([FieldError("password", "bad-password", message)])
    return identity.hash_password(password)


def create_token(gateway: Gateway, login: str, name: str, expires: datetime | None = None) -> str:
    """A new API token of a user; answers its secret, which can't be seen again."""
    actor = actor_named(gateway, login)
    assert actor.id is not None
    with gateway.write(SYSTEM, "cli") as context:
        return identity.create_token(context.connection, actor.id, name, context.now, expires)
