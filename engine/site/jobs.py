"""The page of jobs, for administrators: what waits, runs and failed, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass

from babel.dates import format_timedelta
from starlette.responses import Response

from engine.access.access import only_administrators
from engine.outbox import overview
from engine.outbox.overview import STATES, Listed
from engine.outbox.queue import MOST_ATTEMPTS
from engine.pages.moments import Moment, moment_of
from engine.text import labels
from engine.web.markup import plural
from engine.web.toast import Toast
from engine.web.visit import Visit, query_string, whole_number
from engine.work.context import Context

HERE = "/settings/jobs"
EACH_PAGE = 50

TONES = {"failed": "amber", "running": "blue", "dead": "red", "done": "green"}
"""The colours of states; the others are gray."""


@dataclass(frozen=True)
class Line:
    """A job as the page tells it: what happens `when`, in words before the moment."""

    id: int
    kind: str
    about: str
    state: str
    tone: str
    tries: str
    error: str
    what: str
    when: Moment | None
    can_retry: bool
    can_discard: bool


def show(visit: Visit, context: Context) -> Response:
    """GET /settings/jobs?state=…&kind=…&before=…"""
    only_administrators(context, "see the jobs")
    state, kind = visit.query("state"), visit.query("kind")
    state = state if state in STATES else ""
    before = whole_number(visit.query("before"))
    found = overview.listed(context, EACH_PAGE + 1, state=state, kind=kind, before=before)
    shown = found[:EACH_PAGE]
    more = len(found) > EACH_PAGE
    late = overview.overdue(context)
    return visit.page(
        context,
        "jobs.html",
        title="Jobs",
        lines=[_line(context, each) for each in shown],
        states=STATES,
        kinds={name: labels.words(name) for name in overview.kinds(context)},
        state=state,
        kind=kind,
        numbers=overview.numbers(context),
        older=_address(state, kind, shown[-1].id) if more else "",
        late=format_timedelta(late, locale=context.actor.display.locale) if late > overview.LATE else "",
    )


def act(visit: Visit) -> Response:
    """POST /settings/jobs: try again or discard one, or try every one that was given up again."""
    with visit.read() as context:
        only_administrators(context, "see the jobs")
    text, tone = visit.write(lambda context: _done(visit, context))
    return visit.go(_address(visit.text("state"), visit.text("kind")), Toast(text, tone))


def _done(visit: Visit, context: Context) -> tuple[str, str]:
    """What was asked for, done; answers what to say, and in which tone."""
    number = whole_number(visit.text("id")) or 0
    match visit.text("do"):
        case "retry" if overview.retry(context, number):
            return "The job is tried again.", "green"
        case "discard" if overview.discard(context, number):
            return "The job is discarded.", "green"
        case "retry-all":
            count = overview.retry_dead(context, visit.text("kind"))
            return f"{plural(count, 'job is', 'jobs are')} tried again.", "green"
    return "Nothing was changed: the job is running, over, or gone.", "amber"


def _address(state: str, kind: str, before: int | None = None) -> str:
    asked = query_string({"state": state, "kind": kind, "before": before})
    return f"{HERE}?{asked}" if asked else HERE


def _line(context: Context, job: Listed) -> Line:
    what, at = {
        "waiting": ("due", job.due_at),
        "failed": ("again", job.due_at),
        "running": ("written", job.created_at),
    }.get(job.state, ("ended", job.ended_at))
    return Line(
        id=job.id,
        kind=labels.words(job.kind),
        about=job.about,
        state=STATES[job.state],
        tone=TONES.get(job.state, "gray"),
        tries=f"{job.attempts} of {MOST_ATTEMPTS} tries" if job.attempts and job.state != "done" else "",
        error=job.error,
        what=what,
        when=moment_of(at, context.actor.display, context.now) if at is not None else None,
        can_retry=job.state in ("failed", "dead"),
        can_discard=job.state in ("waiting", "failed", "dead"),
    )
