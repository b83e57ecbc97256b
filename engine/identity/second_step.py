"""The second step of signing in: the code of the second factor, or setting one up where a role requires it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from engine.errors import FieldError, Invalid
from engine.identity import attempts, events, identity, second_factor, tickets
from engine.identity.attempts import SignInRefused
from engine.identity.events import Origin
from engine.store import identity as store
from engine.work.context import SYSTEM, Actor, Context
from engine.work.gateway import Gateway

TOO_LATE = "This took too long. Please sign in once more."


class StepOver(SignInRefused):
    """There is no step to take any more: it was taken, or took too long."""

    def __init__(self) -> None:
        super().__init__(TOO_LATE)


@dataclass(frozen=True)
class Enrolment:
    """What the page shows of a factor that is being set up."""

    secret: str
    address: str


def complete(gateway: Gateway, ticket: str, code: str, origin: Origin) -> str:
    """Open the session of somebody who gave the right password before; raises SignInRefused."""
    user, login = _whose(gateway, "second-step", ticket)
    wait = count(gateway, user, origin.remote)

    def work(context: Context) -> str | None:
        if not second_factor.fits(context, user, login, code, origin):
            note_failure(context, user, login, origin, wait)
            return None
        found = tickets.use(context, "second-step", ticket)
        row = identity.row_of(context, user)
        if found is None or row is None or not identity.is_alive(row):
            raise StepOver
        store.forget_attempts(context.connection, _counted(user), origin.remote)
        return identity.begin_session(context, row, origin, str(found.details.get("how", "")))

    secret = gateway.writing(_as(user, login), "page", work)
    if secret is None:
        raise SignInRefused("This is not the code that the app shows now, nor a recovery code that is left.")
    return secret


def count(gateway: Gateway, user: int, remote: str) -> timedelta:
    """Count that a code of a user is tried; raises TooManyAttempts."""
    return attempts.count(gateway, _counted(user), remote)


def note_failure(context: Context, user: int, login: str, origin: Origin, wait: timedelta) -> None:
    events.note(context, "second-factor-failed", user, login, origin)
    if wait:
        events.note(context, "locked-out", user, login, origin, wait=attempts.in_words(wait))


def _counted(user: int) -> str:
    return f"{attempts.MARK}code {user}"


def enrolment(gateway: Gateway, ticket: str) -> Enrolment:
    """What somebody who has to set a factor up is shown; the same as long as the ticket is good."""
    user, login = _whose(gateway, "enrolment", ticket)

    def work(context: Context) -> Enrolment:
        if not second_factor.secret_of(context, user):
            second_factor.begin(context, user)
        return Enrolment(
            second_factor.secret_of(context, user), second_factor.address_of(context, user, login)
        )

    return gateway.writing(_as(user, login), "page", work)


def enrol(gateway: Gateway, ticket: str, code: str, origin: Origin) -> tuple[str, list[str]]:
    """Switch the factor on and open the session; answers its secret and the recovery codes. Raises Invalid."""
    user, login = _whose(gateway, "enrolment", ticket)
    count(gateway, user, origin.remote)

    def work(context: Context) -> tuple[str, list[str]]:
        codes = second_factor.switch_on(context, user, login, code, origin)
        found, row = tickets.use(context, "enrolment", ticket), identity.row_of(context, user)
        if found is None or row is None or not identity.is_alive(row):
            raise StepOver
        store.forget_attempts(context.connection, _counted(user), origin.remote)
        return identity.begin_session(context, row, origin, str(found.details.get("how", ""))), codes

    return gateway.writing(_as(user, login), "page", work)


def confirmed(gateway: Gateway, actor: Actor, code: str, origin: Origin) -> None:
    """Make sure that somebody who is signed in has their factor at hand; raises Invalid at `code`."""
    assert actor.id is not None
    user = actor.id
    try:
        wait = count(gateway, user, origin.remote)
    except SignInRefused as refused:
        raise Invalid([FieldError("code", "too-many-attempts", str(refused))]) from refused

    def work(context: Context) -> bool:
        right = second_factor.fits(context, user, actor.login, code, origin)
        if right:
            store.forget_attempts(context.connection, _counted(user), origin.remote)
        else:
            note_failure(context, user, actor.login, origin, wait)
        return right

    if not gateway.writing(actor, "page", work):
        message = "This is not the code that the app shows now, nor a recovery code that is left."
        raise Invalid([FieldError("code", "wrong-code", message)])


def _whose(gateway: Gateway, kind: tickets.Kind, ticket: str) -> tuple[int, str]:
    with gateway.read(SYSTEM, "page") as context:
        found = tickets.look(context, kind, ticket)
        row = identity.row_of(context, found.user_id) if found and found.user_id else None
    if row is None:
        raise StepOver
    return row.id, row.login


def _as(user: int, login: str) -> Actor:
    return Actor(user, login, login)
