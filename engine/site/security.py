"""What administrators see of everybody's security: events, and who is signed in where."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from engine.access.access import only_administrators
from engine.identity import account, events
from engine.pages.moments import Moment, moment_of
from engine.site.account import device_of, places_of, secret_of
from engine.web.toast import Toast
from engine.web.visit import Visit, query_string, whole_number
from engine.work.context import Context

EACH_PAGE = 50


@dataclass(frozen=True)
class Line:
    """An event as the page tells it."""

    words: str
    tone: str
    login: str
    by: str
    more: str
    place: str
    when: Moment


SESSIONS = "/settings/sessions"


def show_sessions(visit: Visit, context: Context) -> Response:
    """GET /settings/sessions"""
    only_administrators(context, "see security events and sessions")
    places = places_of(context, account.sessions(context, secret_of(visit), None))
    return visit.page(context, "sessions.html", title="Who is signed in", places=places)


def end_session(visit: Visit) -> Response:
    """POST /settings/sessions: ends the one named."""

    def work(context: Context) -> bool:
        only_administrators(context, "see security events and sessions")
        return account.end_session(context, visit.text("id"), None)

    ended = visit.write(work)
    return visit.go(SESSIONS, Toast("The session is ended." if ended else "That session is over already."))


def show_events(visit: Visit, context: Context) -> Response:
    """GET /settings/events"""
    only_administrators(context, "see security events and sessions")
    login, kind = visit.query("login").strip(), visit.query("kind")
    kind = kind if kind in events.KINDS else ""
    before = whole_number(visit.query("before"))
    found = events.recent(context, EACH_PAGE + 1, before=before, login=login, kind=kind)
    shown = found[:EACH_PAGE]
    older = (
        query_string({"login": login, "kind": kind, "before": shown[-1].id}) if len(found) > EACH_PAGE else ""
    )
    return visit.page(
        context,
        "events.html",
        title="Security events",
        lines=[_line(context, each) for each in shown],
        kinds=events.KINDS,
        login=login,
        kind=kind,
        older=f"/settings/events?{older}" if older else "",
    )


def _line(context: Context, event: events.Event) -> Line:
    tone = "red" if event.kind in events.ALARMING else "amber" if event.kind in events.GRAVE else "gray"
    device = (
        device_of(event.agent) if event.agent else {"cli": "Command line", "api": "API"}.get(event.source, "")
    )
    return Line(
        events.KINDS.get(event.kind, event.kind),
        tone,
        event.login,
        "" if event.by_themselves or event.kind in events.ALARMING else event.actor_name,
        events.in_words(event),
        " · ".join(part for part in (device, event.remote) if part),
        moment_of(event.at, context.actor.display, context.now),
    )
