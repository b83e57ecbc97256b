"""The page of mails that arrived, for administrators: what became of each, and what nothing became of."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from engine.access.access import only_administrators
from engine.inbox import kept, reading
from engine.inbox.kept import STATES, TO_LOOK_AT, Kept
from engine.inbox.reading import Standing
from engine.metamodel.mailbox import Mailbox
from engine.pages.moments import Moment, moment_of
from engine.reading import titles
from engine.types.file import show_size
from engine.web.toast import Toast
from engine.web.visit import Visit, query_string, whole_number
from engine.work.context import Context

HERE = "/settings/mail"
EACH_PAGE = 50

TONES = {"failed": "red", "kept": "amber", "waiting": "blue", "done": "green"}
"""The colours of states; the others are gray."""


@dataclass(frozen=True)
class Line:
    """A mail as the page tells it."""

    id: int
    subject: str
    sender: str
    mailbox: str
    state: str
    tone: str
    when: Moment
    rule: str
    note: str
    excerpt: str
    size: str
    title: str
    href: str
    can_retry: bool
    can_discard: bool


@dataclass(frozen=True)
class Box:
    """A mailbox as the page tells it; `wrong` is why it can't be read, `unread` the variable that is not set."""

    label: str
    address: str
    read: Moment | None
    wrong: str
    since: Moment | None
    unread: str


def show(visit: Visit, context: Context) -> Response:
    """GET /settings/mail?state=…&mailbox=…&before=…"""
    only_administrators(context, "see the mails that arrived")
    mailboxes = context.runtime.application.mailboxes
    state, mailbox = visit.query("state"), visit.query("mailbox")
    state = state if state in STATES else ""
    before = whole_number(visit.query("before"))
    found = kept.listed(context, EACH_PAGE + 1, state=state, mailbox=mailbox, before=before)
    shown, more = found[:EACH_PAGE], len(found) > EACH_PAGE
    standing = {each.name: each for each in reading.standing(context, mailboxes)}
    return visit.page(
        context,
        "mail.html",
        title="Mail",
        lines=_lines(context, shown),
        boxes=[_box(visit, context, each, standing[each.name]) for each in mailboxes.values()],
        mailboxes={name: each.label for name, each in mailboxes.items()},
        states=STATES,
        state=state,
        mailbox=mailbox,
        numbers=kept.numbers(context),
        older=_address(state, mailbox, shown[-1].id) if more else "",
    )


def act(visit: Visit) -> Response:
    """POST /settings/mail: let a mail go through the rules again, or discard it."""
    with visit.read() as context:
        only_administrators(context, "see the mails that arrived")
    text, tone = visit.write(lambda context: _done(visit, context))
    return visit.go(_address(visit.text("state"), visit.text("mailbox")), Toast(text, tone))


def _done(visit: Visit, context: Context) -> tuple[str, str]:
    """What was asked for, done; answers what to say, and in which tone."""
    number = whole_number(visit.text("id")) or 0
    match visit.text("do"):
        case "retry" if kept.retry(context, number):
            return "The mail goes through the rules again.", "green"
        case "discard" if kept.discard(context, number):
            return "The mail is discarded.", "green"
    return "Nothing was changed: something became of the mail meanwhile, or it is gone.", "amber"


def _address(state: str, mailbox: str, before: int | None = None) -> str:
    asked = query_string({"state": state, "mailbox": mailbox, "before": before})
    return f"{HERE}?{asked}" if asked else HERE


def _lines(context: Context, several: list[Kept]) -> list[Line]:
    keys = {
        (each.entity, each.record_id)
        for each in several
        if each.entity in context.runtime.entities and each.entity and each.record_id
    }
    named = titles.of(context, keys)
    return [_line(context, each, named.get((each.entity or "", each.record_id or 0), "")) for each in several]


def _line(context: Context, mail: Kept, title: str) -> Line:
    declared = context.runtime.application.mailboxes.get(mail.mailbox)
    return Line(
        id=mail.id,
        subject=mail.subject or "No subject",
        sender=mail.sender or "nobody",
        mailbox=declared.label if declared is not None else mail.mailbox,
        state=STATES[mail.state],
        tone=TONES.get(mail.state, "gray"),
        when=moment_of(mail.arrived_at, context.actor.display, context.now),
        rule=mail.rule,
        note=mail.note,
        excerpt=mail.excerpt if mail.state in TO_LOOK_AT else "",
        size=show_size(mail.size),
        title=title,
        href=f"/{mail.entity}/{mail.record_id}" if title else "",
        can_retry=mail.state in TO_LOOK_AT and mail.note != kept.TOO_LARGE,
        can_discard=mail.state in TO_LOOK_AT,
    )


def _box(visit: Visit, context: Context, mailbox: Mailbox, standing: Standing) -> Box:
    def moment(at: object) -> Moment | None:
        return moment_of(at, context.actor.display, context.now) if at is not None else None  # type: ignore[arg-type]

    unread = mailbox.reads and mailbox.name not in visit.gateway.mail_sources
    return Box(
        label=mailbox.label,
        address=", ".join(mailbox.addresses),
        read=moment(standing.read_at),
        wrong="" if unread else standing.error,
        since=moment(standing.failing_since),
        unread=mailbox.variable if unread else "",
    )
