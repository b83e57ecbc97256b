"""How often one may try to sign in: after some failures one waits, and twice as long after each further one.

Attempts are counted in the database, so that all processes of an installation count together, and before
the password is tried, so that many at once don't slip through.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from engine.declared.settings import SignInSettings
from engine.errors import EngineError
from engine.store import identity
from engine.work.context import SYSTEM, Context
from engine.work.gateway import Gateway

WINDOW = timedelta(hours=12)
"""Attempts that are older count no more."""

AT_LARGE = 20
"""So many times the attempts are free with a name from anywhere, so that a stranger can't easily lock
somebody out, and from an address with any names, which a whole office may share."""

MOST_DOUBLINGS = 20

MARK = "\x1f"
"""Begins what is counted like a name and is none; no name that is typed keeps it."""


class SignInRefused(EngineError):
    """A sign-in that did not work; the message does not tell a wrong name from a wrong password."""


class TooManyAttempts(SignInRefused):
    """Somebody tries too often; `wait` is how long until the next attempt, `until` when that is."""

    def __init__(self, wait: timedelta, until: datetime) -> None:
        self.wait, self.until = wait, until
        super().__init__(f"Too many attempts. Try again in {in_words(wait)}.")

    @property
    def seconds(self) -> int:
        """Whole seconds to wait, as the header Retry-After takes them."""
        return max(1, -(-self.wait // timedelta(seconds=1)))


def count(gateway: Gateway, login: str, remote: str) -> timedelta:
    """Count that somebody tries a password; answers how long one waits should this attempt fail.

    Raises TooManyAttempts for one who has to wait already.
    """
    return gateway.writing(SYSTEM, "page", lambda context: count_within(context, login, remote))


def count_within(context: Context, login: str, remote: str) -> timedelta:
    """Count an attempt within a unit of work; one that is refused does not count."""
    settings = context.runtime.application.settings.sign_in
    identity.take_turn(context.connection, login, remote)
    found = identity.attempts(context.connection, login, remote, context.now - WINDOW)
    free = (settings.attempts, settings.attempts * AT_LARGE, settings.attempts * AT_LARGE)
    ends = [
        each.last + waiting(settings, each.number - most)
        for each, most in zip(found, free, strict=True)
        if each.last is not None and each.number >= most
    ]
    until = max(ends, default=context.now)
    if until > context.now:
        raise TooManyAttempts(until - context.now, until)
    identity.note_attempt(context.connection, login, remote, context.now)
    beyond = [each.number + 1 - most for each, most in zip(found, free, strict=True)]
    return max((waiting(settings, each) for each in beyond if each >= 0), default=timedelta(0))


def waiting(settings: SignInSettings, beyond: int) -> timedelta:
    """How long one waits after so many failures beyond the free ones."""
    return min(settings.first_wait * (1 << min(beyond, MOST_DOUBLINGS)), settings.longest_wait)


def in_words(wait: timedelta) -> str:
    """A wait as a person is told: rounded up, in the unit that fits."""
    seconds = max(1, -(-wait // timedelta(seconds=1)))
    if seconds < 90:
        return f"{seconds} second{'s' if seconds > 1 else ''}"
    return f"{-(-seconds // 60)} minutes"
