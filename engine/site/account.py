"""The page of what belongs to oneself: password, places where one is signed in, API tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from babel.dates import format_date
from starlette.responses import Response

from engine.access import access
from engine.errors import FieldError, Invalid
from engine.identity import account, second_factor
from engine.identity.identity import SESSION_COOKIE
from engine.identity.policy import LONGEST
from engine.pages.moments import Moment, moment_of
from engine.site.second_factor import with_new_secret
from engine.web.markup import plural
from engine.web.toast import Toast
from engine.web.visit import Visit
from engine.work.context import Context, Scope

HERE = "/preferences"

LASTING = (("30", "30 days"), ("90", "90 days"), ("365", "A year"), ("", "Until it is revoked"))
"""How long a new token may be good for: days, and the words."""

BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    *(("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows")),
    *(("Mac OS", "Mac"), ("CrOS", "ChromeOS"), ("Linux", "Linux")),
)
"""What browsers say of themselves, in the order in which it can be told: nearly all claim to be several."""


@dataclass(frozen=True)
class Place:
    """A session as the page tells it."""

    id: str
    login: str
    device: str
    remote: str
    used: Moment
    current: bool


@dataclass(frozen=True)
class TokenLine:
    """A token as the page tells it."""

    id: str
    name: str
    created: Moment
    used: Moment | None
    expires: str
    expired: bool
    limits: str


@dataclass(frozen=True)
class Said:
    """What a form that was sent gets back: errors at its fields, what had been typed, or a new token."""

    errors: Sequence[FieldError] = ()
    name: str = ""
    lasts: str = LASTING[1][0]
    token: str = ""

    def at(self, field: str) -> list[str]:
        return [each.message for each in self.errors if each.at == field]


def show_preferences(visit: Visit, context: Context) -> Response:
    """GET /preferences"""
    return _page(visit, context, Said())


def change_password(visit: Visit) -> Response:
    """POST /preferences/password"""
    typed = (visit.text("current"), visit.text("new"), visit.text("again"))
    try:
        ended = account.change_password(visit.gateway, visit.actor, secret_of(visit), *typed, visit.remote)
    except Invalid as invalid:
        return _again(visit, Said(invalid.errors))
    return with_new_secret(visit, visit.go(HERE, Toast(f"Your password is changed.{_ended(ended)}")))


def sign_out_elsewhere(visit: Visit) -> Response:
    """POST /preferences/sessions: ends the one named, or without a name every other."""
    which = visit.text("id")
    if which:
        ended_one = visit.write(lambda context: account.end_session(context, which, _own(context)))
        return visit.go(
            HERE, Toast("You are signed out there." if ended_one else "You are not signed in there.")
        )
    ended = visit.write(lambda context: account.sign_out_elsewhere(context, secret_of(visit)))
    return visit.go(HERE, Toast(_ended(ended).strip() or "You are signed in nowhere else."))


def create_token(visit: Visit) -> Response:
    """POST /preferences/tokens: the page with the token on it, which no other page shows again."""
    name, lasts = visit.text("name"), visit.text("lasts")
    days = timedelta(days=int(lasts)) if lasts in dict(LASTING) and lasts else None
    try:
        token = visit.write(lambda context: account.create_token(context, name, days, _scope(visit)))
    except Invalid as invalid:
        return _again(visit, Said(invalid.errors, name, lasts))
    response = _again(visit, Said(token=token), 201)
    response.headers["Cache-Control"] = "no-store"
    return response


def _scope(visit: Visit) -> Scope:
    """What the form says the token is for; of entities there are."""
    chosen = frozenset(visit.texts("entities")) & visit.runtime.entities.keys()
    return Scope(visit.text("may") == "read", chosen)


def revoke_token(visit: Visit) -> Response:
    """POST /preferences/tokens/revoke"""
    which = visit.texts("id")
    revoked = visit.write(lambda context: account.revoke(context, which, context.actor.id))
    names = ", ".join(f"“{each.name}”" for each in revoked)
    return visit.go(HERE, Toast(f"The token {names} is revoked." if names else "That token is gone already."))


def _own(context: Context) -> int:
    assert context.actor.id is not None
    return context.actor.id


def secret_of(visit: Visit) -> str:
    return visit.request.cookies.get(SESSION_COOKIE, "")


def _ended(sessions: int) -> str:
    return f" You are signed out in {plural(sessions, 'other place', 'other places')}." if sessions else ""


def _again(visit: Visit, said: Said, status: int = 422) -> Response:
    with visit.read() as context:
        return _page(visit, context, said, status)


def _page(visit: Visit, context: Context, said: Said, status: int = 200) -> Response:
    return visit.page(
        context,
        "preferences.html",
        title="Preferences",
        status=status,
        said=said,
        lasting=LASTING,
        factor=context.actor.id is not None and second_factor.is_on(context, context.actor.id),
        shortest=context.runtime.application.settings.password.min_length,
        longest=LONGEST,
        entities=[
            each
            for each in context.runtime.entities.values()
            if each.api and access.may(context, each.name, "read")
        ],
        longest_name=account.LONGEST_NAME,
        places=places_of(context, account.sessions(context, secret_of(visit), _own(context))),
        tokens=[_line(context, each) for each in account.tokens(context, context.actor.id)],
    )


def places_of(context: Context, sessions: Sequence[account.Session]) -> list[Place]:
    """Sessions as pages tell them."""
    return [
        Place(
            each.id,
            each.login,
            device_of(each.agent),
            each.remote,
            moment_of(each.used, context.actor.display, context.now),
            each.current,
        )
        for each in sessions
    ]


def _line(context: Context, token: account.Token) -> TokenLine:
    display, now = context.actor.display, context.now
    return TokenLine(
        token.id,
        token.name,
        moment_of(token.created, display, now),
        moment_of(token.used, display, now) if token.used else None,
        format_date(token.expires.astimezone(display.timezone), locale=display.locale)
        if token.expires
        else "",
        token.expired(now),
        token.limits,
    )


def device_of(agent: str) -> str:
    """A browser and its system in words: “Firefox on Linux”."""
    browser = next((words for mark, words in BROWSERS if f"{mark}/" in agent), "")
    system = next((words for mark, words in SYSTEMS if mark in agent), "")
    return " on ".join(part for part in (browser, system) if part) or "Another program"
