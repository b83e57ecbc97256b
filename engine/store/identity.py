"""Passwords, sessions, tokens and failed attempts as they are stored: hashes only, never a secret in clear."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from secrets import token_urlsafe

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from engine.store.system import attempt, session, token

TOKEN_PREFIX = "ee_"
HASHING = threading.Semaphore(2)
"""Argon2 takes a core and 64 MB for a quarter of a second: more than two at once would stop everything else."""


@lru_cache(maxsize=1)
def _hasher() -> PasswordHasher:
    return PasswordHasher()


def hash_password(password: str) -> str:
    with HASHING:
        return _hasher().hash(password)


@lru_cache(maxsize=1)
def nobody() -> str:
    """The hash that a sign-in with an unknown name is checked against, so that it takes as long as any other."""
    return hash_password(token_urlsafe(16))


def password_fits(hashed: str, password: str) -> bool:
    with HASHING:
        try:
            return _hasher().verify(hashed, password)
        except (VerificationError, InvalidHashError):
            return False


def needs_rehash(hashed: str) -> bool:
    return _hasher().check_needs_rehash(hashed)


def digest(secret: str) -> str:
    """What is stored of a token: 256 random bits need no slow hash."""
    return sha256(secret.encode()).hexdigest()


@dataclass(frozen=True)
class Session:
    """An open session as its row holds it."""

    user_id: int
    csrf: str
    last_seen_at: datetime


def open_session(
    connection: sa.Connection, user: int, now: datetime, lasts: timedelta, remote: str, agent: str
) -> str:
    """A new session; answers the secret that the browser keeps."""
    secret = token_urlsafe(32)
    row = {
        "hash": digest(secret),
        "user_id": user,
        "csrf": token_urlsafe(24),
        "created_at": now,
        "last_seen_at": now,
        "expires_at": now + lasts,
        "remote": remote[:100],
        "agent": agent[:300],
    }
    connection.execute(sa.delete(session).where(session.c.expires_at < now))
    connection.execute(sa.insert(session).values(row))
    return secret


def close_session(connection: sa.Connection, secret: str) -> None:
    connection.execute(sa.delete(session).where(session.c.hash == digest(secret)))


def close_sessions(connection: sa.Connection, user: int) -> None:
    connection.execute(sa.delete(session).where(session.c.user_id == user))


def create_token(
    connection: sa.Connection, user: int, name: str, now: datetime, expires: datetime | None
) -> str:
    """A new API token; its secret is shown once and never stored."""
    secret = TOKEN_PREFIX + token_urlsafe(32)
    row = {"hash": digest(secret), "user_id": user, "name": name, "created_at": now, "expires_at": expires}
    connection.execute(sa.insert(token).values(row))
    return secret


def note_failure(connection: sa.Connection, login: str, remote: str, now: datetime) -> None:
    """Remember a failed sign-in; those of yesterday are forgotten."""
    connection.execute(sa.delete(attempt).where(attempt.c.at < now - timedelta(days=1)))
    connection.execute(sa.insert(attempt).values(at=now, login=login[:200], remote=remote[:100]))


def failures(connection: sa.Connection, login: str, remote: str, since: datetime) -> tuple[int, int]:
    """Failed sign-ins since a moment: with this name, and from this address."""
    recent = attempt.c.at >= since
    statement = sa.select(
        sa.func.count().filter(sa.and_(recent, attempt.c.login == login[:200])),
        sa.func.count().filter(sa.and_(recent, attempt.c.remote == remote[:100])),
    ).where(sa.or_(attempt.c.login == login[:200], attempt.c.remote == remote[:100]))
    by_login, by_remote = connection.execute(statement).one()
    return int(by_login), int(by_remote)


def forget_failures(connection: sa.Connection, login: str) -> None:
    connection.execute(sa.delete(attempt).where(attempt.c.login == login[:200]))
