"""What can be executed, built once from metamodel and plugins, immutable, and swapped whole on reload."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from engine.build.access import Access, build_access
from engine.build.dependencies import Dependent, dependents_of
from engine.build.processes import Processes, build_processes
from engine.build.rules import EntityRules, build_rules
from engine.build.table import Dialect, EntityTable, Tables, build_tables
from engine.build.uniques import add_conditional_uniques
from engine.declared.application import Application
from engine.declared.rules import Rule
from engine.expressions.registry import Functions
from engine.functions.standard import standard_functions
from engine.metamodel.entity import Entity
from engine.metamodel.expression import Expression
from engine.metamodel.relation import Relation
from engine.plugins import Hooks

React = Callable[[Any], None]
"""Does what follows on what happened in a unit of work, whose context it is given."""


def nothing_follows(context: Any) -> None:
    """What an engine without processes does."""


@dataclass(frozen=True)
class Reference:
    """A relation somewhere that points to an entity: what a delete of its record has to look at."""

    source: str
    relation: Relation
    position: int  # which of the relation's targets, and so which of its columns


@dataclass(frozen=True)
class Runtime:
    """Everything a request needs, ready to run.

    `plans` caches statements by their shape; `secret` signs what is handed out and comes back (cursors);
    `react` does what processes declare to follow (it belongs to a later stage, and is given).
    """

    application: Application
    dialect: Dialect
    tables: Tables
    access: Access
    references: Mapping[str, tuple[Reference, ...]]
    hooks: Hooks
    functions: Functions
    rules: Mapping[str, EntityRules]
    dependents: Mapping[str, tuple[Dependent, ...]]
    processes: Processes
    secret: bytes = field(repr=False)
    react: React = nothing_follows
    plans: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def rule_of(self) -> Mapping[Expression, Rule]:
        """What each expression of the metadata was checked to be."""
        return {rule.expression: rule for rule in self.application.rules}

    @cached_property
    def rule_numbers(self) -> Mapping[Expression, int]:
        """A number for each expression of the metadata, by which its parameters in statements are named."""
        return {rule.expression: number for number, rule in enumerate(self.application.rules)}

    def entity(self, name: str) -> Entity:
        return self.application.entities[name]

    def table(self, name: str) -> EntityTable:
        return self.tables.entities[name]

    @cached_property
    def entities(self) -> Mapping[str, Entity]:
        return self.application.entities


def build_runtime(
    application: Application,
    hooks: Hooks,
    dialect: Dialect,
    secret: bytes,
    functions: Functions | None = None,
    react: React = nothing_follows,
) -> Runtime:
    """The runtime of an application on a kind of database; `secret` is at least 32 random bytes."""
    rules = build_rules(application)
    tables = build_tables(application, dialect)
    add_conditional_uniques(application, tables, dialect)
    return Runtime(
        application=application,
        dialect=dialect,
        tables=tables,
        access=build_access(application),
        references=_references(application),
        hooks=hooks,
        functions=functions or standard_functions(),
        rules=rules,
        dependents=dependents_of(application, rules),
        processes=build_processes(application),
        secret=secret,
        react=react,
    )


def _references(application: Application) -> dict[str, tuple[Reference, ...]]:
    found: dict[str, list[Reference]] = {name: [] for name in application.entities}
    for entity in application.entities.values():
        for relation in entity.relations.values():
            if relation.holds_key:
                for position, target in enumerate(relation.targets):
                    found[target].append(Reference(entity.name, relation, position))
    return {name: tuple(references) for name, references in found.items()}
