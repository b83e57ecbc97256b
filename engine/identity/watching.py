"""What happens to users' records is a security event, whichever way it is done; and it ends their sessions.

Rights are read anew with each request, so this is not what takes them away: it is so that a session that was
begun with few rights, perhaps by somebody else, does not live to have many.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

from engine.errors import Place
from engine.identity import events
from engine.plugins import Action, Hook, Hooks
from engine.service.hooks import RecordChange
from engine.store import identity
from engine.work.context import Context

CHANGES = {"login": "login-changed", "email": "email-changed", "roles": "roles-changed"}
ACTIONS: tuple[Action, ...] = ("create", "update", "delete", "restore")
OWN = "engine"


def watched(hooks: Hooks) -> Hooks:
    """The hooks of plugins, and the engine's own on users."""
    own = Hook("after", "user", ACTIONS, _user_changed, OWN, Place(OWN))
    by_key: dict[tuple[str, str, str], tuple[Hook, ...]] = dict(hooks.by_key)
    for action in ACTIONS:
        key = ("after", "user", action)
        by_key[key] = (*by_key.get(key, ()), own)
    return replace(hooks, by_key=by_key)


def _user_changed(context: Context, change: RecordChange) -> None:
    assert change.id is not None
    login = str(change.value("login") or "")
    if change.action == "update":
        _updated(context, change, change.id, login)
        return
    details: dict[str, Any] = (
        {"roles": list(change.value("roles") or ())} if change.action == "create" else {}
    )
    kind = {"create": "user-created", "delete": "user-deleted", "restore": "user-restored"}[change.action]
    events.note(context, kind, change.id, login, **details)
    if change.action == "delete":
        identity.close_sessions(context.connection, change.id)


def _updated(context: Context, change: RecordChange, user: int, login: str) -> None:
    for name, kind in CHANGES.items():
        old, new = _plain(change.old(name)), _plain(change.value(name))
        if old != new:
            events.note(context, kind, user, login, was=old, to=new)
    was, active = change.old("active"), change.value("active")
    if was != active:
        events.note(context, "user-disabled" if active is False else "user-enabled", user, login)
    roles_changed = _plain(change.old("roles")) != _plain(change.value("roles"))
    if active is False or (roles_changed and context.actor.id != user):
        identity.close_sessions(context.connection, user)


def _plain(value: Any) -> Any:
    """A value as JSON has it; roles in no order that matters."""
    return sorted(cast(Any, value)) if isinstance(value, list | tuple | set | frozenset) else value
