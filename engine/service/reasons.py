"""What an explanation of access consists of: reasons, each with whether it holds, where it is declared, and why."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from engine.errors import Place
from engine.to_python.trace import Step
from engine.work.context import Actor


@dataclass(frozen=True)
class Reason:
    """One way to the record (or one word on a property): what it says, where, and whether it holds here.

    `holds` is None where no record was asked about; `steps` are the values that decided; `brief` is what of the
    words is for everybody, where they tell a condition.
    """

    words: str
    holds: bool | None
    place: Place | None = None
    steps: tuple[Step, ...] = ()
    brief: str = ""


@dataclass(frozen=True)
class Why:
    """The answer to "may this actor do this?" with everything it follows from.

    `facts` are what the record and the actor are; `against` is what stands in the way beside the ways;
    `narrowing` is what a list asks of the record beside access, where the question is why it is (not) in it.
    """

    actor: Actor
    action: str
    entity: str
    number: int | None
    member: str | None
    answer: bool
    reasons: tuple[Reason, ...]
    member_reasons: tuple[Reason, ...] = ()
    against: tuple[str, ...] = ()
    facts: tuple[str, ...] = field(default=())
    narrowing: tuple[Reason, ...] = ()

    @property
    def every(self) -> tuple[Reason, ...]:
        return (*self.reasons, *self.member_reasons, *self.narrowing)


@dataclass(frozen=True)
class Cure:
    """One change, in words, and the place in the metadata where it is made (None: it is made in the data)."""

    words: str
    place: Place | None = None


@dataclass(frozen=True)
class NotTriedFurther:
    """No single change turns the answer, nor do so many pairs of changes; there are more, which were not tried."""

    pairs: int

    @property
    def words(self) -> str:
        return f"no single change would allow it; {self.pairs} pairs of changes were tried in vain, and no further ones"


Turn = Cure | NotTriedFurther | None
"""What would turn an answer; None where it is known that neither one change does nor two."""


def headline(why: Why) -> str:
    """`ana may not update case 5`, `ana may not read cost of case 5`, `ana does not find case 5 in this list`."""
    record = f"{why.entity} {why.number}" if why.number is not None else why.entity
    if why.narrowing:
        return f"{why.actor.login} {'finds' if why.answer else 'does not find'} {record} in this list"
    member = f"{why.member} of " if why.member else ""
    return f"{why.actor.login} {'may' if why.answer else 'may not'} {why.action} {member}{record}"


def as_data(why: Why, found: Turn, roles: list[str]) -> dict[str, Any]:
    """The whole explanation as plain values, for programs."""
    return {
        "answer": why.answer,
        "user": why.actor.login,
        "action": why.action,
        "entity": why.entity,
        "id": why.number,
        "property": why.member,
        "words": headline(why),
        "against": list(why.against),
        "facts": [fact.strip() for fact in why.facts],
        "reasons": [_reason(reason) for reason in why.every],
        "roles": roles,
        "change": {"words": found.words, **_place(found.place)} if isinstance(found, Cure) else None,
        "untried": isinstance(found, NotTriedFurther),
    }


def _reason(reason: Reason) -> dict[str, Any]:
    values = {step.text: step.shown for step in reason.steps}
    return {"words": reason.words, "holds": reason.holds, **_place(reason.place), "values": values}


def _place(place: Place | None) -> dict[str, Any]:
    return {"file": place.file if place else None, "line": place.line if place else None}
