"""Who somebody is: signing in and out, sessions, tokens, and the users that operators make."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

import sqlalchemy as sa

from engine.access.actors import actor_of_row
from engine.build.runtime import Runtime
from engine.drafts.draft import Parsed
from engine.errors import EngineError, Invalid, UsageError
from engine.identity import attempts, events, policy, second_factor, tickets
from engine.identity.attempts import SignInRefused
from engine.identity.events import Origin
from engine.service import records
from engine.store import identity
from engine.store.system import session, token
from engine.work.context import ADMINISTRATOR, SYSTEM, Actor, Context, Scope
from engine.work.gateway import Gateway
from engine.work.plans import kept

SESSION_COOKIE = "engine_session"

UNUSED = timedelta(days=14)
"""A session that nobody used for so long is over, however long sessions may last."""
ACTOR = ("id", "login", "name", "roles", "language", "timezone", "unit", "organization")
"""What an actor is made of, of a user's row."""

SEEN_AGAIN = timedelta(minutes=5)
"""How often the last use of a session or token is written down: not at every request."""


Elsewhere = Callable[[str, str], Callable[[Context], Any] | None]
"""Asks another system about a name and a password; answers what finds the user's row, or None for nobody."""


def sign_in(
    gateway: Gateway,
    login: str,
    password: str,
    remote: str = "",
    agent: str = "",
    elsewhere: Elsewhere | None = None,
) -> str:
    """Open a session; answers the secret its cookie holds. Raises SignInRefused, or AnotherStep.

    `elsewhere` is asked where the password is not the one known here.

    The attempt is counted before the password is tried, so that many at once don't slip through.
    """
    name = storable(login)
    wait, origin = attempts.count(gateway, name, remote), Origin(remote, agent)
    with gateway.database.read() as connection:
        row = connection.execute(_named(gateway, name)).first()
    fits = identity.password_fits(row.password if row is not None else None, password[: policy.LONGEST])
    if row is None or not fits or not is_alive(row) or len(password) > policy.LONGEST:
        found = elsewhere(name, password) if elsewhere is not None else None
        if found is not None:
            return _vouched(gateway, found, name, origin)
        gateway.writing(SYSTEM, "page", lambda context: _failed(context, row, name, origin, wait))
        raise SignInRefused("The name or the password is wrong.")
    stronger = identity.hash_password(password) if identity.needs_rehash(row.password) else None

    def enter(context: Context) -> str | AnotherStep:
        identity.forget_attempts(context.connection, name, remote)
        if stronger is not None:
            _replace_hash(context, row, stronger)
        return go_on(context, row, origin)

    return entered(gateway.writing(actor_of(gateway, row), "page", enter))


def _vouched(gateway: Gateway, found: Callable[[Context], Any], name: str, origin: Origin) -> str:
    """Let in whom another system vouches for."""

    def enter(context: Context) -> str | AnotherStep:
        row = found(context)
        identity.forget_attempts(context.connection, name, origin.remote)
        return go_on(context, row, origin, how="a directory")

    return entered(gateway.writing(SYSTEM, "page", enter))


class AnotherStep(EngineError):
    """The password was right, and something else is needed: `ticket` is for the page of that step."""

    def __init__(self, kind: Literal["second-step", "enrolment"], ticket: str) -> None:
        self.kind, self.ticket = kind, ticket
        super().__init__("A second factor is needed as well.")


def entered(outcome: str | AnotherStep) -> str:
    """The secret of a session that was begun; raises AnotherStep, once what led to it is committed."""
    if isinstance(outcome, AnotherStep):
        raise outcome
    return outcome


def go_on(context: Context, row: Any, origin: Origin, how: str = "") -> str | AnotherStep:
    """Who has shown who they are is let in, or asked for the second factor that they have or have to have."""
    if second_factor.is_on(context, row.id):
        kind: Literal["second-step", "enrolment"] = "second-step"
    elif second_factor.is_required(context, row.roles or ()):
        kind = "enrolment"
    else:
        return begin_session(context, row, origin, how)
    return AnotherStep(kind, tickets.issue(context, kind, row.id, details={"how": how}))


def begin_session(context: Context, row: Any, origin: Origin, how: str = "") -> str:
    """A new session of a user's row, which is a security event; answers its secret."""
    lasts = timedelta(hours=context.runtime.application.settings.session_hours)
    events.note(context, "signed-in", row.id, row.login, origin, how=how)
    return identity.open_session(context.connection, row.id, context.now, lasts, origin.remote, origin.agent)


def _failed(context: Context, row: Any, name: str, origin: Origin, wait: timedelta) -> None:
    number = row.id if row is not None else None
    events.note(context, "sign-in-failed", number, name, origin)
    if wait:
        events.note(context, "locked-out", number, name, origin, wait=attempts.in_words(wait))


def _replace_hash(context: Context, row: Any, hashed: str) -> None:
    """Keep a password by today's parameters. The password is the same: no version, no audit; a new one wins."""
    user = context.runtime.table("user").table
    same = sa.and_(user.c.id == row.id, user.c.password == row.password)
    context.connection.execute(sa.update(user).where(same).values(password=hashed))


def sign_out(gateway: Gateway, actor: Actor, secret: str, origin: Origin = events.NOWHERE) -> None:
    """End a session of an actor's."""

    def leave(context: Context) -> None:
        events.note(context, "signed-out", actor.id, actor.login, origin)
        identity.close_session(context.connection, secret)

    gateway.writing(actor, "page", leave)


@dataclass(frozen=True)
class Session:
    """Who a session belongs to, and its CSRF secret; `noted`: it was seen so lately that this need not be noted."""

    actor: Actor
    csrf: str
    noted: bool


def actor_of_session(gateway: Gateway, secret: str) -> tuple[Actor, str] | None:
    """Who a session belongs to, and its CSRF secret; None when it is over. That it is used is noted."""
    with gateway.database.read() as connection:
        found = session_of(gateway, connection, secret)
    if found is None:
        return None
    if not found.noted:
        note_use(gateway, secret)
    return found.actor, found.csrf


def session_of(gateway: Gateway, connection: sa.Connection, secret: str) -> Session | None:
    """A session that is not over, by one statement over a connection of the gateway's database."""
    now, runtime = gateway.clock(), gateway.runtime
    statement = kept(runtime, "session", lambda: _session_statement(runtime))
    operands = {"secret": identity.digest(secret), "now": now, "used": now - UNUSED}
    row = connection.execute(statement, operands).first()
    if row is None or not is_alive(row) or not _may_act_as(row):
        return None
    actor = actor_of_row(runtime, row, lambda: nullcontext(connection))
    if row.acts_as is not None:
        actor = replace(actor, behind=row.real_id, behind_name=row.real_name or row.real_login)
    return Session(actor, row.csrf, noted=now - row.last_seen_at <= SEEN_AGAIN)


def note_use(gateway: Gateway, secret: str) -> None:
    """A session was seen now."""
    with gateway.database.write() as connection:
        identity.touch_session(connection, secret, gateway.clock())


def _may_act_as(row: Any) -> bool:
    """Whether whoever a session belongs to may still act as another, if they do: now, not when they began."""
    return row.acts_as is None or (
        row.real_active is not False and row.real_deleted is None and ADMINISTRATOR in (row.real_roles or ())
    )


def _session_statement(runtime: Runtime) -> sa.Select[Any]:
    user = runtime.table("user").table
    wanted = [user.c[name] for name in (*ACTOR, "active", "_deleted_at") if name in user.c]
    real = user.alias("real")
    whole = [real.c[name].label(f"real_{name}") for name in ("id", "login", "name", "roles", "active")]
    deleted = real.c["_deleted_at"] if "_deleted_at" in real.c else sa.null()
    acting = [session.c.acts_as, *whole, deleted.label("real_deleted")]
    return (
        sa.select(*wanted, session.c.csrf, session.c.last_seen_at, *acting)
        .join(session, sa.func.coalesce(session.c.acts_as, session.c.user_id) == user.c.id)
        .join(real, real.c.id == session.c.user_id)
        .where(
            session.c.hash == sa.bindparam("secret"),
            session.c.expires_at > sa.bindparam("now"),
            session.c.last_seen_at > sa.bindparam("used"),
        )
    )


def actor_of_token(gateway: Gateway, secret: str) -> Actor | None:
    """Who an API token belongs to; None when it is unknown or has expired. One statement."""
    now = gateway.clock()
    user = gateway.runtime.table("user").table
    statement = (
        sa.select(user, token.c.last_used_at, token.c.scope.label("_scope"))
        .join(token, token.c.user_id == user.c.id)
        .where(
            token.c.hash == identity.digest(secret),
            sa.or_(token.c.expires_at.is_(None), token.c.expires_at > now),
        )
    )
    with gateway.database.read() as connection:
        row = connection.execute(statement).first()
    if row is None or not is_alive(row):
        return None
    if row.last_used_at is None or now - row.last_used_at > SEEN_AGAIN:
        with gateway.database.write() as connection:
            identity.touch_token(connection, secret, now)
    return replace(actor_of(gateway, row), scope=scope_of(row._scope))


def scope_of(stored: Mapping[str, Any] | None) -> Scope | None:
    """The scope of a token as it is stored; None for everything its user may do."""
    if not stored:
        return None
    return Scope(bool(stored.get("read_only")), frozenset(stored.get("entities") or ()))


def scope_as_stored(scope: Scope | None) -> dict[str, Any] | None:
    """A scope as the database keeps it."""
    if scope is None or scope == Scope():
        return None
    return {"read_only": scope.read_only, "entities": sorted(scope.entities)}


def actor_of(gateway: Gateway, row: Any) -> Actor:
    """The actor of a user's row."""
    return actor_of_row(gateway.runtime, row, gateway.database.read)


def actor_named(gateway: Gateway, login: str) -> Actor:
    """The actor of a user by login; raises UsageError for one there is not."""
    with gateway.database.read() as connection:
        row = connection.execute(_named(gateway, login)).first()
    if row is None or not is_alive(row):
        raise UsageError(f"there is no user {login!r}: `engine user list` shows those there are")
    return actor_of(gateway, row)


def _named(gateway: Gateway, login: str) -> sa.Select[Any]:
    """The user of a login. Users in the trash may have had the same."""
    user = gateway.runtime.table("user").table
    statement = sa.select(user).where(user.c.login == login)
    return statement.where(user.c["_deleted_at"].is_(None)) if "_deleted_at" in user.c else statement


def number_of(context: Context, login: str) -> int | None:
    """The id of the user of a login, None for one there is not."""
    user = context.runtime.table("user").table
    alive = [user.c["_deleted_at"].is_(None)] if "_deleted_at" in user.c else []
    found: int | None = context.connection.execute(
        sa.select(user.c.id).where(user.c.login == login, *alive)
    ).scalar()
    return found


def row_of(context: Context, user: int) -> Any:
    """The row of a user, None for one there is not."""
    table = context.runtime.table("user").table
    return context.connection.execute(sa.select(table).where(table.c.id == user)).one_or_none()


def storable(text: str) -> str:
    """A text without what no database takes: a login with that in it is nobody's anyway."""
    return text.encode("utf-8", "ignore").decode().replace("\0", "").replace(attempts.MARK, "").strip()


def is_alive(row: Any) -> bool:
    """Whether a user may act: switched on, and not in the trash."""
    return row.active is not False and row._mapping.get("_deleted_at") is None


# ---- users and tokens, as operators make them


def create_user(
    context: Context, login: str, password: str | None, roles: list[str], name: str = "", **more: Any
) -> int:
    """A new user; raises Invalid."""
    values = {"login": login, "name": name or login, "roles": roles, "active": True, **more}
    if password is not None:
        about = (login, name, str(more.get("email") or ""))
        values["password"] = Parsed(hashed(context.runtime, password, about), by_engine=True)
    return records.create(context, "user", values).id


def set_password(context: Context, user: int, password: str) -> None:
    """Give a user a new password, and end their sessions; raises Invalid."""
    secret = hashed(context.runtime, password, names_of(context, user))
    record = records.update(context, "user", user, {"password": Parsed(secret, by_engine=True)})
    events.note(context, "password-set", user, str(record.values["login"]))
    identity.close_sessions(context.connection, user)


def names_of(context: Context, user: int) -> tuple[str, ...]:
    """What a user is called, which makes a bad password."""
    table = context.runtime.table("user").table
    row = context.connection.execute(
        sa.select(table.c.login, table.c.name, table.c.email).where(table.c.id == user)
    ).one_or_none()
    return tuple(str(value or "") for value in row) if row is not None else ()


def hashed(runtime: Runtime, password: str, about: Sequence[str] = ()) -> str:
    """The hash of an acceptable password of somebody with these names; raises Invalid for any other."""
    application = runtime.application
    errors = policy.complaints(
        application.settings.password, password, (*about, application.name, application.label)
    )
    if errors:
        raise Invalid(errors)
    return identity.hash_password(password)


def create_token(
    gateway: Gateway, login: str, name: str, expires: datetime | None = None, scope: Scope | None = None
) -> str:
    """A new API token of a user; answers its secret, which can't be seen again."""
    actor = actor_named(gateway, login)
    assert actor.id is not None
    with gateway.write(SYSTEM, "cli") as context:
        events.note(context, "token-created", actor.id, login, name=name)
        limits = scope_as_stored(scope)
        return identity.create_token(context.connection, actor.id, name, context.now, expires, limits)
