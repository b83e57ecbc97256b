"""Signing on at an OpenID provider: away to it, and back."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from engine.declared.settings import OidcSettings
from engine.entrance import second_step, sign_in
from engine.entrance.knock import PATH, Knock
from engine.identity.attempts import SignInRefused
from engine.identity.events import Origin
from engine.identity.identity import AnotherStep
from engine.signon import oidc
from engine.web.security import safe_next
from engine.web.session import secure

BEGIN, BACK = "/sign-in/with/oidc", "/sign-in/with/oidc/back"
COOKIE = "engine_sign_on"


def begin(knock: Knock) -> Response:
    """GET /sign-in/with/oidc"""
    settings = _settings(knock)
    base = knock.gateway.runtime.application.settings.base_url or str(knock.request.base_url)
    try:
        begun = oidc.begin(knock.gateway, settings, base.rstrip("/") + BACK, knock.next_path)
    except SignInRefused as refused:
        return _refused(knock, refused)
    response = RedirectResponse(begun.address, 303)
    response.set_cookie(
        COOKIE,
        begun.ticket,
        max_age=900,
        httponly=True,
        secure=secure(knock.request),
        samesite="lax",
        path=PATH,
    )
    return response


def back(knock: Knock) -> Response:
    """GET /sign-in/with/oidc/back"""
    settings = _settings(knock)
    ticket, origin = knock.request.cookies.get(COOKIE, ""), Origin(knock.remote, knock.agent)
    answer = dict(knock.request.query_params)
    try:
        outcome, target = oidc.finish(knock.gateway, settings, ticket, answer, origin)
    except SignInRefused as refused:
        return _refused(knock, refused)
    next_path = safe_next(target)
    if isinstance(outcome, AnotherStep):
        response = second_step.ask(knock, outcome, next_path)
    else:
        response = knock.enter(outcome)
        response.headers["location"] = next_path
    response.delete_cookie(COOKIE, path=PATH)
    return response


def _settings(knock: Knock) -> OidcSettings:
    found = knock.gateway.runtime.application.settings.oidc
    if found is None:
        raise HTTPException(404)
    return found


def _refused(knock: Knock, refused: SignInRefused) -> Response:
    knock.say(str(refused), 403)
    return sign_in.page(knock)
