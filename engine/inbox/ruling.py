"""What becomes of a mail: the first rule of its mailbox that takes it, and what that rule does, in one transaction.

It is done in the name of the mailbox, never in that of who wrote: an address is no proof of anybody.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from email.utils import parseaddr
from typing import Any

import sqlalchemy as sa

from engine.declared.application import Application
from engine.drafts.draft import Parsed
from engine.inbox import kept
from engine.inbox.filing import Keep
from engine.inbox.kept import Ending
from engine.inbox.message import Message
from engine.mailing import threads
from engine.mailing.sending import Answer, post
from engine.metamodel.entity import Entity
from engine.metamodel.mailbox import Mailbox, MailRule, file_of
from engine.metamodel.property import Property
from engine.process.acting import found, made, perform, update_own
from engine.process.firing import fire_for
from engine.process.view import View
from engine.types.base import Refused
from engine.types.display import Display
from engine.work.conditions import alive
from engine.work.context import ADMINISTRATOR, Actor, Context
from engine.work.runlog import RunLog
from engine.work.stored import Key, load

MOST_REPLIES = 5
REPLIES_WITHIN = timedelta(hours=1)
"""Nobody gets more replies of a mailbox in this time: two machines that answer each other fall silent."""

TOKEN = re.compile(r"[^\s,;:()\[\]{}<>\"'“”„]+")
MOST_TOKENS = 50


@dataclass(frozen=True)
class Choice:
    """The rule that takes a mail, and the record it is about as that rule sees it; no rule where none does.

    `note` is why it is not even kept for somebody to look at.
    """

    rule: MailRule | None
    view: View | None = None
    note: str = ""


def actor_of(application: Application, mailbox: Mailbox) -> Actor:
    """Who does what the rules of a mailbox say: the mailbox, which may what they say."""
    settings = application.settings
    display = Display(settings.language, settings.timezone)
    return Actor(
        None, f"mailbox:{mailbox.name}", f"Mailbox {mailbox.label}", frozenset({ADMINISTRATOR}), display
    )


def own_addresses(application: Application) -> frozenset[str]:
    """The addresses that this application writes from or is written to: what comes from them is no person's."""
    sender = parseaddr(application.settings.mail_from or "")[1].lower()
    several = (address for each in application.mailboxes.values() for address in each.addresses)
    return frozenset({*several, *([sender] if sender else [])})


def choose(context: Context, mailbox: Mailbox, message: Message) -> Choice:
    """The first rule that takes a mail."""
    application = context.runtime.application
    own = message.sender in own_addresses(application)
    facts = message.facts(mailbox.headers, own=own, by_number=False)
    acting = context.in_name_of(f"mailbox.{mailbox.name}")
    named = _found(acting, mailbox, facts)
    for rule in mailbox.rules:
        if facts["automatic"] and not rule.automatic:
            continue
        view = _view(acting, rule, message, facts)
        if view is None:
            continue
        view = replace(view, named=named)
        if view.holds(rule.when):
            return Choice(rule, view)
    if facts["automatic"]:
        return Choice(
            None, note=f"No person wrote it: {message.automatic or 'it comes from our own address'}."
        )
    return Choice(None)


def _found(context: Context, mailbox: Mailbox, facts: Mapping[str, Any]) -> dict[str, Key | None]:
    """What the mailbox looks for, by name."""
    named: dict[str, Key | None] = {}
    for each in mailbox.finds:
        target = context.runtime.entities[each.entity]
        view = View(context, target, 0, mail=facts, named={**named})
        number = found(context, target, view.given(each.by, target))
        named[each.name] = None if number is None else (each.entity, number)
    return named


def _view(context: Context, rule: MailRule, message: Message, facts: Mapping[str, Any]) -> View | None:
    """The mail as a rule sees it; None where it answers no record that the rule is about."""
    entities = context.runtime.entities
    if not rule.answers:
        entity = entities[rule.entity] if rule.entity else next(iter(entities.values()))
        return View(context, entity, 0, mail=facts)
    entity, by_number = entities[rule.entity], False
    number = _living(context, rule.entity, threads.about(context, message.references, rule.entity))
    if number is None and rule.number:
        number, by_number = _numbered(context, entity, rule.number, message.subject), True
    if number is None:
        return None
    return View(context, entity, number, mail={**facts, "by_number": by_number})


def _living(context: Context, entity: str, number: int | None) -> int | None:
    """A record, held until the transaction ends; None where it is gone."""
    record = load(context, entity, [number], lock=True).get(number) if number is not None else None
    return number if record is not None and record.deleted_at is None else None


def _numbered(context: Context, entity: Entity, name: str, subject: str) -> int | None:
    """The one record whose number stands in a subject."""
    tokens = {each.strip(".#!?") for each in TOKEN.findall(subject)[:MOST_TOKENS]}
    made = context.runtime.table(entity.name)
    wanted = made.table.c[name].in_(sorted(tokens - {""}))
    statement = sa.select(made.table.c.id).where(wanted, *alive(made.table)).limit(2)
    numbers = list(context.connection.execute(statement).scalars())
    return _living(context, entity.name, int(numbers[0])) if len(numbers) == 1 else None


# ---- what a rule does


def carry_out(context: Context, mailbox: Mailbox, message: Message, choice: Choice, keep: Keep) -> Ending:
    """Do what the rule says that takes a mail; raises what refuses it."""
    rule, view = choice.rule, choice.view
    if rule is None or view is None:
        return Ending("ignored", note=choice.note) if choice.note else Ending("kept")
    if rule.ignore:
        return Ending("ignored", rule.name)
    left_out: list[str] = []
    if rule.make is not None:
        view = _make(view, rule, message, keep, left_out)
    log = RunLog(view.entity.name, view.number, automation=True)
    view = perform(view, rule.do, fire_for, log)
    if rule.answers and rule.attachments and message.attachments:
        _attach(view, rule.attachments, message, keep, left_out)
    about = (view.entity.name, view.number)
    if message.identity:
        threads.remember(context, message.identity, about)
    replied = _reply(context, mailbox, rule, message, view)
    note = f"Left out: {', '.join(left_out)}." if left_out else ""
    return Ending("done", rule.name, *about, note=note, replied=replied)


def _make(view: View, rule: MailRule, message: Message, keep: Keep, left_out: list[str]) -> View:
    """Make the record of a rule, with what comes before it."""
    assert rule.make is not None
    view = perform(view, rule.before, fire_for, RunLog(view.entity.name, 0))
    values: dict[str, Any] = dict(view.given(rule.make.values, view.entity))
    if rule.attachments:
        values |= _files(view, rule.attachments, message, keep, left_out)
    return replace(view, number=made(view, view.entity, values, ""))


def _attach(view: View, member: str, message: Message, keep: Keep, left_out: list[str]) -> None:
    """Put the files of an answer to its record; what is there stays."""
    if member in view.entity.properties:
        stored = load(view.context, view.entity.name, [view.number])[view.number]
        if stored.values.get(member) is not None:
            left_out += [f"{each.name} (there is a file already)" for each in message.attachments]
            return
    given = _files(view, member, message, keep, left_out)
    if given:
        update_own(view, given)


def _files(view: View, member: str, message: Message, keep: Keep, left_out: list[str]) -> dict[str, Any]:
    """The files of a mail as the value of a member: the first that fits, or a row for each."""
    prop = view.entity.properties.get(member)
    taking = prop or file_of(view.context.runtime.entities[view.entity.relations[member].target])
    assert taking is not None, member
    taken: list[Any] = []
    for each in message.attachments:
        if prop is not None and taken:
            left_out.append(f"{each.name} (one file has its place here)")
            continue
        value = _fitting(view, taking, each, keep, left_out)
        taken += [value] if value is not None else []
    if not taken:
        return {}
    return {member: taken[0] if prop is not None else [{taking.name: value} for value in taken]}


def _fitting(view: View, prop: Property, attached: Any, keep: Keep, left_out: list[str]) -> Any:
    """A file as the value of a property; None where it is not one it takes."""
    value = keep(view.context, attached)
    if value is None:
        left_out.append(f"{attached.name} (too large)")
        return None
    try:
        return Parsed(prop.type.parse(value))
    except Refused as refused:
        left_out.append(f"{attached.name} ({refused})")
        return None


def _reply(context: Context, mailbox: Mailbox, rule: MailRule, message: Message, view: View) -> bool:
    """Answer who wrote; never a machine, never one that wants none, and nobody again and again."""
    if rule.reply is None or not message.sender or not message.answerable:
        return False
    if message.automatic or message.sender in own_addresses(context.runtime.application):
        return False
    if kept.replies_since(context, message.sender, context.now - REPLIES_WITHIN) >= MOST_REPLIES:
        return False
    subject, text = view.text(rule.reply.subject), view.text(rule.reply.text)
    answer = Answer((view.entity.name, view.number), message.identity, automatic=True, mailbox=mailbox.name)
    post(context, message.sender, subject, text, answer)
    return True
