"""Processes ready to run: the workflows of each entity with their machines, and what follows on what happens."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from engine.build.machine import StateMachine
from engine.declared.application import Application
from engine.declared.rules import Rule
from engine.expressions.reads import Need, reads
from engine.metamodel.automation import Automation
from engine.metamodel.expression import Expression
from engine.metamodel.workflow import State, Transition, Workflow

NOTHING = Need()


@dataclass(frozen=True)
class Process:
    """A workflow and its machine."""

    workflow: Workflow

    @cached_property
    def machine(self) -> StateMachine:
        return StateMachine(self.workflow)

    @cached_property
    def timed(self) -> bool:
        """Whether time does anything with its records."""
        return any(each.timed for each in self.workflow.transitions.values())

    def leads_on(self, transition: Transition, values: Mapping[str, Any]) -> bool:
        """Whether a transition leaves the state that a record with these values is in, if it follows the workflow."""
        state = str(values.get(self.workflow.member))
        return self.workflow.moves(values.get("record_type")) and state in transition.sources

    def state(self, name: object) -> State | None:
        """A state of the workflow; None for one that is declared no more."""
        return self.workflow.states.get(str(name))


@dataclass(frozen=True)
class Followers:
    """What follows when something happens to a record: automations in their order, and transitions by themselves.

    `old` is what their conditions read of the record as it was.
    """

    automations: tuple[Automation, ...] = ()
    transitions: tuple[tuple[Workflow, Transition], ...] = ()
    old: Need = field(default_factory=Need)


@dataclass(frozen=True)
class Processes:
    """Every process of an application: workflows and buttons by entity, followers by entity and happening."""

    of_entity: Mapping[str, tuple[Process, ...]] = field(default_factory=dict)
    followers: Mapping[tuple[str, str], Followers] = field(default_factory=dict)

    buttons: Mapping[str, Mapping[str, Transition]] = field(default_factory=dict)
    old: Mapping[int, Need] = field(default_factory=dict)  # by the identity of a transition, button or state

    def old_of(self, declared: Transition | State | None) -> Need:
        """What a transition, a button or a state reads of the record as it was."""
        return self.old.get(id(declared), NOTHING)

    def of(self, entity: str) -> tuple[Process, ...]:
        """The workflows of an entity."""
        return self.of_entity.get(entity, ())

    def moving(self, entity: str, values: Mapping[str, Any]) -> tuple[Process, ...]:
        """The workflows that a record with these values follows; all of them where its type is not among the values."""
        found = self.of(entity)
        if "record_type" not in values:
            return found
        kind = values["record_type"]
        return tuple(each for each in found if each.workflow.moves(kind))

    def mover(self, entity: str, member: str, record_type: object) -> Process | None:
        """The workflow that moves a state property of the records of a type."""
        found = (each for each in self.of(entity) if each.workflow.member == member)
        return next((each for each in found if each.workflow.moves(record_type)), None)

    def in_the_way(
        self, workflow: Workflow, transition: Transition, values: Mapping[str, Any]
    ) -> tuple[Workflow, State] | None:
        """The workflow of the same exclusive group in which a record is under way, where a transition sets out."""
        if not workflow.exclusive or not workflow.sets_out(transition, str(values.get(workflow.member))):
            return None
        for each in self.moving(workflow.entity, values):
            other, state = each.workflow, str(values.get(each.workflow.member))
            grouped = other.exclusive == workflow.exclusive and other.member != workflow.member
            if grouped and other.under_way(state):
                return other, other.states[state]
        return None

    @cached_property
    def by_type(self) -> Mapping[str, tuple[str, ...]]:
        """The state properties that records move by their type, by entity."""
        found: dict[str, dict[str, None]] = {}
        for entity, processes in self.of_entity.items():
            members = dict.fromkeys(each.workflow.member for each in processes if each.workflow.by_type)
            if members:
                found[entity] = members
        return {entity: tuple(members) for entity, members in found.items()}

    def transition(self, entity: str, name: str) -> tuple[Process, Transition] | None:
        """A transition of an entity by its name."""
        for process in self.of(entity):
            found = process.workflow.transitions.get(name)
            if found is not None:
                return process, found
        return None

    def buttons_of(self, entity: str) -> tuple[Transition, ...]:
        """The buttons of an entity, in order of declaration."""
        return tuple(self.buttons.get(entity, {}).values())

    def button(self, entity: str, name: str) -> Transition | None:
        """A button of an entity by its name."""
        return self.buttons.get(entity, {}).get(name)


def build_processes(application: Application) -> Processes:
    """The processes of an application."""
    of_entity: dict[str, list[Process]] = {}
    for workflow in application.workflows.values():
        of_entity.setdefault(workflow.entity, []).append(Process(workflow))
    return Processes(
        of_entity={name: tuple(each) for name, each in of_entity.items()},
        followers=_followers(application),
        buttons=application.buttons,
        old=_old(application),
    )


def _old(application: Application) -> dict[int, Need]:
    rule_of = {rule.expression: rule for rule in application.rules}
    every = [
        *(
            each
            for workflow in application.workflows.values()
            for each in (*workflow.transitions.values(), *workflow.states.values())
        ),
        *(button for buttons in application.buttons.values() for button in buttons.values()),
    ]
    needs = {id(each): _old_of(each, rule_of) for each in every}
    return {number: need for number, need in needs.items() if need.members}


def _followers(application: Application) -> dict[tuple[str, str], Followers]:
    rule_of = {rule.expression: rule for rule in application.rules}
    automations: dict[tuple[str, str], list[Automation]] = {}
    transitions: dict[tuple[str, str], list[tuple[Workflow, Transition]]] = {}
    for automation in application.automations.values():
        if automation.on is not None:
            automations.setdefault((automation.entity, automation.on), []).append(automation)
    for workflow in application.workflows.values():
        for transition in workflow.transitions.values():
            if transition.trigger is not None and transition.trigger.on is not None:
                key = (workflow.entity, transition.trigger.on)
                transitions.setdefault(key, []).append((workflow, transition))
    return {
        key: Followers(
            tuple(sorted(automations.get(key, ()), key=lambda each: (each.order, each.name))),
            tuple(transitions.get(key, ())),
            _old_of(automations.get(key, ()), rule_of),
        )
        for key in {*automations, *transitions}
    }


def _old_of(declared: object, rule_of: Mapping[Expression, Rule]) -> Need:
    """What any expression of a declaration reads of the record as it was."""
    need = Need()
    for expression in _expressions(declared):
        rule = rule_of.get(expression)
        if rule is not None:
            need.add(reads(rule.loose.node).get("old", Need()))
    return need


def _expressions(found: object) -> Iterator[Expression]:
    """Every expression anywhere in a declaration."""
    if isinstance(found, Expression):
        yield found
    elif isinstance(found, Mapping):
        for each in found.values():
            yield from _expressions(each)
    elif isinstance(found, list | tuple | frozenset):
        for each in found:
            yield from _expressions(each)
    elif hasattr(found, "__dataclass_fields__"):
        for name in found.__dataclass_fields__:
            yield from _expressions(getattr(found, name))
