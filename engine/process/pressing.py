"""Using a button: what it asks, checks and does, as a transition does it, without a change of state.

Its grant is the custom action of its name; what the states of the record freeze binds it as it binds any change.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from engine.access import access
from engine.access.reaching import may_do
from engine.drafts.draft import Draft
from engine.errors import NotFound
from engine.metamodel.workflow import Transition
from engine.process.acting import leading, set_in_draft
from engine.process.firing import act, refuse, refuse_guards
from engine.process.forms import Answers, read_answers
from engine.process.obstacles import Asking, Obstacle, does_not_apply, failing, of_roles
from engine.process.opening import Offer
from engine.process.refusals import told
from engine.process.view import View
from engine.reading.query import Record
from engine.reading.reading import get_identity, get_written
from engine.service import auditing, records
from engine.service.applying import apply, refuse_errors
from engine.service.events import settle_events
from engine.work.context import Context
from engine.work.facts import old_facts
from engine.work.runlog import RunLog
from engine.work.stored import Stored, load


def known_button(context: Context, entity: str, name: str) -> Transition:
    """A button of an entity by its name; raises NotFound."""
    found = context.runtime.processes.button(entity, name)
    if found is None:
        raise NotFound(entity, name)
    return found


def press(
    context: Context,
    entity: str,
    number: int,
    name: str,
    values: Mapping[str, Any],
    version: int | None = None,
) -> Record:
    """Use a button of a record, with the values of its form.

    Raises NotFound, Forbidden, Conflict where `version` is no longer current, and Invalid with every complaint.
    """
    button = known_button(context, entity, name)
    get_identity(context, entity, number, "read")
    asking = _asking(context, button, records.current(context, entity, number, version))
    refuse(context, asking, next(_prior(asking), None))
    answers = read_answers(asking, values)
    need = context.runtime.processes.old_of(button)
    old = old_facts(context, asking.stored, need) if need.members else None
    view = replace(answers.seen_by(asking.view), old=old)
    refuse_errors(answers.draft)
    refuse_guards(failing(replace(asking, view=view)))
    first, rest = leading(button.do)
    log = RunLog(entity, number, goes_on=bool(rest))
    set_in_draft(view, first, log)
    with told(context, (entity, number)):
        logged = replace(context, run=log)
        apply(logged, answers.draft, "update", _told(button, answers), kept_as="action")
    act(view.written(), button, rest, log)
    settle_events(context)
    return get_written(context, entity, number)


def _asking(context: Context, button: Transition, stored: Stored) -> Asking:
    entity = context.runtime.entities[stored.entity]
    return Asking(context, button, View(context, entity, stored.id, Draft(entity, stored), bound=True))


def _told(button: Transition, answers: Answers) -> dict[str, Any]:
    """What the history keeps beside the changes."""
    return {auditing.TRANSITION: {"name": button.name, "label": button.label, "form": answers.told()}}


# ---- what stands in the way


def _prior(found: Asking) -> Iterator[Obstacle]:
    """What stands in the way whatever a form says."""
    context, button, entity = found.context, found.transition, found.view.entity
    if not context.actor.administrator:
        if not may_do(context, entity.name, found.view.number, button.name):
            message = f"You may not do this to this {entity.label.lower()}: {button.label}."
            yield Obstacle("rights", message, button.place)
        else:
            yield from of_roles(found)
    if button.when is not None and not found.view.holds(button.when):
        yield does_not_apply(found, button.when)


def might_press(context: Context, entity: str, button: Transition) -> bool:
    """Whether the actor's roles let them use a button of any record at all."""
    actor = context.actor
    named = button.roles is None or bool(actor.roles & button.roles.keys())
    return actor.administrator or (named and access.may(context, entity, button.name))


def offers(context: Context, entity: str, number: int, *, seen: bool = False) -> list[Offer]:
    """Every button of a record, with what stands in its way; raises NotFound for one that may not be read.

    `seen=True` where this unit of work has read the record already.
    """
    if not seen:
        get_identity(context, entity, number, "read")
    buttons = context.runtime.processes.buttons_of(entity)
    stored = load(context, entity, [number]).get(number) if buttons else None
    return offers_of(context, stored) if stored is not None else []


def offers_of(context: Context, stored: Stored) -> list[Offer]:
    """The same of a record that the actor may read, as it is stored."""
    if stored.deleted_at is not None:
        return []
    buttons = context.runtime.processes.buttons_of(stored.entity)
    return [_offer(_asking(context, button, stored)) for button in buttons]


def offer(context: Context, entity: str, number: int, name: str) -> Offer:
    """One button of a record; raises NotFound."""
    button = known_button(context, entity, name)
    stored = load(context, entity, [number]).get(number)
    if stored is None:
        raise NotFound(entity, number)
    return _offer(_asking(context, button, stored))


def _offer(found: Asking) -> Offer:
    """A button with what stands in its way: behind the hardest nothing more is told, least of all to strangers."""
    first = next(_prior(found), None)
    against = (first,) if first is not None else tuple(failing(found, formless=True))
    return Offer(found.transition, against)
