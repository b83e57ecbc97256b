"""What belongs to a user alone: the password, the sessions, the API tokens. Needs no right to the entity `user`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from engine.drafts.draft import Parsed
from engine.errors import FieldError, Invalid
from engine.identity import attempts, events
from engine.identity.attempts import SignInRefused
from engine.identity.events import Origin
from engine.identity.identity import hashed, names_of, row_of, scope_as_stored, scope_of
from engine.identity.policy import LONGEST
from engine.service import records
from engine.store import identity
from engine.work.context import ADMINISTRATOR, Actor, Context, Scope
from engine.work.gateway import Gateway

HANDLE = 10
"""Letters of a stored hash that name a token or session: enough to tell them apart, and no help to guess a secret."""

LONGEST_NAME = 100


@dataclass(frozen=True)
class Session:
    """A place where a user is signed in. `agent` is what the browser said of itself."""

    id: str
    login: str
    agent: str
    remote: str
    began: datetime
    used: datetime
    current: bool


@dataclass(frozen=True)
class Token:
    """An API token, without its secret. `login` is the user's, or "" where the user is gone for good."""

    id: str
    name: str
    login: str
    created: datetime
    expires: datetime | None
    used: datetime | None
    scope: Scope | None = None

    @property
    def limits(self) -> str:
        """What it is good for, where that is not everything."""
        if self.scope is None:
            return ""
        of = f" of {', '.join(sorted(self.scope.entities))}" if self.scope.entities else ""
        return f"{'reading only' if self.scope.read_only else 'records'}{of}"

    def expired(self, now: datetime) -> bool:
        return self.expires is not None and self.expires <= now


# ---- the password


def change_password(
    gateway: Gateway, actor: Actor, secret: str, current: str, new: str, again: str, remote: str = ""
) -> int:
    """Give an actor another password, and end their sessions but the one of `secret`; answers how many ended.

    Raises Invalid with an error at `current`, `new` or `again`. Trying counts like signing in does.
    """
    assert actor.id is not None
    user = actor.id
    with gateway.read(actor, "page") as context:
        about = names_of(context, user)
    errors, secret_hash = _judged(gateway, actor, about, (current, new, again), remote)
    if errors:
        raise Invalid(errors)
    password = Parsed(secret_hash, by_engine=True)

    def work(context: Context) -> int:
        records.update(context, "user", user, {"password": password})
        identity.forget_attempts(context.connection, actor.login, remote)
        ended = identity.close_other_sessions(context.connection, user, secret)
        events.note(context, "password-changed", user, actor.login, Origin(remote), ended=ended)
        return ended

    return gateway.writing(_for_once(actor), "page", work)


def _judged(
    gateway: Gateway, actor: Actor, about: Sequence[str], typed: tuple[str, str, str], remote: str
) -> tuple[list[FieldError], str]:
    """What is wrong with the passwords typed, and the hash of the new one."""
    current, new, again = typed
    try:
        attempts.count(gateway, actor.login, remote)
    except SignInRefused as refused:
        return [FieldError("current", "too-many-attempts", str(refused))], ""
    errors, made = [], ""
    if not _fits(gateway, actor, current):
        errors.append(FieldError("current", "wrong-password", "This is not your password."))
    elif new == current:
        errors.append(FieldError("new", "same-password", "This is the password you have."))
    try:
        made = hashed(gateway.runtime, new, about)
    except Invalid as invalid:
        errors += [replace(each, at="new") for each in invalid.errors]
    if new != again:
        errors.append(FieldError("again", "passwords-differ", "The two passwords differ."))
    return errors, made


def _fits(gateway: Gateway, actor: Actor, password: str) -> bool:
    user = gateway.runtime.table("user").table
    with gateway.database.read() as connection:
        known = connection.execute(sa.select(user.c.password).where(user.c.id == actor.id)).scalar()
    return len(password) <= LONGEST and identity.password_fits(known, password)


def _for_once(actor: Actor) -> Actor:
    """The actor as one who may write the password of their own record; the history names them."""
    return replace(actor, roles=frozenset({ADMINISTRATOR}))


# ---- sessions


def sessions(context: Context, secret: str, user: int | None) -> list[Session]:
    """Where a user is signed in (None: everybody), the one used last first; `secret` is of the session that asks."""
    people = context.runtime.table("user").table
    found = context.connection.execute(sa.select(people.c.id, people.c.login))
    logins, here = {row.id: row.login for row in found}, identity.digest(secret)
    return [
        Session(
            row.hash[:HANDLE],
            logins.get(row.user_id, ""),
            row.agent,
            row.remote,
            row.created_at,
            row.last_seen_at,
            row.hash == here,
        )
        for row in identity.sessions_of(context.connection, context.now, user)
    ]


def end_session(context: Context, which: str, user: int | None) -> bool:
    """End one session by its id, of a user (None: of anybody); answers whether there was one."""
    found = [
        row
        for row in identity.sessions_of(context.connection, context.now, user)
        if row.hash[:HANDLE] == which
    ]
    for row in found:
        identity.drop_session(context.connection, row.hash)
        owner = row_of(context, row.user_id)
        events.note(context, "sessions-ended", row.user_id, owner.login if owner else "", ended=1)
    return bool(found)


def sign_out_elsewhere(context: Context, secret: str) -> int:
    """End the actor's sessions but the one of `secret`; answers how many."""
    assert context.actor.id is not None
    ended = identity.close_other_sessions(context.connection, context.actor.id, secret)
    if ended:
        events.note(context, "sessions-ended", context.actor.id, context.actor.login, ended=ended)
    return ended


# ---- tokens


def tokens(context: Context, user: int | None = None) -> list[Token]:
    """The tokens of a user, or of everybody: for the one it is about, and for operators."""
    people = context.runtime.table("user").table
    found = context.connection.execute(sa.select(people.c.id, people.c.login))
    logins = {row.id: row.login for row in found}
    return [
        Token(
            row.hash[:HANDLE],
            row.name,
            logins.get(row.user_id, ""),
            row.created_at,
            row.expires_at,
            row.last_used_at,
            scope_of(row.scope),
        )
        for row in identity.tokens_of(context.connection, user)
    ]


def create_token(context: Context, name: str, lasts: timedelta | None, scope: Scope | None = None) -> str:
    """A new token of the actor; answers its secret, which can't be seen again. Raises Invalid at `name`."""
    assert context.actor.id is not None
    named = " ".join("".join(sign if sign.isprintable() else " " for sign in name).split())
    if not named:
        raise Invalid([FieldError("name", "required", "Say what it is for.")])
    if len(named) > LONGEST_NAME:
        message = f"At most {LONGEST_NAME} characters; these are {len(named)}."
        raise Invalid([FieldError("name", "too-long", message)])
    expires = context.now + lasts if lasts else None
    events.note(context, "token-created", context.actor.id, context.actor.login, name=named)
    limits = scope_as_stored(scope)
    return identity.create_token(context.connection, context.actor.id, named, context.now, expires, limits)


def handle_of(secret: str) -> str:
    """The id of a token by its secret."""
    return identity.digest(secret)[:HANDLE]


def revoke(context: Context, ids: Collection[str], user: int | None = None) -> list[Token]:
    """Revoke tokens by id, of a user or of anybody; answers those there were."""
    found = [each for each in tokens(context, user) if each.id in ids]
    for row in identity.tokens_of(context.connection, user):
        if row.hash[:HANDLE] in ids:
            identity.drop_token(context.connection, row.hash)
            owner = next(each.login for each in found if each.id == row.hash[:HANDLE])
            events.note(context, "token-revoked", row.user_id, owner, name=row.name)
    return found
