"""Where made-up records come from: an order from a quote that was accepted, with its customer and its lines.

The application says so itself: a transition converts a record by a mapping, and the new record points back to
it. Each record is converted once, and only in a state that such a transition has led to.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

from engine.build.runtime import Runtime
from engine.metamodel.action import Convert, Values
from engine.metamodel.conversion import Conversion
from engine.metamodel.entity import Entity
from engine.metamodel.workflow import Workflow
from engine.service.bulk import NewRow
from engine.work.stored import Key

REMEMBERED = 20_000
"""Records of an entity that others may be made of; later ones are not."""

SHARE = 0.6
"""How many records come from another one, as long as there are any."""

PART = re.compile(r"(?:record|item)\.(\w+)")


@dataclass(frozen=True)
class Origin:
    """One conversion as its records remember it: `relation` points back to what they were made of.

    `members` and `rows` say what is taken over, by the name it has in the new record.
    """

    entity: str
    relation: str
    required: bool
    source: str
    state: str
    states: frozenset[str]
    members: Mapping[str, str]
    rows: Mapping[str, tuple[str, Mapping[str, str]]]


@dataclass(frozen=True)
class Given:
    """What a new record has from the one it is made of."""

    keys: Mapping[str, Key | None] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)
    rows: Mapping[str, Sequence[Given]] = field(default_factory=dict)


class Descent:
    """The records that others can be made of, and what these have from them."""

    def __init__(self, runtime: Runtime) -> None:
        self._origins: dict[str, list[Origin]] = defaultdict(list)
        for workflow in runtime.application.workflows.values():
            for origin in _origins(runtime, workflow):
                self._origins[origin.entity].append(origin)
        self._sources = {each.source for several in self._origins.values() for each in several}
        self._made: dict[Key, NewRow] = {}
        self._rows: dict[Key, dict[str, list[NewRow]]] = defaultdict(dict)
        self._waiting: dict[tuple[str, str], list[int]] = defaultdict(list)

    def remember(self, entity: Entity, row: NewRow) -> None:
        """A record was made: others may be made of it."""
        if entity.name not in self._sources or len(self._made) >= REMEMBERED:
            return
        self._made[(entity.name, row.id)] = row
        for several in self._origins.values():
            for origin in several:
                if origin.source == entity.name and row.values.get(origin.state) in origin.states:
                    self._waiting[(origin.entity, origin.relation)].append(row.id)

    def remember_rows(self, entity: Entity, number: int, composition: str, rows: list[NewRow]) -> None:
        """The rows of a record were made."""
        if (entity.name, number) in self._made:
            self._rows[(entity.name, number)][composition] = rows

    def draw(self, entity: Entity, random: Random) -> Given | None:
        """What the next record of an entity is made of; None where it can't be without, and nothing is left."""
        blank: dict[str, Key | None] = {}
        for origin in self._origins.get(entity.name, ()):
            blank[origin.relation] = None
        for origin in self._origins.get(entity.name, ()):
            waiting = self._waiting[(origin.entity, origin.relation)]
            if waiting and (origin.required or random.random() < SHARE):
                found = self._given(origin, waiting.pop(0))
                return Given({**blank, **found.keys}, found.values, found.rows)
            if origin.required:
                return None
        return Given(blank)

    def _given(self, origin: Origin, number: int) -> Given:
        made = self._made[(origin.source, number)]
        rows = self._rows[(origin.source, number)]
        taken = _taken(origin.members, made)
        below = {
            name: [_taken(members, row) for row in rows.get(composition, ())]
            for name, (composition, members) in origin.rows.items()
        }
        keys = {**taken.keys, origin.relation: (origin.source, number)}
        return Given(keys, {**taken.values, "created_at": made.values["created_at"]}, below)


def after(created: Any, now: Any, random: Random) -> Any:
    """A moment some days after another one, and not to come."""
    return min(
        created + timedelta(days=1 + int(random.random() * 20), minutes=int(random.random() * 300)), now
    )


def _taken(members: Mapping[str, str], row: NewRow) -> Given:
    keys = {name: row.keys[here] for name, here in members.items() if here in row.keys}
    values = {name: row.values[here] for name, here in members.items() if row.values.get(here) is not None}
    return Given(keys, values)


def _origins(runtime: Runtime, workflow: Workflow) -> Iterator[Origin]:
    """The conversions that the transitions of a workflow make."""
    for transition in workflow.transitions.values():
        states = frozenset(transition.targets or transition.sources)
        for action in transition.do:
            if not isinstance(action, Convert):
                continue
            conversion = runtime.application.conversions[action.mapping]
            target = runtime.entities[conversion.target]
            for name, value in conversion.values.items():
                if value.expression is not None and value.expression.text.strip() == "record":
                    rows = dict(_rows(runtime, conversion))
                    members = _members(conversion.values, target)
                    required = target.relations[name].required
                    yield Origin(
                        target.name, name, required, conversion.source, workflow.member, states, members, rows
                    )


def _rows(runtime: Runtime, conversion: Conversion) -> Iterator[tuple[str, tuple[str, Mapping[str, str]]]]:
    target, source = runtime.entities[conversion.target], runtime.entities[conversion.source]
    for name, rows in conversion.rows.items():
        child = runtime.entities[target.relations[name].target]
        found = PART.fullmatch(rows.each.text.strip())
        if found is not None and found[1] in source.relations:
            yield name, (found[1], _members(rows.values, child))


def _members(values: Values, target: Entity) -> dict[str, str]:
    """The members that are taken over as they are, by the name they have in the new record."""
    found = {}
    for name, value in values.items():
        part = PART.match(value.expression.text.strip()) if value.expression is not None else None
        if part is not None and (part.end() == len(value.expression.text.strip()) or part[1] == name):  # type: ignore[union-attr]
            found[name] = part[1]
    return found
