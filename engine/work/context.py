"""Who acts, when, over which connection and runtime: one explicit argument of every operation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any, Literal

import sqlalchemy as sa

from engine.build.runtime import Runtime
from engine.types.display import Display
from engine.work.runlog import RunLog

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
    own_roles: frozenset[str] | None = None  # while a process acts in somebody's name: the roles they have

    @property
    def asking_roles(self) -> frozenset[str]:
        """The roles that expressions see: those of the person, whatever the process they started may do."""
        return self.roles if self.own_roles is None else self.own_roles

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
    same_for_all: dict[object, object] = field(default_factory=dict)  # the same, whoever acts in it
    unsettled: list[dict[str, dict[str, set[int]]]] = field(default_factory=list)  # see service/dependents.py
    wake_worker: Callable[[], None] = nobody_to_wake
    events: list[Any] = field(default_factory=list)  # what happened and has followers: service/events.py
    depth: int = 0  # how many processes have led to this: 0 for what somebody does themselves
    cause: str = ""  # the process that does it, as the history tells
    chain: tuple[str, ...] = ()  # the processes that have led to it
    run: RunLog | None = None  # what the process does step by step

    def in_name_of(self, cause: str) -> Context:
        """The same unit of work while a process acts in the actor's name: it may what the configurator wrote."""
        actor = self.actor
        if actor.own_roles is not None:
            return replace(self, cause=cause, chain=(*self.chain, cause), depth=self.depth + 1)
        acting = replace(actor, roles=frozenset({ADMINISTRATOR}), own_roles=actor.asking_roles)
        return replace(
            self, actor=acting, cause=cause, chain=(*self.chain, cause), depth=self.depth + 1, kept={}
        )

    def in_own_name(self) -> Context:
        """The same unit of work as the person themself, with what they may do and no more."""
        actor = self.actor
        if actor.own_roles is None:
            return self
        return replace(self, actor=replace(actor, roles=actor.own_roles, own_roles=None), kept={})
