"""What processes write, and which of their values may be other ones each time they are written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from engine.declared.rules import Rule
from engine.expressions.reads import Need, reads
from engine.metamodel.action import Delete, Set, Value, Values
from engine.proving.findings import Findings
from engine.proving.overlaps import bare
from engine.proving.rights import every_action

SETTLED_ROOTS = frozenset({"record", "user", "form", "parameters"})
"""What is the same, or known to change, however often a process runs within one operation."""


class Writes:
    """The values that the actions of an application give to members, by entity."""

    def __init__(self, found: Findings) -> None:
        self.found = found

    def entities(self, about: str, action: Set | Delete) -> tuple[str, ...]:
        """The entities whose records an action changes."""
        if action.record is None:
            return (about,)
        rule = self.found.rule_of.get(action.record)
        kind: Any = rule.checked.kind if rule is not None else None
        entities: tuple[str, ...] = getattr(kind, "entities", ())
        return entities

    @cached_property
    def _written(self) -> Mapping[tuple[str, str], frozenset[Any]]:
        """Every value each member is given, as declared."""
        written: dict[tuple[str, str], set[Any]] = defaultdict(set)
        for about, action in every_action(self.found):
            if isinstance(action, Set):
                for entity in self.entities(about, action):
                    for name, value in action.values.items():
                        written[entity, name].add(repr(bare(value)))
        return {key: frozenset(values) for key, values in written.items()}

    @cached_property
    def _moved(self) -> frozenset[str]:
        """The names of all members, of whatever entity, that processes write or that are computed from them."""
        moved = {name for _, name in self._written}
        moved |= {workflow.member for workflow in self.found.application.workflows.values()}
        while True:
            more = {
                rule.member for rule in self._computed if set(_names(reads(rule.checked.node))) & moved
            } - moved
            if not more:
                return frozenset(moved)
            moved |= more

    def changes(self, entity: str, values: Values) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
        """What writing values changes: at all, each time, and each time even if nothing else writes these members."""
        again = {name for name, value in values.items() if not self._settles(value)}
        several = {name for name in values if len(self._written.get((entity, name), ())) > 1}
        every = (set(values), again | several, again)
        changed, moving, alone = (self._with_computed(entity, each) for each in every)
        return changed, moving, alone

    def _with_computed(self, entity: str, names: set[str]) -> frozenset[str]:
        """Members, with those of the same record that are computed from them."""
        found = frozenset(names)
        while True:
            more = {
                rule.member
                for rule in self._computed
                if rule.entity == entity
                and found & reads(rule.checked.node).get("record", Need()).members.keys()
            }
            if more <= found:
                return found
            found |= more

    @cached_property
    def _computed(self) -> tuple[Rule, ...]:
        return tuple(rule for rule in self.found.application.rules if rule.key == "computed")

    def _settles(self, value: Value) -> bool:
        """Whether writing a value a second time changes nothing."""
        if value.template is not None:
            return self._moved.isdisjoint(step for path in value.template.paths for step in path.split("."))
        if value.expression is None:
            return True
        rule = self.found.rule_of.get(value.expression)
        needs = reads(rule.checked.node) if rule is not None else {"?": Need()}
        return set(needs) <= SETTLED_ROOTS and self._moved.isdisjoint(_names(needs))


def _names(needs: Mapping[str, Need]) -> Iterator[str]:
    """Every member that is read, wherever on a path."""
    for need in needs.values():
        for name, below in need.members.items():
            yield name
            yield from _names({"": below})
