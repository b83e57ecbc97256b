"""Signing in with a name and a password."""

from __future__ import annotations

from datetime import datetime

from babel.dates import format_time
from starlette.responses import RedirectResponse, Response

from engine.entrance import second_step, set_up
from engine.entrance.knock import Knock
from engine.identity import first_run
from engine.identity.attempts import SignInRefused, TooManyAttempts
from engine.identity.events import Origin
from engine.identity.identity import SESSION_COOKIE, AnotherStep, actor_of_session, sign_in
from engine.signon import ldap
from engine.types.display import Display


def show(knock: Knock) -> Response:
    """GET /sign-in"""
    known = knock.request.cookies.get(SESSION_COOKIE)
    if known and actor_of_session(knock.gateway, known) is not None:
        return RedirectResponse(knock.next_path or "/", 303)
    if first_run.awaited(knock.gateway):
        return RedirectResponse(set_up.HERE, 303)
    return page(knock)


def enter(knock: Knock) -> Response:
    """POST /sign-in"""
    try:
        secret = sign_in(
            knock.gateway,
            knock.text("login"),
            knock.text("password"),
            knock.remote,
            knock.agent,
            ldap.elsewhere(knock.gateway, Origin(knock.remote, knock.agent)),
        )
    except TooManyAttempts as refused:
        knock.say(str(refused), 429)
        return page(knock, refused.until, {"Retry-After": str(refused.seconds)})
    except SignInRefused as refused:
        knock.say(str(refused))
        return page(knock)
    except AnotherStep as step:
        return second_step.ask(knock, step)
    return knock.enter(secret)


def page(knock: Knock, until: datetime | None = None, headers: dict[str, str] | None = None) -> Response:
    """The sign-in page, with what is wrong on it."""
    oidc = knock.gateway.runtime.application.settings.oidc
    return knock.page(
        "sign_in.html",
        title="Sign in",
        headers=headers,
        login=knock.text("login"),
        sign_on=oidc.label if oidc else "",
        at=until,
        at_words=_clock(knock, until) if until else "",
    )


def _clock(knock: Knock, moment: datetime) -> str:
    """A time of day as the application's own language and zone tell it."""
    settings = knock.gateway.runtime.application.settings
    display = Display(settings.language, settings.timezone)
    return format_time(moment.astimezone(display.timezone), "medium", locale=display.locale)
