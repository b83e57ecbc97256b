"""What stands in the way of a transition or a button: its state, who fires it, what hides it, its guards.

Firing asks this and refuses; pages, the API and `explain` ask the same and tell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Literal

import sqlalchemy as sa

from engine.access import access
from engine.access.levels import at_level
from engine.access.reaching import may_do
from engine.build.processes import Process
from engine.drafts.draft import Draft
from engine.errors import Place
from engine.metamodel.expression import Expression
from engine.metamodel.workflow import Guard, Transition, Workflow
from engine.process.approvers import round_of, stands_for
from engine.process.view import View
from engine.to_python.trace import Step
from engine.work.context import Context
from engine.work.facts import old_facts
from engine.work.stored import Stored
from engine.work.surroundings import NO_NEED

Kind = Literal["state", "exclusive", "rights", "by-itself", "hidden", "guard"]


@dataclass(frozen=True)
class Obstacle:
    """One reason why a transition is not open: in words, where it is declared, and the values that decided.

    `trace` finds these values out. A page shows reasons on every view, and asks for them rarely.
    """

    kind: Kind
    message: str
    place: Place | None = None
    trace: Callable[[], tuple[Step, ...]] = field(default=tuple, compare=False)

    @property
    def steps(self) -> tuple[Step, ...]:
        """Each part of the condition with its value; while the record is as it was when this was found."""
        return self.trace()


@dataclass(frozen=True)
class Asking:
    """A transition or a button of a record that somebody uses, or might use."""

    context: Context
    transition: Transition
    view: View

    @property
    def by_hand(self) -> bool:
        """Whether a person makes it; processes and the clock are not asked who they are."""
        return self.context.depth == 0 and self.context.source != "job"

    @property
    def draft(self) -> Draft:
        """What the record will be."""
        assert self.view.draft is not None
        return self.view.draft

    @property
    def stored(self) -> Stored:
        """What it is now."""
        assert self.draft.old is not None
        return self.draft.old


@dataclass(frozen=True)
class Attempt(Asking):
    """A transition of a record that somebody makes, or might make."""

    process: Process
    agreed: bool = False  # whether everybody whose approval it needs has agreed
    refusing: bool = False  # whether it is the way of a refused approval

    @property
    def followed(self) -> bool:
        """Whether the record follows the workflow of the transition, which its type may say."""
        old = self.draft.old
        return old is None or self.process.workflow.moves(old.values.get("record_type"))

    @property
    def leads_on(self) -> bool:
        """Whether it leaves the state that the record is in."""
        old = self.draft.old
        return old is not None and self.process.leads_on(self.transition, old.values)

    @property
    def state(self) -> str:
        """The state it is in; "" of a new record."""
        return str(self.stored.values.get(self.process.workflow.member)) if self.draft.old is not None else ""


def attempt(
    context: Context, process: Process, transition: Transition, stored: Stored, draft: Draft | None = None
) -> Attempt:
    """An attempt on a stored record; `draft` is what a form has made of it."""
    return Attempt(context, transition, view_of(context, process, stored, draft), process)


def view_of(context: Context, process: Process, stored: Stored, draft: Draft | None = None) -> View:
    """A stored record as the attempts on it see it."""
    entity = context.runtime.entities[process.workflow.entity]
    return View(context, entity, stored.id, draft or Draft(entity, stored, moving=True))


def obstacles(found: Attempt, *, formless: bool = False) -> list[Obstacle]:
    """Every obstacle, the hardest first: behind it those are not looked for that it makes pointless.

    `formless`: the form has not been filled in yet, and guards that read it can't be judged.
    """
    first = next(iter(prior(found)), None)
    return [first] if first is not None else list(failing(found, formless=formless))


def prior(found: Attempt) -> Iterator[Obstacle]:
    """What stands in the way whatever a form says."""
    if found.by_hand:
        yield from _of_rights(found)
    yield from _of_state(found)
    yield from _of_exclusion(found)
    if found.by_hand:
        yield from _of_hiding(found)


def _of_state(found: Attempt) -> Iterator[Obstacle]:
    if found.transition.start or found.leads_on:
        return
    workflow, label = found.process.workflow, found.view.entity.label.lower()
    if not found.followed:
        message = f"{found.transition.label} is not open: this {label} does not follow {workflow.label}."
        yield Obstacle("state", message, found.transition.place)
        return
    state = found.process.state(found.state)
    leaves = " or ".join(workflow.states[each].label for each in found.transition.sources)
    is_now = state.label if state is not None else found.state
    message = f"{found.transition.label} is not open: the {label} is {is_now}, and it leads on from {leaves}."
    yield Obstacle("state", message, found.transition.place)


def _of_exclusion(found: Attempt) -> Iterator[Obstacle]:
    """The other workflow that the record is under way in, of those of which it is in one at a time."""
    workflow, transition = found.process.workflow, found.transition
    if not workflow.exclusive or transition.start or not found.leads_on:
        return
    context = found.context
    way = context.runtime.processes.in_the_way(workflow, transition, found.stored.values)
    if way is None:
        return
    other, state = way
    told = other.member in access.readable(context.in_own_name(), workflow.entity)
    label = found.view.entity.label.lower()
    why = (
        f"{other.label} is under way, where the {label} is {state.label}"
        if told
        else "something else is under way"
    )
    yield Obstacle("exclusive", f"{transition.label} is not open: {why}.", transition.place)


def _of_rights(found: Attempt) -> Iterator[Obstacle]:
    context, transition = found.context, found.transition
    entity, number = found.view.entity, found.view.number
    if transition.hidden or transition.by_itself_only:
        yield Obstacle("by-itself", f"Nobody does {transition.label} by hand.", transition.place)
        return
    if found.process.workflow.member not in access.readable(context, entity.name):
        yield Obstacle("rights", f"You may not see what moves this {entity.label.lower()}.", transition.place)
        return
    if transition.approval is not None:
        yield from () if found.agreed else _of_approval(found)
        return
    if context.actor.administrator:
        return
    action = "create" if transition.start else "transition"
    allowed = access.may(context, entity.name, action) if transition.start else None
    if allowed is None:
        allowed = may_do(context, entity.name, number, action)
    if not allowed:
        yield Obstacle("rights", f"You may not move this {entity.label.lower()} on.", transition.place)
    else:
        yield from of_roles(found)


def _of_approval(found: Attempt) -> Iterator[Obstacle]:
    """Whose answer an approval does not wait for."""
    if not found.leads_on:
        return  # which is said of the state
    asked = round_of(found.context, found.process, found.transition, found.view)
    user = found.context.actor.id
    people = stands_for(found.context, user) if user is not None else []
    if not any(asked.open_to(each) for each in people):
        message = f"{found.transition.label} waits for others: {asked.given} of {asked.needed} have agreed."
        yield Obstacle("rights", message, asked.approval.place)


def might_fire(context: Context, workflow: Workflow, transition: Transition) -> bool:
    """Whether the actor's roles let them make a transition of any record at all."""
    entity = workflow.entity
    if transition.hidden or transition.by_itself_only:
        return False
    if workflow.member not in access.readable(context, entity):
        return False
    if transition.approval is not None:
        return access.may(context, entity, "read")
    actor = context.actor
    named = transition.roles is None or bool(actor.roles & transition.roles.keys())
    allowed = access.may(context, entity, "create" if transition.start else "transition")
    return actor.administrator or (named and allowed)


def of_roles(found: Asking) -> Iterator[Obstacle]:
    """Whom the roles that are named leave out."""
    if not _role_reaches(found):
        message = f"{found.transition.label} is for others: {_who(found)}."
        yield Obstacle("rights", message, found.transition.place)


def _who(found: Asking) -> str:
    roles = found.context.runtime.application.roles
    named = [roles[each].label if each in roles else each for each in found.transition.roles or ()]
    return ", ".join(named) or "nobody"


def _role_reaches(found: Asking) -> bool:
    """Whether a role the actor has is named, and reaches this record."""
    roles, context = found.transition.roles, found.context
    if roles is None:
        return True
    levels = [roles[role] for role in context.actor.roles if role in roles]
    if not levels or "all" in levels or found.transition.start:
        return bool(levels)
    made = context.runtime.table(found.view.entity.name)
    clauses = [at_level(context, made, level, made.table) for level in levels]
    reached = sa.or_(*(each for each in clauses if each is not None))
    statement = sa.select(made.table.c.id).where(made.table.c.id == found.view.number, reached)
    return context.connection.execute(statement, access.operands(context)).first() is not None


def _of_hiding(found: Attempt) -> Iterator[Obstacle]:
    condition = found.transition.hidden_if
    if condition is not None and found.view.holds(condition):
        yield does_not_apply(found, condition)


def does_not_apply(found: Asking, condition: Expression) -> Obstacle:
    """What is said where a condition hides something from a record."""
    message = f"{found.transition.label} does not apply to this {found.view.entity.label.lower()}."
    return Obstacle("hidden", message, condition.place, partial(found.view.traced, condition))


# ---- guards


def conditions_of(found: Asking) -> Iterator[Expression]:
    """What is asked of the record while no form has been filled in: what hides the transition, and its guards."""
    if found.transition.hidden_if is not None:
        yield found.transition.hidden_if
    yield from (each.check for each in _judged(found, formless=True))


def _judged(found: Asking, formless: bool) -> list[Guard]:
    return [each for each in found.transition.guards if not (formless and reads_form(found, each))]


def failing(found: Asking, *, formless: bool = False) -> Iterator[Obstacle]:
    """The guards that do not hold."""
    guards = _judged(found, formless)
    view = _before(found).looking(each.check for each in guards)
    for guard in guards:
        if not view.holds(guard.check):
            words = guard_words(found.transition, guard)
            yield Obstacle("guard", words, guard.place, partial(view.traced, guard.check))


def _before(found: Asking) -> View:
    """The view with the record as it was before, where nothing has been made of it yet that has kept it."""
    view, need = found.view, found.context.runtime.processes.old_of(found.transition)
    if view.old is not None or not need.members or found.draft.old is None:
        return view
    return replace(view, old=old_facts(found.context, found.stored, need))


def guard_words(transition: Transition, guard: Guard) -> str:
    """What is said where a guard does not hold."""
    return guard.message or f"The condition for {transition.label} is not met."


def reads_form(found: Asking, guard: Guard) -> bool:
    """Whether a guard reads what the form asks for."""
    asked = {each.name for each in found.transition.form}
    if not asked:
        return False
    return "form." in guard.check.text or bool(
        asked & set(found.view.reads_of(guard.check).get("record", NO_NEED).members)
    )
