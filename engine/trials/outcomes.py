"""What came of a test, held against what it says: each difference with its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.access import access
from engine.drafts.preview import preview
from engine.errors import Place
from engine.expressions.reads import reads
from engine.metamodel.property import Property
from engine.metamodel.trial import MADE, Condition, Expected, Trial
from engine.process.explaining import accounts
from engine.process.pressing import offers
from engine.to_python.compile import to_python
from engine.to_python.trace import trace
from engine.work.context import Context
from engine.work.facts import NOBODY, stored_facts
from engine.work.surroundings import rooted, surroundings


@dataclass(frozen=True)
class Difference:
    """What was expected and what came instead."""

    expected: str
    got: str
    place: Place


def members(
    context: Context, trial: Trial, values: Mapping[str, Any], number: int | None
) -> Iterator[Difference]:
    """The properties as who acts meets them in the form of the record, with the values of the test."""
    outcomes = trial.outcomes
    if not any(outcomes.get(key) for key in ("visible", "hidden", "readonly", "required")):
        return
    entity = context.runtime.entities[trial.entity]
    form = preview(context, trial.entity, values, number)
    readable = access.readable(context, trial.entity) - form.hidden
    writable = access.writable(context, trial.entity, creating=number is None)
    for key, wanted in outcomes.items():
        for each in wanted:
            member = entity.properties.get(each.text) or entity.relations[each.text]
            closed = (
                member.readonly == "always"
                or (member.readonly == "after_create" and number is not None)
                or (isinstance(member, Property) and not member.type.writable)
            )
            found = {
                "visible": each.text in readable,
                "hidden": each.text not in readable,
                "readonly": each.text in readable
                and (closed or each.text not in writable or each.text in form.fixed),
                "required": member.required or each.text in form.required,
            }
            if not found.get(key, True):
                got = "it is hidden" if each.text not in readable else f"it is not {key}"
                yield Difference(
                    f"{each.text} is {key}", "it is visible" if key == "hidden" else got, each.place
                )


def listed(trial: Trial, keys: Mapping[str, tuple[str, int]], found: frozenset[int]) -> Iterator[Difference]:
    """The given records that should be in the list, and those that should not."""
    for key, there in (("listed", True), ("not_listed", False)):
        for each in trial.outcomes.get(key, ()):
            if (keys[each.text][1] in found) != there:
                words = ("is in the list", "is not in the list")
                yield Difference(f"{each.text} {words[not there]}", f"it {words[there]}", each.place)


def opened(context: Context, trial: Trial, number: int) -> Iterator[Difference]:
    """The transitions and buttons that should be open to who acts, and those that should not."""
    wanted = [(each, key == "open") for key in ("open", "not_open") for each in trial.outcomes.get(key, ())]
    if not wanted:
        return
    found = {each.transition.name: each for each in accounts(context, trial.entity, number)}
    used = {each.transition.name: each for each in offers(context, trial.entity, number, seen=True)}
    for each, there in wanted:
        account, button = found.get(each.text), used.get(each.text)
        if (account is not None and account.open) != there and button is None:
            against = [ground.words for ground in account.grounds if ground.holds is False] if account else []
            got = f"it is not: {' '.join(against)}" if there else "it is open"
            yield Difference(f"{each.text} is {'open' if there else 'not open'}", got, each.place)
        elif button is not None and button.open != there:
            got = f"it is not: {' '.join(one.message for one in button.obstacles)}" if there else "it is open"
            yield Difference(f"{each.text} is {'open' if there else 'not open'}", got, each.place)


def refused(wanted: Expected | None, said: str | None, place: Place) -> Iterator[Difference]:
    """Whether it was refused as expected; `said` is the refusal, None where there was none."""
    if wanted is None:
        if said is not None:
            yield Difference("it is done", f"it is refused: {said}", place)
    elif said is None:
        yield Difference("it is refused", "it is done", wanted.place)
    elif wanted.text.casefold() not in said.casefold():
        yield Difference(f"it is refused with {wanted.text!r}", f"it is refused: {said}", wanted.place)


def conditions(context: Context, trial: Trial, keys: Mapping[str, tuple[str, int]]) -> Iterator[Difference]:
    """The conditions that are not true of what there is now."""
    later = {name for name, given in trial.given.items() if given.later}
    for condition in trial.conditions:
        if ({MADE, *later} - keys.keys()) & reads(condition.checked.node).keys():
            yield Difference(condition.expression.text, "there is no record", condition.expression.place)
        else:
            yield from _condition(context, condition, keys)


def _condition(
    context: Context, condition: Condition, keys: Mapping[str, tuple[str, int]]
) -> Iterator[Difference]:
    node = condition.checked.node
    needs = reads(node)
    facts: dict[str, Any] = {}
    for name, (entity, number) in keys.items():
        if name in needs:
            found = stored_facts(context, entity, [number], needs[name])
            facts[name] = found.get(number, NOBODY)
    around = surroundings(context, needs)
    roots = rooted(around, facts, {})
    record = facts.get(MADE, NOBODY)
    if not to_python(node, "true").evaluate(record, roots):
        steps = [f"{step.text} = {step.shown}" for step in trace(node, record, roots)[1:]]
        yield Difference(
            condition.expression.text, "; ".join(steps) or "it is not true", condition.expression.place
        )
