"""Reading of tests of the configuration: who acts, and which records there are."""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from engine.declared.rules import Named
from engine.documents.complaints import Complaints, meant
from engine.documents.documents import Documents, uncertain
from engine.expressions.registry import Functions
from engine.metamodel.entity import Entity
from engine.metamodel.mailbox import Mailbox
from engine.metamodel.relation import Relation
from engine.metamodel.trial import ACTOR, MADE, Given
from engine.metamodel.workflow import Transition, Workflow
from engine.text.yaml_tree import Map, Seq
from engine.to_python.roots import Surroundings
from engine.typecheck.names import EVERY_ROOT

RESERVED = frozenset({ACTOR, MADE, *EVERY_ROOT, *(each.name for each in fields(Surroundings))})
"""What no record of a test can be called."""


@dataclass(frozen=True)
class Known:
    """What tests may speak of."""

    found: Documents
    entities: Mapping[str, Entity]
    named: Named
    functions: Functions
    complaints: Complaints
    workflows: Mapping[str, Workflow] = field(default_factory=dict)
    buttons: Mapping[str, Mapping[str, Transition]] = field(default_factory=dict)
    timezone: str = "UTC"
    mailboxes: Mapping[str, Mailbox] = field(default_factory=dict)

    def transition(self, entity: str, name: str) -> Transition | None:
        """A transition of an entity by its name."""
        found = (each for each in self.workflows.values() if each.entity == entity)
        return next((each.transitions[name] for each in found if name in each.transitions), None)

    def button(self, entity: str, name: str) -> Transition | None:
        """A button of an entity by its name."""
        return self.buttons.get(entity, {}).get(name)

    def openable(self, entity: str) -> list[str]:
        """The names of the transitions and buttons of an entity."""
        return [*self.transitions(entity), *self.buttons.get(entity, ())]

    def transitions(self, entity: str) -> list[str]:
        """The names of the transitions of an entity."""
        return [
            name for each in self.workflows.values() if each.entity == entity for name in each.transitions
        ]


class GivenReader:
    """Reads who acts and what is given in one test; what is wrong is complained of."""

    def __init__(self, known: Known, root: Map) -> None:
        self.known, self.root, self.complaints = known, root, known.complaints
        self.entities = known.entities
        self.given: dict[str, Given] = {}
        self._lost = self.root.map("given").broken

    def _actor(self) -> str:
        said = self.root["as"]
        if isinstance(said, str):
            return self._somebody(self.root, said, ACTOR)
        roles = [*([said["role"]] if "role" in said else []), *said.seq("roles")]
        if "role" in said:
            self._role(said, "role", said["role"])
        for position, role in enumerate(said.seq("roles")):
            self._role(said.seq("roles"), position, role)
        values: dict[str, Any] = {"roles": roles}
        for name in ("unit", "organization"):
            if name in said and self._given(said, name, said[name], (name,)):
                values[name] = said[name]
        self.given[ACTOR] = Given(entity="user", values=values, place=said.place)
        return ACTOR

    def _somebody(self, holder: Map, said: str, name: str) -> str:
        """A given user, or one made for a role: under a name of the test's own."""
        if said in self.given and self.given[said].entity == "user":
            return said
        self._role(holder, "as", said)
        made = Given(entity="user", values={"roles": [said]}, place=holder.key_place("as"))
        self.given.setdefault(name, made)
        return name

    def _role(self, holder: Map | Seq, key: str | int, role: str) -> None:
        known = self.known.named.roles
        if role not in known:
            users = [name for name, each in self.given.items() if each.entity == "user"]
            self.complaints.unknown_name(holder, key, "role", role, [*sorted(known), *users])

    def _givens(self) -> None:
        given = self.root.map("given")
        for name, declared in given.items():
            if name in RESERVED or keyword.iskeyword(name):
                message = f"{name!r} is a word of expressions, and can't name a given record"
                self.complaints.at_key(given, name, "reserved-name", message, "choose another name")
            made = self._record(declared)
            if made is not None:
                self.given[name] = made
        for declared in given.values():
            for entity, values in declared.items():
                if entity in self.entities:
                    self._members(values or {}, self.entities[entity])

    def _record(self, declared: Map) -> Given | None:
        """`{ticket: {subject: Help}}`."""
        entity = next(iter(declared), None)
        if entity is None:  # its name was none, and has been complained of
            return None
        if entity not in self.entities:
            if entity not in self.known.found.known("entity"):
                hint = meant(entity, list(self.entities))
                self.complaints.at_key(declared, entity, "unknown-entity", f"no entity {entity!r}", hint)
            return None
        return Given(entity=entity, values=declared[entity] or {}, place=declared.key_place(entity))

    def _members(self, values: Mapping[str, Any], entity: Entity) -> None:
        """Every member is one there is, and what a relation is given leads to a record."""
        if not isinstance(values, Map):
            return
        for name, value in values.items():
            self._member(values, name, entity)
            self._state(values, name, entity)
            relation = entity.relations.get(name)
            if relation is None or value is None:
                continue
            self._related_to(values, name, value, relation)

    def _related_to(self, values: Map, name: str, value: Any, relation: Relation) -> None:
        """What a relation is given: rows, several records, or one."""
        if relation.kind == "composition":
            for row in value if isinstance(value, Seq) else ():
                if isinstance(row, Map):
                    self._members(row, self.entities[relation.target])
        elif isinstance(value, Seq):
            for position, each in enumerate(value):
                self._related(value, position, each, relation)
        else:
            self._related(values, name, value, relation)

    def _state(self, values: Map, name: str, entity: Entity) -> None:
        """A record may be given in any of its states."""
        mine = (each for each in self.known.workflows.values() if each.entity == entity.name)
        workflow = next((each for each in mine if each.member == name), None)
        if workflow is not None and values[name] not in workflow.states:
            message = f"{workflow.name} has no state {values[name]!r}"
            hint = meant(str(values[name]), list(workflow.states))
            self.complaints.at_value(values, name, "unknown-state", message, hint)

    def _member(self, holder: Map | Seq, name: str, entity: Entity, position: int | None = None) -> None:
        if name in entity.properties or name in entity.relations:
            return
        if uncertain(entity.document, ("properties", "relations"), name):
            return
        known = [*entity.properties, *entity.relations]
        message = f"no property {name!r} on {entity.name}"
        if position is None and isinstance(holder, Map):
            self.complaints.at_key(holder, name, "unknown-property", message, meant(name, known))
        else:
            self.complaints.at_value(holder, position or 0, "unknown-property", message, meant(name, known))

    def _related(self, holder: Map | Seq, key: str | int, value: Any, relation: Relation) -> None:
        if isinstance(value, str):
            self._given(holder, key, value, relation.targets)
        elif isinstance(value, Map) and len(value) == 1:
            made = self._record(value)
            if made is not None and made.entity not in relation.targets:
                message = f"{relation.name!r} leads to {' or '.join(relation.targets)}, not to {made.entity}"
                self.complaints.at_value(holder, key, "bad-test", message, f"give {relation.targets[0]} one")
            elif made is not None:
                self._members(made.values, self.entities[made.entity])
        else:
            message = f"{relation.name!r} is given a record"
            hint = f"write the name of a given one, or {{{relation.targets[0]}: {{…}}}}"
            self.complaints.at_value(holder, key, "bad-test", message, hint)

    def _given(self, holder: Map | Seq, key: str | int, name: str, entities: Iterable[str]) -> bool:
        """Whether a name is that of a given record of one of some entities."""
        wanted = tuple(entities)
        if name == ACTOR and "user" in wanted:
            return True
        known = [each for each, made in self.given.items() if made.entity in wanted]
        if name not in known and name not in self._lost:
            message = f"no given {' or '.join(wanted)} {name!r}"
            self.complaints.at_value(holder, key, "unknown-given", message, meant(name, known))
            return False
        return True
