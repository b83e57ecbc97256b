"""Users by the roles they have, as statements ask for them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from engine.build.runtime import Runtime
from engine.types.multi_choice import ListHolds


def holds_role(column: sa.ColumnElement[Any], role: str) -> sa.ColumnElement[bool]:
    """Whether a user's roles hold one."""
    return ListHolds(column, sa.literal(role, sa.Text()))


def users_with(runtime: Runtime, roles: Iterable[str]) -> sa.Select[Any]:
    """The users that have any of some roles."""
    user = runtime.table("user").table.alias()
    holds = [holds_role(user.c.roles, role) for role in sorted(roles)]
    return sa.select(user.c.id).where(sa.or_(sa.false(), *holds))
