"""Where made-up records stand: their state or status, and what that asks of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Self

from engine.build.processes import Process
from engine.sampling.facts import Facts
from engine.sampling.meanings import over
from engine.sampling.values import Maker
from engine.types.base import Choice

UNDECIDED = 0.5
"""How many records lack somebody, or something else, that only a later state requires."""

REACHED = 2
"""How much likelier an end is that was wanted than one that was not."""

STATUS = ("status", "stage", "state")


@dataclass(frozen=True)
class Standing:
    """What the states of a record require and hide; `named` are the members that any state requires."""

    require: frozenset[str]
    hide: frozenset[str]
    named: frozenset[str]

    @classmethod
    def of(cls, processes: Iterable[Process], values: Mapping[str, Any]) -> Self:
        """The standing of a record in its workflows, as far as its states are settled."""
        require: frozenset[str] = frozenset()
        hide, named = require, require
        for process in processes:
            named = named.union(*(state.require for state in process.workflow.states.values()))
            state = process.state(values.get(process.workflow.member))
            if state is not None:
                require, hide = require | state.require, hide | state.hide
        return cls(require, hide, named)


def take_stand(makers: Sequence[Maker], facts: Facts, followed: Iterable[Process]) -> None:
    """Choose where a record stands: old ones mostly at an end, new ones at the beginning, rows behind their record."""
    for maker in makers:
        stands = maker.prop.name in STATUS or hasattr(maker.type, "workflow")
        if stands and maker.options:
            offered = [choice for choice in maker.options.values() if choice.active]
            mover = next((each for each in followed if each.workflow.member == maker.prop.name), None)
            if mover is not None:
                offered = [choice for choice in offered if mover.state(choice.name) is not None] or offered
            facts.status = _one_of(offered, facts)
            facts.status_name = maker.prop.name
            facts.values[maker.prop.name] = facts.status.name
            return


def _one_of(options: Sequence[Choice], facts: Facts) -> Choice:
    chance = facts.random.random
    old = facts.now - facts.created > timedelta(days=45)
    ends = any(choice.phase == "done" for choice in options)  # else only few are stopped at all
    at_end = chance() < (0.1 if not ends else 0.85 if old else 0.15)
    if facts.above is not None and facts.above.phase not in ("", "start"):
        at_end, options = True, [choice for choice in options if choice.phase == "done"] or options
    found = [choice for choice in options if over(choice) == at_end] or options
    found = [choice for choice in found for _ in range(REACHED if choice.phase == "done" else 1)]
    return found[int(chance() * len(found))]


def follow_stand(makers: Sequence[Maker], facts: Facts) -> None:
    """An option's attributes are what properties of these names usually are (a stage's probability)."""
    if facts.status is None or not facts.status.attributes:
        return
    for maker in makers:
        if maker.prop.name in facts.status.attributes:
            facts.values[maker.prop.name] = maker.type.parse(facts.status.attributes[maker.prop.name])


def begins(facts: Facts) -> bool:
    """Whether a record stands at the beginning."""
    return facts.status is not None and facts.status.phase == "start"
