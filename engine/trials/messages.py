"""What a test's deed told people and wrote on its record, held against what the test says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from engine.metamodel.trial import Trial
from engine.service import auditing, notes
from engine.store.system import audit, job, notification
from engine.trials.outcomes import Difference
from engine.trials.world import World
from engine.work.context import Context


@dataclass(frozen=True)
class Before:
    """The last notification, the last entry of any history and the last job, before a test does what is judged."""

    notification: int
    entry: int
    job: int

    @classmethod
    def of(cls, context: Context) -> Before:
        """How it is now."""
        last = (sa.select(sa.func.max(each.c.id)) for each in (notification, audit, job))
        return cls(*(context.connection.execute(each).scalar() or 0 for each in last))


def messages(world: World, trial: Trial, before: Before, number: int | None) -> Iterator[Difference]:
    """Who should have been told something and was not, or the other way round; and comments that are not there."""
    yield from _told(world, trial, before)
    yield from _told_nothing(world, trial, before)
    yield from _commented(world, trial, before, number)


def _told(world: World, trial: Trial, before: Before) -> Iterator[Difference]:
    for each in trial.notified:
        found = _messages(world, each.to, before)
        if not any(_has(subject, each.subject) and _has(text, each.text) for subject, text in found):
            wanted = " / ".join(repr(words) for words in (each.subject, each.text) if words) or "something"
            yield Difference(f"{each.to} is told {wanted}", _in_words(found), each.place)


def _told_nothing(world: World, trial: Trial, before: Before) -> Iterator[Difference]:
    for each in trial.outcomes.get("not_notified", ()):
        found = _messages(world, each.text, before)
        if found:
            yield Difference(f"{each.text} is told nothing", _in_words(found), each.place)


def _messages(world: World, name: str, before: Before) -> list[tuple[str, str]]:
    """Subject and text of what a user was told since."""
    number = world.key(name)[1]
    mine = (notification.c.user_id == number, notification.c.id > before.notification)
    statement = sa.select(notification.c.subject, notification.c.text).where(*mine)
    rows = world.context.connection.execute(statement.order_by(notification.c.id))
    return [(row.subject, row.text) for row in rows]


def _commented(world: World, trial: Trial, before: Before, number: int | None) -> Iterator[Difference]:
    wanted = trial.outcomes.get("comments", ())
    if not wanted:
        return
    of_record = (audit.c.entity == trial.entity, audit.c.record_id == number, audit.c.id > before.entry)
    statement = sa.select(audit.c.changes).where(*of_record, audit.c.action == "comment").order_by(audit.c.id)
    changes = world.context.connection.execute(statement).scalars()
    found = [notes.shown(each.get(auditing.NOTE, ""), lambda *_: True) for each in changes]
    for each in wanted:
        if not any(_has(note, each.text) for note in found):
            got = f"the comments are {', '.join(map(repr, found))}" if found else "there is no comment"
            yield Difference(f"there is a comment {each.text!r}", got, each.place)


def _has(text: str, words: str) -> bool:
    return words.casefold() in text.casefold()


def _in_words(found: list[tuple[str, str]]) -> str:
    told = ", ".join(" / ".join(repr(each) for each in message if each) for message in found)
    return f"they are told {told}" if told else "they are told nothing"
