"""The pages of the second step: a code, or setting up a second factor that a role requires."""

from __future__ import annotations

from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response

from engine.entrance.knock import PATH, Knock, keep_session
from engine.errors import Invalid
from engine.identity import second_step
from engine.identity.attempts import SignInRefused, TooManyAttempts
from engine.identity.events import Origin
from engine.identity.identity import AnotherStep
from engine.identity.second_step import StepOver
from engine.identity.tickets import LASTING
from engine.web.qr import drawn
from engine.web.session import secure

CODE, ENROL = "/sign-in/code", "/sign-in/second-factor"
COOKIE = "engine_step"


def ask(knock: Knock, step: AnotherStep, next_path: str = "") -> Response:
    """On to the page of the step that is left; the ticket goes in a cookie, for these pages only."""
    target, next_path = CODE if step.kind == "second-step" else ENROL, next_path or knock.next_path
    query = f"?{urlencode({'next': next_path})}" if next_path else ""
    response = RedirectResponse(target + query, 303)
    response.set_cookie(
        COOKIE,
        step.ticket,
        max_age=int(LASTING[step.kind].total_seconds()),
        httponly=True,
        secure=secure(knock.request),
        samesite="lax",
        path=PATH,
    )
    return response


def show(knock: Knock) -> Response:
    """GET /sign-in/code"""
    return _begin_again() if not _ticket(knock) else _page(knock)


def complete(knock: Knock) -> Response:
    """POST /sign-in/code"""
    try:
        secret = second_step.complete(knock.gateway, _ticket(knock), knock.text("code"), _origin(knock))
    except StepOver:
        return _begin_again()
    except TooManyAttempts as refused:
        knock.say(str(refused), 429)
        return _page(knock, {"Retry-After": str(refused.seconds)})
    except SignInRefused as refused:
        knock.say(str(refused))
        return _page(knock)
    response = knock.enter(secret)
    response.delete_cookie(COOKIE, path=PATH)
    return response


def show_enrolment(knock: Knock) -> Response:
    """GET /sign-in/second-factor"""
    try:
        return _enrolment(knock)
    except StepOver:
        return _begin_again()


def enrol(knock: Knock) -> Response:
    """POST /sign-in/second-factor: in, with the recovery codes on the page, which no other shows again."""
    try:
        secret, codes = second_step.enrol(knock.gateway, _ticket(knock), knock.text("code"), _origin(knock))
    except StepOver:
        return _begin_again()
    except TooManyAttempts as refused:
        knock.say(str(refused), 429)
        return _enrolment(knock)
    except Invalid as invalid:
        knock.say(invalid.errors[0].message)
        return _enrolment(knock)
    response = knock.page(
        "recovery.html", title="Keep these recovery codes", codes=codes, target=knock.next_path or "/"
    )
    keep_session(response, knock.request, knock.gateway, secret)
    response.delete_cookie(COOKIE, path=PATH)
    return response


def _page(knock: Knock, headers: dict[str, str] | None = None) -> Response:
    return knock.page("code.html", title="One more step", headers=headers)


def _enrolment(knock: Knock) -> Response:
    shown = second_step.enrolment(knock.gateway, _ticket(knock))
    return knock.page(
        "enrol.html", title="Set up a second factor", secret=shown.secret, qr=drawn(shown.address)
    )


def _ticket(knock: Knock) -> str:
    return knock.request.cookies.get(COOKIE, "")


def _origin(knock: Knock) -> Origin:
    return Origin(knock.remote, knock.agent)


def _begin_again() -> Response:
    return RedirectResponse("/sign-in", 303)
