"""The first administrator: made by whoever runs the server, and by nobody who only reaches its address.

While there are no users, `engine serve` prints a code, and the set-up page asks for it. There is no default password.
"""

from __future__ import annotations

import sqlalchemy as sa

from engine.errors import FieldError, Invalid
from engine.identity import attempts, identity, tickets
from engine.identity.events import Origin
from engine.store.counters import next_numbers
from engine.work.context import ADMINISTRATOR, SYSTEM, Context
from engine.work.gateway import Gateway

LOCK = "user.first"
"""The counter that two set-ups at once wait for."""


def without_users(context: Context) -> bool:
    """Whether nobody can sign in yet, those in the trash included: then the application is not set up."""
    table = context.runtime.table("user").table
    return context.connection.execute(sa.select(table.c.id).limit(1)).first() is None


def awaited(gateway: Gateway) -> bool:
    """Whether the application waits for its first user."""
    with gateway.read(SYSTEM, "page") as context:
        return without_users(context)


def code_for(gateway: Gateway) -> str | None:
    """A new code for the set-up page, None where there are users; codes given before are good no more."""

    def work(context: Context) -> str | None:
        if not without_users(context):
            return None
        return tickets.issue(context, "set-up", secret=tickets.readable_code())

    return gateway.writing(SYSTEM, "cli", work)


def set_up(
    gateway: Gateway, code: str, login: str, name: str, email: str, passwords: tuple[str, str], origin: Origin
) -> str:
    """Make the first administrator and sign them in; answers the session's secret.

    Raises Invalid with errors at `code`, `login`, `password`, `again`; TooManyAttempts.
    """
    attempts.count(gateway, "", origin.remote)
    password, again = passwords
    if password != again:
        raise Invalid([FieldError("again", "passwords-differ", "The two passwords differ.")])

    def work(context: Context) -> str:
        next_numbers(context.connection, LOCK)
        if not without_users(context) or tickets.use(context, "set-up", tickets.as_typed(code)) is None:
            message = (
                "This is not the code that the server printed last, or it is too old: restart it for another."
            )
            raise Invalid([FieldError("code", "wrong-code", message)])
        more = {"email": email} if email else {}
        user = identity.create_user(context, login.strip(), password, [ADMINISTRATOR], name, **more)
        return identity.begin_session(context, identity.row_of(context, user), origin, how="set-up")

    return gateway.writing(SYSTEM, "page", work)
