"""Somebody whom another system vouches for, and the user they are here.

An account elsewhere is known by what never changes of it, not by its name: whoever gets a name there that
somebody has here does not become them, unless the settings say that names mean the same people in both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from engine.declared.settings import Outside
from engine.errors import Invalid
from engine.identity import events, identity
from engine.identity.attempts import SignInRefused
from engine.identity.events import Origin
from engine.service import records
from engine.store.system import outside
from engine.work.context import Context


@dataclass(frozen=True)
class Person:
    """What the other system says: `subject` is what it knows them by for ever."""

    provider: str
    subject: str
    login: str
    name: str = ""
    email: str = ""
    groups: frozenset[str] = frozenset()


def user_of(context: Context, person: Person, settings: Outside, origin: Origin) -> Any:
    """The row of a person's user: known already, found by name, or made, as the settings say. Raises SignInRefused."""
    known = sa.and_(outside.c.provider == person.provider, outside.c.subject == person.subject)
    user = context.connection.execute(sa.select(outside.c.user_id).where(known)).scalar()
    if user is None or identity.row_of(context, user) is None:
        context.connection.execute(sa.delete(outside).where(known))
        user = _found(context, person, settings) or _made(context, person, settings)
        row = {"provider": person.provider, "subject": person.subject, "user_id": user, "since": context.now}
        context.connection.execute(sa.insert(outside).values(row))
        events.note(context, "account-joined", user, person.login, origin, how=person.provider)
    _keep_up(context, user, person, settings)
    found = identity.row_of(context, user)
    if found is None or not identity.is_alive(found):
        raise SignInRefused("Your account is switched off here: ask an administrator.")
    return found


def _found(context: Context, person: Person, settings: Outside) -> int | None:
    user = identity.number_of(context, person.login)
    if user is not None and not settings.same_names:
        raise SignInRefused(
            "Somebody here has your sign-in name already: ask an administrator whether that is you."
        )
    return user


def _made(context: Context, person: Person, settings: Outside) -> int:
    if not settings.create:
        raise SignInRefused("Nobody here has your account: ask an administrator for one.")
    more = {"email": person.email} if person.email else {}
    try:
        return identity.create_user(context, person.login, None, [], person.name, **more)
    except Invalid as invalid:
        raise SignInRefused(
            "Your account has something that can't be here: "
            + " ".join(each.message for each in invalid.errors)
        ) from invalid


def _keep_up(context: Context, user: int, person: Person, settings: Outside) -> None:
    """Groups decide about roles whenever somebody signs on, where the settings map them; else roles are kept here."""
    if not settings.roles:
        return
    wanted = roles_of(person.groups, dict(settings.roles))
    row = identity.row_of(context, user)
    if row is not None and sorted(row.roles or ()) != wanted:
        records.update(context, "user", user, {"roles": wanted})


def roles_of(groups: frozenset[str], mapping: Mapping[str, str]) -> list[str]:
    """The roles that groups stand for."""
    return sorted({role for group, role in mapping.items() if group in groups})
