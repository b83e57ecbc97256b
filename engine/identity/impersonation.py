"""Acting as somebody else: an administrator sees what a user sees. Whatever is done, who really did it is written down.

Only in a session of the pages; never as another administrator, so that nothing is gained by it; and never to
touch what is the user's own: password, second factor, tokens, sessions.
"""

from __future__ import annotations

import sqlalchemy as sa

from engine.errors import FieldError, Invalid
from engine.identity import events, identity
from engine.identity.events import Origin
from engine.store.identity import digest, renew_session
from engine.store.system import session
from engine.work.context import ADMINISTRATOR, Context


def begin(context: Context, secret: str, login: str, origin: Origin) -> tuple[str, str]:
    """Let an administrator's session act as the user of a login; answers its new secret, and that of its forms.

    Raises Invalid at `login`.
    """
    actor = context.actor
    assert actor.administrator
    assert actor.behind is None
    user = identity.number_of(context, login.strip())
    row = identity.row_of(context, user) if user is not None else None
    if row is None or not identity.is_alive(row):
        raise _refused("Nobody who can sign in has this sign-in name.")
    if ADMINISTRATOR in (row.roles or ()):
        raise _refused("Nobody acts as an administrator: they sign in themselves.")
    events.note(context, "impersonation-begun", row.id, row.login, origin)
    _set(context, secret, row.id)
    return renew_session(context.connection, secret)


def end(context: Context, secret: str, origin: Origin) -> tuple[str, str]:
    """Let a session act as its own user again; answers its new secret, and that of its forms."""
    if context.actor.behind is not None:
        events.note(context, "impersonation-ended", context.actor.id, context.actor.login, origin)
    _set(context, secret, None)
    return renew_session(context.connection, secret)


def _set(context: Context, secret: str, user: int | None) -> None:
    mine = session.c.hash == digest(secret)
    context.connection.execute(sa.update(session).where(mine).values(acts_as=user))


def _refused(message: str) -> Invalid:
    return Invalid([FieldError("login", "not-to-be-acted-as", message)])
