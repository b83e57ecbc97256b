"""Administration and preferences: where people, units and tags are kept, the metadata's problems, the theme."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import RedirectResponse, Response

from engine.access import access
from engine.access.access import only_administrators
from engine.build.page import ADMINISTRATIVE
from engine.identity.identity import SESSION_COOKIE, sign_out
from engine.inbox import kept
from engine.outbox import overview
from engine.reading.query import Query
from engine.service import parameters, records
from engine.web.frame import FALLBACK_ICON
from engine.web.session import DENSITIES, THEMES, remember, secure
from engine.web.visit import Visit
from engine.work.context import Context


@dataclass(frozen=True)
class Area:
    """Something to administer."""

    label: str
    icon: str
    url: str
    text: str
    count: str = ""


def show_settings(visit: Visit, context: Context) -> Response:
    """GET /settings"""
    areas = []
    for name in ADMINISTRATIVE:
        entity = context.runtime.entities.get(name)
        if entity is None or not access.may(context, name, "read"):
            continue
        found = records.find(context, name, Query(limit=1, count="capped")).count
        count = f"{found.value:,}{'' if found.exact else '+'}" if found else ""
        areas.append(Area(entity.plural, entity.icon or FALLBACK_ICON, f"/{name}", entity.description, count))
    if access.can(context, "see_access"):
        text = "Why somebody may do something, or may not, and what would change it."
        areas.append(Area("Access", "shield", "/settings/access", text))
    declared = any(each.parameters for each in context.runtime.application.workflows.values())
    if declared and access.can(context, parameters.CAPABILITY):
        text = "What the rules of workflows go by: limits, lengths of time, texts."
        areas.append(Area("Parameters", "sliders-horizontal", "/settings/parameters", text))
    if context.actor.administrator:
        text = "What is wrong with the metadata as it was last read, with the place and the cure."
        number = str(len(visit.gateway.problems)) if visit.gateway.problems else ""
        invites = "Let people choose a password of their own, by a link."
        areas.append(Area("Invitations", "user-plus", "/settings/invitations", invites))
        acting = "See what a user sees, and do what they may; the history says who did it."
        areas.append(Area("Act as somebody", "venetian-mask", "/settings/impersonation", acting))
        told = "Who signed in and who failed to; passwords, tokens and roles that changed."
        areas.append(Area("Security events", "shield-check", "/settings/events", told))
        where = "Where everybody is signed in, and signing them out there."
        areas.append(Area("Sessions", "monitor", "/settings/sessions", where))
        later = (
            "What is done later, and at set times: what waits, what failed and why; to try again or discard."
        )
        given_up = overview.given_up(context)
        areas.append(
            Area("Jobs", "list-checks", "/settings/jobs", later, f"{given_up:,}" if given_up else "")
        )
        if context.runtime.application.mailboxes:
            areas.append(_mail(context))
        areas.append(Area("Problems", "triangle-alert", "/settings/problems", text, number))
    return visit.page(
        context, "settings.html", title="Administration", areas=areas, application=context.runtime.application
    )


def _mail(context: Context) -> Area:
    """The mails that arrived, with how many somebody has to look at."""
    numbers = kept.numbers(context)
    waiting = sum(numbers.get(state, 0) for state in kept.TO_LOOK_AT)
    text = "What arrived in mailboxes and what became of it; what no rule took or failed, to try again."
    return Area("Mail", "mail", "/settings/mail", text, f"{waiting:,}" if waiting else "")


def show_problems(visit: Visit, context: Context) -> Response:
    """GET /settings/problems, for administrators."""
    only_administrators(context, "see the problems of the metadata")
    problems = visit.gateway.problems
    return visit.page(
        context,
        "problems.html",
        title="Problems",
        problems=problems,
        wrong=sum(problem.level == "error" for problem in problems),
        files=len(context.runtime.application.files),
    )


def save_preferences(visit: Visit) -> Response:
    """POST /preferences: theme and density, kept in cookies."""
    response = RedirectResponse(visit.next_path or "/", 303)
    for name, allowed in (("theme", THEMES), ("density", DENSITIES)):
        chosen = visit.text(name)
        if chosen in allowed:
            remember(response, name, chosen, secure=secure(visit.request))
    return response


def leave(visit: Visit) -> Response:
    """POST /sign-out"""
    sign_out(visit.gateway, visit.actor, visit.request.cookies.get(SESSION_COOKIE, ""), visit.origin)
    response = RedirectResponse("/sign-in", 303)
    response.delete_cookie(SESSION_COOKIE)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response
