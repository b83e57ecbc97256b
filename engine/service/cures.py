"""The smallest change that would turn an answer about access: tried out with the code that enforces."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from time import monotonic

from engine.build.access import ADMINISTRATOR, EntityAccess, Granted
from engine.build.runtime import Runtime
from engine.errors import Place
from engine.metamodel.access import LEVELS, Level
from engine.service.reasons import Cure, NotTriedFurther, Turn, Why
from engine.service.why import allowed, needs
from engine.work.context import Actor, Context

Candidate = tuple[str, Place | None, Runtime, Actor]


def cure(context: Context, why: Why) -> Turn:
    """The smallest change after which the answer is the other one; None where neither one change does it nor two.

    NotTriedFurther where no single one does it, and there are more pairs than are tried.
    """
    if why.narrowing:
        return _in_list(context, why)
    if why.actor.administrator:
        return Cure(f"take the role {ADMINISTRATOR} from {why.actor.login}") if why.answer else None
    return _closing(why) if why.answer else _opening(context, why)


def _in_list(context: Context, why: Why) -> Turn:
    """What to leave out of the question, where that is one thing; else what stands in the way of the record itself."""
    against = [reason for reason in why.narrowing if not reason.holds]
    reached = any(reason.holds for reason in why.reasons) and not why.against
    if reached and len(against) == 1:
        return Cure(f"leave this out: {against[0].words}", against[0].place)
    if reached or against:
        return None
    return _opening(context, replace(why, narrowing=()))


def _closing(why: Why) -> Cure | None:
    """What to take away: the one way there is."""
    holding = [reason for reason in why.reasons if reason.holds is not False]
    if len(holding) != 1 or why.member is not None:
        return None
    (only,) = holding
    return Cure(f"take this away: {only.words}", only.place)


def _opening(context: Context, why: Why) -> Turn:
    if why.against and "trash" in why.against[-1]:
        return Cure("restore the record from the trash")
    single = list(_candidates(context, why))
    found = next((each for each in single if _opens(context, why, each)), None)
    if found is not None:
        return Cure(found[0], found[1])
    begun = monotonic()
    for number, pair in enumerate(_pairs(context, why, single)):
        if number == MOST_PAIRS or monotonic() - begun > MOST_SECONDS:
            return NotTriedFurther(number)
        if _opens(context, why, pair):
            return Cure(pair[0], pair[1])
    return None


MOST_PAIRS, MOST_SECONDS = 300, 1.0
"""Pairs of changes that are tried where no single one turns the answer, and for how long: somebody waits for it."""


def _opens(context: Context, why: Why, tried: Candidate) -> bool:
    _, _, changed, actor = tried
    other = replace(context, runtime=changed, kept={})
    return allowed(other, actor, why.action, why.entity, why.number, why.member)


def _pairs(context: Context, why: Why, single: list[Candidate]) -> Iterator[Candidate]:
    """Each change, and another one made after it."""
    for words, place, changed, actor in single:
        again = replace(context, runtime=changed, kept={})
        for more, where, both, who in _candidates(again, replace(why, actor=actor)):
            if more != words:
                yield f"{words}; and {more}", place or where, both, who


def _candidates(context: Context, why: Why) -> Iterator[Candidate]:
    """Changes in the order of how much they open: a member, a wider level, a new grant, a role."""
    runtime, entity = context.runtime, why.entity
    here = runtime.access.entities[entity]
    if why.member is not None:
        yield from _open_member(runtime, why, here)
    for level in LEVELS[1:]:
        for role in sorted(why.actor.roles):
            for action in (why.action, *needs(why.action, why.number)):
                yield from _wider(runtime, replace(why, action=action), here, role, level)
    for role in sorted(here.roles - why.actor.roles):
        wider = replace(why.actor, roles=why.actor.roles | {role})
        yield f"give {why.actor.login} the role {role}", None, runtime, wider


def _open_member(runtime: Runtime, why: Why, here: EntityAccess) -> Iterator[Candidate]:
    """Without what is said of the one property, for each of the roles."""
    assert why.member is not None
    for role in sorted(why.actor.roles):
        own = here.own.get(why.member)
        changed = {key: said for key, said in here.profiled.items() if key != (role, why.member)}
        if changed.keys() != here.profiled.keys():
            words = f"let a profile of role {role} say `write` (or `read`) of {why.member}"
            yield words, None, _with(runtime, replace(here, profiled=changed)), why.actor
        if own is not None:
            opened = replace(
                own, read=_and(own.read, role), create=_and(own.create, role), update=_and(own.update, role)
            )
            words = f"name {role} in the access of {why.member}"
            yield (
                words,
                own.place,
                _with(runtime, replace(here, own={**here.own, why.member: opened})),
                why.actor,
            )


def _and(names: frozenset[str] | None, role: str) -> frozenset[str] | None:
    return None if names is None else names | {role}


def _wider(runtime: Runtime, why: Why, here: EntityAccess, role: str, level: Level) -> Iterator[Candidate]:
    """One role may do it up to a level: by a grant it has, else by a new one."""
    key = (role, why.action)
    known = [each for each in here.granted.get(key, ()) if not each.conditional]
    if any(LEVELS.index(each.level) >= LEVELS.index(level) for each in known):
        return
    place = known[0].place if known else runtime.entities[why.entity].place
    made = Granted(role=role, action=why.action, level=level, place=place)
    granted: Mapping[tuple[str, str], tuple[Granted, ...]] = {
        **here.granted,
        key: (*here.granted.get(key, ()), made),
    }
    said = "widen" if known else "grant"
    words = f"{said} to role {role}: `{why.action}: {level}` on {why.entity}"
    yield words, place, _with(runtime, replace(here, granted=granted)), why.actor


def _with(runtime: Runtime, changed: EntityAccess) -> Runtime:
    """The runtime as if the metadata said so; what was kept for the real one is not taken."""
    entities = {**runtime.access.entities, changed.entity: changed}
    return replace(runtime, access=replace(runtime.access, entities=entities), plans={})
