"""Setting up: the page that makes the first administrator of an application without users."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.responses import RedirectResponse, Response

from engine.entrance.knock import Knock
from engine.errors import FieldError, Invalid
from engine.identity import first_run
from engine.identity.attempts import TooManyAttempts
from engine.identity.events import Origin
from engine.identity.policy import LONGEST

HERE = "/sign-in/set-up"


def show(knock: Knock) -> Response:
    """GET /sign-in/set-up"""
    if not first_run.awaited(knock.gateway):
        return RedirectResponse("/sign-in", 303)
    return _page(knock)


def make(knock: Knock) -> Response:
    """POST /sign-in/set-up"""
    if not first_run.awaited(knock.gateway):
        return RedirectResponse("/sign-in", 303)
    passwords = (knock.text("password"), knock.text("again"))
    login, name, email = knock.text("login"), knock.text("name"), knock.text("email").strip()
    origin = Origin(knock.remote, knock.agent)
    try:
        secret = first_run.set_up(knock.gateway, knock.text("code"), login, name, email, passwords, origin)
    except TooManyAttempts as refused:
        knock.say(str(refused), 429)
        return _page(knock, headers={"Retry-After": str(refused.seconds)})
    except Invalid as invalid:
        knock.status = 422
        return _page(knock, invalid.errors)
    return knock.enter(secret)


def _page(knock: Knock, errors: Sequence[FieldError] = (), headers: dict[str, str] | None = None) -> Response:
    typed = {name: knock.text(name) for name in ("code", "login", "name", "email")}
    settings = knock.gateway.runtime.application.settings.password
    return knock.page(
        "set_up.html",
        title="Set up",
        headers=headers,
        typed=typed,
        errors={each.at: each.message for each in reversed(errors)},
        shortest=settings.min_length,
        longest=LONGEST,
    )
