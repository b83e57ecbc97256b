"""Trying conditions on every record there can be, as far as they read few values (choices, yes or no, states)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any

from engine.build.rules import Compiled
from engine.declared.rules import Rule
from engine.declared.shapes import kind_of
from engine.expressions.kinds import BOOL, EnumKind
from engine.expressions.nodes import Ambient, walk
from engine.expressions.reads import reads
from engine.metamodel.entity import Entity
from engine.metamodel.expression import Expression
from engine.proving.findings import Findings

MOST_RECORDS = 2_000
"""Records that a condition is tried on; one that needs more is not decided."""

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Condition:
    """A condition that can be tried: the members it reads."""

    compiled: Compiled
    members: tuple[str, ...]

    def holds(self, record: Values) -> bool:
        nothing: Any = None  # it reads nothing but the record
        return bool(self.compiled.evaluate(dict(record), nothing))


class Tried:
    """Conditions on the records of one entity."""

    def __init__(self, found: Findings, entity: Entity) -> None:
        self.found, self.entity = found, entity

    def condition(self, expression: Expression) -> Condition | None:
        """A condition that reads nothing but members of its record with few values; None for any other."""
        rule: Rule | None = self.found.rule_of.get(expression)
        if rule is None or any(isinstance(each, Ambient) for each in walk(rule.loose.node)):
            return None
        needs = reads(rule.loose.node)
        if set(needs) != {"record"}:
            return None
        members = needs["record"].members
        if any(below.members or not self.domain(name) for name, below in members.items()):
            return None
        return Condition(Compiled(rule), tuple(members))

    def domain(self, name: str) -> Sequence[Any]:
        """Every value a member can have; none where they can't be listed."""
        prop = self.entity.properties.get(name)
        if prop is None or prop.computed:
            return ()
        kind = kind_of(prop.type)
        nothing = () if prop.required else (None,)
        if kind is BOOL:
            return (True, False, *nothing)
        return (*kind.names, *nothing) if isinstance(kind, EnumKind) else ()

    def every(self, members: Sequence[str], known: Values | None = None) -> list[Values]:
        """Every record, as far as these members go, with what is known of it; none where they are too many."""
        fixed = known or {}
        domains = [(fixed[name],) if name in fixed else self.domain(name) for name in members]
        if prod(len(each) for each in domains) > MOST_RECORDS:
            return []
        return [dict(zip(members, values, strict=True)) for values in product(*domains)]
