"""Firing a transition: the steps of every change of state, whoever makes it, in order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NoReturn

from engine.access import access
from engine.build.processes import Process
from engine.drafts.draft import Draft
from engine.errors import FieldError, Invalid, NotFound
from engine.expressions.reads import Need
from engine.metamodel.action import Action, Fire
from engine.metamodel.workflow import Transition
from engine.process import approving
from engine.process.acting import leading, living, perform, set_in_draft
from engine.process.approvers import has_agreed, round_of
from engine.process.endless import MOST_LEVELS, refuse_endless
from engine.process.forms import Answers, read_answers
from engine.process.obstacles import Asking, Attempt, Obstacle, attempt, failing, prior
from engine.process.refusals import told
from engine.process.view import View
from engine.reading.query import Record
from engine.reading.reading import get_identity, get_written
from engine.service import auditing, records, stays
from engine.service.applying import apply, refuse_errors
from engine.service.events import Event, emit, settle_events
from engine.work.context import Context
from engine.work.facts import old_facts
from engine.work.runlog import RunLog
from engine.work.stored import Key, Stored

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Pending:
    """An answer was counted, and more are needed before the transition is made."""

    given: int
    needed: int


def fire(
    context: Context, entity: str, number: int, name: str, values: Values, version: int | None = None
) -> Record | Pending:
    """Make a transition of a record, with the values of its form; or agree to it, where it needs approval.

    Raises NotFound, Forbidden, Conflict where `version` is no longer current, and Invalid with every complaint:
    the transition is not open, a guard does not hold, a value is wrong.
    """
    process, transition = known(context, entity, name)
    if transition.start:
        raise NotFound(entity, name)
    get_identity(context, entity, number, "read")
    stored = records.current(context, entity, number, version)
    pending = None
    if transition.approval is not None:
        pending = _agree(context, process, transition, stored, values)
    if pending is None:
        move(context, process, transition, stored, values, agreed=True)
    settle_events(context)
    return pending or get_written(context, entity, number)


def _agree(
    context: Context, process: Process, transition: Transition, stored: Stored, values: Values
) -> Pending | None:
    """Count the actor's agreement; None when it was the last one needed."""
    asking = attempt(context, process, transition, stored)
    found = round_of(context, process, transition, asking.view)
    if asking.leads_on and has_agreed(context, found):
        return Pending(found.given, found.needed)  # to say it again changes nothing
    refuse(context, asking, next(iter(prior(asking)), None))
    answers = read_answers(asking, values)
    view = answers.seen_by(asking.view)
    refuse_errors(answers.draft)
    refuse_guards(failing(replace(asking, view=view)))
    comment = approving.comment_of(answers.own)
    approving.cast(context, found, transition, stored, True, comment)
    now = round_of(context, process, transition, asking.view)
    if now.reached:
        return None
    if now.votes != found.votes:
        approving.tell(context, now, transition, stored, True, comment)
        approving.pass_on(asking.view, transition, found, now)
    return Pending(now.given, now.needed)


def reject(
    context: Context, entity: str, number: int, name: str, comment: str, version: int | None = None
) -> Record:
    """Refuse a transition that needs approval, with the reason; the record goes where that leads, or stays.

    Raises what `fire` raises; NotFound where the transition needs nobody's approval.
    """
    process, transition = known(context, entity, name)
    if transition.approval is None:
        raise NotFound(entity, name)
    get_identity(context, entity, number, "read")
    stored = records.current(context, entity, number, version)
    asking = attempt(context, process, transition, stored)
    refuse(context, asking, next(iter(prior(asking)), None))
    approving.need_reason(comment)
    found = round_of(context, process, transition, asking.view)
    approving.cast(context, found, transition, stored, False, comment)
    approving.tell(context, found, transition, stored, False, comment)
    approving.tell_refused(asking.view, transition, comment)
    if transition.approval.reject_to:
        refusal = replace(
            transition,
            label=f"{transition.label}: refused",
            target=transition.approval.reject_to,
            choose=None,
            form=(),
            do=(),
        )
        steps = Steps(asking)
        steps.leave()
        steps.enter(transition.approval.reject_to)
        arrive(
            replace(asking, transition=refusal, refusing=True),
            Answers(asking.draft, ()),
            steps,
            transition.approval.reject_to,
        )
    settle_events(context)
    return get_written(context, entity, number)


def known(context: Context, entity: str, name: str) -> tuple[Process, Transition]:
    """A transition of an entity by its name; raises NotFound."""
    found = context.runtime.processes.transition(entity, name)
    if found is None:
        raise NotFound(entity, name)
    return found


def move(
    context: Context,
    process: Process,
    transition: Transition,
    stored: Stored,
    values: Values,
    *,
    agreed: bool = False,
) -> None:
    """Make a transition of a record that is held; `agreed`: everybody has whose approval it needs."""
    if context.depth >= MOST_LEVELS:
        refuse_endless(context.chain)
    asking = replace(attempt(context, process, transition, stored), agreed=agreed)
    refuse(context, asking, next(iter(prior(asking)), None))
    answers = read_answers(asking, values)
    draft = answers.draft
    view = replace(answers.seen_by(asking.view), old=_old(asking, stored))
    refuse_errors(draft)
    steps = Steps(replace(asking, view=view))
    state = process.machine.move(transition.name, asking.state, steps)
    refuse_guards(steps.against)
    if state is None:
        refuse_nowhere(transition)
    arrive(replace(asking, view=view), answers, steps, state)


def refuse_nowhere(transition: Transition) -> NoReturn:
    """Raise Invalid where the expression that chooses the state gives none."""
    message = f"{transition.label} does not say now where it leads. An administrator can help."
    raise Invalid([FieldError("", "no-target", message)])


def refuse_guards(against: Iterable[Obstacle]) -> None:
    """Raise Invalid with an entry for each guard that does not hold."""
    errors = [FieldError("", "guard", each.message) for each in against]
    if errors:
        raise Invalid(errors)


def arrive(asking: Attempt, answers: Answers, steps: Steps, state: str) -> None:
    """Write the record in the state it comes to, and do everything that belongs to the way there."""
    context, process, transition, view = asking.context, asking.process, asking.transition, asking.view
    draft, stored = asking.draft, asking.stored
    draft.values[process.workflow.member] = state
    first, rest = leading([*steps.left, *transition.do, *steps.entered])
    log = RunLog(stored.entity, stored.id, within=context.run, goes_on=bool(rest))
    set_in_draft(view, first, log)
    with told(context, (stored.entity, stored.id)):
        apply(replace(context, run=log), draft, "transition", _told(asking, answers, state))
    landed = (
        context.runtime.processes.mover(stored.entity, process.workflow.member, draft.value("record_type"))
        if "record_type" in draft.values
        else process
    )
    if steps.target_reached or landed is not process:
        stays.leave(context, process, stored.id)
        if landed is not None:
            stays.enter(context, landed, stored.id, state)
        stays.switch(context, draft, but=process.workflow.member)
    elif transition.approval is not None:
        approving.begin_again(context, process, transition, stored)
    act(view.written(), transition, rest, log)
    emit(
        context,
        Event(
            "transitioned",
            stored.entity,
            stored.id,
            frozenset({process.workflow.member}),
            transition.name,
            view.old,
            context.depth,
            context.chain,
        ),
    )


def refuse(context: Context, asking: Asking, found: Obstacle | None) -> None:
    """Raise Forbidden or Invalid where something stands in the way."""
    if found is None:
        return
    if found.kind in ("rights", "by-itself"):
        access.refuse(context, asking.view.entity.name, asking.transition.name, found.message)
    raise Invalid([FieldError("", "not-open", found.message)])


def _old(asking: Attempt, stored: Stored) -> dict[str, Any] | None:
    """The record as it is now, as far as anything the transition declares will ask once it has changed."""
    need = Need()
    state = asking.process.state(asking.state)
    for declared in (asking.transition, state):
        need.add(asking.context.runtime.processes.old_of(declared))
    for target in asking.transition.targets:
        need.add(asking.context.runtime.processes.old_of(asking.process.state(target)))
    need.add(_of_followers(asking))
    return old_facts(asking.context, stored, need) if need.members else None


def _of_followers(asking: Attempt) -> Need:
    key = (asking.view.entity.name, "transitioned")
    found = asking.context.runtime.processes.followers.get(key)
    return found.old if found is not None else Need()


@dataclass
class Steps:
    """What the machine asks and tells on the way; see engine.build.machine."""

    attempt: Attempt
    against: list[Obstacle] = field(default_factory=list)
    left: tuple[Action, ...] = ()
    entered: tuple[Action, ...] = ()
    target_reached: bool = False

    def permitted(self) -> bool:
        self.against = list(failing(self.attempt))
        return not self.against

    def target(self) -> str | None:
        choose = self.attempt.transition.choose
        assert choose is not None
        found = self.attempt.view.value(choose)
        return None if found is None else str(found)

    def leave(self) -> None:
        state = self.attempt.process.state(self.attempt.state)
        self.left = state.leave if state is not None else ()

    def enter(self, state: str) -> None:
        self.target_reached = True
        self.entered = self.attempt.process.workflow.states[state].enter


def _told(asking: Attempt, answers: Answers, state: str) -> dict[str, Any]:
    """What the history keeps of a transition beside the changes."""
    told: dict[str, Any] = {
        "workflow": asking.process.workflow.name,
        "name": asking.transition.name,
        "label": asking.transition.label,
        "from": asking.state,
        "to": state,
        "version": asking.process.workflow.version,
    }
    if asking.refusing:
        told[auditing.REFUSED] = True
    return {auditing.TRANSITION: {**told, "form": answers.told()}}


# ---- what it does


def act(view: View, transition: Transition, actions: Iterable[Action], log: RunLog) -> None:
    """Do the rest of what a transition declares, once the record is written."""
    rest = list(actions)
    if rest:
        cause = f"{view.entity.name}.{transition.name}"
        perform(replace(view, context=view.context.in_name_of(cause)), rest, fire_for, log)


def fire_for(view: View, action: Fire, key: Key) -> None:
    """Make the transition that an action names."""
    context = view.context
    process, transition = known(context, key[0], action.transition)
    stored = living(context, *key)
    given = {name: view.plain(value) for name, value in action.values.items()}
    move(context, process, transition, stored, given)


def _settle_type(process: Process, draft: Draft) -> None:
    """A record that begins in a workflow is of a type that follows it: of the only one, where none is said."""
    workflow = process.workflow
    if not workflow.by_type:
        return
    if draft.value("record_type") is None and workflow.types is not None and len(workflow.types) == 1:
        draft.values["record_type"] = next(iter(workflow.types))
    elif not workflow.moves(draft.value("record_type")):
        label = draft.entity.properties["record_type"].label
        message = f"{label}: records like this do not follow {workflow.label}."
        draft.refuse("record_type", "other-workflow", message)


def start(context: Context, entity: str, name: str, values: Values) -> Record:
    """Make a record by a transition that starts a workflow, with the values of its form."""
    process, transition = known(context, entity, name)
    if not transition.start:
        raise NotFound(entity, name)
    declared = context.runtime.entities[entity]
    asking = Attempt(context, transition, View(context, declared, 0, Draft(declared, moving=True)), process)
    refuse(context, asking, next(iter(prior(asking)), None))
    answers = read_answers(asking, values)
    draft = answers.draft
    view = answers.seen_by(asking.view)
    _settle_type(process, draft)
    refuse_errors(draft)
    state = transition.target or process.workflow.initial
    if transition.choose is not None:
        chosen = view.value(transition.choose)
        if chosen is None:
            refuse_nowhere(transition)
        state = str(chosen)
    draft.values[process.workflow.member] = state
    refuse_guards(failing(replace(asking, view=view)))
    first, rest = leading([*transition.do, *process.workflow.states[state].enter])
    log = RunLog(entity, 0, goes_on=bool(rest))
    set_in_draft(view, first, log)
    number = records.create_drafted(replace(context, run=log), draft, _told(asking, answers, state))
    act(replace(view.written(), number=number), transition, rest, log)
    settle_events(context)
    return get_written(context, entity, number)
