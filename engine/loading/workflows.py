"""Reading workflows and automations: over linked entities, each expression checked where it is read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.declared.rules import Rule, Rules
from engine.documents.complaints import Complaints, meant
from engine.documents.documents import Documents, document_of
from engine.loading.actions import ActionReader, Names
from engine.loading.declarations import Declarations
from engine.loading.parameters import Parameters, read_parameters
from engine.loading.steps import Scope
from engine.loading.transitions import TransitionReader
from engine.metamodel.action import ITEM
from engine.metamodel.automation import Automation
from engine.metamodel.conversion import Conversion, ConvertedRows
from engine.metamodel.entity import Entity
from engine.metamodel.workflow import State, Transition, Workflow
from engine.text.labels import words
from engine.text.yaml_tree import Map

NOBODY: frozenset[str] = frozenset()
"""The types of record of a workflow that neither its property nor any type of record names."""


@dataclass
class Processes:
    """What is read: workflows and automations by name, buttons by entity, and every expression of theirs."""

    workflows: dict[str, Workflow] = field(default_factory=dict)
    buttons: dict[str, dict[str, Transition]] = field(default_factory=dict)
    automations: dict[str, Automation] = field(default_factory=dict)
    conversions: dict[str, Conversion] = field(default_factory=dict)
    rules: list[Rule] = field(default_factory=list)
    names: Names = field(default_factory=lambda: Names({}, {}))


def read_processes(
    found: Documents, declared: Declarations, checker: Rules, actions: frozenset[str]
) -> Processes:
    """Every workflow, button and automation that is right, as far as it is."""
    processes = Processes()
    conversions = {name: (root["from"], root["to"]) for name, root in found.by_kind["mapping"].items()}
    lost, calendars = frozenset(found.lost["entity"]), frozenset(found.known("calendar_of_work"))
    names = Names(_transitions(found, checker.complaints), conversions, actions, calendars, lost)
    processes.names = names
    for name, root in found.by_kind["mapping"].items():
        conversion = _Reader(checker, declared, names, processes).conversion(name, root)
        if conversion is not None:
            processes.conversions[name] = conversion
    for name, root in found.by_kind["workflow"].items():
        made = _Reader(checker, declared, names, processes).workflow(name, root)
        if made is not None and made.types != NOBODY:  # else nothing uses it, which is warned of
            processes.workflows[name] = made
    for entity in checker.entities.values():
        _Reader(checker, declared, names, processes).buttons(entity)
    for name, root in found.by_kind["automation"].items():
        automation = _Reader(checker, declared, names, processes).automation(name, root)
        if automation is not None:
            processes.automations[name] = automation
    return processes


@dataclass
class _Reader:
    checker: Rules
    declared: Declarations
    names: Names
    processes: Processes

    # ---- workflows

    def workflow(self, name: str, root: Map) -> Workflow | None:
        entity = self.checker.entities.get(root["entity"])
        prop = entity.properties.get(root["property"]) if entity is not None else None
        if entity is None or not hasattr(getattr(prop, "type", None), "workflow"):
            return None  # check_workflows complains of it
        parameters = read_parameters(name, root, self.declared)
        states = {each: self._state(entity, root, each, parameters) for each in root["states"]}
        self._check_was(root, states)
        reader = TransitionReader(self.checker, entity, states, root, self.declared, self.names, parameters)
        declared = root.map("transitions")
        read = {each: reader.transition_of(each, declared[each]) for each in declared}
        self.processes.rules += reader.rules
        return Workflow(
            name=name,
            label=root.get("label") or words(name),
            description=root.get("description", ""),
            entity=entity.name,
            member=root["property"],
            initial=root["initial"],
            version=root.get("version", 1),
            states=states,
            transitions={each: made for each, made in read.items() if made is not None},
            place=root.key_place("workflow"),
            types=None
            if name == getattr(getattr(prop, "type", None), "workflow", "")
            else entity.own_workflows.get(name, NOBODY),
            left_out=self._left_out(entity, name, root["property"]),
            parameters=parameters.properties,
            exclusive=root.get("exclusive", ""),
        )

    def _left_out(self, entity: Entity, workflow: str, member: str) -> frozenset[str]:
        """The types of record that another workflow moves by the same property."""
        own = {name: types for name, types in entity.own_workflows.items() if name != workflow}
        states = self.declared.workflows
        mine = (types for name, types in own.items() if name in states and states[name].property == member)
        return NOBODY.union(*mine)

    def _state(self, entity: Entity, root: Map, name: str, parameters: Parameters) -> State:
        body = root["states"][name] if isinstance(root["states"][name], Map) else root.map("")
        scope = Scope(before=True, parameters=parameters)
        reader = ActionReader(self.checker, entity, scope, name, self.names)
        freeze = body.get("freeze")
        was = body.get("was", ())
        made = State(
            choice=self.declared.choice_of(root["workflow"], name),
            place=root["states"].key_place(name),
            final=body.get("final", False),
            frozen=freeze == "all",
            freeze=frozenset(reader.members(body, "freeze")),
            hide=frozenset(reader.members(body, "hide")),
            require=frozenset(reader.members(body, "require")),
            forbid=frozenset(body.get("forbid") or ()),
            enter=reader.actions(body.seq("enter")),
            leave=reader.actions(body.seq("leave")),
            was=(was,) if isinstance(was, str) else tuple(was),
        )
        self._check_state(entity, body, made, reader.complaints)
        self.processes.rules += reader.rules
        return made

    def _check_was(self, root: Map, states: Mapping[str, State]) -> None:
        """A former name is that of no state any more, and of one former state only."""
        taken: dict[str, str] = {}
        for name, state in states.items():
            for former in state.was:
                body, message = root["states"][name], ""
                if former in states:
                    message = f"{former!r} is still a state: its records stay in it"
                elif former in taken:
                    message = f"{former!r} is called {taken[former]!r} now already"
                if message:
                    self.checker.complaints.at_key(body, "was", "bad-state", message, "take it out")
                taken.setdefault(former, name)

    def _check_state(self, entity: Entity, body: Map, state: State, complaints: Complaints) -> None:
        for name in sorted(state.hide & state.require):
            message = f"{name!r} is hidden and required at once"
            at = list(body.seq("require")).index(name)
            complaints.at_value(body.seq("require"), at, "bad-state", message, "take it out of one of them")
        for key in ("require", "freeze"):
            for position, name in enumerate(body.seq(key)):
                prop = entity.properties.get(name)
                if prop is not None and (prop.computed or hasattr(prop.type, "workflow")):
                    message = f"nobody writes {name!r}: there is nothing to {key}"
                    complaints.at_value(body.seq(key), position, "bad-state", message, "take it out")

    # ---- buttons

    def buttons(self, entity: Entity) -> None:
        """The buttons of an entity: they are read as transitions are, and move no state."""
        root = document_of(entity)
        declared = root.map("actions")
        reader = TransitionReader(self.checker, entity, {}, root, self.declared, self.names)
        read = {name: reader.button_of(name, declared[name]) for name in declared}
        self.processes.rules += reader.rules
        made = {name: button for name, button in read.items() if button is not None}
        if made:
            self.processes.buttons[entity.name] = made

    # ---- mappings

    def conversion(self, name: str, root: Map) -> Conversion | None:
        for key in ("from", "to"):
            self._entity(root, key, root[key])
        source, target = (self.checker.entities.get(root[key]) for key in ("from", "to"))
        if source is None or target is None:
            return None
        reader = ActionReader(self.checker, source, Scope(), name, self.names)
        made = Conversion(
            name=name,
            label=root.get("label") or words(name),
            source=source.name,
            target=target.name,
            values=reader.values(root.map("with"), target),
            rows=dict(self._rows(root.map("rows"), target, reader)),
            move=tuple(self._moved(root, source, target)),
            place=root.key_place("mapping"),
        )
        self.processes.rules += reader.rules
        return made

    def _rows(
        self, declared: Map, target: Entity, reader: ActionReader
    ) -> Iterator[tuple[str, ConvertedRows]]:
        for name, said in declared.items():
            relation = target.relations.get(name)
            if relation is None or relation.kind != "composition":
                known = [each.name for each in target.relations.values() if each.kind == "composition"]
                message = f"{target.name} has no rows {name!r}"
                reader.complaints.at_key(declared, name, "unknown-relation", message, meant(name, known))
                continue
            if said.broken:
                continue
            found = reader.records_of(said, "each")
            if found is None:
                continue
            reader.scope = Scope().with_record(ITEM, found[1])
            values = reader.values(said["with"], self.checker.entities[relation.target])
            reader.scope = Scope()
            yield name, ConvertedRows(each=found[0], values=values, place=said.place)

    def _moved(self, root: Map, source: Entity, target: Entity) -> Iterator[str]:
        """The lists of the source whose records can belong to the target as well."""
        complaints = self.checker.complaints
        for position, name in enumerate(root.seq("move")):
            inverse = source.inverses.get(name)
            if inverse is None:
                message = f"{source.name} has no list {name!r} of records that lead to it"
                hint = meant(str(name), list(source.inverses))
                complaints.at_value(root.seq("move"), position, "unknown-relation", message, hint)
                continue
            relation = self.checker.entities[inverse.source].relations[inverse.relation]
            if target.name not in relation.targets or not relation.holds_key:
                message = f"{inverse.source}.{relation.name} can't lead to {target.name}"
                hint = f"add {target.name!r} to its `to`, or leave {name!r} out"
                complaints.at_value(root.seq("move"), position, "bad-mapping", message, hint)
                continue
            yield name

    # ---- automations

    def automation(self, name: str, root: Map) -> Automation | None:
        entity_name, happening = self._follows(root)
        entity = self.checker.entities.get(entity_name)
        if entity is None:
            return None
        scope = Scope(before=happening in ("updated", "transitioned"))
        reader = ActionReader(self.checker, entity, scope, name, self.names)
        reader.check_schedule(root)
        made = Automation(
            name=name,
            label=root.get("label") or words(name),
            place=root.key_place("automation"),
            entity=entity.name,
            on=happening,
            changed=frozenset(reader.members(root, "changed")),
            transitions=frozenset(self._named(root, entity.name)),
            schedule=root.get("schedule", ""),
            each=reader.optional(root, "each", "where"),
            when=reader.optional(root, "when", "when"),
            order=root.get("order", 0),
            do=reader.actions(root.seq("do")),
        )
        self.processes.rules += reader.rules
        return made

    def _named(self, root: Map, entity: str) -> Iterator[str]:
        names, known = root.seq("transitions"), self.names.transitions.get(entity, ())
        for position, name in enumerate(names):
            if name not in known:
                message = f"{entity} has no transition {name!r}"
                hint = meant(str(name), list(known))
                self.checker.complaints.at_value(names, position, "unknown-transition", message, hint)
            yield name

    def _follows(self, root: Map) -> tuple[str, Any]:
        """The entity an automation is about, and what it follows (None: a time)."""
        complaints = self.checker.complaints
        if root.broken & {"on", "schedule"}:
            return "", None
        if ("on" in root) == ("schedule" in root):
            message = "an automation follows something that happens, or a time"
            hint = 'write one of on: contact.created, or schedule: "0 8 * * mon" with an entity'
            complaints.at_key(root, "automation", "bad-automation", message, hint)
            return "", None
        if "on" in root:
            entity, _, happening = root["on"].partition(".")
            needs = {"changed": "updated", "transitions": "transitioned"}
            for key in ("entity", "each"):
                if key in root:
                    complaints.at_key(
                        root, key, "bad-automation", f"{key!r} goes with `schedule`", "take it out"
                    )
            for key, wanted in needs.items():
                if key in root and happening != wanted:
                    complaints.at_key(
                        root,
                        key,
                        "bad-automation",
                        f"{key!r} goes with `{wanted}`",
                        f"write on: {entity}.{wanted}",
                    )
            self._entity(root, "on", entity)
            return entity, happening
        for key in ("changed", "transitions"):
            if key in root:
                complaints.at_key(root, key, "bad-automation", f"{key!r} goes with `on`", "take it out")
        if "entity" not in root:
            message = "it is not said whose records it is done for"
            complaints.at_key(root, "schedule", "bad-automation", message, "add `entity: NAME`")
            return "", None
        self._entity(root, "entity", root["entity"])
        return root["entity"], None

    def _entity(self, root: Map, key: str, name: str) -> None:
        if name not in self.checker.entities and name not in self.names.lost:
            self.checker.complaints.unknown_name(root, key, "entity", name, self.checker.entities)


# ---- names that processes use of each other


def _transitions(found: Documents, complaints: Complaints) -> dict[str, dict[str, str]]:
    """The transitions of each entity with their workflows; no two of one entity are called the same."""
    names: dict[str, dict[str, str]] = {}
    for workflow, root in found.by_kind["workflow"].items():
        here = names.setdefault(root["entity"], {})
        for name in root.map("transitions"):
            if name in here:
                message = f"{here[name]} has a transition {name!r} of {root['entity']} already"
                hint = "call one of them otherwise"
                complaints.at_key(root.map("transitions"), name, "name-clash", message, hint)
            here.setdefault(name, workflow)
    return names
