"""Approvals: votes are collected on a record, and its transition is made when enough people have agreed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from engine.access import access
from engine.build.processes import Process
from engine.drafts.draft import Draft
from engine.errors import FieldError, Invalid
from engine.metamodel.access import Role
from engine.metamodel.workflow import Transition
from engine.process.approvers import Round, Seat, round_of, stands_for, waited_for
from engine.process.forms import COMMENT
from engine.process.telling import tell as tell_people
from engine.process.view import View
from engine.reading import titles
from engine.service import auditing, stays
from engine.service.auditing import SOMEBODY
from engine.store.system import vote
from engine.work.context import Context
from engine.work.stored import Stored


@dataclass(frozen=True)
class Standing:
    """How an approval stands, as it is told: the votes by name, and who is waited for."""

    transition: Transition
    given: int
    needed: int
    votes: tuple[tuple[str, bool, str], ...]  # name, agreed, comment
    waiting_for: tuple[str, ...]
    mine: bool  # whether the reader's answer would count


def cast(
    context: Context, found: Round, transition: Transition, stored: Stored, agreed: bool, comment: str
) -> Round:
    """Count the actor's answer, for themselves or for whom they stand in; answers the round with it.

    Raises Forbidden for who is not asked now. To say the same again changes nothing.
    """
    user = context.actor.id
    standing = stands_for(context, user) if user is not None else []
    approver = next((each for each in standing if found.open_to(each)), None)
    if approver is None and any(each.given_by == user and each.agreed == agreed for each in found.votes):
        return found
    if approver is None:
        access.refuse(
            context, stored.entity, transition.name, "the actor is not among those who are asked now"
        )
    row = {
        "entity": stored.entity,
        "record_id": stored.id,
        "transition": transition.name,
        "stay_id": found.stay,
        "approver_id": approver,
    }
    same = [
        vote.c[name] == row[name] for name in ("entity", "record_id", "stay_id", "transition", "approver_id")
    ]
    context.connection.execute(sa.delete(vote).where(*same))
    given = {"given_by": user, "agreed": agreed, "comment": comment, "at": context.now}
    context.connection.execute(sa.insert(vote).values(**row, **given))
    return found


def tell(
    context: Context, found: Round, transition: Transition, stored: Stored, agreed: bool, comment: str
) -> None:
    """Write an answer into the history."""
    word = "agreed" if agreed else "refused"
    told: dict[str, Any] = {
        "name": transition.name,
        "label": transition.label,
        "form": {"Comment": comment} if comment else {},
        "vote": word,
        "given": found.given,
        "needed": found.needed,
    }
    note = f"{found.given} of {found.needed} agreed" if agreed else "Refused"
    changes = {auditing.TRANSITION: told, auditing.NOTE: note}
    auditing.record(context, stored.entity, [stored.id], "vote", changes)


def begin_again(context: Context, process: Process, transition: Transition, stored: Stored) -> None:
    """The transition is made and the record stays where it is: the next time everybody is asked anew."""
    mine = (
        vote.c.entity == stored.entity,
        vote.c.record_id == stored.id,
        vote.c.transition == transition.name,
    )
    here = vote.c.stay_id == stays.current(context, process, stored.id)
    context.connection.execute(sa.delete(vote).where(*mine, here))


def call_upon(view: View, transition: Transition, people: Iterable[int], *, mail: bool = False) -> None:
    """Tell people that their answer is waited for."""
    tell_people(view, people, f"{_title(view)} waits for you: {transition.label}", "", mail=mail)


def pass_on(view: View, transition: Transition, before: Round, now: Round) -> None:
    """Tell those whose turn has come by an agreement."""
    call_upon(view, transition, set(waited_for(now)) - set(waited_for(before)))


def tell_refused(view: View, transition: Transition, comment: str) -> None:
    """Tell who owns the record that somebody refused, and why."""
    owner = view.draft.key("owner") if view.draft is not None and "owner" in view.entity.relations else None
    if owner is not None:
        tell_people(view, [owner[1]], f"{_title(view)} was refused: {transition.label}", comment, mail=False)


def _title(view: View) -> str:
    key = (view.entity.name, view.number)
    return titles.of(view.context, [key], seen=False).get(key, "")


def standings(context: Context, entity: str, stored: Stored) -> list[Standing]:
    """How every approval stands that the record waits for."""
    declared = context.runtime.entities[entity]
    found = []
    for process in context.runtime.processes.moving(entity, stored.values):
        for transition in process.workflow.leaving(str(stored.values.get(process.workflow.member))):
            if transition.approval is not None:
                view = View(context, declared, stored.id, Draft(declared, stored, moving=True))
                found.append(_standing(context, process, transition, view))
    return found


def _standing(context: Context, process: Process, transition: Transition, view: View) -> Standing:
    found = round_of(context, process, transition, view)
    keys = {("user", each.approver) for each in found.votes} | {("user", seat.user) for seat in found.empty}
    named = titles.of(context, {key for key in keys if key[1]})
    if context.actor.id is not None:
        named[("user", context.actor.id)] = context.actor.name
    roles = context.runtime.application.roles
    user = context.actor.id
    return Standing(
        transition=transition,
        given=found.given,
        needed=found.needed,
        votes=tuple(
            (named.get(("user", each.approver), SOMEBODY), each.agreed, each.comment) for each in found.votes
        ),
        waiting_for=tuple(_waited(found, seat, named, roles) for seat in found.empty),
        mine=user is not None and any(found.open_to(each) for each in stands_for(context, user)),
    )


def _waited(found: Round, seat: Seat, named: Mapping[tuple[str, int], str], roles: Mapping[str, Role]) -> str:
    """Who may take a seat, in words."""
    if seat.user:
        return named.get(("user", seat.user), SOMEBODY)
    wanted = (seat.role,) if seat.role else found.approval.roles
    return " or ".join(roles[each].label for each in wanted if each in roles) or SOMEBODY


def comment_of(values: Mapping[str, Any]) -> str:
    """What somebody says with their answer."""
    said = values.get(COMMENT)
    return said if isinstance(said, str) else ""


def need_reason(comment: str) -> None:
    """A refusal says why; raises Invalid."""
    if not comment.strip():
        raise Invalid([FieldError(COMMENT, "required", "Say why you refuse.")])
