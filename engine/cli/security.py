"""The command that lists security events."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from engine.app import open_for
from engine.cli.applying import DatabaseUrl
from engine.cli.metadata import HERE, AppFolder
from engine.errors import UsageError
from engine.identity import events
from engine.identity.events import Event
from engine.text.suggest import did_you_mean
from engine.work.context import SYSTEM


def register(app: typer.Typer) -> None:
    app.command("events")(list_events)


def list_events(
    login: Annotated[str | None, typer.Argument(help="Whose; everybody's without.")] = None,
    kind: Annotated[str | None, typer.Option(help="Only of this kind, such as sign-in-failed.")] = None,
    limit: Annotated[int, typer.Option(help="So many at most, the newest first.", min=1, max=100_000)] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    folder: AppFolder = HERE,
    database: DatabaseUrl = None,
) -> None:
    """List security events: who signed in, who failed to, and what changed."""
    if kind is not None and kind not in events.KINDS:
        guess = did_you_mean(kind, events.KINDS)
        meant = f": did you mean {guess!r}?" if guess else f"; there are {', '.join(events.KINDS)}"
        raise UsageError(f"there is no kind {kind!r}{meant}")
    engine = open_for(folder, "user", database=database)
    with engine.gateway.read(SYSTEM, "cli") as context:
        found = events.recent(context, limit, login=login or "", kind=kind or "")
    engine.close()
    if as_json:
        print(json.dumps({"events": [_as_json(each) for each in found]}, ensure_ascii=False))
        return
    for each in found:
        print(_line(each))
    if not found:
        print("no events")


def _line(event: Event) -> str:
    more = [events.in_words(event), event.remote, "" if event.by_themselves else f"by {event.actor_name}"]
    told = ", ".join(part for part in more if part)
    return f"{event.at:%Y-%m-%d %H:%M:%S} UTC  {event.kind:<16}  {event.login:<20}  {told}".rstrip()


def _as_json(event: Event) -> dict[str, Any]:
    return {
        "id": event.id,
        "at": event.at.isoformat().replace("+00:00", "Z"),
        "kind": event.kind,
        "user": event.user_id,
        "login": event.login,
        "actor": event.actor_id,
        "actor_name": event.actor_name,
        "source": event.source,
        "remote": event.remote,
        "agent": event.agent,
        "details": dict(event.details),
    }
