"""Reading of the tests of the configuration; every entity, property, role, name and expression is one there is."""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from yaml import ScalarNode

from engine.declared.rules import Named
from engine.declared.shapes import Shapes
from engine.documents.complaints import Complaints, meant
from engine.documents.documents import Documents, uncertain
from engine.documents.schemas.trials import ACTS
from engine.expressions.complaint import ExpressionError
from engine.expressions.registry import Functions
from engine.metamodel.entity import Entity
from engine.metamodel.expression import Expression
from engine.metamodel.relation import Relation
from engine.metamodel.trial import ACTOR, MADE, Act, Condition, Expected, Given, Trial
from engine.text.alignment import Located
from engine.text.yaml_tree import Map, Seq
from engine.to_python.roots import Surroundings
from engine.typecheck.check import CONDITION, check
from engine.typecheck.names import EVERY_ROOT
from engine.typecheck.schema import Roots

RESERVED = frozenset({ACTOR, MADE, *EVERY_ROOT, *(each.name for each in fields(Surroundings))})
OUTCOMES = ("visible", "hidden", "readonly", "required")
LISTED = ("listed", "not_listed")
LATER = "this version carries out no transitions, and skips the test"


@dataclass(frozen=True)
class Known:
    """What tests may speak of."""

    found: Documents
    entities: Mapping[str, Entity]
    named: Named
    functions: Functions
    complaints: Complaints


def read_trials(known: Known) -> dict[str, Trial]:
    """Every test that is right."""
    read = (TrialReader(known, root).trial() for root in known.found.by_kind["test"].values())
    return {trial.name: trial for trial in read if trial is not None}


class TrialReader:
    """Reads one test; what is wrong has been complained of, and then there is none."""

    def __init__(self, known: Known, root: Map) -> None:
        self.known, self.root, self.complaints = known, root, known.complaints
        self.entities = known.entities
        self.given: dict[str, Given] = {}
        self._lost = self.root.map("given").broken

    def trial(self) -> Trial | None:
        """The test, or None where it is wrong."""
        before = len(self.complaints.problems)
        self._givens()
        actor = self._actor()
        when, then = self.root.map("when"), self.root.map("then")
        act = self._act(when)
        if act is None:
            return None
        entity, target = self._target(when, act)
        self._values(when, entity)
        outcomes = self._outcomes(then, act, entity)
        conditions = self._conditions(then, act, entity)
        if len(self.complaints.problems) > before or entity is None:
            return None
        return Trial(
            name=self.root["test"],
            place=self.root.key_place("test"),
            description=self.root.get("description", ""),
            given=self.given,
            actor=actor,
            act=act,
            entity=entity.name,
            target=target,
            values=when.get("with") or {},
            act_place=when.key_place(act),
            refused=self._refused(then),
            outcomes=outcomes,
            conditions=conditions,
        )

    # ---- who, and what there is

    def _actor(self) -> str:
        said = self.root["as"]
        if isinstance(said, str):
            if said in self.given and self.given[said].entity == "user":
                return said
            self._role(self.root, "as", said)
            self.given[ACTOR] = Given(
                entity="user", values={"roles": [said]}, place=self.root.key_place("as")
            )
            return ACTOR
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
            relation = entity.relations.get(name)
            if relation is None or value is None:
                continue
            if relation.kind == "composition":
                for row in value if isinstance(value, Seq) else ():
                    if isinstance(row, Map):
                        self._members(row, self.entities[relation.target])
            elif isinstance(value, Seq):
                for position, each in enumerate(value):
                    self._related(value, position, each, relation)
            else:
                self._related(values, name, value, relation)

    def _member(self, holder: Map | Seq, name: str, entity: Entity, position: int | None = None) -> None:
        known = [*entity.properties, *entity.relations]
        if name in known or uncertain(entity.document, ("properties", "relations"), name):
            return
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

    # ---- what they do

    def _act(self, when: Map) -> Act | None:
        acts: list[Act] = [each for each in ACTS if each in when]  # type: ignore[misc]
        if len(acts) != 1:
            message = f"a test does one thing, not {len(acts)}" if acts else "this test does nothing"
            hint = f"`when` takes one of {', '.join(ACTS)}"
            self.complaints.at_key(self.root, "when", "bad-test", message, hint)
            return None
        (act,) = acts
        if act == "transition":
            self.complaints.without_effect(when, "transition", LATER)
        allowed = {"create": ("with",), "update": ("with",), "transition": ("on", "with")}
        for key in when:
            if key != act and key not in allowed.get(act, ()):
                message = f"{key!r} says nothing for {act!r}"
                self.complaints.at_key(when, key, "bad-test", message, "take it out")
        return act

    def _target(self, when: Map, act: Act) -> tuple[Entity | None, str | None]:
        """The entity that is acted upon, and the given record."""
        key = "on" if act == "transition" else act
        if key not in when:
            message = "a transition is fired on a record"
            self.complaints.at_key(
                when, act, "bad-test", message, "add `on: NAME` with that of a given record"
            )
            return None, None
        name = when[key]
        if act in ("create", "list"):
            if name not in self.entities and name not in self.known.found.known("entity"):
                self.complaints.unknown_name(when, key, "entity", name, self.entities)
            return self.entities.get(name), None
        made = self.given.get(name)
        if made is None and (name in self._lost or name in self.root.map("given")):
            return None, None  # what is wrong with it has been said
        if made is None:
            hint = meant(name, list(self.given))
            self.complaints.at_value(when, key, "unknown-given", f"no given record {name!r}", hint)
            return None, None
        return self.entities[made.entity], name

    def _values(self, when: Map, entity: Entity | None) -> None:
        if entity is not None and when.get("with"):
            self._members(when["with"], entity)

    # ---- what comes of it

    def _refused(self, then: Map) -> Expected | None:
        if "refused" not in then:
            return None
        said = then["refused"]
        return Expected(text="" if said is True else said, place=then.key_place("refused"))

    def _outcomes(self, then: Map, act: Act, entity: Entity | None) -> dict[str, tuple[Expected, ...]]:
        found: dict[str, tuple[Expected, ...]] = {}
        for key in (*OUTCOMES, *LISTED):
            names = then.seq(key)
            if names and (act == "list") != (key in LISTED):
                message = f"{key!r} says nothing of {act!r}"
                hint = "it belongs to `list`" if key in LISTED else "it belongs to one record"
                self.complaints.at_key(then, key, "bad-test", message, hint)
            for position, name in enumerate(names if entity is not None else ()):
                assert entity is not None
                if key in LISTED:
                    self._given(names, position, name, (entity.name,))
                else:
                    self._member(names, name, entity, position)
            if names:
                found[key] = tuple(
                    Expected(text=name, place=names.place_of(position)) for position, name in enumerate(names)
                )
        return found

    def _conditions(self, then: Map, act: Act, entity: Entity | None) -> tuple[Condition, ...]:
        records = {name: (made.entity,) for name, made in self.given.items()}
        records[ACTOR] = ("user",)
        if act != "list" and entity is not None:
            records[MADE] = (entity.name,)
        roots = Roots(
            records=records,
            roles=self.known.named.roles,
            capabilities=self.known.named.capabilities,
            key="expect",
        )
        names = then.seq("expect")
        return tuple(self._checked(names, position, roots) for position in range(len(names)))

    def _checked(self, holder: Seq, position: int, roots: Roots) -> Condition:
        entry = holder.entries[position]
        located = Located(entry.source, entry.value) if isinstance(entry.value, ScalarNode) else None
        said = Expression(holder.raw(position) or "", holder.text_place(position), located)
        shapes = Shapes(self.entities, loading=True)
        try:
            checked = check(said.text, roots, shapes, self.known.functions, CONDITION)
        except ExpressionError as error:
            self.complaints.at_expression(said, error.complaints)
            return Condition(expression=said, checked=None)
        return Condition(expression=said, checked=checked)
