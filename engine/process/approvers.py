"""Who has to agree to a transition: the seats of an approval, who may take them, and who stands in for whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from engine.build.processes import Process
from engine.metamodel.workflow import Approval, Transition
from engine.process.view import View
from engine.service import stays
from engine.store.system import vote
from engine.work.context import Context
from engine.work.users import holds_role


@dataclass(frozen=True)
class Vote:
    """An answer of this round; `given_by` is somebody else where a deputy gave it."""

    approver: int
    given_by: int
    agreed: bool
    comment: str
    at: datetime


@dataclass(frozen=True)
class Seat:
    """One agreement that is needed: of somebody who has a role, of one user, or of anybody who is asked."""

    role: str = ""
    user: int = 0


@dataclass(frozen=True)
class Round:
    """An approval as it stands: the people asked with their roles, the votes, and the seats with who took them."""

    approval: Approval
    stay: int
    asked: Mapping[int, frozenset[str]]
    votes: tuple[Vote, ...]
    seats: tuple[Seat, ...]

    @property
    def agreed(self) -> tuple[Vote, ...]:
        return tuple(each for each in self.votes if each.agreed)

    @property
    def needed(self) -> int:
        """How many agreements there have to be."""
        return len(self.seats)

    @property
    def given(self) -> int:
        """How many of them there are."""
        return self.needed - len(self.empty)

    @property
    def empty(self) -> tuple[Seat, ...]:
        """The seats that nobody has taken yet, in order."""
        left = [each.approver for each in self.agreed]
        found = []
        for seat in self.seats:
            taker = next((number for number in left if self.fits(number, seat)), None)
            if taker is None:
                found.append(seat)
            else:
                left.remove(taker)
        return tuple(found)

    @property
    def reached(self) -> bool:
        return not self.empty

    def fits(self, user: int, seat: Seat) -> bool:
        """Whether somebody may take a seat."""
        if seat.user:
            return user == seat.user
        return user in self.asked and (not seat.role or seat.role in self.asked[user])

    def open_to(self, user: int) -> bool:
        """Whether somebody's agreement would count now."""
        if any(each.approver == user and each.agreed for each in self.votes):
            return False
        waiting = self.empty[:1] if self.approval.one_after_another else self.empty
        return any(self.fits(user, seat) for seat in waiting)


def has_agreed(context: Context, found: Round) -> bool:
    """Whether the actor has agreed already, for themselves and for everybody they stand in for."""
    user = context.actor.id
    if user is None or all(each.given_by != user for each in found.agreed):
        return False
    return not any(found.open_to(each) for each in stands_for(context, user))


def waited_for(found: Round) -> list[int]:
    """Everybody whose answer would count now and who has not given one."""
    answered = {each.approver for each in found.votes}
    named = [seat.user for seat in found.seats if seat.user]
    return [
        number
        for number in dict.fromkeys([*found.asked, *named])
        if number not in answered and found.open_to(number)
    ]


def round_of(context: Context, process: Process, transition: Transition, view: View) -> Round:
    """How the approval of a transition stands, for a record in the state it leaves."""
    approval = transition.approval
    assert approval is not None
    stay = stays.current(context, process, view.number)
    asked = _asked(context, approval, view)
    named = _named(approval, view)
    seats = tuple(_seats(approval, named))
    return Round(approval, stay, asked, tuple(_votes(view, transition, stay)), seats)


def _votes(view: View, transition: Transition, stay: int) -> Iterable[Vote]:
    """The votes of this round."""
    columns = (vote.c.approver_id, vote.c.given_by, vote.c.agreed, vote.c.comment, vote.c.at)
    mine = (vote.c.entity == view.entity.name, vote.c.record_id == view.number, vote.c.stay_id == stay)
    statement = sa.select(*columns).where(*mine, vote.c.transition == transition.name)
    return [Vote(*row) for row in view.context.connection.execute(statement.order_by(vote.c.id))]


def _named(approval: Approval, view: View) -> list[int]:
    """The users an expression names."""
    return [number for _, number in view.records(approval.users)] if approval.users is not None else []


def _asked(context: Context, approval: Approval, view: View) -> dict[int, frozenset[str]]:
    """Everybody who is asked, with those of their roles that are."""
    user = context.runtime.table("user").table
    among: list[sa.ColumnElement[bool]] = [holds_role(user.c.roles, role) for role in approval.roles]
    named = _named(approval, view)
    if named:
        among.append(user.c.id.in_(named))
    statement = sa.select(user.c.id, user.c.roles).where(user.c.active.is_(True), sa.or_(sa.false(), *among))
    wanted = frozenset(approval.roles)
    return {row.id: wanted & set(row.roles or ()) for row in context.connection.execute(statement)}


def _seats(approval: Approval, named: list[int]) -> Iterable[Seat]:
    if approval.one_after_another or approval.needed == "all":
        yield from (Seat(role=role) for role in approval.roles)
        yield from (Seat(user=number) for number in named)
    else:
        yield from (Seat() for _ in range(1 if approval.needed == "any" else int(approval.needed)))


# ---- deputies


def stands_for(context: Context, user: int) -> list[int]:
    """Those whom somebody may answer for today: themselves first, then everybody whose deputy they are."""
    if "absence" not in context.runtime.entities:
        return [user]
    table = context.runtime.table("absence").table
    zone = ZoneInfo(context.runtime.application.settings.timezone)
    today = context.now.astimezone(zone).date()
    conditions: list[Any] = [table.c.deputy == user, table.c.starts_on <= today, table.c.ends_on >= today]
    if "_deleted_at" in table.c:
        conditions.append(table.c["_deleted_at"].is_(None))
    found = context.connection.execute(sa.select(table.c.user).where(*conditions).order_by(table.c.id))
    return list(dict.fromkeys([user, *found.scalars()]))
