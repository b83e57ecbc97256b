"""Telling people and other systems: notifications at once, mails and messages once everything is committed."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.access.actors import actor_of_row
from engine.mailing.sending import Answer, post
from engine.metamodel.action import Mail, Notify, Webhook
from engine.outbox.queue import enqueue
from engine.process.view import View
from engine.service.notes import Note, reader, shown
from engine.store.system import notification
from engine.types.base import Refused
from engine.types.email import EmailType
from engine.work.context import Context
from engine.work.users import holds_role

ADDRESS = EmailType()
WEBHOOK = "webhook"
"""The kind of job that sends a message to another system; see engine.process.webhooks."""


@dataclass(frozen=True)
class Notification:
    """Something somebody was told, and the record it is about."""

    id: int
    at: datetime
    subject: str
    text: str
    entity: str
    record_id: int
    read_at: datetime | None


def notify(view: View, action: Notify) -> None:
    """Tell people, each once; not the one who does it, who knows."""
    told = {*_named(view, action), *_with_roles(view.context, action.roles)}
    tell(view, told, view.note(action.subject), view.note(action.text), mail=action.mail)


def tell(view: View, users: Iterable[int], subject: Note, text: Note, *, mail: bool) -> None:
    """Tell users something about the record, each as much of it as they may read."""
    context = view.context
    told = set(users) - {context.actor.id}
    if not told:
        return
    user = context.runtime.table("user").table
    known = sa.select(user).where(user.c.id.in_(sorted(told)), user.c.active.is_(True)).order_by(user.c.id)
    messages = [
        (row, *_for(context, row, (subject, text))) for row in context.connection.execute(known).all()
    ]
    about = {"at": context.now, "entity": view.entity.name, "record_id": view.number}
    rows = [
        {"user_id": row.id, "subject": title, "text": "" if body == title else body, **about}
        for row, title, body in messages
    ]
    if rows:
        context.connection.execute(sa.insert(notification), rows)
    if context.run is not None:
        context.run.has_told(row.id for row, _, _ in messages)
    for row, title, body in messages if mail else ():
        if row.email:
            text = f"{body}\n{_address(context, view)}".strip() + "\n"
            post(context, row.email, title, text, Answer((view.entity.name, view.number)))


def mail(view: View, action: Mail) -> None:
    """Mail addresses, each once; what is none is left out.

    Who reads there is nobody the application knows: they are told what the text says, as it is for everybody.
    """
    found = view.value(action.to)
    written = [found] if isinstance(found, str) else found or ()
    addresses = dict.fromkeys(filter(None, map(_mailable, written)))
    if addresses:
        subject, text = view.text(action.subject), view.text(action.text).strip()
        for address in addresses:
            post(view.context, address, subject, f"{text}\n", Answer((view.entity.name, view.number)))


def _mailable(written: str | None) -> str:
    """An address as it is written to; "" for what is none."""
    try:
        return ADDRESS.parse(written) if written else ""
    except Refused:
        return ""


def _for(context: Context, row: Any, texts: tuple[Note, Note]) -> tuple[str, str]:
    """A subject and a text as one user reads them."""
    actor = actor_of_row(context.runtime, row, lambda: nullcontext(context.connection))
    reads = reader(replace(context, actor=actor, kept={}))
    return shown(texts[0], reads), shown(texts[1], reads)


def _named(view: View, action: Notify) -> Iterable[int]:
    return (number for _, number in view.records(action.to)) if action.to is not None else ()


def _with_roles(context: Context, roles: tuple[str, ...]) -> Iterable[int]:
    if not roles:
        return ()
    user = context.runtime.table("user").table
    statement = sa.select(user.c.id).where(sa.or_(*(holds_role(user.c.roles, role) for role in roles)))
    return context.connection.execute(statement).scalars()


def _address(context: Context, view: View) -> str:
    """Where the record is; mails name no address where the application does not know its own."""
    base = context.runtime.application.settings.base_url
    return f"{base.rstrip('/')}/{view.entity.name}/{view.number}" if base else ""


def call_out(view: View, action: Webhook) -> None:
    """Leave a message for another system, to be sent once everything is committed."""
    values = {name: plain_json(view.plain(value)) for name, value in action.values.items()}
    about = {"entity": view.entity.name, "id": view.number}
    payload = {"url": action.url, "body": {**about, "at": view.context.now.isoformat(), "values": values}}
    enqueue(view.context, WEBHOOK, payload, about=f"{action.url} about {view.entity.name} {view.number}")


def plain_json(value: Any) -> Any:
    """A value of an expression as JSON: exact numbers and moments as texts, records by entity and id."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, dict):
        return {"entity": value.get("_entity", ""), "id": value.get("id")} if "id" in value else None
    if isinstance(value, list | tuple):
        return [plain_json(each) for each in value]
    if hasattr(value, "amount") and hasattr(value, "currency"):
        return {"amount": str(value.amount), "currency": value.currency}
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


# ---- read by who was told


UNREAD = (
    sa.select(sa.func.count())
    .select_from(notification)
    .where(notification.c.user_id == sa.bindparam("of_user"), notification.c.read_at.is_(None))
)


def unread(context: Context) -> int:
    """How much the actor has not read yet."""
    return int(context.connection.execute(UNREAD, {"of_user": context.actor.id}).scalar_one())


def told(context: Context, limit: int, before: int | None = None) -> list[Notification]:
    """What the actor was told, newest first; `before` is the number to go on from."""
    columns = (notification.c[name] for name in Notification.__dataclass_fields__)
    statement = sa.select(*columns).where(notification.c.user_id == context.actor.id)
    if before is not None:
        statement = statement.where(notification.c.id < before)
    found = context.connection.execute(statement.order_by(notification.c.id.desc()).limit(limit))
    return [Notification(*row) for row in found]


def read(context: Context, number: int | None = None) -> None:
    """The actor has read what they were told: one thing, or everything."""
    conditions = [notification.c.user_id == context.actor.id, notification.c.read_at.is_(None)]
    if number is not None:
        conditions.append(notification.c.id == number)
    context.connection.execute(sa.update(notification).where(*conditions).values(read_at=context.now))
