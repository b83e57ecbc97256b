"""A state in a row: where the record is not in it, the transition that leads there is made, or the row refused."""

from __future__ import annotations

from engine.errors import FieldError, Invalid
from engine.metamodel.entity import Entity
from engine.process.firing import Pending, fire
from engine.process.opening import Opening, openings
from engine.work.context import Context
from engine.work.stored import load


def move_to(context: Context, entity: Entity, number: int, member: str, to: str | None) -> bool:
    """Bring a record into a state by the first transition that is open and leads there; answers whether it moved.

    No state in the row leaves the record where it is. Raises Invalid where no transition does.
    """
    now = load(context, entity.name, [number])[number].values.get(member)
    if to is None or to == now:
        return False
    leading = [
        each
        for each in openings(context, entity.name, number)
        if each.process.workflow.member == member and each.leaves and each.transition.target == to
    ]
    chosen = next((each for each in leading if each.offered and each.transition.approval is None), None)
    if chosen is None:
        raise Invalid([FieldError(member, "no-transition", _why_not(entity, member, leading, now, to))])
    try:
        done = fire(context, entity.name, number, chosen.transition.name, {})
    except Invalid as invalid:
        raise Invalid([_told(chosen, member, error) for error in invalid.errors]) from invalid
    assert not isinstance(done, Pending)
    return True


def _told(chosen: Opening, member: str, error: FieldError) -> FieldError:
    """A complaint of a transition, at the state that asked for it."""
    where = f"{error.at}: " if error.at else ""
    return FieldError(member, error.code, f"{chosen.transition.label}: {where}{error.message}")


def _why_not(entity: Entity, member: str, leading: list[Opening], now: str | None, to: str) -> str:
    labels = {choice.name: choice.label for choice in getattr(entity.properties[member].type, "options", ())}
    here, there = labels.get(now or "", now or "nowhere"), labels.get(to, to)
    if any(each.transition.approval is not None for each in leading):
        return f"What leads from {here} to {there} needs an approval."
    told = next((each.obstacles[0].message for each in leading if each.obstacles), "")
    return f"No transition that you may make leads from {here} to {there}.{f' {told}' if told else ''}"
