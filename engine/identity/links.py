"""Links that let somebody choose a password: invitations, and for those who forgot theirs.

A link is single-use, expires, and is stored as a hash. It is mailed where there is a mail server and the
application knows its own address (never the one a request claims); otherwise an administrator hands it over.
"""

from __future__ import annotations

from typing import Any, Literal

import sqlalchemy as sa

from engine.drafts.draft import Parsed
from engine.errors import FieldError, Invalid
from engine.identity import attempts, events, identity, tickets
from engine.identity.events import Origin
from engine.identity.identity import AnotherStep
from engine.mailing import sending
from engine.service import records
from engine.store import identity as store
from engine.work.context import SYSTEM, Context
from engine.work.gateway import Gateway

Kind = Literal["invitation", "reset"]

PATHS: dict[Kind, str] = {"invitation": "/sign-in/welcome", "reset": "/sign-in/reset"}

INVITATION = """Hello {name},

{inviter} invites you to {application}. Choose a password here:

{link}

The link is good for a week, and once. Your sign-in name is {login}.
"""

RESET = """Hello {name},

somebody, probably you, asked for another password for {application}. Choose it here:

{link}

The link is good for an hour, and once. If it was not you, do nothing: your password stays.
Your sign-in name is {login}.
"""


def mails(gateway: Gateway) -> bool:
    """Whether links can be mailed."""
    return gateway.mail_server is not None and bool(gateway.runtime.application.settings.base_url)


def address(gateway: Gateway, kind: Kind, secret: str, base: str = "") -> str:
    """A link as it is opened; `base` stands in for the application's address where that is not known."""
    return f"{(gateway.runtime.application.settings.base_url or base).rstrip('/')}{PATHS[kind]}/{secret}"


def invite(gateway: Gateway, context: Context, user: int, kind: Kind = "invitation") -> tuple[str, bool]:
    """A link for a user, and whether it is mailed to them."""
    row = identity.row_of(context, user)
    assert row is not None
    secret = tickets.issue(context, kind, user)
    events.note(context, "link-made", user, row.login, how=kind)
    mailed = bool(row.email) and mails(gateway)
    if mailed:
        _post(gateway, context, kind, row, secret)
    return secret, mailed


def ask(gateway: Gateway, typed: str, origin: Origin) -> None:
    """Somebody forgot a password: mail them a link if they are known. Nothing tells whether they are.

    Whoever calls this has answered already. Nothing happens where somebody asks too often.
    """
    name = identity.storable(typed)
    try:
        attempts.count(gateway, f"{attempts.MARK}reset {name.casefold()}", origin.remote)
    except attempts.TooManyAttempts:
        return
    if not name or not mails(gateway):
        return

    def work(context: Context) -> None:
        for row in _known_as(context, name):
            secret = tickets.issue(context, "reset", row.id)
            events.note(context, "reset-asked", row.id, row.login, origin)
            _post(gateway, context, "reset", row, secret)

    gateway.writing(SYSTEM, "page", work)


def _known_as(context: Context, name: str) -> list[Any]:
    """The users with this sign-in name or mail address who can sign in with a password and be mailed."""
    user = context.runtime.table("user").table
    named = sa.or_(user.c.login == name, sa.func.lower(user.c.email) == name.lower())
    statement = sa.select(user).where(named, user.c.email.is_not(None)).order_by(user.c.id).limit(5)
    return [row for row in context.connection.execute(statement) if identity.is_alive(row)]


def _post(gateway: Gateway, context: Context, kind: Kind, row: Any, secret: str) -> None:
    application = context.runtime.application
    text = (INVITATION if kind == "invitation" else RESET).format(
        name=row.name or row.login,
        login=row.login,
        application=application.label,
        inviter=context.actor.name,
        link=address(gateway, kind, secret),
    )
    subject = {
        "invitation": f"Welcome to {application.label}",
        "reset": f"Your password for {application.label}",
    }
    sending.post(context, row.email, subject[kind], text)


# ---- opening one


def opened(gateway: Gateway, kind: Kind, secret: str) -> str | None:
    """The sign-in name a link is for; None when it is used, over or unknown."""
    with gateway.read(SYSTEM, "page") as context:
        found = tickets.look(context, kind, secret)
        row = identity.row_of(context, found.user_id) if found and found.user_id else None
    return row.login if row is not None and identity.is_alive(row) else None


def choose(gateway: Gateway, kind: Kind, secret: str, passwords: tuple[str, str], origin: Origin) -> str:
    """Set the password of a link's user and let them in; answers the session's secret.

    Their other sessions end. Raises Invalid, with an error at "" when the link is no good, or AnotherStep.
    """
    password, again = passwords
    if password != again:
        raise Invalid([FieldError("again", "passwords-differ", "The two passwords differ.")])

    def work(context: Context) -> str | AnotherStep:
        found = tickets.use(context, kind, secret)
        row = identity.row_of(context, found.user_id) if found and found.user_id else None
        if row is None or not identity.is_alive(row):
            raise Invalid([FieldError("", "link-over", "This link was used already, or is too old.")])
        made = identity.hashed(context.runtime, password, identity.names_of(context, row.id))
        records.update(context, "user", row.id, {"password": Parsed(made, by_engine=True)})
        events.note(context, "password-set", row.id, row.login, origin, how="by a link")
        store.close_sessions(context.connection, row.id)
        store.forget_attempts(context.connection, row.login, origin.remote)
        return identity.go_on(context, row, origin, how="by a link")

    return identity.entered(gateway.writing(SYSTEM, "page", work))
