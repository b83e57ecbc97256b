"""Who made-up records belong to: people whose roles let them work with such records, where roles are known."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from engine.build.runtime import Runtime
from engine.metamodel.entity import Entity
from engine.metamodel.relation import Relation
from engine.work.conditions import alive
from engine.work.context import Context

PERSON = "user"


class Staff:
    """The users, and which of them fit where."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self._roles: dict[int, frozenset[str]] = {}
        self._fitting: dict[tuple[str, str], list[int]] = {}

    def load(self, context: Context) -> None:
        """Read the roles of the users there are."""
        table = self.runtime.table(PERSON).table
        for row in context.connection.execute(sa.select(table.c.id, table.c.roles).where(*alive(table))):
            self.note(row.id, row.roles or ())

    def note(self, number: int, roles: Iterable[str]) -> None:
        """There is a user with these roles."""
        self._roles[number] = frozenset(roles)
        self._fitting.clear()

    def of(self, entity: Entity, relation: Relation) -> list[int]:
        """The users that a relation of an entity leads to; none where nobody fits better than others."""
        action = "update" if relation.system else "read"
        key = (entity.name, action)
        if key not in self._fitting:
            self._fitting[key] = [
                number for number, roles in self._roles.items() if self._works(entity.name, roles, action)
            ]
        return self._fitting[key]

    def _works(self, entity: str, roles: frozenset[str], action: str) -> bool:
        """Whether the roles let somebody do this to more than single records they have to do with."""
        grants = self.runtime.access.entities[entity].grants(roles, action)
        return any(not each.conditional for each in grants)
