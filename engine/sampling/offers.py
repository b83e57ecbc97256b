"""Which records a relation's `options_where` offers whatever the new record is: samples point to no others."""

from __future__ import annotations

from collections.abc import Sequence

from engine.build.rules import Compiled
from engine.expressions.reads import Need, reads
from engine.metamodel.entity import Entity
from engine.work.context import Context
from engine.work.facts import NOBODY, stored_facts
from engine.work.surroundings import surroundings


def offered(context: Context, entity: Entity, ids: dict[str, list[int]]) -> dict[str, list[int]]:
    """The ids that may be pointed to, by relation, for each rule that reads nothing of the record itself."""
    found = {}
    for rule in context.runtime.rules[entity.name].options_where:
        relation = entity.relations[rule.member]
        if "record" not in reads(rule.node) and not relation.polymorphic:
            found[relation.name] = _fitting(context, rule, relation.target, ids[relation.target])
    return found


def _fitting(context: Context, rule: Compiled, target: str, ids: Sequence[int]) -> list[int]:
    needs = reads(rule.node)
    options = stored_facts(context, target, ids, needs.get("option", Need()))
    return [
        number
        for number in ids
        if number in options
        and rule.evaluate(NOBODY, surroundings(context, needs, is_new=True, option=options[number]))
    ]
