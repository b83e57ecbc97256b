"""What changes between two matrices: who may do more than before, and who less.

A comparison is careful: what it can't prove to be no more than before counts as more. A condition that is written
otherwise is another condition.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from engine.errors import Place
from engine.matrix.facts import CLOSED_WORDS, Closed, Fact
from engine.matrix.matrix import Matrix
from engine.metamodel.access import FIELD_ACCESS


@dataclass(frozen=True)
class Change:
    """One line that allows more, or less, than what stood before.

    `was` are the lines before that speak of the same; `place` is where the metadata says so, or said so.
    """

    more: bool
    whom: str
    about: str | None
    text: str
    was: tuple[str, ...] = ()
    place: Place | None = None


def compare(before: Matrix, now: Matrix) -> tuple[Change, ...]:
    """Every change, what allows more first."""
    found = (*widened(before, now), *(replace(each, more=False) for each in _narrowed(before, now)))
    return tuple(sorted(found, key=lambda each: (not each.more, each.about or "", each.text)))


def widened(before: Matrix, now: Matrix) -> Iterator[Change]:
    """What may be done now and is in no line before: the lock accepts what has none of these."""
    yield from _beyond(before, now)
    yield from _opened(before, now)


def _narrowed(before: Matrix, now: Matrix) -> Iterator[Change]:
    """The same the other way round."""
    yield from _beyond(now, before)
    yield from _opened(now, before)


def _beyond(before: Matrix, now: Matrix) -> Iterator[Change]:
    """The lines of `now` that nothing in `before` allows."""
    allowed: dict[str | None, list[Fact]] = {}
    for fact in before.facts:
        allowed.setdefault(fact.about, []).append(fact)
    for fact in _gives(now.facts):
        others = allowed.get(fact.about, ())
        if not any(fact.within(other) for other in others):
            was = tuple(sorted(other.text for other in others if other.topic == fact.topic))
            if fact.topic[0] == "owned" and not was:
                continue  # nobody could do anything here: the grants are what is new
            yield Change(True, fact.whom, fact.about, fact.text, was, fact.place)


def _gives(facts: Iterable[Fact]) -> Iterator[Fact]:
    return (fact for fact in facts if not isinstance(fact, Closed))


def _opened(before: Matrix, now: Matrix) -> Iterator[Change]:
    """Members that were closed to a role before, and are less so now."""
    closed = {fact.topic: fact for fact in now.facts if isinstance(fact, Closed)}
    for fact in before.facts:
        if not isinstance(fact, Closed) or not _still_there(fact, now):
            continue
        left = closed.get(fact.topic)
        if left is None or not _no_wider(left.access, fact.access):
            words = CLOSED_WORDS[left.access] if left is not None else "may use it like the record"
            text = f"{fact.entity}.{fact.member}: {fact.role} {words}"
            place = left.place if left is not None else None
            place = place or (now.members or {}).get((fact.entity, fact.member)) or fact.place
            yield Change(True, fact.whom, fact.entity, text, (fact.text,), place)


def _no_wider(access: str, other: str) -> bool:
    """Whether field access leaves no more than another: of `create` and `update` neither does."""
    beside = {access, other} == {"create", "update"}
    return not beside and FIELD_ACCESS.index(access) <= FIELD_ACCESS.index(other)


def _still_there(fact: Closed, now: Matrix) -> bool:
    """Whether the member still exists, and the role may do anything there: else nothing was opened.

    What members there are is not known of a lock: what it does not name is open in it.
    """
    there = now.members is None or (fact.entity, fact.member) in now.members
    return there and now.counts(fact.entity, fact.role)
