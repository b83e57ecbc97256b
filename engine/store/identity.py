"""Passwords, sessions, tokens and attempts to sign in as they are stored: hashes, never a secret in clear."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any
from unicodedata import normalize

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from engine.store.system import attempt, session, token

TOKEN_PREFIX = "ee_"  # so that a token is known for one wherever it leaks to
LONGEST_LOGIN, LONGEST_REMOTE, LONGEST_AGENT = 200, 100, 300
REMEMBERED = timedelta(days=1)  # attempts to sign in are forgotten after this

HASHER = PasswordHasher()  # its defaults are RFC 9106's second recommendation: 64 MB, three passes
HASHING = threading.BoundedSemaphore(2)
"""Argon2 takes a core and 64 MB for a while: more than two at once would stop everything else."""


# ---- passwords


def hash_password(password: str) -> str:
    with HASHING:
        return HASHER.hash(_bytes(password))


def password_fits(hashed: str | None, password: str) -> bool:
    """Whether a password is the one hashed; takes as long where there is no hash, and the answer is no."""
    wanted = hashed or _nobody()
    with HASHING:
        try:
            HASHER.verify(wanted, _bytes(password))
        except (VerificationError, InvalidHashError):
            return False
    return hashed is not None


def _bytes(password: str) -> bytes:
    """A password as it is hashed: an accented letter is the same however a keyboard composes it (RFC 8265)."""
    return normalize("NFC", password).encode("utf-8", "surrogatepass")


@lru_cache(maxsize=1)
def _nobody() -> str:
    """The hash of a password that nobody has."""
    return hash_password(token_urlsafe(16))


def needs_rehash(hashed: str) -> bool:
    """Whether a hash was made with other parameters than today's."""
    return HASHER.check_needs_rehash(hashed)


def digest(secret: str) -> str:
    """What is stored of a session's or token's secret: 256 random bits need no slow hash."""
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


# ---- sessions


def open_session(
    connection: sa.Connection, user: int, now: datetime, lasts: timedelta, remote: str, agent: str
) -> str:
    """A new session; answers the secret that the browser keeps. Sessions that are over are forgotten."""
    secret = token_urlsafe(32)
    row = {
        "hash": digest(secret),
        "user_id": user,
        "csrf": token_urlsafe(24),
        "created_at": now,
        "last_seen_at": now,
        "expires_at": now + lasts,
        "remote": remote[:LONGEST_REMOTE],
        "agent": agent[:LONGEST_AGENT],
    }
    connection.execute(sa.delete(session).where(session.c.expires_at < now))
    connection.execute(sa.insert(session).values(row))
    return secret


def touch_session(connection: sa.Connection, secret: str, now: datetime) -> None:
    """Write down that a session was used."""
    seen = sa.update(session).where(session.c.hash == digest(secret)).values(last_seen_at=now)
    connection.execute(seen)


def renew_session(connection: sa.Connection, secret: str) -> tuple[str, str]:
    """Another secret for a session, and for its forms; answers both. Those before are good no more."""
    new, csrf = token_urlsafe(32), token_urlsafe(24)
    changed = sa.update(session).where(session.c.hash == digest(secret))
    connection.execute(changed.values(hash=digest(new), csrf=csrf))
    return new, csrf


def close_session(connection: sa.Connection, secret: str) -> None:
    connection.execute(sa.delete(session).where(session.c.hash == digest(secret)))


def close_sessions(connection: sa.Connection, user: int) -> None:
    connection.execute(sa.delete(session).where(session.c.user_id == user))


def close_other_sessions(connection: sa.Connection, user: int, secret: str) -> int:
    """End every session of a user but the one of this secret; answers how many."""
    others = sa.and_(session.c.user_id == user, session.c.hash != digest(secret))
    return connection.execute(sa.delete(session).where(others)).rowcount


MOST_SESSIONS = 500
"""Sessions that are listed at once, those used last."""


def sessions_of(connection: sa.Connection, now: datetime, user: int | None = None) -> Sequence[sa.Row[Any]]:
    """The sessions of a user, or of everybody, that are not over, the one used last first."""
    statement = sa.select(session).where(session.c.expires_at > now).limit(MOST_SESSIONS)
    if user is not None:
        statement = statement.where(session.c.user_id == user)
    return connection.execute(statement.order_by(session.c.last_seen_at.desc(), session.c.hash)).all()


def drop_session(connection: sa.Connection, hashed: str) -> None:
    """End the session of this hash."""
    connection.execute(sa.delete(session).where(session.c.hash == hashed))


# ---- tokens


def create_token(
    connection: sa.Connection,
    user: int,
    name: str,
    now: datetime,
    expires: datetime | None,
    scope: Mapping[str, Any] | None = None,
) -> str:
    """A new API token; its secret is shown once and never stored."""
    secret = TOKEN_PREFIX + token_urlsafe(32)
    row = {
        "hash": digest(secret),
        "user_id": user,
        "name": name,
        "created_at": now,
        "expires_at": expires,
        "scope": dict(scope) if scope else None,
    }
    connection.execute(sa.insert(token).values(row))
    return secret


def touch_token(connection: sa.Connection, secret: str, now: datetime) -> None:
    """Write down that a token was used."""
    connection.execute(sa.update(token).where(token.c.hash == digest(secret)).values(last_used_at=now))


def tokens_of(connection: sa.Connection, user: int | None = None) -> Sequence[sa.Row[Any]]:
    """The tokens of a user, or of everybody, the oldest first."""
    statement = sa.select(token).order_by(token.c.created_at, token.c.hash)
    return connection.execute(statement if user is None else statement.where(token.c.user_id == user)).all()


def drop_token(connection: sa.Connection, hashed: str) -> bool:
    """Revoke the token of this hash; answers whether there was one."""
    return connection.execute(sa.delete(token).where(token.c.hash == hashed)).rowcount > 0


# ---- attempts


def note_attempt(connection: sa.Connection, login: str, remote: str, now: datetime) -> None:
    """Remember an attempt to sign in, before it is known to fail; those of yesterday are forgotten."""
    connection.execute(sa.delete(attempt).where(attempt.c.at < now - REMEMBERED))
    row = {"at": now, "login": login[:LONGEST_LOGIN], "remote": remote[:LONGEST_REMOTE]}
    connection.execute(sa.insert(attempt).values(row))


def take_turn(connection: sa.Connection, login: str, remote: str) -> None:
    """Until the transaction ends, nobody else counts these attempts. (SQLite has one writer.)"""
    if connection.dialect.name == "postgresql":
        for word in (f"login {login[:LONGEST_LOGIN]}", f"remote {remote[:LONGEST_REMOTE]}"):
            key = sa.func.hashtextextended(word, 0)
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(key)))


@dataclass(frozen=True)
class Attempts:
    """How many attempts there were, and when the last was."""

    number: int
    last: datetime | None


def attempts(
    connection: sa.Connection, login: str, remote: str, since: datetime
) -> tuple[Attempts, Attempts, Attempts]:
    """Attempts since a moment: with this name from this address, with this name, from this address."""
    named, here = attempt.c.login == login[:LONGEST_LOGIN], attempt.c.remote == remote[:LONGEST_REMOTE]
    count, last = sa.func.count(), sa.func.max(attempt.c.at)
    kinds = (sa.and_(named, here), named, here)
    statement = sa.select(*(each.filter(kind) for kind in kinds for each in (count, last))).where(
        sa.or_(named, here), attempt.c.at >= since
    )
    row = connection.execute(statement).one()
    return Attempts(row[0], row[1]), Attempts(row[2], row[3]), Attempts(row[4], row[5])


def forget_attempts(connection: sa.Connection, login: str, remote: str) -> None:
    """Someone signed in: what they mistyped here before does not count any more."""
    named, here = attempt.c.login == login[:LONGEST_LOGIN], attempt.c.remote == remote[:LONGEST_REMOTE]
    connection.execute(sa.delete(attempt).where(named, here))
