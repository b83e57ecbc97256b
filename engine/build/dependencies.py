"""Which stored computed values hang on which members of which records, and the way back to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from engine.build.page_view import owner_of_row
from engine.build.rules import EntityRules
from engine.declared.application import Application
from engine.expressions.reads import Need
from engine.metamodel.entity import Entity


@dataclass(frozen=True, slots=True)
class Step:
    """One relation of a way: from a record of `entity` by its member `name` to one of `target`.

    `kind` is `one` where `entity` has the key, `many` where `target` has it (then `key` is its name there),
    `link` where a table in between holds pairs (`key` is the relation, `owner` the entity that declares it).
    """

    kind: Literal["one", "many", "link"]
    entity: str
    name: str
    target: str
    key: str = ""
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Dependent:
    """A stored computed property, the way from its record to those it reads, and what it reads of them.

    `existing`: it also changes when such a record comes, goes, or comes back.
    """

    entity: str
    member: str
    way: tuple[Step, ...]
    members: frozenset[str]
    existing: bool


def dependents_of(
    application: Application, rules: Mapping[str, EntityRules]
) -> dict[str, tuple[Dependent, ...]]:
    """The dependents of every entity's records."""
    found: dict[str, list[Dependent]] = {}
    for name, own in rules.items():
        for computed in own.stored:
            need = own.needs_of(computed.member)
            for entity, dependent in _walk(application, name, computed.member, need):
                found.setdefault(entity, []).append(dependent)
    return {entity: tuple(each) for entity, each in found.items()}


def _walk(application: Application, entity: str, member: str, need: Need) -> Iterator[tuple[str, Dependent]]:
    """Every place a computed property reads from, with the way there."""
    waiting: list[tuple[str, Need, tuple[Step, ...], frozenset[str]]] = [(entity, need, (), frozenset())]
    while waiting:
        here, below, way, keys = waiting.pop()
        declared = application.entities[here]
        names = {name for name in below.members if not declared_many(declared, name)}
        for name, further in below.members.items():
            for step in _steps(application, declared, name):
                reads = frozenset({step.key}) if step.kind == "many" else frozenset()
                if step.kind == "link" and step.owner == here:
                    names.add(name)
                if step.kind == "link" and step.owner == step.target:
                    reads = frozenset({step.key})
                waiting.append((step.target, further, (*way, step), reads))
        existing = bool(way) and way[-1].kind != "one"
        if names or keys or existing:
            yield here, Dependent(entity, member, way, frozenset(names) | keys, existing)


def declared_many(entity: Entity, name: str) -> bool:
    """Whether a member leads to many records."""
    relation = entity.relations.get(name)
    return name in entity.inverses or (relation is not None and not relation.holds_key)


def _steps(application: Application, entity: Entity, name: str) -> Iterator[Step]:
    """The step a member is, one for each entity it may lead to; none for a property."""
    relation = entity.relations.get(name)
    if relation is not None and relation.holds_key:
        for target in relation.targets:
            yield Step("one", entity.name, name, target)
    elif relation is not None and relation.kind == "composition":
        child = application.entities[relation.target]
        owner = owner_of_row(child, entity.name, relation.name)
        yield Step("many", entity.name, name, child.name, owner)
    elif relation is not None:
        yield Step("link", entity.name, name, relation.target, relation.name, entity.name)
    elif name in entity.inverses:
        inverse = entity.inverses[name]
        declared = application.entities[inverse.source].relations[inverse.relation]
        if declared.holds_key:
            yield Step("many", entity.name, name, inverse.source, declared.name)
        else:
            yield Step("link", entity.name, name, inverse.source, declared.name, inverse.source)
