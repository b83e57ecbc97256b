"""When things happened in made-up records: days and hours that follow from a record's own creation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from random import Random
from typing import Any, Protocol

BIRTH = {"birthday", "birth", "born", "birthdate"}
START = {"start", "starts", "begin", "begins", "from"}
END = {"end", "ends", "until", "finish", "finishes", "to"}
AHEAD = {
    "due",
    "deadline",
    "by",
    "close",
    "closing",
    "next",
    "expires",
    "expiry",
    "valid",
    "scheduled",
    "planned",
    "reminder",
}
LONG_AGO = {"launched", "founded", "hired", "opened", "introduced", "built", "established"}
ISSUED = {"issued", "invoiced", "billed", "ordered"}
PAID = {"paid", "payed", "settled"}
LATEST = {"last", "latest", "recent"}

YEAR = timedelta(days=365)


class Dated(Protocol):
    """What a made-up moment depends on: the record's creation, the present, the values it has already."""

    random: Random
    now: datetime
    created: datetime
    values: dict[str, Any]


Propose = Callable[[Any], Any]


def moment(name: str, control: str) -> tuple[Propose, float] | None:
    """What a date or moment of this name is made by, and how often it is there; None for other properties."""
    if control not in ("date", "datetime"):
        return None
    words = set(name.split("_"))
    if words & BIRTH:
        return None
    if words & END:
        return _as(control, _after_start), 0.9
    if words & START:
        return _as(control, lambda facts: facts.created + _days(facts, 1, 30)), 0.95
    if words & AHEAD:
        return _as(control, lambda facts: facts.created + _days(facts, 2, 45)), 0.8
    if words & LONG_AGO:
        return _as(control, lambda facts: facts.now - _days(facts, 100, 1500)), 0.8
    if words & PAID:
        return _as(control, _after_issue), 0.8
    if words & LATEST:
        return _as(
            control, lambda facts: facts.created + (facts.now - facts.created) * facts.random.random()
        ), 0.8
    return _as(control, lambda facts: min(facts.created + _days(facts, 0, 6), facts.now)), 0.8


def _as(control: str, make: Callable[[Dated], datetime]) -> Propose:
    """Moments within office hours; a date is given as the type's text, a moment as it is."""

    def day(facts: Dated) -> str:
        return make(facts).date().isoformat()

    def exact(facts: Dated) -> datetime:
        found = make(facts)
        if found.hour == 0 and found.minute == 0:
            return found
        return found.replace(minute=found.minute - found.minute % 5, second=0, microsecond=0)

    return day if control == "date" else exact


def _days(facts: Dated, least: int, most: int) -> timedelta:
    chance = facts.random.random
    days = least + int(chance() * (most - least + 1))
    return timedelta(days=days, minutes=5 * int((chance() - 0.5) * 48))


def _after_start(facts: Dated) -> datetime:
    """Some time after the start the record has: an hour after a moment, weeks after a date."""
    start: Any = start_of(facts.values)
    chance = facts.random.random()
    if isinstance(start, datetime):
        return start + timedelta(minutes=30 * (1 + int(chance * 4)))
    if start is not None:
        return datetime.combine(start, facts.created.timetz()) + timedelta(days=14 + int(chance * 60))
    return facts.created + timedelta(days=14 + int(chance * 60))


def _after_issue(facts: Dated) -> datetime:
    """When a bill was paid: some weeks after it was issued, and not in the future."""
    issued: Any = next((each for name, each in facts.values.items() if set(name.split("_")) & ISSUED), None)
    begun = datetime.combine(issued, facts.created.timetz()) if type(issued) is date else facts.created
    return min(begun + timedelta(days=2 + int(facts.random.random() * 35)), facts.now)


def start_of(values: Mapping[str, Any]) -> Any:
    """The day or moment of the property that says when the record begins, or None; `from` may be a text."""
    return next(
        (value for name, value in values.items() if set(name.split("_")) & START and isinstance(value, date)),
        None,
    )


def created_at(now: datetime, share: float, random: Random) -> datetime:
    """When the record at this share of all was created (0 the oldest): office hours of the past year."""
    day: datetime = now - YEAR * (1 - share) ** 1.3
    return min(day.replace(hour=7 + int(random.random() * 11), minute=int(random.random() * 60)), now)


def updated_at(now: datetime, created: datetime, random: Random) -> datetime:
    """When it was last changed: most soon after, some much later."""
    chance = random.random()
    passed: timedelta = (now - created) * (chance * chance * chance if chance > 0.3 else 0.0)
    return created + passed
