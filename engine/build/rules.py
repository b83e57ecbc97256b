"""Rules ready to run: what each entity computes, requires, hides, refuses, as functions and what they read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from engine.declared.application import Application
from engine.declared.rules import Rule
from engine.expressions.nodes import Node
from engine.expressions.reads import Need, reads
from engine.metamodel.entity import Entity, Validation
from engine.to_python.compile import Evaluate, to_python


@dataclass(frozen=True)
class Compiled:
    """One rule as a function; for a condition `evaluate` answers whether it is true."""

    rule: Rule

    @cached_property
    def evaluate(self) -> Evaluate:
        return to_python(self.rule.loose.node, "true" if self.rule.condition else "value").evaluate

    @property
    def member(self) -> str:
        return self.rule.member

    @property
    def node(self) -> Node:
        return self.rule.loose.node


@dataclass(frozen=True)
class CompiledCheck:
    """A validation as a function that answers true, false, or None where it is unknown."""

    validation: Validation
    rule: Rule

    @cached_property
    def evaluate(self) -> Evaluate:
        return to_python(self.rule.loose.node).evaluate


@dataclass(frozen=True)
class EntityRules:
    """The rules of one entity. `stored` are computed properties that have a column, in the order they need each other.

    `virtual` are those that have none, by name.
    """

    entity: str
    defaults: tuple[Compiled, ...] = ()
    required_if: tuple[Compiled, ...] = ()
    visible_if: tuple[Compiled, ...] = ()
    readonly_if: tuple[Compiled, ...] = ()
    options_where: tuple[Compiled, ...] = ()
    checks: tuple[CompiledCheck, ...] = ()
    stored: tuple[Compiled, ...] = ()
    virtual: Mapping[str, Compiled] = field(default_factory=dict)

    @cached_property
    def needs(self) -> dict[str, Need]:
        """What judging a change reads, by root."""
        judging = [each.node for each in (*self.required_if, *self.visible_if, *self.readonly_if)]
        return reads(*judging, *(check.rule.loose.node for check in self.checks))

    @cached_property
    def needs_of_defaults(self) -> dict[str, Need]:
        return reads(*(each.node for each in self.defaults))

    @cached_property
    def needs_of_stored(self) -> dict[str, Need]:
        return reads(*(each.node for each in self.stored))

    @cached_property
    def needs_of_options(self) -> dict[str, Need]:
        return reads(*(each.node for each in self.options_where))

    @cached_property
    def needs_of_virtual(self) -> dict[str, Need]:
        return reads(*(each.node for each in self.virtual.values()))

    @property
    def reacts(self) -> bool:
        """Whether a form of such records changes with what is entered."""
        conditions = self.required_if or self.visible_if or self.readonly_if
        follow = self.needs_of_defaults.get("record", Need()).members
        return bool(conditions or self.stored or self.virtual or self.options_where or follow)

    def needs_of(self, member: str) -> Need:
        """What one stored computed property reads of its record."""
        node = next(each.node for each in self.stored if each.member == member)
        return reads(node).get("record", Need())

    def needs_of_parent(self, owner: str) -> Need | None:
        """What any rule of a row reads of its parent; None where none does."""
        found = None
        every = (
            self.needs,
            self.needs_of_defaults,
            self.needs_of_stored,
            self.needs_of_virtual,
            self.needs_of_options,
        )
        for needs in every:
            below = needs.get("record", Need()).members.get(owner)
            if below is not None:
                found = found or Need()
                found.add(below)
        return found

    @property
    def judges(self) -> bool:
        """Whether there is anything to judge a change by."""
        return bool(self.required_if or self.visible_if or self.readonly_if or self.checks)


def build_rules(application: Application) -> dict[str, EntityRules]:
    """The rules of every entity."""
    by_entity: dict[str, list[Rule]] = {name: [] for name in application.entities}
    for rule in application.rules:
        by_entity[rule.entity].append(rule)
    return {name: _of(application.entities[name], rules) for name, rules in by_entity.items()}


def _of(entity: Entity, rules: list[Rule]) -> EntityRules:
    checks = {rule.expression: rule for rule in rules if rule.key == "check"}
    computed = [rule for rule in rules if rule.key == "computed"]
    return EntityRules(
        entity.name,
        defaults=_each(rules, "default"),
        required_if=_each(rules, "required_if"),
        visible_if=_each(rules, "visible_if"),
        readonly_if=_each(rules, "readonly_if"),
        options_where=_each(rules, "options_where"),
        checks=tuple(
            CompiledCheck(validation, checks[validation.check])
            for validation in entity.validations
            if validation.check in checks
        ),
        stored=tuple(Compiled(rule) for rule in _ordered(entity, computed)),
        virtual={rule.member: Compiled(rule) for rule in computed if entity.properties[rule.member].virtual},
    )


def _each(rules: Iterable[Rule], key: str) -> tuple[Compiled, ...]:
    return tuple(Compiled(rule) for rule in rules if rule.key == key)


def _ordered(entity: Entity, computed: Iterable[Rule]) -> list[Rule]:
    """Stored computed properties, each after those of the same record that it reads."""
    waiting = {rule.member: rule for rule in computed if entity.properties[rule.member].stored}
    ordered: list[Rule] = []

    def add(rule: Rule) -> None:
        if rule in ordered:
            return
        own = reads(rule.loose.node).get("record", Need()).members
        for name in own:
            if name in waiting and name != rule.member:
                add(waiting[name])
        ordered.append(rule)

    for rule in waiting.values():
        add(rule)
    return ordered
