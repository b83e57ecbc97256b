"""The second factor: a code of an authenticator app that changes twice a minute (RFC 6238), or a recovery code.

The secret an app shares with the installation is never stored: it is made from the installation's key and a
random salt. Who has the database alone, with ENGINE_SECRET_KEY kept elsewhere, can't make codes; another key
makes another secret for everybody, who then need a recovery code, or `engine user second-factor --off`.
"""

from __future__ import annotations

import hmac
from base64 import b32encode
from collections.abc import Collection
from datetime import datetime
from secrets import token_hex

import pyotp
import sqlalchemy as sa

from engine.errors import FieldError, Invalid
from engine.identity import events, tickets
from engine.identity.events import Origin
from engine.store.identity import digest
from engine.store.system import factor, recovery_code
from engine.work.context import Context

RECOVERY_CODES = 10
SECONDS = 30
DRIFT = 1
"""Steps that a telephone's clock may be early or late."""

DIGITS = 6


def is_required(context: Context, roles: Collection[str]) -> bool:
    """Whether somebody with these roles can't do without."""
    return bool(set(roles) & set(context.runtime.application.settings.second_factor.required_for))


def is_on(context: Context, user: int) -> bool:
    return since(context, user) is not None


def since(context: Context, user: int) -> datetime | None:
    """Since when a user has a second factor; None without."""
    found: datetime | None = context.connection.execute(
        sa.select(factor.c.since).where(factor.c.user_id == user)
    ).scalar()
    return found


# ---- switching on and off


def begin(context: Context, user: int) -> None:
    """A new secret, which is not asked for until a code of it was given. Nothing where one is on already."""
    if is_on(context, user):
        return
    context.connection.execute(sa.delete(factor).where(factor.c.user_id == user))
    row = {"user_id": user, "salt": token_hex(16), "since": None, "last_step": 0}
    context.connection.execute(sa.insert(factor).values(row))


def secret_of(context: Context, user: int) -> str:
    """The secret that the app is given, in base 32; "" where none was begun."""
    statement = sa.select(factor.c.salt).where(factor.c.user_id == user)
    salt = context.connection.execute(statement).scalar()
    return "" if salt is None else _secret(context.runtime.secret, user, salt)


def _secret(key: bytes, user: int, salt: str) -> str:
    made = hmac.digest(key, f"second factor {user} {salt}".encode(), "sha256")
    return b32encode(made[:20]).decode()


def address_of(context: Context, user: int, login: str) -> str:
    """What the QR code says: the secret, with names for the app to show."""
    issuer = context.runtime.application.label
    return pyotp.TOTP(secret_of(context, user)).provisioning_uri(name=login, issuer_name=issuer)


def switch_on(context: Context, user: int, login: str, code: str, origin: Origin) -> list[str]:
    """Ask for the second factor from now on; answers the recovery codes. Raises Invalid at `code`."""
    if is_on(context, user) or not _totp_fits(context, user, code):
        raise _wrong()
    context.connection.execute(sa.update(factor).where(factor.c.user_id == user).values(since=context.now))
    events.note(context, "second-factor-on", user, login, origin)
    return _new_codes(context, user)


def switch_off(context: Context, user: int, login: str, origin: Origin = events.NOWHERE) -> bool:
    """Do without from now on; answers whether there was one."""
    had = context.connection.execute(sa.delete(factor).where(factor.c.user_id == user)).rowcount > 0
    context.connection.execute(sa.delete(recovery_code).where(recovery_code.c.user_id == user))
    if had:
        events.note(context, "second-factor-off", user, login, origin)
    return had


def new_codes(context: Context, user: int, login: str, origin: Origin) -> list[str]:
    """Other recovery codes; those before are good no more."""
    events.note(context, "recovery-codes-made", user, login, origin)
    return _new_codes(context, user)


def _new_codes(context: Context, user: int) -> list[str]:
    context.connection.execute(sa.delete(recovery_code).where(recovery_code.c.user_id == user))
    codes = [tickets.readable_code() for _ in range(RECOVERY_CODES)]
    rows = [{"hash": digest(code), "user_id": user} for code in codes]
    context.connection.execute(sa.insert(recovery_code), rows)
    return codes


def codes_left(context: Context, user: int) -> int:
    statement = sa.select(sa.func.count()).where(recovery_code.c.user_id == user)
    return int(context.connection.execute(statement).scalar_one())


# ---- asking for it


def fits(context: Context, user: int, login: str, code: str, origin: Origin) -> bool:
    """Whether a code is the app's of now, or a recovery code; it is used up, and fits no second time."""
    if not is_on(context, user):
        return False
    if _totp_fits(context, user, code):
        return True
    mine = sa.and_(recovery_code.c.user_id == user, recovery_code.c.hash == digest(tickets.as_typed(code)))
    if context.connection.execute(sa.delete(recovery_code).where(mine)).rowcount == 0:
        return False
    events.note(context, "recovery-code-used", user, login, origin)
    return True


def _totp_fits(context: Context, user: int, code: str) -> bool:
    """Whether a code is one of the steps around now, later than the last that was used (RFC 6238, section 5.2)."""
    typed = "".join(code.split())
    secret = secret_of(context, user)
    if not secret or len(typed) != DIGITS or not (typed.isascii() and typed.isdigit()):
        return False
    totp, now = pyotp.TOTP(secret), int(context.now.timestamp()) // SECONDS
    steps = [
        step
        for step in range(now - DRIFT, now + DRIFT + 1)
        if hmac.compare_digest(totp.generate_otp(step), typed)
    ]
    if not steps:
        return False
    later = sa.and_(factor.c.user_id == user, factor.c.last_step < steps[0])
    used = sa.update(factor).where(later).values(last_step=steps[0])
    return context.connection.execute(used).rowcount > 0


def _wrong() -> Invalid:
    message = "This is not the code that the app shows now. Look again, and at the telephone's clock."
    return Invalid([FieldError("code", "wrong-code", message)])
