"""Who acts, when, over which connection and runtime: one explicit argument of every operation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Literal

import sqlalchemy as sa

from engine.build.runtime import Runtime
from engine.types.display import Display

Source = Literal["page", "api", "cli", "import", "job", "sample"]

ADMINISTRATOR = "administrator"
"""The built-in role that may do everything the metadata allows at all."""


@dataclass(frozen=True)
class Scope:
    """What an API token is good for, below what its user may do. No entities named: all of them."""

    read_only: bool = False
    entities: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Actor:
    """Who acts: a user of the application, or the system at its few named places."""

    id: int | None
    login: str
    name: str
    roles: frozenset[str] = frozenset()
    display: Display = field(default_factory=Display)
    unit: int | None = None
    organization: int | None = None
    groups: frozenset[int] = frozenset()
    group_names: frozenset[str] = frozenset()
    scope: Scope | None = None
    behind: int | None = None  # the administrator who acts as this user, if one does
    behind_name: str = ""

    @cached_property
    def told_as(self) -> str:
        """The name that histories keep: who really acts stands first."""
        return f"{self.behind_name} as {self.name}" if self.behind is not None else self.name

    @cached_property
    def administrator(self) -> bool:
        return ADMINISTRATOR in self.roles


def nobody_to_wake() -> None:
    """Where no jobs are carried out in this process: another one looks at the outbox by itself."""


SYSTEM = Actor(None, "system", "System", frozenset({ADMINISTRATOR}))
"""The engine itself: creating the first user, sample data, maintenance."""


@dataclass(frozen=True)
class Context:
    """One unit of work. `now` is aware, in UTC, and the same for everything done in it.

    What is appended to `after_commit` runs once the transaction is committed, and never if it is not.
    `writing` says whether the transaction may write; `wake_worker` is called after the commit of a job.
    """

    runtime: Runtime
    connection: sa.Connection
    actor: Actor
    now: datetime
    source: Source
    writing: bool = False
    after_commit: list[Callable[[], None]] = field(default_factory=list)
    kept: dict[object, object] = field(default_factory=dict)  # what is computed once per unit of work
    unsettled: list[dict[str, dict[str, set[int]]]] = field(default_factory=list)  # see service/dependents.py
    wake_worker: Callable[[], None] = nobody_to_wake
