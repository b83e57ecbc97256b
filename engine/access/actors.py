"""Users as actors: what a user's row says of who acts."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfoNotFoundError

import sqlalchemy as sa
from babel import UnknownLocaleError

from engine.access.groups import groups_of
from engine.build.runtime import Runtime
from engine.declared.settings import Settings
from engine.types.display import Display
from engine.work.context import ADMINISTRATOR, Actor


def actor_of_row(
    runtime: Runtime, row: Any, connected: Callable[[], AbstractContextManager[sa.Connection]]
) -> Actor:
    """The actor of a user's row. Roles that the metadata no longer has grant nothing.

    Connected is only where anything depends on the groups they are in; an administrator needs none.
    """
    roles = frozenset(role for role in row.roles or () if role in runtime.application.roles)
    groups, names = frozenset[int](), frozenset[str]()
    if runtime.access.uses_groups and ADMINISTRATOR not in roles:
        with connected() as connection:
            groups, names = groups_of(connection, runtime, row.id, row.login, roles)
    return Actor(
        row.id,
        row.login,
        row.name or row.login,
        roles,
        _display(row.language or "", row.timezone or "", runtime.application.settings),
        row.unit,
        row.organization,
        groups,
        names,
    )


@lru_cache(maxsize=1000)
def _display(language: str, zone: str, settings: Settings) -> Display:
    """How a user reads; what they wrote there that is no language or zone counts as nothing."""
    wanted = Display(language or settings.language, zone or settings.timezone)
    try:
        _ = wanted.locale
    except (ValueError, UnknownLocaleError):
        wanted = replace(wanted, language=settings.language)
    try:
        _ = wanted.timezone
    except (ValueError, OSError, ZoneInfoNotFoundError):
        wanted = replace(wanted, zone=settings.timezone)
    return wanted
