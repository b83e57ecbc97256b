"""Who may ask why: everybody about themself, without conditions; who has `see_access` about anybody, in full."""

from __future__ import annotations

from dataclasses import dataclass, replace

from engine.access import access
from engine.errors import BadQuery, NotFound
from engine.reading.query import Query
from engine.reading.reading import get_identity
from engine.service.cures import cure
from engine.service.reasons import Reason, Turn, Why
from engine.service.why import explain, who_may
from engine.work.context import Actor, Context

CAPABILITY = "see_access"


@dataclass(frozen=True)
class Question:
    """May somebody do this: to a record (or to any), to a property of it; or why a list has a record."""

    action: str
    entity: str
    number: int | None = None
    member: str | None = None
    query: Query | None = None


@dataclass(frozen=True)
class Answer:
    """An explanation with the change that would turn it, and the roles that may read the property."""

    why: Why
    cure: Turn = None
    roles: tuple[str, ...] = ()


def sees_all(context: Context) -> bool:
    """Whether the asker may be told everything: others' access, conditions, files and values."""
    return access.can(context, CAPABILITY)


def require_all(context: Context) -> None:
    """Raise Forbidden for who may not be told about others."""
    if not sees_all(context):
        access.refuse(context, "user", "explain", f"no capability {CAPABILITY}")


def ask(context: Context, actor: Actor, question: Question) -> Answer:
    """The whole answer, for who may see it. What they can't see themselves stays hidden: raises NotFound, Forbidden."""
    require_all(context)
    entity, number = question.entity, question.number
    if number is not None and not context.actor.administrator:
        get_identity(context, entity, number, "read")
    why = _explain(context, actor, question)
    roles = who_may(context, entity, question.member) if question.member else []
    return Answer(why, cure(context, why), tuple(roles))


def ask_of_oneself(context: Context, question: Question) -> Why:
    """What one may do oneself with what one may see: the words of the grants, and not what conditions read."""
    entity, number = question.entity, question.number
    if number is not None:
        get_identity(context, entity, number, "read")
    elif not _known(context, entity):
        raise NotFound(entity)
    if question.member is not None and question.member not in access.readable(context, entity):
        raise BadQuery("unknown-field", "property", f"no property {question.member!r} on {entity}")
    why = _explain(context, context.actor, question)
    return replace(
        why,
        reasons=_plain(why.reasons),
        member_reasons=_plain(why.member_reasons),
        narrowing=_plain(why.narrowing),
        facts=(),
    )


def _known(context: Context, entity: str) -> bool:
    """Whether the actor may do anything at all with an entity: what they may not is not there for them."""
    return any(access.may(context, entity, action) for action in ("read", "create", "update", "delete"))


def _explain(context: Context, actor: Actor, question: Question) -> Why:
    return explain(
        context,
        actor,
        question.action,
        question.entity,
        question.number,
        question.member,
        question.query,
    )


def _plain(reasons: tuple[Reason, ...]) -> tuple[Reason, ...]:
    return tuple(Reason(reason.brief or reason.words, reason.holds) for reason in reasons)
