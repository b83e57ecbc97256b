"""Commands for mails that arrive: deliver, list, retry."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

from engine.app import Engine, open_app
from engine.cli.applying import DatabaseUrl
from engine.cli.metadata import HERE, AppFolder
from engine.errors import UsageError
from engine.inbox import handling, kept
from engine.inbox.kept import Kept
from engine.metamodel.mailbox import Mailbox
from engine.outbox.running import Runner
from engine.work.context import SYSTEM
from engine.work.gateway import Gateway

AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]


def register(app: typer.Typer) -> None:
    mail = typer.Typer(
        help="Mails that arrive: deliver one to a mailbox, list what arrived, let one go through again.",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    mail.command("deliver")(deliver)
    mail.command("list")(list_)
    mail.command("retry")(retry)
    app.add_typer(mail, name="mail")


def deliver(
    mailbox: Annotated[str, typer.Argument(help="The mailbox.")],
    folder: AppFolder = HERE,
    database: DatabaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """Deliver the mail on standard input to a mailbox: it is kept, then its rules say what becomes of it.

    It is kept once this ends with 0, even where no rule takes it; a mail that has been delivered before is not kept
    a second time. For the pipe of a mail server: `engine mail deliver support --app /srv/crm || exit 75`.
    """
    engine = open_app(folder, database=database)
    try:
        declared = _known(engine, mailbox)
        raw = sys.stdin.buffer.read(declared.max_mb * 1024 * 1024 + 1)
        size = len(raw)
        while more := sys.stdin.buffer.read(1024 * 1024):
            size += len(more)
        if not raw.strip():
            raise UsageError("there is no mail on standard input")
        gateway = engine.gateway
        arrival = kept.arrival_of(declared, raw, size=size)
        number, new = gateway.writing(SYSTEM, "cli", lambda context: kept.receive(context, arrival))
        Runner(gateway, handling.HANDLERS).run_due()
        _tell(_get(gateway, number), as_json, "" if new else "delivered before: ")
    finally:
        engine.close()


def list_(
    state: Annotated[str, typer.Option(help=f"Of a state: {', '.join(kept.STATES)}.")] = "",
    mailbox: Annotated[str, typer.Option(help="Of a mailbox.")] = "",
    limit: Annotated[int, typer.Option(help="At most.", min=1, max=1000)] = 50,
    folder: AppFolder = HERE,
    database: DatabaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """List the mails that have arrived, newest first, and what became of them."""
    if state and state not in kept.STATES:
        raise UsageError(f"no mail is {state!r}: there is {', '.join(kept.STATES)}")
    engine = open_app(folder, database=database)
    try:
        with engine.gateway.read(SYSTEM, "cli") as context:
            found = kept.listed(context, limit, state=state, mailbox=mailbox)
    finally:
        engine.close()
    if as_json:
        print(json.dumps([_as_json(each) for each in found], ensure_ascii=False, indent=2))
        return
    for each in found:
        _tell(each, False)
    if not found:
        print("no mail")


def retry(
    number: Annotated[int, typer.Argument(help="The mail's number, as `engine mail list` tells it.")],
    folder: AppFolder = HERE,
    database: DatabaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """Let a mail that failed, or that no rule took, go through the rules again."""
    engine = open_app(folder, database=database)
    try:
        gateway = engine.gateway
        if not gateway.writing(SYSTEM, "cli", lambda context: kept.retry(context, number)):
            raise UsageError(f"there is no mail {number} that failed or that no rule took")
        Runner(gateway, handling.HANDLERS).run_due()
        _tell(_get(gateway, number), as_json)
    finally:
        engine.close()


def _known(engine: Engine, name: str) -> Mailbox:
    mailboxes = engine.gateway.runtime.application.mailboxes
    if name not in mailboxes:
        there = ", ".join(mailboxes) or "none"
        raise UsageError(f"no mailbox {name!r}: there is {there}")
    return mailboxes[name]


def _get(gateway: Gateway, number: int) -> Kept:
    with gateway.read(SYSTEM, "cli") as context:
        found = kept.get(context, number)
    assert found is not None
    return found


def _tell(mail: Kept, as_json: bool, before: str = "") -> None:
    if as_json:
        print(json.dumps(_as_json(mail), ensure_ascii=False, indent=2))
        return
    became = f"{mail.entity} {mail.record_id}" if mail.entity else kept.STATES[mail.state].lower()
    why = " ".join(each for each in (f"by {mail.rule!r}" if mail.rule else "", mail.note) if each)
    about = f"{mail.subject or 'no subject'}, from {mail.sender or 'nobody'}"
    print(f"{before}mail {mail.id} to {mail.mailbox} ({about}): {became}" + (f" {why}" if why else ""))


def _as_json(mail: Kept) -> dict[str, object]:
    return {
        "id": mail.id,
        "mailbox": mail.mailbox,
        "arrived_at": mail.arrived_at.isoformat(),
        "from": mail.sender,
        "subject": mail.subject,
        "state": mail.state,
        "rule": mail.rule,
        "entity": mail.entity,
        "record": mail.record_id,
        "note": mail.note,
    }
