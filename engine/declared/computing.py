"""Stored computed values that are computed of each other, over any number of records: no circle may be among them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from engine.declared.cycles import cycles
from engine.declared.rules import Rule
from engine.documents.complaints import Complaints
from engine.expressions.complaint import Complaint
from engine.expressions.reads import Need, reads
from engine.expressions.syntax import Span
from engine.metamodel.entity import Entity

CURE: Final = "take one of these out of the circle, or compute it without `stored`"


def complain_of_circles(
    rules: Iterable[Rule], entities: Mapping[str, Entity], complaints: Complaints
) -> None:
    """A value that hangs on itself, through whatever records, would never come to rest."""
    computed = {
        f"{rule.entity}.{rule.member}": rule
        for rule in rules
        if rule.key == "computed" and entities[rule.entity].properties[rule.member].stored
    }
    graph = {
        name: [each for each in read_by(rule, entities) if each in computed]
        for name, rule in computed.items()
    }
    for way in cycles(graph):
        rule = computed[way[0]]
        message = f"this is computed from itself: {' → '.join([*way, way[0]])}"
        span = Span(0, len(rule.expression.text))
        complaints.at_expression(rule.expression, [Complaint("computed-cycle", message, span, CURE)])


def read_by(rule: Rule, entities: Mapping[str, Entity]) -> list[str]:
    """Every property a rule reads of whatever record, as `entity.property`."""
    need = reads(rule.checked.node).get("record", Need())
    return list(dict.fromkeys(_walk(need, (rule.entity,), entities)))


def _walk(need: Need, names: Iterable[str], entities: Mapping[str, Entity]) -> Iterator[str]:
    for name in names:
        entity = entities[name]
        for member, below in need.members.items():
            yield f"{name}.{member}"
            relation = entity.relations.get(member)
            if relation is not None:
                yield from _walk(below, relation.targets, entities)
            elif member in entity.inverses:
                yield from _walk(below, (entity.inverses[member].source,), entities)
