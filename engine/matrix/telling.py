"""A change of the access matrix in words: who gains and who loses what, and how many records that is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from engine.errors import Place
from engine.matrix.compare import Change
from engine.matrix.counting import COUNTED, MOST_USERS, Reach


def in_words(changes: Sequence[Change], revision: str) -> Iterator[str]:
    """The changes by whom they are for, as lines."""
    if not changes:
        yield f"nobody gains or loses anything since {revision}"
        return
    ordered = sorted(changes, key=lambda each: (each.whom, not each.more, each.text))
    for whom, theirs in groupby(ordered, key=lambda each: each.whom):
        yield whom
        for change in theirs:
            yield f"  {'gains' if change.more else 'loses'}  {change.text}{_at(change.place)}"
            yield from (f"         {_beside(change)}: {text}" for text in change.was)
    more = sum(change.more for change in changes)
    yield f"\n{more} gained, {len(changes) - more} lost since {revision}"


def _beside(change: Change) -> str:
    return "before" if change.more else "now"


def _at(place: Place | None) -> str:
    return f"  ({place.file}:{place.line})" if place is not None and place.line else ""


def counted_in_words(found: Sequence[Reach], database: str) -> Iterator[str]:
    """How many records users reach now and before; of many users the first, and the sum of the others."""
    if not found:
        yield f"no user reaches more or fewer records in {database}"
        return
    yield f"records that users reach in {database}:"
    users = list(dict.fromkeys(each.user for each in found))
    width = max(len(user) for user in users[:MOST_USERS])
    for user in users[:MOST_USERS]:
        theirs = [each for each in found if each.user == user]
        for entity, several in groupby(theirs, key=lambda each: each.entity):
            parts = ", ".join(
                f"{each.action} {_number(each.before)} → {_number(each.now)}" for each in several
            )
            yield f"  {user:<{width}}  {entity}: {parts}"
    rest = set(users[MOST_USERS:])
    if rest:
        others = [each for each in found if each.user in rest]
        sums = ", ".join(f"{action} {_sum(others, action):+,}" for action in COUNTED)
        yield f"  {len(rest)} more users, together: {sums}"


def _number(count: int | None) -> str:
    return "unknown" if count is None else f"{count:,}"


def _sum(found: Sequence[Reach], action: str) -> int:
    return sum((each.now or 0) - (each.before or 0) for each in found if each.action == action)


def for_programs(changes: Sequence[Change], found: Sequence[Reach] | None) -> dict[str, Any]:
    """The same as JSON."""
    return {
        "changes": [
            {
                "more": change.more,
                "whom": change.whom,
                "entity": change.about,
                "text": change.text,
                "beside": list(change.was),
                "file": change.place.file if change.place else None,
                "line": change.place.line if change.place else None,
            }
            for change in changes
        ],
        "records": None
        if found is None
        else [
            {
                "user": each.user,
                "entity": each.entity,
                "action": each.action,
                "before": each.before,
                "now": each.now,
            }
            for each in found
        ],
    }
