"""What a test's deed told and mailed people and wrote on its record, held against what the test says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from engine.mailing.sending import KIND as MAIL
from engine.metamodel.trial import Told, Trial
from engine.service import auditing, notes
from engine.store.system import audit, job, notification
from engine.trials.outcomes import Difference
from engine.trials.world import World
from engine.work.context import Context


@dataclass(frozen=True)
class Before:
    """The last notification, entry of any history, and job, before a test does what is judged."""

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
    yield from _mailed(world, trial, before)
    yield from _mailed_nothing(world, trial, before)
    yield from _commented(world, trial, before, number)


def _told(world: World, trial: Trial, before: Before) -> Iterator[Difference]:
    for each in trial.notified:
        found = _messages(world, each.to, before)
        if not any(_has(subject, each.subject) and _has(text, each.text) for subject, text in found):
            yield Difference(f"{each.to} is told {_wanted(each)}", _in_words(found, "told"), each.place)


def _wanted(said: Told) -> str:
    return " / ".join(repr(words) for words in (said.subject, said.text) if words) or "something"


def _told_nothing(world: World, trial: Trial, before: Before) -> Iterator[Difference]:
    for each in trial.outcomes.get("not_notified", ()):
        found = _messages(world, each.text, before)
        if found:
            yield Difference(f"{each.text} is told nothing", _in_words(found, "told"), each.place)


def _messages(world: World, name: str, before: Before) -> list[tuple[str, str]]:
    """Subject and text of what a user was told since."""
    number = world.key(name)[1]
    mine = (notification.c.user_id == number, notification.c.id > before.notification)
    statement = sa.select(notification.c.subject, notification.c.text).where(*mine)
    rows = world.context.connection.execute(statement.order_by(notification.c.id))
    return [(row.subject, row.text) for row in rows]


def _mailed(world: World, trial: Trial, before: Before) -> Iterator[Difference]:
    for each in trial.mailed:
        address = _address(world, each.to)
        found = _mails(world, address, before) if address else []
        if not any(_has(subject, each.subject) and _has(text, each.text) for subject, text in found):
            got = _in_words(found, "mailed") if address else "they have no e-mail address"
            yield Difference(f"{each.to} is mailed {_wanted(each)}", got, each.place)


def _mailed_nothing(world: World, trial: Trial, before: Before) -> Iterator[Difference]:
    for each in trial.outcomes.get("not_mailed", ()):
        address = _address(world, each.text)
        found = _mails(world, address, before) if address else []
        if found:
            yield Difference(f"{each.text} is mailed nothing", _in_words(found, "mailed"), each.place)


def _address(world: World, to: str) -> str:
    """An address, or that of a given user; "" where they have none."""
    if "@" in to:
        return to
    user = world.context.runtime.table("user").table
    statement = sa.select(user.c.email).where(user.c.id == world.key(to)[1])
    return world.context.connection.execute(statement).scalar() or ""


def _mails(world: World, address: str, before: Before) -> list[tuple[str, str]]:
    """Subject and text of what was mailed to an address since: it waits to be sent, and goes nowhere in a test."""
    statement = sa.select(job.c.payload).where(job.c.kind == MAIL, job.c.id > before.job).order_by(job.c.id)
    found = world.context.connection.execute(statement).scalars()
    return [
        (str(each["subject"]), str(each["text"]).strip())
        for each in found
        if str(each["recipient"]).casefold() == address.casefold()
    ]


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


def _in_words(found: list[tuple[str, str]], verb: str) -> str:
    told = ", ".join(" / ".join(repr(each) for each in message if each) for message in found)
    return f"they are {verb} {told or 'nothing'}"
