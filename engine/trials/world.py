"""What a test is given: its records, made in the order they need each other, and who acts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from engine.access.groups import groups_of
from engine.errors import EngineError, Place
from engine.metamodel.entity import Entity
from engine.metamodel.relation import Relation
from engine.metamodel.trial import Deed, Given, Trial
from engine.service import parameters, records
from engine.trials.clock import later
from engine.types.display import Display
from engine.work.context import Actor, Context


class NotMade(Exception):
    """A given record could not be made; the place is that of the test."""

    def __init__(self, message: str, place: Place) -> None:
        self.place = place
        super().__init__(message)


@dataclass
class World:
    """The records of one test by name; `context` is the engine's own, which may do everything."""

    context: Context
    trial: Trial
    keys: dict[str, tuple[str, int]] = field(default_factory=dict)
    making: list[str] = field(default_factory=list)

    def make_all(self) -> None:
        """Set what is set, and make every given record; raises NotMade."""
        for workflow, values in self.trial.parameters.items():
            parameters.change(self.context, workflow, values)
        for name, given in self.trial.given.items():
            if not given.later:
                self.key(name)

    def pass_time(self, wait: timedelta) -> None:
        """Let time pass; what is due on the way happens."""
        if wait:
            self.context = later(self.context, wait)

    def key(self, name: str) -> tuple[str, int]:
        """A given record's entity and id; it is made when it is first asked for."""
        given = self.trial.given[name]
        if given.later and name not in self.keys:
            raise NotMade(f"{name!r} is not made yet", given.place)
        if name in self.making:
            raise NotMade(f"{' → '.join([*self.making, name])}: each needs the other first", given.place)
        if name not in self.keys:
            self.making.append(name)
            self.keys[name] = given.entity, self._make(given, name)
            self.making.pop()
        return self.keys[name]

    def _make(self, given: Given, name: str = "") -> int:
        entity = self.context.runtime.entities[given.entity]
        values = self.values(entity, given.values)
        members = {each.workflow.member for each in self.context.runtime.processes.of(entity.name)}
        states = {name: str(values.pop(name)) for name in members & values.keys() if values[name] is not None}
        if entity.name == "user":
            login = name or f"user_{len(self.keys)}_{len(self.making)}"
            values = {"login": login, "name": login, **values}
        try:
            return records.make(self.context, entity.name, values, states)
        except EngineError as error:
            raise NotMade(f"the given {entity.name} can't be made: {error}", given.place) from error

    def values(self, entity: Entity, written: Mapping[str, Any]) -> dict[str, Any]:
        """Values as the record service takes them: related records are made, and named by their ids."""
        made = {}
        for name, value in written.items():
            relation = entity.relations.get(name)
            made[name] = self._related(relation, value) if relation is not None else value
        return made

    def _related(self, relation: Relation, value: Any) -> Any:
        if relation.kind == "composition":
            child = self.context.runtime.entities[relation.target]
            return [self.values(child, row) for row in value or ()]
        if isinstance(value, list):
            return [self._id(each)["id"] for each in value]
        return None if value is None else self._id(value)

    def _id(self, value: Any) -> dict[str, Any]:
        if isinstance(value, str):
            entity, number = self.key(value)
        else:
            ((entity, values),) = value.items()
            number = self._make(Given(entity=entity, values=values or {}, place=self.trial.place))
        return {"entity": entity, "id": number}

    def acting(self, deed: Deed) -> Context:
        """The same unit of work, in the name of who does something."""
        _, number = self.key(deed.actor or self.trial.actor)
        context, runtime = self.context, self.context.runtime
        user = runtime.table("user").table
        row = context.connection.execute(sa.select(user).where(user.c.id == number)).one()
        roles = frozenset(role for role in row.roles or () if role in runtime.application.roles)
        groups, names = groups_of(context.connection, runtime, number, row.login, roles)
        settings = runtime.application.settings
        actor = Actor(
            number,
            row.login,
            row.name,
            roles,
            Display(settings.language, settings.timezone),
            row.unit,
            row.organization,
            groups,
            names,
        )
        return replace(context, actor=actor, kept={})
