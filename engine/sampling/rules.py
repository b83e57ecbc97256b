"""The rules of the metadata in made-up records: what does not apply is left out, what is required is there.

Only rules that read a record's own values are asked here, before anything is written; what a rule says of
related records is left to chance, as it is with data that was there before the rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.build.rules import Compiled, CompiledCheck, EntityRules
from engine.expressions.nodes import Node
from engine.expressions.reads import reads
from engine.metamodel.entity import Entity
from engine.sampling.facts import Facts
from engine.sampling.values import Maker
from engine.to_python.roots import Surroundings
from engine.work.facts import Nobody, Record
from engine.work.stored import Key

ATTEMPTS = 8
"""How often a value is made anew that a validation refuses, before it is left out."""


@dataclass(frozen=True)
class Obedience:
    """The rules of one entity that can be kept while a record is made."""

    visible_if: tuple[Compiled, ...]
    required_if: tuple[Compiled, ...]
    checks: tuple[CompiledCheck, ...]
    relations: frozenset[str]

    @property
    def asks(self) -> bool:
        return bool(self.visible_if or self.required_if or self.checks)

    def obey(
        self, facts: Facts, keys: Mapping[str, Key | None], makers: Mapping[str, Maker], around: Surroundings
    ) -> None:
        """Change a record's values to what its rules allow."""
        record = self._record(facts, keys)
        hidden = set()
        for rule in self.visible_if:
            if rule.member in makers and not rule.evaluate(record, around):
                hidden.add(rule.member)
                record[rule.member] = facts.values[rule.member] = None
        for rule in self.required_if:
            lacks = rule.member in makers and rule.member not in hidden and record[rule.member] is None
            if lacks and rule.evaluate(record, around):
                made = makers[rule.member].value(facts, required=True)
                record[rule.member] = facts.values[rule.member] = made
        for check in self.checks:
            _pass(check, record, facts, makers.get(check.validation.at), around)

    def _record(self, facts: Facts, keys: Mapping[str, Key | None]) -> Record:
        record: Record = Nobody(facts.values, id=facts.number)
        for name in self.relations:
            key = keys.get(name)
            record[name] = None if key is None else Nobody(id=key[1], _entity=key[0])
        return record


def obedience(entity: Entity, rules: EntityRules) -> Obedience:
    """The rules of an entity that read nothing but the record itself."""
    keys = frozenset(relation.name for relation in entity.relations.values() if relation.holds_key)
    return Obedience(
        tuple(rule for rule in rules.visible_if if _own(entity, rule.node)),
        tuple(rule for rule in rules.required_if if _own(entity, rule.node)),
        tuple(check for check in rules.checks if _own(entity, check.rule.loose.node)),
        keys,
    )


def _own(entity: Entity, node: Node) -> bool:
    """Whether an expression reads values of the record alone, all of them made before it is asked."""
    for root, need in reads(node).items():
        for name, below in need.members.items():
            if root not in ("record", "old"):
                return False
            prop = entity.properties.get(name)
            relation = entity.relations.get(name)
            if prop is not None and not prop.computed:
                continue
            if relation is None or not relation.holds_key or set(below.members) - {"id"}:
                return False
    return True


def _pass(
    check: CompiledCheck, record: Record, facts: Facts, maker: Maker | None, around: Surroundings
) -> None:
    """Make the value that a validation is about until it passes; leave it out where it never does."""
    if maker is None or check.evaluate(record, around) is not False:
        return
    name = maker.prop.name
    for value in _others(maker, facts):
        record[name] = facts.values[name] = value
        if check.evaluate(record, around) is not False:
            return


def _others(maker: Maker, facts: Facts) -> Iterable[Any]:
    for _ in range(ATTEMPTS):
        yield maker.value(facts, required=True)
    if not maker.prop.required:
        yield None
